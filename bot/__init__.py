"""The machine that talks: webhook, inbox, conversation, outbox, worker, clock, the Zalo client."""
