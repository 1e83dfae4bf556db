"""Private health facilities: who they are, their Zalo accounts, what they agreed to, when papers expire.

Nothing about patients belongs here. A facility that a chat names and that stands in the register already is
not handed over to whoever names it: the account waits (`asked`) until an official has confirmed it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection, Row, delete, exists, func, insert, select, update

from knowledge.syllables import plain
from store.engine import insert_new
from store.schema import facilities, facility_dates, facility_drafts, facility_people, outbox
from store.secrets import SecretBox

Source = Literal["zalo", "staff", "csv"]
Joined = Literal["confirmed", "asked", "elsewhere"]

KINDS: Final[dict[str, str]] = {
    "phong_kham_da_khoa": "Phòng khám đa khoa",
    "phong_kham_chuyen_khoa": "Phòng khám chuyên khoa",
    "nha_khoa": "Nha khoa (răng hàm mặt)",
    "yhct": "Phòng chẩn trị, y học cổ truyền",
    "nha_thuoc": "Nhà thuốc, quầy thuốc",
    "xet_nghiem": "Xét nghiệm, chẩn đoán hình ảnh",
    "tham_my": "Spa, thẩm mỹ",
    "khac": "Loại khác",
}
CONSENT: Final = "luu-2026-11"
"""Version of the words by which a facility agrees to be kept (phrase facility.consent)."""
NEWS_CONSENT: Final = "tin-2026-11"
"""Version of the words by which an account agrees to be told of new rules (phrase facility.news)."""
LONGEST_NAME: Final = 200
NEWS_KEY: Final = "hn"
"""What the dedupe keys of news in the outbox begin with."""


class FacilityRefused(ValueError):
    """Not done; the text says why and the mend, in Vietnamese."""


class Who(BaseModel):
    """Who is responsible, and the number to call. Sealed."""

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True)

    name: str = Field("", max_length=120)
    phone: str = Field("", max_length=30)


@dataclass(frozen=True)
class NewFacility:
    """What is told of a facility."""

    name: str
    kind: str
    khom: str | None = None
    address: str | None = None
    who: Who = Who()


@dataclass(frozen=True)
class Facility:
    id: int
    name: str
    kind: str
    khom: str | None
    address: str | None
    source: str
    consent: str | None
    consent_at: datetime | None
    active: bool
    version: int
    created_at: datetime
    changed_at: datetime
    sealed: bytes | None = dataclasses.field(default=None, repr=False)

    @property
    def kind_name(self) -> str:
        return KINDS.get(self.kind, self.kind)


@dataclass(frozen=True)
class Account:
    """A Zalo account of a facility."""

    person_id: str
    facility_id: int
    state: str
    consent_at: datetime
    news: bool
    news_at: datetime | None
    news_stopped_at: datetime | None


@dataclass(frozen=True)
class Wanted:
    """Which facilities a list shows; nothing named shows all that are active."""

    kind: str = ""
    khom: str = ""
    words: str = ""
    no_consent: bool = False
    no_account: bool = False
    expires_before: date | None = None
    closed: bool = False


# -- reading --------------------------------------------------------------------------------------


def find(connection: Connection, oa_id: str, facility_id: int) -> Facility | None:
    query = select(facilities).where(facilities.c.oa_id == oa_id, facilities.c.id == facility_id)
    row = connection.execute(query).first()
    return None if row is None else _facility(row)


def of_person(connection: Connection, oa_id: str, person_id: str) -> tuple[Facility, Account] | None:
    """The facility that this account speaks for, confirmed or not."""
    row = connection.execute(
        select(facility_people).where(
            facility_people.c.oa_id == oa_id, facility_people.c.person_id == person_id
        )
    ).first()
    facility = None if row is None else find(connection, oa_id, row.facility_id)
    return None if row is None or facility is None else (facility, _account(row))


def accounts(connection: Connection, oa_id: str, facility_id: int) -> list[Account]:
    query = select(facility_people).where(
        facility_people.c.oa_id == oa_id, facility_people.c.facility_id == facility_id
    )
    return [_account(row) for row in connection.execute(query.order_by(facility_people.c.joined_at))]


def listing(connection: Connection, oa_id: str, wanted: Wanted = Wanted()) -> list[Facility]:  # noqa: B008
    """By name."""
    query = select(facilities).where(facilities.c.oa_id == oa_id, *_narrowed(wanted))
    return [_facility(row) for row in connection.execute(query.order_by(facilities.c.name_plain))]


def who_of(facility: Facility, box: SecretBox) -> Who:
    return Who() if facility.sealed is None else Who.model_validate_json(box.open_text(facility.sealed))


def _narrowed(wanted: Wanted) -> list[Any]:
    own = facility_people.c.facility_id == facilities.c.id
    narrowed: list[Any] = [facilities.c.active.is_(not wanted.closed)]
    if wanted.kind:
        narrowed.append(facilities.c.kind == wanted.kind)
    if wanted.khom:
        narrowed.append(facilities.c.khom == wanted.khom)
    if wanted.words:
        narrowed.append(facilities.c.name_plain.contains(plain_name(wanted.words), autoescape=True))
    if wanted.no_consent:
        narrowed.append(facilities.c.consent.is_(None))
    if wanted.no_account:
        narrowed.append(~exists().where(own))
    if wanted.expires_before is not None:
        soon = facility_dates.c.expires_on <= wanted.expires_before
        narrowed.append(exists().where(facility_dates.c.facility_id == facilities.c.id, soon))
    return narrowed


def plain_name(name: str) -> str:
    """For comparing: small letters without diacritics and signs."""
    bare = "".join(sign if sign.isalnum() else " " for sign in plain(name.casefold()))
    return " ".join(bare.split())[:LONGEST_NAME]


def _facility(row: Row[Any]) -> Facility:
    names = [name for name in Facility.__dataclass_fields__ if name != "sealed"]
    return Facility(**{name: row._mapping[name] for name in names}, sealed=row.who)


def _account(row: Row[Any]) -> Account:
    return Account(
        row.person_id,
        row.facility_id,
        row.state,
        row.consent_at,
        row.news_consent is not None,
        row.news_at,
        row.news_stopped_at,
    )


# -- changing -------------------------------------------------------------------------------------


def checked(new: NewFacility) -> NewFacility:
    """Trimmed; refused when it cannot be kept."""
    name = " ".join(new.name.split())
    if not 2 <= len(name) <= LONGEST_NAME or not plain_name(name):
        raise FacilityRefused("Cần tên cơ sở (2–200 ký tự, có chữ).")
    if new.kind not in KINDS:
        raise FacilityRefused("Chọn loại hình cơ sở trong danh sách.")
    khom = " ".join((new.khom or "").split())[:60] or None
    address = " ".join((new.address or "").split())[:300] or None
    return dataclasses.replace(new, name=name, khom=khom, address=address)


def same(connection: Connection, oa_id: str, new: NewFacility) -> Facility | None:
    """The active facility of this name and kind."""
    query = select(facilities).where(
        facilities.c.oa_id == oa_id,
        facilities.c.name_plain == plain_name(new.name),
        facilities.c.kind == new.kind,
        facilities.c.active,
    )
    row = connection.execute(query.order_by(facilities.c.id)).first()
    return None if row is None else _facility(row)


def register(
    connection: Connection,
    oa_id: str,
    new: NewFacility,
    source: Source,
    box: SecretBox,
    now: datetime,
    consent: str | None = None,
) -> int:
    """A new facility; refused when one of this name and kind is here already."""
    new = checked(new)
    if (there := same(connection, oa_id, new)) is not None:
        raise FacilityRefused(f"“{there.name}” ({there.kind_name}) đã có trong danh sách.")
    values = {**_columns(new, box), "source": source, "created_at": now, "changed_at": now}
    values |= {"consent": consent, "consent_at": now if consent else None}
    adding = insert(facilities).values(oa_id=oa_id, **values).returning(facilities.c.id)
    number: int = connection.execute(adding).scalar_one()
    return number


def change(
    connection: Connection,
    oa_id: str,
    facility_id: int,
    version: int,
    new: NewFacility,
    active: bool,
    box: SecretBox,
    now: datetime,
) -> None:
    """Refused when somebody else changed it meanwhile."""
    values = {**_columns(checked(new), box), "active": active, "changed_at": now, "version": version + 1}
    _change(connection, oa_id, facility_id, version, values)


def agreed(
    connection: Connection, oa_id: str, facility_id: int, version: int, yes: bool, now: datetime
) -> None:
    """On paper or by phone, as an official notes it; or taken back."""
    consent = CONSENT if yes else None
    values = {"consent": consent, "consent_at": now, "changed_at": now, "version": version + 1}
    _change(connection, oa_id, facility_id, version, values)


def _change(
    connection: Connection, oa_id: str, facility_id: int, version: int, values: dict[str, Any]
) -> None:
    mine = (facilities.c.oa_id == oa_id, facilities.c.id == facility_id, facilities.c.version == version)
    if connection.execute(update(facilities).where(*mine).values(**values)).rowcount != 1:
        raise FacilityRefused("Có người vừa sửa cơ sở này. Mình tải lại trang rồi sửa tiếp.")


def _columns(new: NewFacility, box: SecretBox) -> dict[str, Any]:
    told = new.who != Who()
    return {
        "name": new.name,
        "name_plain": plain_name(new.name),
        "kind": new.kind,
        "khom": new.khom,
        "address": new.address,
        "who": box.seal_text(new.who.model_dump_json()) if told else None,
    }


# -- accounts -------------------------------------------------------------------------------------


def sign_up(
    connection: Connection, oa_id: str, person_id: str, new: NewFacility, box: SecretBox, now: datetime
) -> tuple[int, Joined]:
    """The account speaks for this facility. One that is here already is confirmed by an official first;
    an account of another facility stays there."""
    mine = of_person(connection, oa_id, person_id)
    there = same(connection, oa_id, checked(new))
    if mine is not None:
        facility, account = mine
        here = there is not None and there.id == facility.id
        return facility.id, ("asked" if account.state == "asked" else "confirmed") if here else "elsewhere"
    if there is None:
        number = register(connection, oa_id, new, "zalo", box, now, CONSENT)
        _join(connection, oa_id, person_id, number, "confirmed", now)
        return number, "confirmed"
    _join(connection, oa_id, person_id, there.id, "asked", now)
    return there.id, "asked"


def _join(
    connection: Connection, oa_id: str, person_id: str, facility_id: int, state: str, now: datetime
) -> None:
    row = {"oa_id": oa_id, "person_id": person_id, "facility_id": facility_id, "state": state}
    row |= {"consent": CONSENT, "consent_at": now, "joined_at": now}
    insert_new(connection, facility_people, [row])


def decide_join(
    connection: Connection, oa_id: str, facility_id: int, person_id: str, accept: bool, now: datetime
) -> None:
    """An official confirms that the account is the facility's, or takes it off."""
    theirs = _theirs(oa_id, person_id, facility_id)
    if accept:
        connection.execute(update(facility_people).where(*theirs).values(state="confirmed"))
        own = (facilities.c.oa_id == oa_id, facilities.c.id == facility_id, facilities.c.consent.is_(None))
        connection.execute(update(facilities).where(*own).values(consent=CONSENT, consent_at=now))
    else:
        connection.execute(delete(facility_people).where(*theirs))


