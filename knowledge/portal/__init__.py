"""Records of the national portal nobody of the ward has reviewed: reading, refusing, storing, searching."""
