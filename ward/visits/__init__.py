"""Sessions where the ward goes to the people: planned, signed up for, moved, held."""
