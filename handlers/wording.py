"""Facts put into words: money, dates, spans of time, fees, papers. The words themselves are phrases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, time
from itertools import groupby

from handlers.layout import capitalise, decapitalise
from handlers.phrases import Phrases
from knowledge.schema import Deadline, Document, Duration, Fee, Figure, Legal, Place, TimeUnit
from ward.profile import Hours, Session

WEEKDAYS = ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật")


def money(amount: int) -> str:
    """50.000 đồng"""
    return f"{amount:,} đồng".replace(",", ".")


def day_text(day: date) -> str:
    return f"{day:%d/%m/%Y}"


def sentence(text: str) -> str:
    """The text ended by one full stop."""
    text = text.strip()
    return text if text.endswith((".", "!", "?", ":", "…")) else f"{text}."


def span(say: Phrases, amount: int, unit: TimeUnit) -> str:
    return say.say(f"units.{unit}", amount=amount)


def duration(say: Phrases, term: Duration) -> str:
    """How long the office takes, without its note."""
    if term.same_day:
        return say.say("facts.same_day")
    if term.amount is None or term.unit is None:
        return say.say("facts.time_unknown")
    told = span(say, term.amount, term.unit)
    told = say.say("facts.adds", time=told) if term.adds else told
    return say.say("facts.provisional", time=told) if term.provisional else told


def fee(say: Phrases, one: Fee) -> str:
    """What is paid, without its note."""
    if one.basis == "fixed":
        assert one.amount_vnd is not None
        told = f"{money(one.amount_vnd)}/{one.per}" if one.per else money(one.amount_vnd)
    else:
        told = say.say(f"facts.fee_{one.basis}")
    return say.say("facts.at_most", fee=told, most=money(one.max_vnd)) if one.max_vnd else told


def document(say: Phrases, paper: Document) -> str:
    """Giấy chứng sinh, 1 bản chính"""
    said_already = paper.originals == 1 and "bản chính" in paper.name.lower()
    details = [
        say.say("facts.originals", n=paper.originals) if paper.originals and not said_already else "",
        say.say("facts.copies", n=paper.copies) if paper.copies else "",
        paper.form if paper.form and paper.form.lower() not in paper.name.lower() else "",
    ]
    return ", ".join([paper.name, *(decapitalise(detail) for detail in details if detail)])


def papers(say: Phrases, several: Sequence[Document], tell: Callable[[Document], str]) -> list[str]:
    """Each paper told; those of which any one is enough are told as one."""
    told = []
    for label, group in groupby(several, key=lambda paper: paper.one_of):
        names = [tell(paper) for paper in group]
        choice = label is not None and len(names) > 1
        told += [say.say("facts.one_of", papers=listed(names))] if choice else names
    return told


def figure(one: Figure) -> str:
    """Mức chuẩn: 540.000 đồng/tháng"""
    number = f"{one.value:,.10g}".translate(str.maketrans(",.", ".,"))
    return f"{one.what}: {number} {one.unit}"


def deadline(say: Phrases, limit: Deadline) -> str:
    what, time = decapitalise(limit.what), span(say, limit.amount, limit.unit)
    if limit.since is None:
        return say.say("facts.deadline", what=what, time=time)
    return say.say("facts.deadline_since", what=what, time=time, since=decapitalise(limit.since))


def in_case(say: Phrases, when: str | None, text: str) -> str:
    """The text under the case it holds for."""
    if when is None:
        return text
    return say.say("facts.in_case", when=decapitalise(when), text=decapitalise(text))


def by_case(say: Phrases, when: str | None, text: str) -> str:
    """A figure under its case: "Đăng ký quá hạn: …"."""
    return text if when is None else say.say("facts.by_case", when=capitalise(when), text=decapitalise(text))


def place(say: Phrases, where: Place) -> str:
    return in_case(say, where.when, where.text)


def legal(paper: Legal) -> str:
    return f"{paper.title}, số {paper.number}" if paper.title else paper.number


def with_note(text: str, note: str | None) -> str:
    return f"{sentence(text)} {sentence(note)}" if note else sentence(text)


def listed(texts: Iterable[str]) -> str:
    return "; ".join(decapitalise(text).rstrip(".") for text in texts)


def office_hours(hours: Hours) -> list[str]:
    """Days of the same hours together: "Thứ Hai – thứ Sáu: 7h–11h30, 13h–17h"."""
    runs: list[tuple[int, int, Sequence[Session]]] = []
    for weekday in range(7):
        sessions = hours.of(weekday)
        if runs and runs[-1][2] == sessions:
            runs[-1] = (runs[-1][0], weekday, sessions)
        else:
            runs.append((weekday, weekday, sessions))
    return [_run(first, last, sessions) for first, last, sessions in runs if sessions]


def _run(first: int, last: int, sessions: Sequence[Session]) -> str:
    days = WEEKDAYS[first] if first == last else f"{WEEKDAYS[first]} – {WEEKDAYS[last]}"
    times = ", ".join(f"{_clock(one.opens)}–{_clock(one.closes)}" for one in sessions)
    return f"{days}: {times}"


def _clock(at: time) -> str:
    return f"{at.hour}h{at.minute:02d}" if at.minute else f"{at.hour}h"
