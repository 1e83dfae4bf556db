"""The commands of `python -m bot`. Each takes the parsed arguments and the house, and returns an exit code."""
