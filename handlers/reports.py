"""Reports of citizens, taken in chat: one question at a time, read back, sent with a code.

The draft is the desk's (sealed, 24 hours); the conversation only remembers that it is open. A draft left
open is kept and offered again. Nothing is sent but by a button or a plain word under what was read back.
"""

from __future__ import annotations

import zlib

from bot.casework import MOST_PHOTOS, Ask, Draft, NewReport
from bot.replies import Button, Reply, Result, Turn
from handlers import complaints, emergency, media
from handlers.complaints import CONDUCT_STEP
from handlers.memory import Memory
from handlers.offers import is_number
from handlers.reading import (
    CHATTER,
    asks_something_new,
    intent,
    intent_matched,
    said,
    wants_to_go_on,
    wishes_something,
    word_count,
)
from handlers.report_steps import added, answered, began, changed, located, phone_in, pressed, told, undone
from handlers.report_words import about, acknowledged, button, everything, near, next_ask, question
from handlers.services import Services
from handlers.tokens import Token, read_token, token
from knowledge.replies import says_no
from knowledge.reports import answer_of, tells_of_late_dossier, urgency_of
from ward.calendar import say_by_when
from ward.codes import find_dossier, parse_code

STEP = "report"
RESUME_STEP = "report_resume"
PHONE_STEP = "report_phone"
INTERRUPTED = (emergency.STEP, complaints.STEP, CONDUCT_STEP)
"""Steps after which a draft that was open is offered again."""
BARE = ("phản ánh", "góp ý", "kiến nghị")
SCAM = ("lừa đảo", "mạo danh", "giả danh")
SHORTEST = 4
"""Words below which a message announces a report rather than makes one."""
CHAT_WORDS = 4
"""A thanks or greeting of more words may be an answer with manners."""
QUIET = ("silent", "emergency", "formal_complaint")
BUTTONS = 4


def inside(turn: Turn, services: Services) -> Result | None:
    """A draft under way: its buttons, and what may answer its open question."""
    token_read = read_token(turn.text)
    if token_read is not None:
        return _pressed(token_read, turn, services) if token_read.name == "report" else None
    memory = Memory.of(turn.state)
    step = memory.step.name if memory.step else ""
    if step == PHONE_STEP and (phone := phone_in(turn.text)) is not None:
        return _phone(phone, turn, services)
    if media.shows_id_card(turn) or not _may_be_for_a_draft(turn, memory, step):
        return None
    draft = services.desk.draft(turn)
    if draft is None:
        return None
    if turn.event_name in media.SENT_PLACES or turn.event_name in media.PICTURES:
        return _take_sent(draft, turn, services)
    if not turn.text.strip() or turn.event_name == "user_send_link":
        return None
    if step == RESUME_STEP:
        return _unfinished(draft, turn, services)
    if wants_to_go_on(turn):
        return _go_on(draft, turn, services)
    if step == STEP:
        return None if _goes_elsewhere(draft, turn, services) else _answer(draft, turn, services)
    return None if wishes_something(turn, services) else _offer(draft, turn, services)


def begin(turn: Turn, services: Services) -> Result | None:
    """The first words of a report, or the wish to make one."""
    pressed_token = read_token(turn.text)
    if pressed_token is not None:
        return _tell(turn, services) if pressed_token.name == "feedback" else None
    if intent(turn, services) != "feedback":
        return None
    short = len(turn.text.split()) < SHORTEST and any(word in turn.text.lower() for word in BARE)
    if short:
        return _tell(turn, services)
    draft = told(began(turn, mark_of(turn)), turn.text, services)
    draft = _with_photos(draft, turn, services)
    scam = any(word in pattern for pattern in intent_matched(turn, services) for word in SCAM)
    result = ask(draft, turn, services, acknowledged(draft, services))
    return _with_warning(result, services) if scam else result


def late(turn: Turn, services: Services) -> Result | None:
    """A dossier of the one-stop shop that is late: its code is all that is needed."""
    if read_token(turn.text) is not None or not turn.text.strip():
        return None
    if not tells_of_late_dossier(turn.text) or asks_something_new(turn, services):
        return None
    mark, dossier = mark_of(turn), find_dossier(turn.text)
    if dossier is not None:
        return send_late(turn.text, dossier, mark, turn, services)
    draft = began(turn, mark, dossier=True).model_copy(update={"words": turn.text})
    return _ask_this("dossier", draft, turn, services)


