"""The right to have one's data erased: said what goes, confirmed in words, carried out by an official."""

from __future__ import annotations

from bot.casework import NewReport
from bot.replies import Result, Turn
from handlers.memory import Memory
from handlers.reading import said
from handlers.services import Services
from ward.calendar import say_by_when

STEP = "erase"
_SURE = "dong y xoa"
_NO = frozenset({"khong", "khong xoa", "khong xoa nua", "thoi", "khoi", "thoi khoi", "chua", "khong dong y"})


def erase(turn: Turn, services: Services) -> Result:
    """Erasing is asked about once more; other wishes about data go to their officer at once."""
    plain = said(turn.text).plain
    if plain.startswith(_SURE) and _asked(turn):
        return _to_officer(turn, services, "erase", "xóa dữ liệu")
    if "xoa" in plain.split():
        return _ask(turn, services)
    return _to_officer(turn, services, "other", turn.text)


def stop(turn: Turn, services: Services) -> Result:
    return _to_officer(turn, services, "stop", turn.text)


def unsure(turn: Turn, services: Services) -> Result | None:
    """ "Thôi" where the words of consent were expected."""
    if not _asked(turn) or said(turn.text).plain not in _NO:
        return None
    reply = services.reply("privacy.kept", "menu")
    return Result("privacy", (reply,), Memory.of(turn.state).settled().as_state())


def _ask(turn: Turn, services: Services) -> Result:
    desk = services.desk
    booked = len(desk.bookings(turn)) + len(desk.homes(turn)) + len(desk.receptions(turn))
    reply = services.reply("privacy.sure", "menu", booked=booked or None)
    return Result("privacy", (reply,), Memory.of(turn.state).waiting(STEP).as_state())


def _asked(turn: Turn) -> bool:
    step = Memory.of(turn.state).step
    return step is not None and step.name == STEP


def _to_officer(turn: Turn, services: Services, right: str, words: str) -> Result:
    ticket = services.desk.submit(turn, NewReport("data_right", words, context={"right": right}))
    reply = services.reply(
        f"privacy.{right}", "menu", code=ticket.code, when=say_by_when(ticket.due_at, turn.at)
    )
    return Result("privacy", (reply,), Memory.of(turn.state).home().as_state())
