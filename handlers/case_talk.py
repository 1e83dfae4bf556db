"""The citizen goes on with a case of their own: adds, reminds, withdraws, rates, says what is still undone.

Every code here came back from a button or was typed: the desk tells whether it is this person's.
"""

from __future__ import annotations

from collections.abc import Callable

from bot.casework import CaseStatus
from bot.replies import Reply, Result, Turn
from handlers import hand_over, media, reports
from handlers.complaints import reception_place
from handlers.memory import Memory
from handlers.reading import CHATTER, asks_on, asks_something_new, intent, wishes_something, word_count
from handlers.services import Services
from handlers.tokens import Token, read_token
from handlers.tracking import case_button
from knowledge.reports import answer_of
from ward.codes import find_dossier, parse_code

ADD_STEP, MORE_STEP, UNDONE_STEP = "case_add", "case_more", "case_undone"
STEPS = (ADD_STEP, MORE_STEP, UNDONE_STEP)
RATINGS = {"good": 3, "fair": 2, "undone": 1}
CHAT_WORDS = 4
MOST_PHOTOS = 4
PASSES = ("tracking", "formal_complaint")


def handle(turn: Turn, services: Services) -> Result | None:
    """Buttons of cases, and the words they asked for."""
    pressed = read_token(turn.text)
    if pressed is not None:
        return _pressed(pressed, turn, services)
    step = Memory.of(turn.state).step
    if step is None or step.name not in STEPS or media.shows_id_card(turn):
        return None
    if turn.event_name not in media.PICTURES and not turn.text.strip():
        return None
    return None if _goes_elsewhere(turn, services) else _TAKES[step.name](turn, services, step.data)


def heard(turn: Turn, services: Services) -> Result | None:
    """Words without a button: an answer to an official who waits, or a plain "rõ rồi", "chưa xong"."""
    step = Memory.of(turn.state).step
    if read_token(turn.text) is not None or (step is not None and step.name != reports.PHONE_STEP):
        return None
    if media.shows_id_card(turn) or not _something_said(turn):
        return None
    said = answer_of(turn.text, "clear", "more", *RATINGS) if turn.text.strip() else None
    if said is None and (_goes_elsewhere(turn, services) or _has_a_wish(turn, services)):
        return None
    case = services.desk.open_case(turn)
    if case is None:
        return None
    reported = intent(turn, services) == "feedback"
    if case.state == "waiting" and (case.kind == "report" or not reported):
        return _add(turn, services, case.code)
    return _ACTIONS[said](case, turn, services) if said else None


def _something_said(turn: Turn) -> bool:
    return turn.event_name in media.PICTURES or bool(turn.text.strip())


def _goes_elsewhere(turn: Turn, services: Services) -> bool:
    if not turn.text.strip():
        return False
    if parse_code(turn.text).status != "none" or find_dossier(turn.text):
        return True
    name = intent(turn, services)
    if name in PASSES:
        return True
    return (name in CHATTER and word_count(turn.text) <= CHAT_WORDS) or asks_something_new(turn, services)


def _has_a_wish(turn: Turn, services: Services) -> bool:
    """Unasked words are for the official who waits, unless they carry a wish of their own."""
    if intent(turn, services) in (*CHATTER, "feedback"):
        return False
    return wishes_something(turn, services) or asks_on(turn, services)


def _pressed(pressed: Token, turn: Turn, services: Services) -> Result | None:
    if pressed.name == "late":
        return reports.send_late(pressed.key, pressed.key, "", turn, services)
    if pressed.name != "case":
        return None
    if pressed.facet == "join":
        return reports.join_pressed(pressed, turn, services)
    case = services.desk.open_case(turn, pressed.key)
    action = _ACTIONS.get(pressed.facet)
    if case is None or action is None:
        return _said(turn, services.reply("tracking.not_found", "human", "menu"))
    return action(case, turn, services)


# --- buttons --------------------------------------------------------------------------------------------


def _ask_more(case: CaseStatus, turn: Turn, services: Services) -> Result:
    if case.state in ("merged", "withdrawn", "answered"):
        return _more(case, turn, services)
    reply = services.reply("case.add", "menu", code=case.code)
    return _said(turn, reply, ADD_STEP, case.code)


def _more(case: CaseStatus, turn: Turn, services: Services) -> Result:
    """A further question about what was answered."""
    return _said(turn, services.reply("case.more", "menu", code=case.code), MORE_STEP, case.code)


def _nudge(case: CaseStatus, turn: Turn, services: Services) -> Result:
    done = services.desk.nudge(turn, case.code)
    return _said(
        turn, services.reply("case.nudged" if done else "case.nudged_before", "menu", code=case.code)
    )