def leave(connection: Connection, oa_id: str, person_id: str, now: datetime) -> int | None:
    """The consent to store is taken back: the account goes; a facility that only the chat made and that has
    no account left goes with it. The facility's id, None when there was none."""
    mine = of_person(connection, oa_id, person_id)
    if mine is None:
        return None
    facility = mine[0]
    connection.execute(delete(facility_people).where(*_theirs(oa_id, person_id, facility.id)))
    if facility.source == "zalo" and not accounts(connection, oa_id, facility.id):
        connection.execute(delete(facility_dates).where(facility_dates.c.facility_id == facility.id))
        connection.execute(delete(facilities).where(facilities.c.id == facility.id))
    return facility.id


def forget(connection: Connection, oa_id: str, person_id: str, now: datetime) -> None:
    """The account leaves its facility, and what it had begun to tell of one is gone."""
    own_draft = (facility_drafts.c.oa_id == oa_id, facility_drafts.c.person_id == person_id)
    connection.execute(delete(facility_drafts).where(*own_draft))
    leave(connection, oa_id, person_id, now)


def want_news(connection: Connection, oa_id: str, person_id: str, yes: bool, now: datetime) -> bool:
    """Told of new rules from now on, or not any more. False: nothing changed."""
    asked_for = facility_people.c.news_consent.is_not(None)
    values: dict[str, Any] = (
        {"news_consent": NEWS_CONSENT, "news_at": now, "news_stopped_at": None}
        if yes
        else {"news_consent": None, "news_stopped_at": now}
    )
    theirs = (facility_people.c.oa_id == oa_id, facility_people.c.person_id == person_id)
    change = update(facility_people).where(*theirs, ~asked_for if yes else asked_for)
    changed = connection.execute(change.values(**values)).rowcount == 1
    if not yes:
        _hold_back(connection, oa_id, person_id, now)
    return changed