def from_media(turn: Turn, services: Services) -> Result | None:
    """A picture or place alone: kept in a draft, and asked what it is for."""
    if media.shows_id_card(turn) or turn.text.strip():
        return None
    draft = began(turn, mark_of(turn))
    if turn.event_name in media.PICTURES:
        draft = _with_photos(draft, turn, services)
        return _ask_this("purpose", draft, turn, services) if draft.photos else None
    place = _place_of(turn)
    if place is None:
        return None
    return _ask_this("purpose", located(draft, *place, services.profile), turn, services)


def ask(draft: Draft, turn: Turn, services: Services, lead: str = "") -> Result:
    """Keep the draft, and put the next open question; before reading back, look for the same matter."""
    asks = next_ask(draft, services)
    if asks == "send" and not draft.compared:
        similar = services.desk.similar(turn, draft)
        if similar:
            return _keep(
                draft.model_copy(update={"asks": "near"}),
                turn,
                services,
                near(similar[0], draft, services),
            )
    return _ask_this(asks, draft, turn, services, lead)


def back(turn: Turn, services: Services) -> Result | None:
    """QUAY LẠI while a draft is open: the question before, with its answer taken back."""
    draft = _open_draft(turn, services)
    if draft is None or (before := undone(draft)) is None:
        return None
    return _ask_this(before.asks, before, turn, services, services.phrases.say("report.back"))


def cancel(turn: Turn, services: Services) -> Result | None:
    """HỦY: the draft is forgotten, unless something else is open, which is then what is cancelled."""
    memory = Memory.of(turn.state)
    if memory.step is not None and memory.step.name not in (STEP, RESUME_STEP, *INTERRUPTED):
        return None
    return None if services.desk.draft(turn) is None else _drop(turn, services)


def put_aside(turn: Turn, result: Result, services: Services) -> Result:
    """After another handler's answer: the question again, or a word that the draft is kept."""
    before, after = Memory.of(turn.state), Memory.of(result.state)
    step = before.step.name if before.step else ""
    left = step in (STEP, RESUME_STEP, *INTERRUPTED) or not before.greeted
    if result.outcome == "feedback" and after.step is not None and after.step.name == STEP:
        return result
    if not left or result.outcome == "silent" or (draft := services.desk.draft(turn)) is None:
        return result
    if result.outcome in QUIET or (after.step is not None and after.step.name == CONDUCT_STEP):
        _hold(draft, turn, result, step, services)
        return result
    if after.step is not None and after.step.name == STEP:
        again = ask(draft, turn, services) if draft.asks == "near" else None
        replies = again.replies if again else (question(draft, services),)
        return Result(**{**vars(result), "replies": (*result.replies, *replies)})
    return Result(**{**vars(result), "replies": _with_word(result.replies, draft, services)})


def mark_of(turn: Turn) -> str:
    """The same for the same message, different for the next."""
    return f"{zlib.crc32(f'{turn.person_id} {turn.msg_id} {turn.at.timestamp()}'.encode()):08x}"


# --- what the person did -------------------------------------------------------------------------------


def _pressed(pressed_token: Token, turn: Turn, services: Services) -> Result:
    """A button, perhaps of a draft that is gone or has changed since: then nothing is sent."""
    draft = services.desk.draft(turn)
    if draft is None or draft.mark != pressed_token.key:
        return _old_button(pressed_token.key, turn, services)
    action = pressed_token.facet
    if action in ("resume", "drop", "place", "type_place", "this_report", "no_dossier_code"):
        return _ACTIONS[action](draft, turn, services)
    if draft.revision != pressed_token.number:
        return (
            _ask_this(draft.asks, draft, turn, services)
            if draft.asks != "near"
            else ask(draft, turn, services)
        )
    if action in ("send_named", "send_hidden"):
        return _send(draft, action == "send_named", turn, services)
    if action == "edit":
        return _ask_this("edit", draft, turn, services)
    if action == "edit_photos" and draft.photos:
        return _ask_this("photos", draft, turn, services)
    after = pressed(draft, action)
    return ask(after or draft, turn, services)


