"""The part of the desk that has to do with private health facilities."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, select

from bot import people
from bot.facilitywork import FacilityCard, FacilityDraft, Joined
from bot.home_desk import HomeWork
from bot.replies import Ticket, Turn
from store.engine import upsert
from store.schema import facility_drafts
from ward import facilities
from ward.calendar import local
from ward.cases.deadlines import limits_for
from ward.cases.opening import NewCase, open_case
from ward.facilities import NewFacility
from ward.forms import count_download

FIELD = "y_te"
DRAFT_LIFE = timedelta(hours=24)


class FacilityWork(HomeWork):
    """What bot.facilitywork.FacilityDesk asks for."""

    def facility(self, turn: Turn) -> FacilityCard | None:
        mine = facilities.of_person(self.connection, self.oa_id, turn.person_id)
        if mine is None:
            return None
        facility, account = mine
        return FacilityCard(facility.name, facility.kind, account.state == "confirmed", account.news)

    def facility_draft(self, turn: Turn) -> FacilityDraft | None:
        row = self.connection.execute(select(facility_drafts).where(*self._draft_of(turn))).one_or_none()
        if row is None or turn.at - row.updated_at >= DRAFT_LIFE:
            return None
        try:
            return FacilityDraft.model_validate_json(self.personal.open_text(row.data))
        except ValidationError:  # of another version of the program
            return None

    def keep_facility_draft(self, turn: Turn, draft: FacilityDraft | None) -> None:
        if draft is None:
            self.connection.execute(delete(facility_drafts).where(*self._draft_of(turn)))
            return
        values = {"data": self.personal.seal_text(draft.model_dump_json()), "updated_at": turn.at}
        self.connection.execute(
            upsert(self.connection, facility_drafts)
            .values(oa_id=self.oa_id, person_id=turn.person_id, **values)
            .on_conflict_do_update(index_elements=["oa_id", "person_id"], set_=values)
        )

    def sign_up_facility(self, turn: Turn, draft: FacilityDraft) -> Joined:
        new = NewFacility(draft.name, draft.kind, draft.khom)
        _, joined = facilities.sign_up(
            self.connection, self.oa_id, turn.person_id, new, self.personal, turn.at
        )
        return joined

    def leave_facility(self, turn: Turn) -> bool:
        return facilities.leave(self.connection, self.oa_id, turn.person_id, turn.at) is not None

    def facility_news(self, turn: Turn, yes: bool) -> bool:
        return facilities.want_news(self.connection, self.oa_id, turn.person_id, yes, turn.at)

    def ask_health(self, turn: Turn, question: str, topic: str | None = None) -> Ticket:
        mine = facilities.of_person(self.connection, self.oa_id, turn.person_id)
        said_before = people.last_words(self.connection, self.oa_id, turn.person_id)
        context: dict[str, Any] = {"said_before": said_before, "topic": topic}
        khom = None
        if mine is not None:
            facility, account = mine
            khom = facility.khom
            context |= {"facility_id": facility.id, "facility": facility.name, "type": facility.kind_name}
            context |= {"account_confirmed": account.state == "confirmed"}
        new = NewCase("question", turn.person_id, question, FIELD, context, khom=khom)
        limits = limits_for(self.connection, self.oa_id, self.answer_hours)
        opened = open_case(self.connection, self.oa_id, new, turn.at, self.calendar, limits)
        return Ticket(opened.code, opened.due_at)

    def form_sent(self, turn: Turn, form: str) -> None:
        count_download(self.connection, self.oa_id, form, local(turn.at).date())

    def _draft_of(self, turn: Turn) -> tuple[Any, ...]:
        return facility_drafts.c.oa_id == self.oa_id, facility_drafts.c.person_id == turn.person_id
