"""Everything that knows Zalo's own formats: events in, messages out, tokens, error codes."""
