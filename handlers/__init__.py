"""What the bot does in chat, one capability a module; every word is in `phrases/`."""
