"""Service at home: asked for, given a half day or another one proposed, done or not done, and forgotten."""
