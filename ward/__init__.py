"""The ward's own work: profile, calendar, handed-over questions, staff tasks."""
