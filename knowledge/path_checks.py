"""What `python -m knowledge check` says of bundles and guides.

Shape, loops, dead ends and long paths are refused by the models themselves; here stands what needs the
entries: keys and cases that no entry has, words that are an entry's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from knowledge.load import EntryError
from knowledge.paths import Bundle, Guide, Model, Question, Standing, load_path, visits
from knowledge.patterns import compile_pattern, script
from knowledge.replies import meant, own_patterns
from knowledge.schema import Entry
from knowledge.text import normalize

Found = tuple[Literal["error", "warning"], str, str]
"""Level (error, warning), where, and what."""
PLAIN = ("có", "không", "chưa", "rồi", "có rồi", "không có", "chưa có")
"""What fits any question, so that no option may have it for its own."""


def check_paths(root: Path, entries: Sequence[Entry], today: date) -> list[Found]:
    """Everything found in the bundles and guides beside `root`."""
    bundles, found = _load(root.parent / "bundles", Bundle)
    guides, more = _load(root.parent / "guides", Guide)
    found += more
    known = {entry.key: entry for entry in entries}
    for bundle in bundles:
        found += [*_lost(bundle, known, today), *_of_bundle(bundle, known), *_due(bundle, today)]
    for guide in guides:
        found += [*_lost(guide, known, today), *_of_guide(guide, known), *_due(guide, today)]
    return [*found, *_shared_words(bundles, entries), *_shared_starts(guides)]


def _load(folder: Path, model: type[Model]) -> tuple[list[Model], list[Found]]:
    made: list[Model] = []
    found: list[Found] = []
    for path in sorted(folder.glob("*.yaml")):
        try:
            made.append(load_path(path, model))
        except EntryError as error:
            found.append(("error", f"{folder.name}/{path.name}", str(error)))
    return made, found


def _where(made: Bundle | Guide, field: str) -> str:
    return f"{'bundles' if isinstance(made, Bundle) else 'guides'}/{made.key}.yaml {field}"


def _lost(made: Bundle | Guide, known: dict[str, Entry], today: date) -> Iterator[Found]:
    for key in dict.fromkeys(made.entries()):
        if key not in known:
            yield "error", _where(made, "entry"), f"không có thủ tục {key!r}"
        elif known[key].kind == "superseded" or (known[key].effective_to or today) < today:
            yield "error", _where(made, "entry"), f"{key} không còn dùng"


def _due(made: Bundle | Guide, today: date) -> Iterator[Found]:
    due = made.verified_on + timedelta(days=made.review_days)
    if due < today:
        yield "warning", _where(made, "review_days"), f"phải rà lại từ {due:%d/%m/%Y}"


def _of_bundle(bundle: Bundle, known: dict[str, Entry]) -> Iterator[Found]:
    yield from _patterns(bundle, "needs", bundle.needs)
    for number, step in enumerate(bundle.steps):
        visit = known.get(step.visit or "")
        if visit is not None and not visits(visit):
            yield "error", _where(bundle, f"steps.{number}.visit"), f"{visit.key} không phải việc làm tận nơi"


def _of_guide(guide: Guide, known: dict[str, Entry]) -> Iterator[Found]:
    for name, question in guide.questions.items():
        yield from _of_question(guide, name, question)
        for option in question.options:
            yield from _patterns(guide, f"questions.{name}", option.says)
    ends = {answers: at for answers in guide.paths() if (at := guide.follow(answers)) is not None}
    yield from _lost_cases(guide, ends.values(), known)
    yield from _lost_papers(guide, ends.values(), known)
    for answers, at in ends.items():
        entry = known.get(guide.outcomes[at.outcome or ""].entry)
        if entry is not None and not papers_for(entry, at) and entry.documents:
            path = ".".join(map(str, answers))
            yield "error", _where(guide, "outcomes"), f"trả lời {path}: không còn giấy tờ nào của {entry.key}"


def _of_question(guide: Guide, name: str, question: Question) -> Iterator[Found]:
    """Whoever does not know is helped, and each option is chosen by its own words and by no other's."""
    where = _where(guide, f"questions.{name}")
    if question.help is None and question.safe is None:
        yield "error", where, "thiếu `help` hoặc `if_unsure` cho người không biết trả lời"
    for number, option in enumerate(question.options, 1):
        if meant(question, normalize(option.label)).option != number:
            yield "error", where, f"gõ {option.label!r} mà không ra lựa chọn {number}"
        if option.means and (words := _plain_words_in(own_patterns(option))):
            yield "error", where, f"{', '.join(words)} là có, không chung: dùng `means`, đừng ghi ở says"
    says = [word for option in question.options for word in {normalize(said).plain for said in option.says}]
    for word in sorted({word for word in says if says.count(word) > 1}):
        yield "error", where, f"{word!r} ở hai lựa chọn"