def _withdraw(case: CaseStatus, turn: Turn, services: Services) -> Result:
    if not case.can_withdraw:
        return _said(turn, services.reply("case.not_withdrawn", "human", "menu", code=case.code))
    sure = case_button("withdraw_sure", case.code, services)
    reply = services.reply("case.withdraw", code=case.code)
    keep = services.button("menu").model_copy(update={"title": services.phrases.say("buttons.keep_case")})
    return _said(turn, reply.model_copy(update={"buttons": (sure, keep)}))


def _withdraw_sure(case: CaseStatus, turn: Turn, services: Services) -> Result:
    done = services.desk.withdraw(turn, case.code)
    key = "case.withdrawn" if done else "case.not_withdrawn"
    return _said(turn, services.reply(key, "menu", code=case.code))


def _clear(case: CaseStatus, turn: Turn, services: Services) -> Result:
    """ "Rõ rồi": thanks, and one rating, unless someone has died or it was given."""
    if not case.can_rate:
        return _said(turn, services.reply("case.clear", "menu"))
    reply = services.reply("case.rate")
    buttons = tuple(case_button(name, case.code, services) for name in RATINGS)
    return _said(turn, reply.model_copy(update={"buttons": buttons}))


def _rated(name: str) -> Callable[[CaseStatus, Turn, Services], Result]:
    def take(case: CaseStatus, turn: Turn, services: Services) -> Result:
        new = services.desk.rate(turn, case.code, RATINGS[name])
        key = f"case.rated_{name}" if new else "case.rated_before" if case.rated else "case.clear"
        return _said(turn, services.reply(key, "menu", code=case.code))

    return take


def _undone(case: CaseStatus, turn: Turn, services: Services) -> Result:
    """ "Chưa xong": counted once; what is missing is asked, and opens the case again."""
    if case.state not in ("answered", "merged", "withdrawn"):
        return _ask_more(case, turn, services)
    services.desk.rate(turn, case.code, RATINGS["undone"])
    if not case.can_reopen:
        return _spent(turn, services, case.code)
    return _said(turn, services.reply("case.undone", code=case.code), UNDONE_STEP, case.code)


# --- words ----------------------------------------------------------------------------------------------


def _add(turn: Turn, services: Services, code: str) -> Result:
    photos = _photos(turn, services)
    if not turn.text.strip() and not photos:
        return _said(turn, services.reply("report.photo_lost"), ADD_STEP, code)
    words = turn.text.strip() or services.phrases.say("case.only_photo")
    if not services.desk.write_on(turn, code, words, photos):
        return _said(turn, services.reply("case.closed_meanwhile", "human", "menu", code=code))
    return _said(turn, services.reply("case.added", "menu", code=code))


def _further(turn: Turn, services: Services, code: str) -> Result:
    """A further question goes to the same case while that is open or may be opened again; else it is new."""
    words = turn.text.strip() or services.phrases.say("case.only_photo")
    if services.desk.write_on(turn, code, words, _photos(turn, services)):
        return _said(turn, services.reply("case.added", "menu", code=code))
    if services.desk.reopen(turn, code, words, tell_head=False) == "reopened":
        return _said(turn, services.reply("case.added", "menu", code=code))
    return hand_over.to_officer(turn, services, f"({code}) {turn.text}", "human")


def _missing(turn: Turn, services: Services, code: str) -> Result:
    words = turn.text.strip() or services.phrases.say("case.only_photo")
    photos = _photos(turn, services)
    if services.desk.reopen(turn, code, words, tell_head=True) != "reopened":
        return _spent(turn, services, code)
    if photos:
        services.desk.write_on(turn, code, services.phrases.say("case.only_photo"), photos)
    return _said(turn, services.reply("case.reopened", "menu", code=code))


def _spent(turn: Turn, services: Services, code: str) -> Result:
    """It cannot be opened again: sorry, and the way to the ward's leader in person."""
    head = services.reply("case.spent", code=code)
    where = Reply(text=reception_place(services), buttons=(services.button("human"), services.button("menu")))
    state = Memory.of(turn.state).settled().as_state()
    return Result("feedback", (head, where), state)


def _photos(turn: Turn, services: Services) -> tuple[str, ...]:
    return services.desk.keep_photos(turn, MOST_PHOTOS) if turn.event_name in media.PICTURES else ()


def _said(turn: Turn, reply: Reply, step: str = "", code: str = "") -> Result:
    memory = Memory.of(turn.state).settled()
    return Result("tracking", (reply,), (memory.waiting(step, code) if step else memory).as_state())


_TAKES: dict[str, Callable[[Turn, Services, str], Result]] = {
    ADD_STEP: _add,
    MORE_STEP: _further,
    UNDONE_STEP: _missing,
}
_ACTIONS: dict[str, Callable[[CaseStatus, Turn, Services], Result]] = {
    "add": _ask_more,
    "nudge": _nudge,
    "withdraw": _withdraw,
    "withdraw_sure": _withdraw_sure,
    "clear": _clear,
    "more": _more,
    "good": _rated("good"),
    "fair": _rated("fair"),
    "undone": _undone,
}