def _take_sent(draft: Draft, turn: Turn, services: Services) -> Result:
    """A place or pictures belong to the draft, whatever was asked."""
    if (place := _place_of(turn)) is not None:
        draft, lead = located(draft, *place, services.profile), services.phrases.say("report.place_noted")
    else:
        before = len(draft.photos)
        draft = _with_photos(draft, turn, services)
        lead = services.phrases.say(_photo_word(before, len(draft.photos)))
    if turn.text.strip() and draft.asks in ("what", "purpose", "detail"):
        draft = answered(draft, turn.text, services) or draft
    if draft.asks == "purpose":
        return _ask_this("purpose", draft, turn, services)
    return ask(draft, turn, services, "" if draft.asks == "place" else lead)


def _answer(draft: Draft, turn: Turn, services: Services) -> Result:
    if draft.dossier:
        return late_dossier(draft, turn, services)
    if draft.asks in ("send", "near"):
        return _decided(draft, turn, services)
    after = None if is_number(turn.text) and draft.asks != "khom" else answered(draft, turn.text, services)
    if after is None:
        return _again(draft, turn, services)
    first = draft.asks in ("what", "purpose") and not draft.words
    return ask(after, turn, services, acknowledged(after, services) if first else "")


def _decided(draft: Draft, turn: Turn, services: Services) -> Result:
    """Words under what was read back, or under a report that may be the same."""
    if draft.asks == "near":
        similar = services.desk.similar(turn, draft)
        choice = answer_of(turn.text, "join", "apart")
        if choice == "join" and similar:
            return join(draft, similar[0].code, turn, services)
        if choice == "apart":
            return ask(changed(draft, compared=True), turn, services)
    else:
        choice = answer_of(turn.text, "named", "hidden", "edit")
        if choice in ("named", "hidden") or says_no(said(turn.text)):
            return _send(draft, choice == "named", turn, services)
        if choice == "edit":
            return _ask_this("edit", draft, turn, services)
    after = None if is_number(turn.text) else answered(draft, turn.text, services)
    lead = services.phrases.say("report.noted") if after else ""
    return ask(after or draft, turn, services, lead)


def _again(draft: Draft, turn: Turn, services: Services) -> Result:
    """Not understood: the question once more."""
    key = {"khom": "report.khom_again", "edit": "", "photos": ""}.get(draft.asks, "")
    return _ask_this(draft.asks, draft, turn, services, services.phrases.say(key) if key else "")


def _unfinished(draft: Draft, turn: Turn, services: Services) -> Result | None:
    """The answer to "ghi tiếp không ạ?"; other words are taken as more of the report."""
    if says_no(said(turn.text)):
        return _drop(turn, services)
    if wants_to_go_on(turn) or answer_of(turn.text, "right"):
        return _go_on(draft, turn, services)
    if wishes_something(turn, services):
        return None
    return _go_on(_held(draft, turn.text), turn, services)


def _go_on(draft: Draft, turn: Turn, services: Services) -> Result:
    """Take the draft up again, with what was said in between."""
    words, draft = draft.held, draft.model_copy(update={"held": ""})
    if words and not draft.dossier and draft.asks not in ("near", "edit", "photos"):
        draft = answered(draft, words, services) or added(draft, words)
    elif words:
        draft = added(draft, words)
    lead = services.phrases.say("report.resume")
    if draft.asks in ("edit", "photos", "purpose") or draft.dossier:
        return _ask_this("dossier" if draft.dossier else draft.asks, draft, turn, services, lead)
    return ask(draft, turn, services, lead)


def _offer(draft: Draft, turn: Turn, services: Services) -> Result:
    """Back after a while: is this more of the report? The words are held until that is known."""
    draft = _held(draft, turn.text)
    services.desk.save_draft(turn, draft)
    buttons = (_resume_button(draft, services), button("drop", draft, services))
    memory = Memory.of(turn.state).waiting(RESUME_STEP)
    reply = Reply(text=about(draft, services), buttons=(*buttons, services.button("menu")))
    return Result("feedback", (reply,), memory.as_state())


# --- sending --------------------------------------------------------------------------------------------


def _send(draft: Draft, named: bool, turn: Turn, services: Services) -> Result:
    """The one place where a report leaves. The code exists before it is said."""
    if next_ask(draft, services) != "send":
        return ask(draft, turn, services)
    urgency = urgency_of(everything(draft))
    context = {"topic": draft.topic, "urgency_proposed": urgency.level, "because": list(urgency.because)}
    ticket = services.desk.submit(
        turn,
        NewReport(
            kind="report",
            words=everything(draft),
            mark=draft.mark,
            khom=draft.khom,
            address=draft.address,
            latitude=draft.latitude,
            longitude=draft.longitude,
            name_shown=named,
            photos=draft.photos,
            phone=draft.phone,
            context=context,
        ),
    )
    when = say_by_when(ticket.due_at, turn.at)
    text = services.phrases.say("report.sent", code=ticket.code, when=when)
    buttons = (_add_button(ticket.code, services), services.button("menu"))
    memory = Memory.of(turn.state).waiting(PHONE_STEP, ticket.code)
    return Result("feedback", (Reply(text=text, buttons=buttons),), memory.as_state())


