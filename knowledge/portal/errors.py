"""What stops a whole import: nothing is changed then."""

from __future__ import annotations


class ImportStopped(Exception):
    """The import cannot go on; the text names file, line and the mend, in Vietnamese."""
