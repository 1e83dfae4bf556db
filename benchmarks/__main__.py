"""`python -m benchmarks [names…] [--quick]`: measure, print, renew those sections of docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import (
    accept,
    compare,
    console,
    drain,
    growth,
    queue,
    reminders,
    reply,
    search,
    start,
    worst,
)
from benchmarks.processes import ROOT
from benchmarks.report import Bench, circumstances, merged

BENCHES: dict[str, Callable[[bool], Bench]] = {
    "accept": accept.bench,
    "reply": reply.bench,
    "start": start.bench,
    "search": search.bench,
    "compare": compare.bench,
    "growth": growth.bench,
    "worst": worst.bench,
    "console": console.bench,
    "drain": drain.bench,
    "queue": queue.bench,
    "reminders": reminders.bench,
}
REPORT = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

`make bench` writes this file; `python -m benchmarks NAME` renews one section. Ratios hold from machine to
machine; absolute figures do not.
"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures of one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="short rounds; the figures are rough")
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(BENCHES))
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}")
    for name in args.names or BENCHES:
        where = circumstances(args.quick)
        section = f"{BENCHES[name](args.quick).markdown()}\n{where}"
        print(section, flush=True)
        before = REPORT.read_text("utf-8") if REPORT.exists() else ""
        REPORT.write_text(merged(before, HEAD, {name: section}, list(BENCHES)), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