def join(draft: Draft, code: str, turn: Turn, services: Services) -> Result:
    """The same matter as an open report: told there, and told what the first is told."""
    if not services.desk.join(turn, code, draft):
        return ask(changed(draft, compared=True), turn, services, services.phrases.say("report.join_gone"))
    text = services.phrases.say("report.joined", code=code)
    buttons = (_add_button(code, services), services.button("menu"))
    state = Memory.of(turn.state).settled().as_state()
    return Result("feedback", (Reply(text=text, buttons=buttons),), state)


def join_pressed(pressed_token: Token, turn: Turn, services: Services) -> Result:
    draft = services.desk.draft(turn)
    if draft is None or draft.mark != pressed_token.question:
        return _old_button(pressed_token.question, turn, services)
    return join(draft, pressed_token.key, turn, services)


def late_dossier(draft: Draft, turn: Turn, services: Services) -> Result:
    """Words about a late dossier: with its code they are sent, else the code is asked for again."""
    dossier = find_dossier(turn.text)
    draft = draft.model_copy(update={"words": everything(added(draft, turn.text)), "detail": ""})
    if dossier is None and answer_of(turn.text, "unsure", "none") is None:
        services.desk.save_draft(turn, draft)
        reply = Reply(
            text=services.phrases.say("report.late_again"),
            buttons=(button("no_dossier_code", draft, services),),
        )
        return _keep(draft, turn, services, reply)
    return send_late(draft.words, dossier, draft.mark, turn, services)


def send_late(words: str, dossier: str | None, mark: str, turn: Turn, services: Services) -> Result:
    report = NewReport(kind="late_dossier", words=words, mark=mark, dossier=dossier)
    ticket = services.desk.submit(turn, report)
    when = say_by_when(ticket.due_at, turn.at)
    reply = services.reply("report.late_noted", "menu", code=ticket.code, when=when)
    return Result("feedback", (reply,), Memory.of(turn.state).settled().as_state())


def _phone(phone: str, turn: Turn, services: Services) -> Result | None:
    step = Memory.of(turn.state).step
    if step is None or not services.desk.leave_phone(turn, step.data, phone):
        return None
    reply = services.reply("report.phone_noted", "menu", code=step.data)
    return Result("feedback", (reply,), Memory.of(turn.state).settled().as_state())


# --- small parts ----------------------------------------------------------------------------------------


def _ask_this(asks: Ask, draft: Draft, turn: Turn, services: Services, lead: str = "") -> Result:
    draft = draft.model_copy(update={"asks": asks})
    return _keep(draft, turn, services, question(draft, services, lead))


def _keep(draft: Draft, turn: Turn, services: Services, reply: Reply) -> Result:
    services.desk.save_draft(turn, draft)
    return Result("feedback", (reply,), Memory.of(turn.state).waiting(STEP).as_state())


def _tell(turn: Turn, services: Services) -> Result:
    """The wish to report: the draft that is there goes on, else a new one."""
    draft = services.desk.draft(turn)
    if draft is not None and draft.asks == "purpose":
        return ask(draft, turn, services)
    if draft is not None:
        return _offer(draft, turn, services)
    return _ask_this("what", began(turn, mark_of(turn)), turn, services)


def _drop(turn: Turn, services: Services) -> Result:
    services.desk.drop_draft(turn)
    state = Memory.of(turn.state).settled().as_state()
    return Result("menu", (services.reply("report.dropped", "menu"),), state)


def _old_button(mark: str, turn: Turn, services: Services) -> Result:
    code = services.desk.sent_as(turn, mark)
    key = "report.sent_before" if code else "report.old_button"
    values = {"code": code} if code else {}
    reply = services.reply(key, "feedback", "menu", **values)
    return Result("feedback", (reply,), Memory.of(turn.state).as_state())


def _show_place(draft: Draft, turn: Turn, services: Services) -> Result:
    return _keep(draft, turn, services, Reply(text=services.phrases.say("report.place_again")))


