"""An answer as messages: the asked part first, then buttons for the other parts, then the source."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

from bot.replies import Button, Reply
from handlers.layout import LINES, MESSAGES, after_opening, pages, without_pictures
from handlers.parts import Part, Writer, part_of
from handlers.phrases import Phrases
from handlers.tokens import token
from handlers.wording import day_text, sentence
from knowledge.facets import Facet
from knowledge.in_force import Repeal, ended_basis
from knowledge.schema import Fact, Faq

FACETS: tuple[Facet, ...] = get_args(Facet)
BUTTONS = 4
OFFERED: tuple[Facet, ...] = ("ho_so", "thoi_han", "le_phi", "noi_nop", "trinh_tu", "dieu_kien")


def answer(
    writer: Writer,
    facet: Facet,
    *,
    opening: str = "",
    follows: bool = False,
    page: int = 0,
    room: int = LINES,
) -> list[Reply]:
    """Replies that answer `facet`, at most four; `page` > 0 continues a long answer."""
    part = part_of(writer, facet)
    known = part is not None
    shown = part or Part((writer.say.say(f"unknown.{facet}", name=writer.name),))
    head = [] if facet in ("tong_quan", "other") or not known else [_intro(writer, facet, follows)]
    items = _opened(opening, [*head, *shown.items, *source_of(writer, shown.used)])
    return _messages(writer, facet, items, page, room, buttons_of(writer, facet, known))


def answer_faq(
    writer: Writer, faq: Faq, facet: Facet, *, opening: str = "", room: int = LINES
) -> list[Reply]:
    told = writer.say.say("answer.faq", name=writer.name, answer=sentence(faq.answer))
    items = _opened(opening, [told, *source_of(writer, [faq])])
    return _messages(writer, facet, items, 0, room, buttons_of(writer, None, True))


def _opened(opening: str, items: list[str]) -> list[str]:
    return [opening, after_opening(items[0]), *items[1:]] if opening else items


def _intro(writer: Writer, facet: Facet, follows: bool) -> str:
    key = f"intro_more.{facet}" if follows else f"intro.{facet}"
    return writer.say.say(key, name=writer.name)


def source_of(writer: Writer, used: Sequence[Fact]) -> list[str]:
    """Where the stated facts come from, and the oldest day they were compared with it."""
    entry = writer.entry
    titles = {source.id: source.title for source in entry.sources}
    named = dict.fromkeys(titles[fact.source] if fact.source else entry.sources[0].title for fact in used)
    if not used:
        named = {entry.sources[0].title: None}
    ended = [_ended(writer, repeal) for repeal in ended_basis(entry, writer.day)]
    checked = min((fact.verified_on or entry.verified_on for fact in used), default=entry.verified_on)
    key = "answer.source_doubted" if entry.confidence == "low" else "answer.source"
    return [*ended, writer.say.say(key, source="; ".join(named), day=day_text(checked))]


def _ended(writer: Writer, repeal: Repeal) -> str:
    day = day_text(repeal.since)
    if not repeal.replaced_by:
        return writer.say.say("answer.basis_ended", law=repeal.called, day=day)
    new = ", ".join(repeal.replaced_by)
    return writer.say.say("answer.basis_replaced", law=repeal.called, day=day, new=new)


def buttons_of(writer: Writer, facet: Facet | None, known: bool = True) -> tuple[Button, ...]:
    """The other parts of the procedure, as many as there is room for."""
    say, entry = writer.say, writer.entry
    buttons = [] if known else [button(say, "ask_officer", token("human"))]
    link = _online(writer)
    room = BUTTONS - len(buttons) - len(link)
    others = [one for one in OFFERED if one != facet and part_of(writer, one) is not None][:room]
    buttons += [button(say, one, token("answer", entry.key, one)) for one in others]
    if not buttons and not link:
        buttons = [button(say, "ask_officer", token("human"))]
    return (*buttons, *link)


def _online(writer: Writer) -> list[Button]:
    entry = writer.entry
    if "truc_tuyen" not in entry.channels or not entry.links:
        return []
    title = writer.say.say("buttons.online")
    return [Button(title=title, kind="url", payload=entry.links[0].url)]


def button(say: Phrases, name: str, payload: str) -> Button:
    return Button(title=say.say(f"buttons.{name}"), payload=payload)


def _messages(
    writer: Writer, facet: Facet, items: Sequence[str], page: int, room: int, buttons: tuple[Button, ...]
) -> list[Reply]:
    """Messages from `page` on; the last carries the buttons, and one to read on when there is more."""
    texts = pages(items, room)
    if writer.mourning:
        texts = [without_pictures(text) for text in texts]
    shown = texts[page : page + MESSAGES]
    if page + MESSAGES < len(texts):
        more = button(writer.say, "more", token("answer", writer.entry.key, facet, page + MESSAGES))
        buttons = (more, *buttons[: BUTTONS - 1])
    last = Reply(text=shown[-1], buttons=buttons)
    return [*(Reply(text=text) for text in shown[:-1]), last]