def _plain_words_in(patterns: Sequence[str]) -> list[str]:
    regexes = [compile_pattern(written).regex for written in patterns]
    return [word for word in PLAIN if any(regex.fullmatch(script(normalize(word))) for regex in regexes)]


def _patterns(made: Bundle | Guide, field: str, says: Sequence[str]) -> Iterator[Found]:
    for written in says:
        if compile_pattern(written).regex.match(""):
            yield "error", _where(made, field), f"mẫu {written!r} trúng cả câu trống"


def papers_for(entry: Entry, at: Standing) -> list[str]:
    """The papers of the personal checklist."""
    return [
        paper.name
        for paper in entry.documents
        if (paper.when is None or paper.when in at.cases) and not paper.name.startswith(at.leaves_out)
    ]


def cases_of(entry: Entry) -> set[str]:
    return {when for fact in entry.facts() if (when := getattr(fact, "when", None))}


def _lost_cases(guide: Guide, ends: Iterable[Standing], known: dict[str, Entry]) -> Iterator[Found]:
    """A case is to hold at one at least of the entries to which it is carried."""
    carried: dict[str, set[str]] = {}
    for at in ends:
        for case in at.cases:
            carried.setdefault(case, set()).add(guide.outcomes[at.outcome or ""].entry)
    for case, keys in carried.items():
        if not any(case in cases_of(known[key]) for key in keys if key in known):
            yield "error", _where(guide, "cases"), f"không có trường hợp {case!r} ở {', '.join(sorted(keys))}"
    for name, outcome in guide.outcomes.items():
        if outcome.entry in known and (lost := set(outcome.cases) - cases_of(known[outcome.entry])):
            yield (
                "error",
                _where(guide, f"outcomes.{name}"),
                f"{outcome.entry} không có {', '.join(sorted(lost))}",
            )


def _lost_papers(guide: Guide, ends: Iterable[Standing], known: dict[str, Entry]) -> Iterator[Found]:
    begun: dict[str, set[str]] = {}
    for at in ends:
        for start in at.leaves_out:
            begun.setdefault(start, set()).add(guide.outcomes[at.outcome or ""].entry)
    for start, keys in begun.items():
        names = [paper.name for key in keys if key in known for paper in known[key].documents]
        if not any(name.startswith(start) for name in names):
            yield (
                "error",
                _where(guide, "leaves_out"),
                f"không có giấy nào tên {start!r} ở {', '.join(sorted(keys))}",
            )


def _shared_words(bundles: Iterable[Bundle], entries: Iterable[Entry]) -> Iterator[Found]:
    """Words that are an entry's, or another bundle's, cannot lead here."""
    owner = {normalize(phrase).plain: entry.key for entry in entries for phrase in entry.phrasings}
    for bundle in bundles:
        for phrase in bundle.phrasings:
            other = owner.setdefault(normalize(phrase).plain, f"bundles/{bundle.key}")
            if other != f"bundles/{bundle.key}":
                yield "error", _where(bundle, "phrasings"), f"câu {phrase!r} cũng là của {other}"


def _shared_starts(guides: Iterable[Guide]) -> Iterator[Found]:
    owner: dict[str, str] = {}
    for guide in guides:
        for key in guide.starts_for:
            if owner.setdefault(key, guide.key) != guide.key:
                yield "error", _where(guide, "starts_for"), f"{key} đã mở guides/{owner[key]}"