def _show_typing(draft: Draft, turn: Turn, services: Services) -> Result:
    return _keep(draft, turn, services, Reply(text=services.phrases.say("report.place_typed")))


def _is_report(draft: Draft, turn: Turn, services: Services) -> Result:
    return ask(draft, turn, services)


def _drop_pressed(_draft: Draft, turn: Turn, services: Services) -> Result:
    return _drop(turn, services)


def _without_dossier_code(draft: Draft, turn: Turn, services: Services) -> Result:
    return send_late(draft.words, None, draft.mark, turn, services)


_ACTIONS = {
    "resume": _go_on,
    "drop": _drop_pressed,
    "place": _show_place,
    "type_place": _show_typing,
    "this_report": _is_report,
    "no_dossier_code": _without_dossier_code,
}


def _open_draft(turn: Turn, services: Services) -> Draft | None:
    step = Memory.of(turn.state).step
    return services.desk.draft(turn) if step is not None and step.name == STEP else None


def _may_be_for_a_draft(turn: Turn, memory: Memory, step: str) -> bool:
    """Spares the look into the store for most messages: a draft is open, or may wait after a while away."""
    sent = turn.event_name in (*media.SENT_PLACES, *media.PICTURES)
    if step in INTERRUPTED:
        return wants_to_go_on(turn)
    return step in (STEP, RESUME_STEP) or not memory.greeted or sent or wants_to_go_on(turn)


def _goes_elsewhere(draft: Draft, turn: Turn, services: Services) -> bool:
    """Clearly not an answer: a case code, bare manners, a question about a procedure."""
    if draft.dossier and find_dossier(turn.text):
        return False
    if parse_code(turn.text).status == "valid" or (find_dossier(turn.text) and draft.asks != "what"):
        return True
    name = intent(turn, services)
    if name in CHATTER and word_count(turn.text) <= CHAT_WORDS:
        return answer_of(turn.text, "right", "none", "named", "hidden") is None
    return asks_something_new(turn, services)


def _held(draft: Draft, words: str) -> Draft:
    if read_token(words) is not None:
        return draft
    return draft.model_copy(update={"held": "\n".join(part for part in (draft.held, words.strip()) if part)})


def _hold(draft: Draft, turn: Turn, result: Result, step: str, services: Services) -> None:
    """Words of an open report that also rang the alarm stay part of it. Words of a complaint never do."""
    if result.outcome == "emergency" and step == STEP and turn.text.strip() and not draft.dossier:
        services.desk.save_draft(turn, _held(draft, turn.text))


def _with_word(replies: tuple[Reply, ...], draft: Draft, services: Services) -> tuple[Reply, ...]:
    if not replies:
        return replies
    *before, last = replies
    buttons = last.buttons
    if len(buttons) < BUTTONS:
        buttons = (*buttons, _resume_button(draft, services))
    text = f"{last.text}\n{services.phrases.say('report.aside')}"
    return (*before, last.model_copy(update={"text": text, "buttons": buttons}))


def _resume_button(draft: Draft, services: Services) -> Button:
    found = button("go_on", draft, services)
    return found.model_copy(update={"payload": token("report", "resume", draft.mark, draft.revision)})


def _add_button(code: str, services: Services) -> Button:
    found = services.button("add")
    return found.model_copy(update={"payload": token("case", "add", code)})


def _with_warning(result: Result, services: Services) -> Result:
    police = services.profile.bodies.police
    oa, phone = services.profile.oa_name, police.phone if police else None
    warning = services.reply("scope.scam", oa=oa, police=police.name if police else None, phone=phone)
    return Result(result.outcome, (warning, *result.replies), result.state)


def _with_photos(draft: Draft, turn: Turn, services: Services) -> Draft:
    room = MOST_PHOTOS - len(draft.photos)
    if turn.event_name not in media.PICTURES or room <= 0:
        return draft
    kept = services.desk.keep_photos(turn, room)
    return changed(draft, photos=(*draft.photos, *kept)) if kept else draft


def _photo_word(before: int, after: int) -> str:
    if before >= MOST_PHOTOS:
        return "report.photo_full"
    return "report.photo_kept" if after > before else "report.photo_lost"


def _place_of(turn: Turn) -> tuple[float, float] | None:
    """Latitude and longitude of a place that was sent."""
    return next(
        (
            (one.latitude, one.longitude)
            for one in turn.attachments
            if one.latitude is not None and one.longitude is not None
        ),
        None,
    )
