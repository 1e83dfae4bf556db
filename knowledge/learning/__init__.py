"""From questions that went wrong to new phrasings: candidates, a person's decision, a trial, a file."""
