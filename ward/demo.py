"""A small made-up ward to try the console with: officials of each role, cases of each kind and state.

Only for the sample ward with the simulated Zalo (bot/cli/demo.py asks for it): everything goes through the
functions that serve real cases, on a database where nothing else is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Literal

from PIL import Image, ImageDraw
from sqlalchemy import Connection, insert, select

from knowledge.yaml_file import read_yaml
from store.schema import cases, outbox
from store.secrets import SecretBox
from ward import canned, passwords, photos, reception, restricted, staff
from ward.calendar import WorkCalendar
from ward.cases import work
from ward.cases.changes import By, Changed
from ward.cases.deadlines import Limits
from ward.cases.model import Kind, Urgency
from ward.cases.opening import NewCase, OpenedCase, open_case
from ward.pictures import Photo, reencode
from ward.profile import Strict, WardProfile
from ward.staff import NewOfficial, Role

FILE: Final = Path(__file__).with_name("demo.yaml")
Do = Literal[
    "take", "note", "tell", "ask", "answer", "answer_lost", "classify", "join", "merge", "close", "rate",
    "withdraw",
]  # fmt: skip


class DemoOfficial(Strict):
    username: str
    name: str
    title: str
    roles: tuple[Role, ...]
    fields: tuple[str, ...] = ()
    khoms: tuple[str, ...] = ()


class Step(Strict):
    do: Do
    by: str | None = None
    text: str = ""
    urgency: Urgency | None = None
    person: str = ""
    into: str = ""
    value: int = 3
    photo: bool = False


class DemoCase(Strict):
    """`ago`, `last`: hours before now of the opening and of the last step."""

    key: str
    kind: Kind
    person: str
    ago: float
    last: float = 0.5
    title: str
    text: str
    field: str | None = None
    urgency: Urgency = "normal"
    khom: str | None = None
    address: str | None = None
    latitude: float | None = None
    longitude: float | None = None
    photo: Literal["before"] | None = None
    steps: tuple[Step, ...] = ()


class Visit(Strict):
    person: str
    name: str


class Demo(Strict):
    officials: tuple[DemoOfficial, ...]
    people: Mapping[str, str]
    silent: tuple[str, ...]
    cases: tuple[DemoCase, ...]
    sealed: str
    reception: Visit


def read_demo() -> Demo:
    return Demo.model_validate(read_yaml(FILE))


@dataclass(frozen=True)
class Accounts:
    """What the terminal shows once: username → roles in words, and the one password of them all."""

    password: str
    roles: Mapping[str, str]


@dataclass
class _Ward:
    """The demo being written. `people`: key → id of the person in the simulated Zalo."""

    connection: Connection
    oa_id: str
    box: Callable[[str], SecretBox]
    calendar: WorkCalendar
    people: Mapping[str, str]
    now: datetime
    staff: dict[str, int] = field(default_factory=dict)
    opened: dict[str, OpenedCase] = field(default_factory=dict)


def is_empty(connection: Connection, oa_id: str) -> bool:
    """No case yet, and at most the first administrator."""
    some_case = connection.execute(select(cases.c.id).where(cases.c.oa_id == oa_id).limit(1)).first()
    officials = {one.username for one in staff.everyone(connection, oa_id)}
    return some_case is None and officials <= {"admin"}


def seed_demo(
    connection: Connection,
    oa_id: str,
    demo: Demo,
    people: Mapping[str, str],
    box: Callable[[str], SecretBox],
    profile: WardProfile,
    calendar: WorkCalendar,
    ward_dir: Path,
    now: datetime,
) -> Accounts | None:
    """Write the demo into an empty database; None, and nothing written, into any other or a real ward's."""
    if not profile.sample or not is_empty(connection, oa_id):
        return None
    ward = _Ward(connection, oa_id, box, calendar, people, now)
    password = passwords.one_time()
    _add_officials(ward, demo, password)
    for one in demo.cases:
        _play(ward, one)
    restricted.keep(connection, box("restricted"), oa_id, people[demo.reception.person], demo.sealed, now)
    _book(ward, demo.reception, profile)
    canned.seed(connection, oa_id, ward_dir, now)
    words = {one.username: ", ".join(staff.ROLES[role] for role in one.roles) for one in demo.officials}
    return Accounts(password, words)


def _add_officials(ward: _Ward, demo: Demo, password: str) -> None:
    """One hash for all: making eight would be felt at the start."""
    hashed = passwords.hash_of(password)
    for one in demo.officials:
        new = NewOfficial(one.name, one.title, one.roles, one.fields, one.khoms)
        ward.staff[one.username] = staff.add_ready(
            ward.connection, ward.oa_id, one.username, new, hashed, ward.now
        )


def _book(ward: _Ward, visit: Visit, profile: WardProfile) -> None:
    days = reception.reception_days(profile, ward.calendar, ward.now)
    if days:
        who, person = reception.Who(visit.name), ward.people[visit.person]
        reception.book(ward.connection, ward.box("appointments"), ward.oa_id, person, days[0], who, ward.now)


# ── one case, step by step ───────────────────────────────────────────────────────────────────────


