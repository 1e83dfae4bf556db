"""The parts of an entry in words: papers, times, fees, places … Each says only what holds on the day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import groupby
from typing import TypeVar

from handlers.layout import capitalise, decapitalise
from handlers.phrases import Phrases
from handlers.wording import (
    by_case,
    deadline,
    document,
    duration,
    fee,
    figure,
    in_case,
    legal,
    listed,
    office_hours,
    papers,
    place,
    sentence,
    with_note,
)
from knowledge.facets import Facet
from knowledge.in_force import ended_basis
from knowledge.schema import Authority, Document, Entry, Fact, Figure
from ward.profile import Contact, WardProfile

MOURNING = ("khai_tu", "mai_tang")
OF_THE_WARD: tuple[Authority, ...] = ("ubnd_cap_xa", "cong_an_cap_xa")
F = TypeVar("F", bound=Fact)


@dataclass(frozen=True)
class Part:
    """One part of an entry in words. `used` are the facts it states, for the source line."""

    items: tuple[str, ...]
    used: tuple[Fact, ...] = ()


@dataclass(frozen=True)
class Writer:
    """Writes about one entry as it stands on one day."""

    entry: Entry
    say: Phrases
    profile: WardProfile
    day: date
    asks: bool = True
    """Does the overview ask whether this is what was meant?"""

    def now(self, facts: Sequence[F]) -> list[F]:
        return [fact for fact in facts if fact.holds_on(self.day)]

    @property
    def name(self) -> str:
        return decapitalise(self.entry.plain_name)

    @property
    def mourning(self) -> bool:
        return any(word in self.entry.key for word in MOURNING)


def is_current(entry: Entry, day: date) -> bool:
    started = entry.effective_from is None or entry.effective_from <= day
    return started and (entry.effective_to is None or day <= entry.effective_to)


def part_of(writer: Writer, facet: Facet) -> Part | None:
    """The asked part in words, or None when nothing is known of it."""
    part = _PARTS[facet](writer)
    return part if part.items else None


def overview(writer: Writer) -> Part:
    entry, say = writer.entry, writer.say
    terms, prices, spots = writer.now(entry.times), writer.now(entry.fees), writer.now(entry.places)
    term = next((term for term in terms if not term.adds), None)
    price = prices[0] if prices else None
    line = say.say(
        "answer.time_and_fee",
        time=_short(duration(say, term), term.when) if term and term.known else None,
        fee=_short(fee(say, price), price.when) if price and price.known else None,
    )
    where = spots[0].text if spots else None
    head = "answer.overview" if writer.asks else "answer.about"
    head = "answer.other_authority" if entry.kind == "pointer" else head
    items = [
        say.say(head, name=writer.name, body=say.say(f"authority.{entry.authority}")),
        *(summary.text for summary in writer.now([entry.summary])),
        say.say("answer.where", place=where),
        *_contact(writer, spots[0].authority if spots else entry.authority, entry.kind == "pointer"),
        line,
    ]
    used: list[Fact] = [*writer.now([entry.summary]), *spots[:1], *([term] if term else []), *prices[:1]]
    return Part(tuple(item for item in items if item), tuple(used))


def documents(writer: Writer) -> Part:
    sheets = writer.now(writer.entry.documents)
    say = writer.say
    always = [paper for paper in sheets if paper.when is None]
    submit = [paper for paper in always if paper.how == "submit"]
    tell = partial(document, say)
    items = [f"{number}. {capitalise(told)}" for number, told in enumerate(papers(say, submit, tell), 1)]
    show = papers(say, [paper for paper in always if paper.how == "show"], tell)
    if show:
        items.append(say.say("answer.bring", papers=listed(show)))
    items += _papers_by_case(writer, [paper for paper in sheets if paper.when and paper.how != "looked_up"])
    free = [in_brackets(paper.name, paper.when) for paper in sheets if paper.how == "looked_up"]
    if free:
        items.append(say.say("answer.looked_up", papers=listed(free)))
    if not items:
        return Part(())
    mistakes = writer.now(writer.entry.mistakes)
    items += [
        say.say("answer.beware", text=decapitalise(sentence(in_case(say, one.when, one.text))))
        for one in mistakes
    ]
    return Part(tuple(items), (*sheets, *mistakes))


def times(writer: Writer) -> Part:
    entry, say = writer.entry, writer.say
    spans, limits = writer.now(entry.times), writer.now(entry.deadlines)
    known = [time for time in spans if time.known or time.note]
    items = [
        _bullet(with_note(by_case(say, time.when, duration(say, time)), time.note), spans) for time in known
    ]
    items += [deadline(say, limit) for limit in limits]
    return Part(tuple(items), (*known, *limits))


def fees(writer: Writer) -> Part:
    say = writer.say
    prices = [price for price in writer.now(writer.entry.fees) if price.known or price.note]
    items = [
        _bullet(with_note(by_case(say, price.when, fee(say, price)), price.note), prices) for price in prices
    ]
    if any(price.basis == "hdnd_tinh" for price in prices):
        items.append(say.say("answer.fee_ask", phone=writer.profile.counter.phone))
    return Part(tuple(items), tuple(prices))


def places(writer: Writer) -> Part:
    entry, say = writer.entry, writer.say
    spots = writer.now(entry.places)
    items: list[str] = []
    told: set[Authority] = set()
    for spot in spots:
        items.append(say.say("answer.place", place=place(say, spot)))
        if spot.authority not in told:
            items += _contact(writer, spot.authority, True)
            told.add(spot.authority)
        if spot.hours:
            items.append(say.say("answer.hours", hours=spot.hours))
    if any(spot.authority == "ubnd_cap_xa" and not spot.hours for spot in spots):
        items += [say.say("answer.hours", hours=line) for line in office_hours(writer.profile.hours)]
    if entry.channels:
        ways = ", ".join(say.say(f"channel.{channel}") for channel in entry.channels)
        items.append(say.say("answer.channels", ways=ways))
    return Part(tuple(items), tuple(spots))


def conditions(writer: Writer) -> Part:
    say = writer.say
    terms, numbers = writer.now(writer.entry.conditions), writer.now(writer.entry.figures)
    who = writer.now([writer.entry.audience] if writer.entry.audience else [])
    items = [say.say("answer.who", who=sentence(one.text)) for one in who]
    items += [f"• {sentence(in_case(say, term.when, term.text))}" for term in terms]
    items += _figures(numbers, items)
    return Part(tuple(items), (*who, *terms, *numbers))


def steps(writer: Writer) -> Part:
    ways = writer.now(writer.entry.steps)
    items = [f"{n}. {sentence(in_case(writer.say, step.when, step.text))}" for n, step in enumerate(ways, 1)]
    return Part(tuple(items), tuple(ways))


def forms(writer: Writer) -> Part:
    sheets = [paper for paper in writer.now(writer.entry.documents) if paper.form]
    items = [f"• {sentence(f'{paper.name}: {paper.form}')}" for paper in sheets]
    return Part(tuple(items), tuple(sheets))


def outcome(writer: Writer) -> Part:
    results = writer.now([writer.entry.result] if writer.entry.result else [])
    sums = [number for number in writer.now(writer.entry.figures) if "đồng" in number.unit]
    items = [sentence(one.text) for one in results]
    items += _figures(sums, items)
    return Part(tuple(items), (*results, *sums))


def basis(writer: Writer) -> Part:
    """The instruments in force; those that have ended are told of in the source line."""
    ended = {repeal.number for repeal in ended_basis(writer.entry, writer.day)}
    papers = [paper for paper in writer.entry.legal_basis if paper.number not in ended]
    return Part(tuple(f"• {sentence(legal(paper))}" for paper in papers))


def fact_lines(writer: Writer, notes: bool = True) -> Part:
    """How long, how much and where, a line each: what is not known is left out."""
    entry, say = writer.entry, writer.say
    terms = [term for term in writer.now(entry.times) if term.known]
    prices = [price for price in writer.now(entry.fees) if price.known]
    spots = writer.now(entry.places)
    how_long = [_with_details(duration(say, term), term.when, notes and term.note) for term in terms]
    how_much = [_with_details(fee(say, price), price.when, notes and price.note) for price in prices]
    items = [
        say.say("guide.time", times=listed(how_long) or None),
        say.say("guide.fee", fees=listed(how_much) or None),
        *(say.say("answer.place", place=place(say, spot)) for spot in spots),
    ]
    return Part(tuple(item for item in items if item), (*terms, *prices, *spots))


_PARTS: dict[Facet, Callable[[Writer], Part]] = {
    "tong_quan": overview,
    "other": overview,
    "ho_so": documents,
    "thoi_han": times,
    "le_phi": fees,
    "noi_nop": places,
    "dieu_kien": conditions,
    "trinh_tu": steps,
    "bieu_mau": forms,
    "ket_qua": outcome,
    "can_cu": basis,
}


def in_brackets(text: str, when: str | None) -> str:
    return f"{text} ({decapitalise(when)})" if when else text


def _with_details(text: str, *details: str | bool | None) -> str:
    """trong ngày (đúng hạn; nhận sau 15 giờ thì trả ngày kế tiếp)"""
    told = [detail.rstrip(".") for detail in details if isinstance(detail, str)]
    return in_brackets(text, listed(told) or None)


def _papers_by_case(writer: Writer, sheets: Sequence[Document]) -> list[str]:
    say = writer.say
    items = []
    for when, group in groupby(sheets, key=lambda paper: paper.when):
        told = listed(papers(say, list(group), partial(_brought, say)))
        items.append(f"• {sentence(in_case(say, when, told))}")
    return items


def _figures(numbers: Sequence[Figure], told: Sequence[str]) -> list[str]:
    """The numbers not said already in a sentence."""
    spoken = " ".join(told)
    return [f"• {sentence(figure(one))}" for one in numbers if f"{one.value:g} " not in f"{spoken} "]


def _brought(say: Phrases, paper: Document) -> str:
    told = document(say, paper)
    return say.say("answer.bring_one", paper=decapitalise(told)) if paper.how == "show" else told


def _bullet(text: str, among: Sequence[object]) -> str:
    return f"• {capitalise(text)}" if len(among) > 1 else capitalise(text)


def _short(text: str, when: str | None) -> str:
    return in_brackets(text, when)


def body_contact(profile: WardProfile, authority: Authority) -> Contact | None:
    bodies = profile.bodies
    return {
        "ubnd_cap_xa": profile.counter,
        "cong_an_cap_xa": bodies.police,
        "cong_an_tinh": bodies.police_province,
        "so_y_te": bodies.health_province,
        "van_phong_dang_ky_dat_dai": bodies.land,
    }.get(authority)


def _contact(writer: Writer, authority: Authority, wanted: bool) -> list[str]:
    contact = body_contact(writer.profile, authority) if wanted else None
    if contact is None or not (contact.address or contact.phone):
        return []
    key = "answer.contact_here" if authority in OF_THE_WARD else "answer.contact"
    return [writer.say.say(key, name=contact.name, address=contact.address, phone=contact.phone)]
