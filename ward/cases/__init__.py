"""Cases: what citizens ask or report and officials answer. A code, a deadline, an append-only history."""
