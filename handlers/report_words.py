"""What is asked while a report is taken, and how it is read back. Pure: a draft in, a reply out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.casework import Ask, Draft, Similar
from bot.replies import Button, Reply
from handlers.layout import after_opening
from handlers.services import Services
from handlers.tokens import token
from ward.calendar import local

SHOWN_WORDS = 160
SHOWN_PLACE = 80
ABOUT = 40
FEW_KHOMS = 3


def question(draft: Draft, services: Services, lead: str = "") -> Reply:
    """The open question of the draft, with its buttons; `lead` is said before it."""
    text, buttons = _WRITERS[draft.asks](draft, services)
    return Reply(text=f"{lead}\n{after_opening(text)}" if lead else text, buttons=tuple(buttons))


def next_ask(draft: Draft, services: Services) -> Ask:
    """The first thing still unknown. `near` comes in when the desk finds something."""
    if draft.dossier:
        return "dossier"
    if not draft.words:
        return "what"
    if not draft.placed:
        return "place"
    if draft.khom is None and not draft.khom_given and services.profile.khom:
        return "khom"
    return "send" if draft.detail_given else "detail"


def acknowledged(draft: Draft, services: Services) -> str:
    """Kind words for what was told."""
    return _by_topic("report.ack", draft, services)


def about(draft: Draft, services: Services) -> str:
    """How an unfinished report is named to its own citizen."""
    words = draft.words or draft.held
    if not words:
        return services.phrases.say("report.unfinished_bare")
    return services.phrases.say("report.unfinished", about=shortened(words, ABOUT))


def near(found: Similar, draft: Draft, services: Services) -> Reply:
    key = "report.near_own" if found.own else "report.near"
    text = services.phrases.say(key, code=found.code, day=f"{local(found.created_at):%d/%m}")
    title = "join_own" if found.own else "join"
    join = Button(
        title=services.phrases.say(f"buttons.{title}"),
        payload=token("case", "join", found.code, draft.mark),
    )
    return Reply(text=text, buttons=(join, button("apart", draft, services)))


def button(action: str, draft: Draft, services: Services) -> Button:
    """A button of this draft as it now is."""
    title = services.phrases.say(f"buttons.{action}")
    return Button(title=title, payload=token("report", action, draft.mark, draft.revision))


def shortened(words: str, most: int) -> str:
    one_line = " ".join(words.split())
    return one_line if len(one_line) <= most else f"{one_line[: most - 1].rstrip()}…"


def everything(draft: Draft) -> str:
    """All the citizen told, for the official: nothing is shortened."""
    return "\n".join(part for part in (draft.words, draft.detail) if part)


Written = tuple[str, Sequence[Button]]


def _purpose(draft: Draft, services: Services) -> Written:
    key = "report.purpose" if draft.photos else "report.purpose_place"
    return services.phrases.say(key), (button("this_report", draft, services), services.button("ask"))


def _what(draft: Draft, services: Services) -> Written:
    if draft.undo and _before(draft).words:
        return services.phrases.say("report.edit_words"), ()
    return services.phrases.say("report.tell_more" if draft.photos or draft.placed else "report.tell"), ()


def _place(draft: Draft, services: Services) -> Written:
    buttons = [services.button("place"), button("type_place", draft, services)]
    buttons[0] = buttons[0].model_copy(update={"payload": button("place", draft, services).payload})
    key = "report.edit_place" if draft.undo and _before(draft).placed else "report.place"
    return services.phrases.say(key), buttons


def _khom(draft: Draft, services: Services) -> Written:
    names = [khom.name for khom in services.profile.khom]
    text = services.phrases.say("report.khom")
    buttons = [Button(title=name[:20], payload=name) for name in names]
    if len(names) > FEW_KHOMS:
        text += "\n" + services.phrases.say("report.khom_list", names=", ".join(names))
        buttons = []
    return text, (*buttons, button("unsure", draft, services))


def _detail(draft: Draft, services: Services) -> Written:
    lines, buttons = [], [button("no_detail", draft, services)]
    if draft.khom and not draft.khom_given:
        lines.append(services.phrases.say("report.khom_right", khom=draft.khom))
        buttons.append(button("other_khom", draft, services))
    asked = _by_topic("report.detail", draft, services)
    lines.append(after_opening(asked) if lines else asked)
    if not draft.photos:
        lines.append(services.phrases.say("report.photos_too"))
    return "\n".join(lines), buttons


def _send(draft: Draft, services: Services) -> Written:
    place = draft.address or (services.phrases.say("report.pinned") if draft.latitude is not None else None)
    text = services.phrases.say(
        "report.read_back",
        words=shortened(draft.words, SHOWN_WORDS),
        detail=shortened(draft.detail, SHOWN_WORDS) or None,
        place=shortened(place, SHOWN_PLACE) if place else None,
        khom=draft.khom,
        photos=len(draft.photos) or None,
    )
    return text.replace("📍  · ", "📍 "), [
        button(name, draft, services) for name in ("send_named", "send_hidden", "edit")
    ]


def _edit(draft: Draft, services: Services) -> Written:
    parts = ["edit_words", "edit_place", "edit_khom", "edit_photos"]
    if not services.profile.khom:
        parts.remove("edit_khom")
    return services.phrases.say("report.edit"), [button(part, draft, services) for part in parts]


def _photos(draft: Draft, services: Services) -> Written:
    buttons = [button(name, draft, services) for name in ("no_photos", "keep_photos")]
    return services.phrases.say("report.edit_photos"), buttons


def _dossier(draft: Draft, services: Services) -> Written:
    return services.phrases.say("report.late_ask"), [button("no_dossier_code", draft, services)]


def _before(draft: Draft) -> Draft:
    return Draft.model_validate_json(draft.undo[-1])


def _by_topic(key: str, draft: Draft, services: Services) -> str:
    """The words for the draft's topic, else the plain ones."""
    special = f"{key}_{draft.topic}"
    return services.phrases.say(special if special in services.phrases.texts else key)


_WRITERS: dict[Ask, Callable[[Draft, Services], Written]] = {
    "purpose": _purpose,
    "what": _what,
    "place": _place,
    "khom": _khom,
    "detail": _detail,
    "near": _send,
    "send": _send,
    "edit": _edit,
    "photos": _photos,
    "dossier": _dossier,
}