def _play(ward: _Ward, one: DemoCase) -> None:
    began, ends = (ward.now - timedelta(hours=hours) for hours in (one.ago, one.last))
    same = ("field", "urgency", "title", "khom", "address", "latitude", "longitude")
    known: dict[str, Any] = {name: getattr(one, name) for name in same}
    new = NewCase(one.kind, ward.people[one.person], one.text, **known)
    opened = open_case(ward.connection, ward.oa_id, new, began, ward.calendar, Limits())
    ward.opened[one.key] = opened
    if one.photo:
        _keep_photo(ward, opened.id, new.person_id, began, "before")
    holder = ""
    for number, step in enumerate(one.steps, 1):
        holder = step.by or holder
        by = By("staff", ward.staff[holder]) if holder else work.CITIZEN
        _ACTS[step.do](_Acting(ward, opened.id, by, began + (ends - began) * number / len(one.steps)), step)


@dataclass(frozen=True)
class _Acting:
    ward: _Ward
    case_id: int
    by: By
    at: datetime

    @property
    def case(self) -> tuple[Connection, str, int, None]:
        return self.ward.connection, self.ward.oa_id, self.case_id, None


def _take(acting: _Acting, _step: Step) -> None:
    work.take(*acting.case, acting.by, acting.at)


def _note(acting: _Acting, step: Step) -> None:
    work.note(*acting.case, acting.by, step.text, acting.at)


def _tell(acting: _Acting, step: Step) -> None:
    _sent(acting, work.send_answer(*acting.case, acting.by, step.text, False, acting.at), step.text)


def _ask(acting: _Acting, step: Step) -> None:
    asked = work.wait_for_citizen(*acting.case, acting.by, step.text, acting.at, acting.ward.calendar)
    _sent(acting, asked, step.text)


def _answer(acting: _Acting, step: Step) -> None:
    _sent(acting, work.send_answer(*acting.case, acting.by, step.text, True, acting.at), step.text)
    work.delivered(*acting.case[:3], acting.at)


def _answer_lost(acting: _Acting, step: Step) -> None:
    """Zalo's window was closed: the case is on the call list."""
    changed = work.send_answer(*acting.case, acting.by, step.text, True, acting.at)
    _sent(acting, changed, step.text, "stopped")
    work.not_delivered(*acting.case[:3], "failed", acting.at)


def _classify(acting: _Acting, step: Step) -> None:
    ward = acting.ward
    work.classify(
        *acting.case, acting.by, now=acting.at, calendar=ward.calendar, limits=Limits(), urgency=step.urgency
    )


def _join(acting: _Acting, step: Step) -> None:
    work.join(*acting.case[:3], acting.ward.people[step.person], None, acting.at)


def _merge(acting: _Acting, step: Step) -> None:
    work.merge(*acting.case, acting.by, acting.ward.opened[step.into].id, acting.at)


def _close(acting: _Acting, step: Step) -> None:
    token = _keep_photo(acting.ward, acting.case_id, None, acting.at, "after")
    closed = work.close_field_case(*acting.case, acting.by, step.text, token, None, acting.at)
    _sent(acting, closed, step.text)
    work.delivered(*acting.case[:3], acting.at)


def _rate(acting: _Acting, step: Step) -> None:
    work.rate(*acting.case, work.CITIZEN, step.value, acting.at)


def _withdraw(acting: _Acting, _step: Step) -> None:
    work.withdraw(*acting.case, work.CITIZEN, acting.at)


_ACTS: Final[Mapping[Do, Callable[[_Acting, Step], None]]] = {
    "take": _take, "note": _note, "tell": _tell, "ask": _ask, "answer": _answer, "answer_lost": _answer_lost,
    "classify": _classify, "join": _join, "merge": _merge, "close": _close, "rate": _rate,
    "withdraw": _withdraw,
}  # fmt: skip


def _sent(acting: _Acting, changed: Changed, text: str, state: Literal["sent", "stopped"] = "sent") -> None:
    """The message as if it had gone out then: nothing of the demo's past is sent again now."""
    row: dict[str, Any] = {
        "oa_id": acting.ward.oa_id,
        "person_id": changed.case.person_id,
        "reply": {"text": text},
    }
    row |= {"dedupe_key": f"{changed.sent_as}:0", "state": state, "attempts": 1, "created_at": acting.at}
    row |= {"next_attempt_at": acting.at, "settled_at": acting.at}
    acting.ward.connection.execute(insert(outbox).values(**row))


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────


def _keep_photo(ward: _Ward, case_id: int, person_id: str | None, at: datetime, when: photos.When) -> str:
    box = ward.box("photos")
    return photos.keep(
        ward.connection, box, ward.oa_id, person_id, _drawn(when), at, kind=when, case_id=case_id
    )


@lru_cache(maxsize=2)
def _drawn(when: photos.When) -> Photo:
    """A road under the sky, drawn; before with a hole in it, after with a lamp above."""
    image = Image.new("RGB", (480, 320), "#bcdcf5")
    draw = ImageDraw.Draw(image)
    draw.polygon([(0, 320), (200, 130), (280, 130), (480, 320)], fill="#7d7f85")
    draw.polygon([(0, 130), (200, 130), (0, 320)], fill="#7fae6b")
    draw.polygon([(480, 130), (280, 130), (480, 320)], fill="#7fae6b")
    if when == "before":
        draw.ellipse([190, 225, 300, 270], fill="#3b3b3f", outline="#55565c", width=6)
    else:
        draw.line([(360, 200), (360, 40), (310, 40)], fill="#444444", width=8)
        draw.ellipse([285, 30, 325, 70], fill="#ffe27a")
    draw.text((12, 12), "(mẫu)", fill="#22384d", font_size=28)
    out = BytesIO()
    image.save(out, "PNG")
    return reencode(out.getvalue())
