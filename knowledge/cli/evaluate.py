"""`evaluate`: figures on labelled questions, as text and as a page."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from knowledge.cli import Assembled, portal
from knowledge.evaluation.figures import as_text
from knowledge.evaluation.judge import Verdict, Voice, judge_all, understanding_only
from knowledge.evaluation.page import as_page
from knowledge.evaluation.questions import read_questions
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.paths import load_paths

VIET_NAM = timezone(timedelta(hours=7))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", type=Path, nargs="+", help="tệp câu hỏi (JSONL, hoặc CSV lưu từ Excel)")
    parser.add_argument("--show", choices=("wrong", "unsolved"), help="in từng câu sai / chưa giải được")
    portal.imported_option(parser)
    parser.add_argument("--html", type=Path, metavar="FILE", help="ghi trang có mọi câu cần xem lại")
    parser.add_argument(
        "--on", type=date.fromisoformat, metavar="NĂM-THÁNG-NGÀY", help="hỏi như vào ngày này"
    )


def run(args: argparse.Namespace, assembled: Assembled | None) -> int:
    questions = read_questions(args.files)
    library = Library.from_entries(load_entries(args.root), load_paths(args.root))
    library = library.with_imported(portal.records_of(args.imported))
    verdicts = judge_all(questions, library, voice_of(assembled, args.on)(library))
    print(as_text(verdicts))
    _show(verdicts, args.show)
    if args.html is not None:
        args.html.parent.mkdir(parents=True, exist_ok=True)
        args.html.write_text(as_page(verdicts, library, datetime.now(VIET_NAM)), "utf-8")
        print(f"Đã ghi {args.html}")
    return 0


def voice_of(assembled: Assembled | None, on: date | None = None) -> Voice:
    """The whole chat; where nobody assembled it, the understanding alone."""
    return assembled().voice(on) if assembled is not None else understanding_only


def _show(verdicts: Sequence[Verdict], which: str | None) -> None:
    for verdict in verdicts:
        if which and (verdict.wrong or (which == "unsolved" and not verdict.solved)):
            ranked = ", ".join(f"{found.key} {found.score:.2f}" for found in verdict.told.candidates[:3])
            print(f"{verdict.question.id} [{verdict.told.outcome}] {verdict.question.question}\n    {ranked}")
