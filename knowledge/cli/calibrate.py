"""`calibrate`: thresholds by cross-validation, proposed or written into the word list."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from knowledge.evaluation.calibrate import (
    COST,
    FOLDS,
    Bench,
    Case,
    Fold,
    Report,
    Tally,
    balanced,
    calibrate,
    cases_of,
    probe_cases,
    tally,
)
from knowledge.evaluation.probes import DEFAULT, ROUNDS, held_out
from knowledge.evaluation.questions import read_questions
from knowledge.evaluation.weights import fit_and_prove
from knowledge.library import Library
from knowledge.load import load_entries
from knowledge.paths import load_paths
from knowledge.ranking import FILE as RANKING
from knowledge.ranking import ranking, write_ranking
from knowledge.thresholds import FILE, thresholds, write_thresholds


def add_arguments(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("files", type=Path, nargs="*", help="tệp câu hỏi có nhãn (JSONL, CSV)")
    add("--folds", type=int, choices=range(2, 21), default=FOLDS, metavar="2–20", help="kiểm chéo mấy phần")
    add("--rounds", type=int, nargs="*", choices=range(ROUNDS), default=list(DEFAULT),
        metavar=f"0–{ROUNDS - 1}", help="vòng câu mẫu được giấu đi để hỏi thử")  # fmt: skip
    add("--weights", action="store_true", help="canh cách cân bằng chứng khi tìm, thay vì canh ngưỡng")
    add("--cost", type=float, default=COST, help="câu trả sai đáng mấy câu đúng (mặc định: %(default)s)")
    add("--write", type=Path, nargs="?", const=FILE, metavar="FILE",
        help=f"ghi vào {FILE.name} (hay tệp này), nếu kiểm chéo thấy tốt hơn")  # fmt: skip


def run(args: argparse.Namespace) -> int:
    entries = load_entries(args.root)
    library = Library.from_entries(entries, load_paths(args.root))
    questions = cases_of(read_questions(args.files), library)
    probes = probe_cases(held_out(entries, args.rounds))
    cases = balanced(questions, probes)
    if args.weights:
        return _weights(cases, args)
    bench = Bench(cases, args.cost)
    report = calibrate(bench, thresholds(), args.folds)
    print(as_text(report))
    if args.write is None:
        return 0
    if not report.pays:
        print("Không ghi: kiểm chéo không thấy tốt hơn.", file=sys.stderr)
        return 1
    write_thresholds(report.proposed, args.write)
    print(f"Đã ghi {args.write}. Chạy lại `python -m knowledge evaluate` trước khi dùng.")
    return 0


def _weights(cases: Sequence[Case], args: argparse.Namespace) -> int:
    report = fit_and_prove(cases, ranking(), args.folds)
    print(f"Đúng việc đứng đầu, kiểm chéo {args.folds} phần: đang dùng {report.old}, canh lại {report.new}")
    for name, value in report.proposed.model_dump().items():
        print(f"  {name:14}{getattr(ranking(), name)} → {value}")
    if args.write is not None:
        path = RANKING if args.write == FILE else args.write
        write_ranking(report.proposed, path)
        print(f"Đã ghi {path}. Chạy lại `python -m knowledge calibrate` để canh ngưỡng theo điểm mới.")
    return 0


def as_text(report: Report) -> str:
    lines = ["Kiểm chéo: mỗi phần được đo bằng ngưỡng canh trên các phần còn lại"]
    lines.append(f"{'':28}{'n':>5}{'giải được':>19}{'trả đúng':>19}{'trả sai':>19}")
    for number, fold in enumerate(report.folds, 1):
        lines += _pair(f"phần {number}", tally(fold.old), tally(fold.new))
    for name, probe in (("câu có nhãn", False), ("câu mẫu giấu đi", True), ("gộp", None)):
        lines += _pair(name, report.pooled("old", probe), report.pooled("new", probe))
    lines += ["", f"Giá trị, gộp các phần: {report.old_worth:.1f} → {report.new_worth:.1f}", ""]
    return "\n".join([*lines, *_proposals(report)])


def _pair(name: str, old: Tally, new: Tally) -> list[str]:
    return [_row(f"{name}, đang dùng", old), _row("  canh lại", new)] if old.n else []


def _row(name: str, got: Tally) -> str:
    return f"{name:28}{got.n:>5}{got.solved!s:>19}{got.right!s:>19}{got.wrong!s:>19}"


def _proposals(report: Report) -> list[str]:
    verdict = "nên dùng" if report.pays else "giữ ngưỡng đang dùng"
    lines = [f"Ngưỡng canh trên mọi câu ({verdict}); trong ngoặc là trị canh ở từng phần"]
    new, each = report.proposed.model_dump(), [_values(fold) for fold in report.folds]
    for name, old in report.old.model_dump().items():
        arrow = f"{old} → {new[name]}" if new[name] != old else f"{old}"
        lines.append(f"  {name:14}{arrow:16} ({', '.join(str(values[name]) for values in each)})")
    return lines


def _values(fold: Fold) -> dict[str, float]:
    return fold.limits.model_dump()
