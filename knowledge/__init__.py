"""The procedure library: entries as data, text, search, answers, checks."""
