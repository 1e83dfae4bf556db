"""The part of the desk that has to do with cases, on the open transaction of one event."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection, select

from bot.casework import CaseStatus, Draft, NewReport, Reopened, Similar, Step, Tracked
from bot.photos import Fetched
from bot.replies import Ticket, Turn
from store.schema import case_messages, cases, outbox
from store.secrets import SecretBox
from ward import drafts, photos
from ward.calendar import WorkCalendar, local
from ward.cases import work
from ward.cases.changes import CITIZEN, COLUMNS, Case, add_event, find_code, save
from ward.cases.deadlines import limits_for
from ward.cases.model import ENDED, MOVES
from ward.cases.opening import NewCase, open_case
from ward.cases.similar import is_told, similar
from ward.cases.thread import sendings
from ward.cases.tracking import NeedsPhone, NotFound, TooMany, track
from ward.cases.tracking import Tracked as Seen
from ward.tasks import open_task

log = structlog.get_logger("cases")

ANSWERED_LATELY = timedelta(days=7)
LOOKED_BACK = 20
"""A person's newest cases, among which a draft's mark or a twin is looked for."""
NUDGED, REOPENED = "case_nudged", "case_reopened"
"""Tasks for staff."""


@dataclass(frozen=True)
class CaseWork:
    """What bot.casework.CaseDesk asks for. `personal`: seals drafts and telephone numbers."""

    connection: Connection
    oa_id: str
    event_id: int
    box: SecretBox
    calendar: WorkCalendar
    answer_hours: float
    personal: SecretBox
    photos: Fetched = Fetched()
    appointment_box: SecretBox | None = None
    closed_words: str = ""

    # --- drafts ------------------------------------------------------------------------------------------

    def draft(self, turn: Turn) -> Draft | None:
        found = drafts.load(self.connection, self.personal, self.oa_id, turn.person_id, turn.at)
        if found is None:
            return None
        try:
            return Draft.model_validate_json(found)
        except ValidationError:  # of another version of the program
            log.warning("draft not readable")
            return None

    def save_draft(self, turn: Turn, draft: Draft) -> None:
        data = draft.model_dump_json(exclude_defaults=True)
        drafts.save(self.connection, self.personal, self.oa_id, turn.person_id, data, turn.at)

    def drop_draft(self, turn: Turn) -> None:
        drafts.drop(self.connection, self.oa_id, turn.person_id)
        photos.drop_loose_of(self.connection, self.oa_id, turn.person_id)

    def keep_photos(self, turn: Turn, most: int = 4) -> tuple[str, ...]:
        return self.photos.keep(self.connection, self.oa_id, turn, most)

    # --- sending -----------------------------------------------------------------------------------------

    def similar(self, turn: Turn, draft: Draft) -> tuple[Similar, ...]:
        place = (
            None if draft.latitude is None or draft.longitude is None else (draft.latitude, draft.longitude)
        )
        found = similar(self.connection, self.oa_id, draft.topic, draft.khom, place, turn.at)
        return tuple(
            Similar(
                item.code,
                item.created_at,
                item.khom,
                round(item.metres) if place else None,
                is_told(self.connection, item.case_id, turn.person_id),
            )
            for item in found
        )

    def submit(self, turn: Turn, report: NewReport) -> Ticket:
        if (twin := self._twin(turn, report)) is not None:
            return Ticket(twin.code, twin.due_at)
        new = NewCase(
            kind=report.kind,
            person_id=turn.person_id,
            question=report.words,
            context={**report.context, "mark": report.mark},
            outside_code=report.dossier,
            khom=report.khom,
            address=report.address,
            latitude=report.latitude,
            longitude=report.longitude,
            name_shown=report.name_shown,
            contact=self.personal.seal_text(report.phone) if report.phone else None,
            phone_tail=report.phone[-4:] if report.phone else None,
        )
        limits = limits_for(self.connection, self.oa_id, self.answer_hours)
        opened = open_case(self.connection, self.oa_id, new, turn.at, self.calendar, limits)
        photos.attach(self.connection, self.oa_id, turn.person_id, report.photos, opened.id)
        if report.mark:
            self.drop_draft(turn)
        return Ticket(opened.code, opened.due_at)

    def sent_as(self, turn: Turn, mark: str) -> str | None:
        mine = (case for case in self._newest_of(turn) if mark and case.context.get("mark") == mark)
        return next((case.code for case in mine), None)

    def join(self, turn: Turn, code: str, draft: Draft) -> bool:
        case = find_code(self.connection, self.oa_id, code)
        if case is None or case.kind != "report" or case.ended or case.head_only:
            return False
        words = "\n".join(part for part in (draft.words, draft.detail) if part)
        work.join(self.connection, self.oa_id, case.id, turn.person_id, words, turn.at)
        photos.attach(self.connection, self.oa_id, turn.person_id, draft.photos, case.id)
        self.drop_draft(turn)
        return True

    def leave_phone(self, turn: Turn, code: str, phone: str) -> bool:
        case = find_code(self.connection, self.oa_id, code)
        if case is None or case.person_id != turn.person_id or case.ended:
            return False
        values = {"contact": self.personal.seal_text(phone), "phone_tail": phone[-4:]}
        save(self.connection, case, CITIZEN, "contact_left", turn.at, None, **values)
        return True

    # --- going on ----------------------------------------------------------------------------------------

    def track(self, turn: Turn, code: str, phone_tail: str | None = None) -> Tracked:
        seen = track(self.connection, self.oa_id, code, turn.person_id, turn.at, phone_tail)
        if isinstance(seen, NeedsPhone):
            return "needs_phone"
        if isinstance(seen, NotFound):
            return "not_found"
        return "too_many" if isinstance(seen, TooMany) else self._status(seen, turn, phone_tail is None)

    def open_case(self, turn: Turn, code: str | None = None) -> CaseStatus | None:
        code = code or self._code_quoted(turn) or self._code_awaiting(turn)
        if code is None:
            return None
        self._settle(turn, code)
        found = self.track(turn, code)
        return found if isinstance(found, CaseStatus) else None

    def write_on(self, turn: Turn, code: str, words: str, photos_kept: tuple[str, ...] = ()) -> bool:
        case = self._theirs(turn, code)
        if case is None or case.ended:
            return False
        work.citizen_wrote(self.connection, self.oa_id, case.id, words, turn.at, self.calendar)
        photos.attach(self.connection, self.oa_id, turn.person_id, photos_kept, case.id)
        return True

    def nudge(self, turn: Turn, code: str) -> bool:
        case = self._theirs(turn, code)
        if case is None:
            return False
        ref, detail = f"{case.code}:{local(turn.at):%y%m%d}", {"case_id": case.id, "code": case.code}
        new = open_task(self.connection, self.oa_id, NUDGED, ref, turn.person_id, detail, turn.at)
        if new:
            add_event(self.connection, self.oa_id, case.id, CITIZEN, "nudged", turn.at)
        return new

    def withdraw(self, turn: Turn, code: str) -> bool:
        def take_back(case: Case) -> object:
            return work.withdraw(self.connection, self.oa_id, case.id, None, CITIZEN, turn.at)

        return self._as_first(turn, code, take_back)

    def rate(self, turn: Turn, code: str, value: int) -> bool:
        def rated(case: Case) -> object:
            return work.rate(self.connection, self.oa_id, case.id, None, CITIZEN, value, turn.at)

        return self._as_first(turn, code, rated)

    def reopen(self, turn: Turn, code: str, words: str, tell_head: bool) -> Reopened:
        limits = limits_for(self.connection, self.oa_id, self.answer_hours)

        def opened(case: Case) -> object:
            return work.reopen(
                self.connection, self.oa_id, case.id, None, CITIZEN, words, turn.at, self.calendar, limits
            )

        if not self._as_first(turn, code, opened):
            return "spent"
        case = find_code(self.connection, self.oa_id, code)
        if tell_head and case is not None:
            detail = {"case_id": case.id, "code": code}
            open_task(self.connection, self.oa_id, REOPENED, code, turn.person_id, detail, turn.at)
        return "reopened"

    # --- small parts -------------------------------------------------------------------------------------

    def _as_first(self, turn: Turn, code: str, change: Callable[[Case], object]) -> bool:
        """Do what only the one who opened the case may; False when it may not be done."""
        case = find_code(self.connection, self.oa_id, code)
        if case is None or case.person_id != turn.person_id:
            return False
        try:
            change(case)
        except work.MoveRefused:
            return False
        return True

    def _theirs(self, turn: Turn, code: str) -> Case | None:
        case = find_code(self.connection, self.oa_id, code)
        return case if case is not None and is_told(self.connection, case.id, turn.person_id) else None

    def _twin(self, turn: Turn, report: NewReport) -> Case | None:
        """The same draft sent before; the same late dossier or right still being worked on."""
        for case in self._newest_of(turn):
            if report.mark and case.context.get("mark") == report.mark:
                return case
            same_right = report.context.get("right") == case.context.get("right")
            if case.kind == report.kind == "data_right" and same_right and not case.ended:
                return case
            same_dossier = report.dossier is not None and report.dossier == case.outside_code
            if case.kind == report.kind == "late_dossier" and same_dossier and not case.ended:
                return case
        return None

    def _newest_of(self, turn: Turn) -> list[Case]:
        mine = (cases.c.oa_id == self.oa_id, cases.c.person_id == turn.person_id)
        query = select(*COLUMNS).where(*mine).order_by(cases.c.id.desc()).limit(LOOKED_BACK)
        return [Case(**row._mapping) for row in self.connection.execute(query)]

    def _code_awaiting(self, turn: Turn) -> str | None:
        """The case an official waits for the person in; else the one that was answered last."""
        newest = self._newest_of(turn)
        waiting = [case for case in newest if case.state == "waiting"]
        lately = [case for case in newest if case.state == "sending" or _answered_lately(case, turn)]
        lately.sort(key=lambda case: case.staff_spoke_at or case.created_at, reverse=True)
        return next((case.code for case in (*waiting, *lately)), None)

    def _code_quoted(self, turn: Turn) -> str | None:
        """The case of the message that the person answers with Zalo's "trả lời"."""
        if turn.quotes is None:
            return None
        theirs = (outbox.c.oa_id == self.oa_id, outbox.c.person_id == turn.person_id)
        key = self.connection.execute(
            select(outbox.c.dedupe_key).where(*theirs, outbox.c.message_id == turn.quotes)
        ).scalar()
        if key is None:
            return None
        said = select(case_messages.c.case_id).where(
            case_messages.c.oa_id == self.oa_id, case_messages.c.sent_as == key.rpartition(":")[0]
        )
        return self.connection.execute(
            select(cases.c.code).where(cases.c.id.in_(said.scalar_subquery()))
        ).scalar()

    def _settle(self, turn: Turn, code: str) -> None:
        """An answer that Zalo took may be replied to before the clock has noted its arrival."""
        case = self._theirs(turn, code)
        if case is None or case.state != "sending" or case.answer_message_id is None:
            return
        message = select(case_messages.c.sent_as).where(case_messages.c.id == case.answer_message_id)
        key = self.connection.execute(message).scalar()
        if key is None:
            return
        sending = sendings(self.connection, self.oa_id, [key])[key]
        if sending.state == "sent":
            work.delivered(self.connection, self.oa_id, case.id, sending.settled_at or turn.at)

    def _status(self, seen: Seen, turn: Turn, own: bool) -> CaseStatus:
        case, first = seen.case, seen.owner
        return CaseStatus(
            code=case.code,
            kind=case.kind,
            state=case.state,
            due_at=case.due_at,
            steps=tuple(Step(step.at, step.event, step.detail) for step in seen.steps),
            own=own or first,
            first=first,
            rated=case.rating is not None,
            can_rate=first and work.why_not_rate(case) is None,
            can_reopen=first and work.why_not_reopen(case, turn.at) is None,
            can_withdraw=first and "withdrawn" in MOVES[case.state],
        )


def _answered_lately(case: Case, turn: Turn) -> bool:
    if case.state not in ENDED or case.answered_at is None or case.rating is not None:
        return False
    return turn.at - case.answered_at <= ANSWERED_LATELY