def _hold_back(connection: Connection, oa_id: str, person_id: str, now: datetime) -> None:
    """News that has not left yet stays here."""
    waiting = (
        outbox.c.oa_id == oa_id,
        outbox.c.person_id == person_id,
        outbox.c.state == "queued",
        outbox.c.dedupe_key.startswith(NEWS_KEY, autoescape=True),
        outbox.c.priority > 0,
    )
    values = {"state": "stopped", "settled_at": now, "error": "news not wanted any more"}
    connection.execute(update(outbox).where(*waiting).values(**values))


def hearers(connection: Connection, oa_id: str, kinds: Sequence[str] = ()) -> list[tuple[str, int]]:
    """Accounts that agreed to news, confirmed, of active facilities of these kinds (none named: all)."""
    query = (
        select(facility_people.c.person_id, facility_people.c.facility_id)
        .join(facilities, facilities.c.id == facility_people.c.facility_id)
        .where(
            facility_people.c.oa_id == oa_id,
            facility_people.c.state == "confirmed",
            facility_people.c.news_consent.is_not(None),
            facilities.c.active,
            *((facilities.c.kind.in_(kinds),) if kinds else ()),
        )
        .order_by(facility_people.c.person_id)
    )
    return [(row.person_id, row.facility_id) for row in connection.execute(query)]


def count(connection: Connection, oa_id: str) -> int:
    mine = (facilities.c.oa_id == oa_id, facilities.c.active)
    number: int = connection.execute(select(func.count()).select_from(facilities).where(*mine)).scalar_one()
    return number


def _theirs(oa_id: str, person_id: str, facility_id: int) -> tuple[Any, ...]:
    return (
        facility_people.c.oa_id == oa_id,
        facility_people.c.person_id == person_id,
        facility_people.c.facility_id == facility_id,
    )
