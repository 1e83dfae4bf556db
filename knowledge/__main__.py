"""`python -m knowledge …`: build, check, search, evaluate, calibrate, questions, phrasings, ask, import."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from knowledge.audit import as_markdown, draw
from knowledge.checks import check_all, load_records, read_all, today_here
from knowledge.cli import Assembled, Outside, calibrate, evaluate, phrasings, portal, questions
from knowledge.compile import build, source_hash
from knowledge.coverage import as_text, coverage, write_into
from knowledge.evaluation.questions import QuestionFileError
from knowledge.evaluation.reasons import explain, sureness
from knowledge.learning.candidates import CandidateError
from knowledge.learning.overlay import OverlayError
from knowledge.library import Library
from knowledge.load import PROCEDURES, EntryError, load_entries
from knowledge.paths import load_paths
from knowledge.portal.store import StoreError
from knowledge.thresholds import thresholds
from knowledge.understand import Context, Understanding, understand

Command = Callable[[argparse.Namespace], int]
DEFAULT_DB = Path("var/library.db")


def main(
    argv: Sequence[str] | None = None, ask: Command | None = None, assembled: Assembled | None = None
) -> int:
    """Run one command. `ask` answers the command of that name, `assembled` gives the others the whole
    chat and the ward's folders; whoever assembles the bot passes them in."""
    args = parser().parse_args(argv)
    commands: dict[str, Command] = {
        "build": run_build, "check": run_check, "audit": run_audit,
        "search": lambda args: run_search(args, portal.usual_file(assembled)),
        "evaluate": lambda args: evaluate.run(args, assembled),
        "calibrate": calibrate.run,
        "import": lambda args: portal.run(args, assembled),
        "questions": lambda args: questions.run(args, assembled),
        "phrasings": lambda args: phrasings.run(args, assembled),
    }  # fmt: skip
    if ask is not None:
        commands["ask"] = ask
    try:
        return commands[args.command](args)
    except (EntryError, QuestionFileError, CandidateError, OverlayError, StoreError) as error:
        print(error, file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    top = argparse.ArgumentParser(
        prog="python -m knowledge", description="Kho thủ tục hành chính của phường."
    )
    top.add_argument("--root", type=Path, default=PROCEDURES, help="thư mục các thẻ thủ tục (YAML)")
    commands = top.add_subparsers(dest="command", required=True)
    one = commands.add_parser("build", help="biên dịch các thẻ thành một tệp SQLite")
    one.add_argument("--db", type=Path, default=DEFAULT_DB, help="tệp SQLite (mặc định: %(default)s)")
    one = commands.add_parser("check", help="kiểm các thẻ thủ tục")
    one.add_argument("--official", type=Path, help="thư mục JSON của Cổng DVCQG để đối chiếu")
    one.add_argument("--coverage", action="store_true", help="thêm bảng: mỗi lĩnh vực có gì, còn thiếu gì")
    one.add_argument(
        "--markdown", type=Path, metavar="FILE", help="chép bảng và danh sách luật vào tài liệu này"
    )
    one = commands.add_parser("audit", help="rút mẫu dữ kiện, đặt cạnh chữ của Cổng cho người đọc lần hai")
    one.add_argument("--official", type=Path, required=True, help="thư mục JSON của Cổng DVCQG")
    one.add_argument("--seed", type=int, required=True, help="cùng số thì cùng mẫu")
    one.add_argument("--count", type=int, default=40, help="số dữ kiện (mặc định: %(default)s)")
    one = commands.add_parser("search", help="thử một câu hỏi")
    one.add_argument("text", help="câu hỏi")
    one.add_argument("--explain", action="store_true", help="vì sao có điểm ấy")
    one.add_argument("--limit", type=int, default=5, help="số ứng viên (mặc định: %(default)s)")
    portal.imported_option(one)
    one = commands.add_parser("evaluate", help="đo trên các tệp câu hỏi có nhãn")
    evaluate.add_arguments(one)
    one = commands.add_parser("calibrate", help="canh ngưỡng bằng kiểm chéo trên câu hỏi có nhãn")
    calibrate.add_arguments(one)
    one = commands.add_parser("questions", help="câu hỏi có nhãn: ra bảng Excel và nạp lại")
    questions.add_arguments(one)
    one = commands.add_parser("phrasings", help="câu hỏi trật: duyệt, thử, rồi mới dùng làm câu mẫu")
    phrasings.add_arguments(one)
    one = commands.add_parser("import", help="nhập bản lưu của Cổng DVCQG: tìm được, ghi rõ phường chưa kiểm")
    portal.add_arguments(one)
    one = commands.add_parser("ask", help="hỏi như người dân")
    one.add_argument("text", nargs="?", help="câu hỏi; không có thì đọc từ đầu vào")
    one.add_argument("--jsonl", action="store_true", help="đọc và ghi JSONL")
    one.add_argument("--db", type=Path, default=DEFAULT_DB, help="tệp SQLite (mặc định: %(default)s)")
    return top


def run_build(args: argparse.Namespace) -> int:
    entries = load_entries(args.root)
    paths = load_paths(args.root)
    path = build(args.db, entries, source=source_hash(args.root), paths=paths)
    print(f"{path}: {len(entries)} thủ tục, {len(paths.bundles)} bó việc, {len(paths.guides)} bộ câu hỏi")
    return 0


def run_check(args: argparse.Namespace) -> int:
    found = check_all(args.root, official=args.official)
    for finding in found:
        print(finding)
    errors = sum(finding.level == "error" for finding in found)
    print(f"{errors} lỗi, {len(found) - errors} lưu ý")
    if args.coverage or args.markdown:
        _tell_coverage(args.root, args.markdown)
    return 1 if errors else 0


def _tell_coverage(root: Path, document: Path | None) -> None:
    rows = coverage(read_all(root)[0], today_here())
    print(as_text(rows))
    if document is not None:
        write_into(document, rows)


def run_audit(args: argparse.Namespace) -> int:
    samples = draw(load_entries(args.root), load_records(args.official), args.seed, args.count)
    print(as_markdown(samples, args.seed), end="")
    return 0


def run_search(args: argparse.Namespace, imported: Path | None = None) -> int:
    """With what was imported, as the bot has it."""
    library = Library.from_entries(load_entries(args.root))
    library = library.with_imported(portal.records_of(args.imported, imported))
    understood = understand(args.text, Context(), library)
    print(_headline(understood))
    if args.explain:
        print(f"  {sureness(understood.candidates, thresholds())}")
    for candidate in library.search(args.text, args.limit):
        unreviewed = "  [theo Cổng DVCQG, phường chưa kiểm]" if library.record(candidate.key) else ""
        print(f"{candidate.score:.3f}  {candidate.key}  {library.name_of(candidate.key)}{unreviewed}")
        if args.explain:
            print(f"       {explain(candidate.why)}")
    return 0


def _headline(understood: Understanding) -> str:
    parts = [f"→ {understood.outcome}", f"phần hỏi: {understood.facet}", f"hiểu là: {understood.said.text!r}"]
    if understood.intent is not None:
        parts.append(f"ý: {understood.intent.name} {understood.intent.detail}".strip())
    return " · ".join(parts)


def ask_the_house(args: argparse.Namespace) -> int:
    """The chat is assembled in `wsgi`; nothing else here knows it, and only who needs it waits for it."""
    from wsgi import ask

    return ask(args)


def the_house() -> Outside:
    from wsgi import outside

    return outside()


if __name__ == "__main__":
    sys.exit(main(ask=ask_the_house, assembled=the_house))
