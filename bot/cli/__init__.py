"""The commands of `python -m bot`. Each takes the arguments and the house, returns an exit code."""
