"""`python -m benchmarks [names…] [--quick]`: measure, print, write docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from benchmarks import accept, drain, queue, reply, search, start
from benchmarks.processes import ROOT
from benchmarks.report import Bench, machine

BENCHES: dict[str, Callable[[bool], Bench]] = {
    "accept": accept.bench,
    "reply": reply.bench,
    "start": start.bench,
    "search": search.bench,
    "drain": drain.bench,
    "queue": queue.bench,
}
REPORT = ROOT / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

`make bench` writes this file. Ratios hold from machine to machine; absolute figures do not.

"""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Figures of one run.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHES)}; default: all")
    parser.add_argument("--quick", action="store_true", help="short rounds; the figures are rough")
    args = parser.parse_args()
    unknown = sorted(set(args.names) - set(BENCHES))
    if unknown:
        parser.error(f"no such bench: {', '.join(unknown)}")
    parts = [HEAD + machine(args.quick)]
    print(parts[0], flush=True)
    for name in args.names or BENCHES:
        parts.append(BENCHES[name](args.quick).markdown())
        print(parts[-1], flush=True)
    REPORT.write_text("\n".join(parts), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
