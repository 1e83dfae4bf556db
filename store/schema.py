"""Every table, once. Migrations are compared with this file by a test.

Rows carry the OA id, so that one installation can serve several wards. Personal text stands in these
places only: `inbox_events.payload`, `drafts.data`, `photos.content`, `cases.contact`, `appointments.who`,
`restricted_messages.sealed`, `signups.who`, `home_requests.who`, `facilities.who`, `facility_drafts.data`
(all sealed), `turns.text`, `cases.question|title|address|latitude|longitude`,
`case_messages.text`, `entry_drafts`. `case_events` and `audit` hold none and are append-only by trigger.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
    true,
)

from store.types import UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)

BigId = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows only for INTEGER
OaId = String(32)
PersonId = String(80)

inbox_events = Table(
    "inbox_events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("event_key", String(200), nullable=False),
    Column("event_name", String(80), nullable=False),
    Column("person_id", PersonId, nullable=False),
    Column("occurred_at", UtcDateTime, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("payload", LargeBinary, nullable=True),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, nullable=True),
    Column("error", String(120), nullable=True),
    UniqueConstraint("oa_id", "event_key"),
)
"""state: new | done | failed, restored (see store.backup). `person_id` is '' for events of no person.
`error` is an exception's name."""
Index(
    "ix_inbox_events_pending",
    inbox_events.c.oa_id,
    inbox_events.c.person_id,
    inbox_events.c.occurred_at,
    inbox_events.c.id,
    sqlite_where=text("state = 'new'"),
    postgresql_where=text("state = 'new'"),
)

people = Table(
    "people",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("person_id", PersonId, primary_key=True),
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_inbound_at", UtcDateTime, nullable=True),
    Column("following", Boolean, nullable=True),
    Column("state", JSON, nullable=False),
    Column("state_until", UtcDateTime, nullable=True),
    Column("silent_until", UtcDateTime, nullable=True),
)

turns = Table(
    "turns",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("person_id", PersonId, nullable=False),
    Column("event_id", BigInteger, nullable=False, unique=True),
    Column("at", UtcDateTime, nullable=False),
    Column("text", Text, nullable=True),
    Column("normalized", Text, nullable=True),
    Column("outcome", String(30), nullable=False),
    Column("procedure_key", String(80), nullable=True),
    Column("facet", String(20), nullable=True),
    Column("candidates", JSON, nullable=False),
    Column("milliseconds", Float, nullable=False),
)
Index("ix_turns_person", turns.c.oa_id, turns.c.person_id, turns.c.id)
Index("ix_turns_at", turns.c.at)

outbox = Table(
    "outbox",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("person_id", PersonId, nullable=False),
    Column("dedupe_key", String(120), nullable=False),
    Column("priority", Integer, nullable=False, server_default="0"),
    Column("reply", JSON(none_as_null=True), nullable=True),
    Column("state", String(10), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("next_attempt_at", UtcDateTime, nullable=False),
    Column("claimed_by", String(80), nullable=True),
    Column("claimed_at", UtcDateTime, nullable=True),
    Column("message_id", String(80), nullable=True),
    Column("error_code", Integer, nullable=True),
    Column("error", String(200), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("settled_at", UtcDateTime, nullable=True),
    UniqueConstraint("oa_id", "dedupe_key"),
)
"""state: queued | sending | sent | unknown | stopped | dead, restored (see store.backup).
`priority`: 0 answers, 1 reminders."""
_open = text("state IN ('queued', 'sending')")
Index(
    "ix_outbox_person_open",
    outbox.c.oa_id,
    outbox.c.person_id,
    outbox.c.id,
    sqlite_where=_open,
    postgresql_where=_open,
)
_queued = text("state = 'queued'")
Index(
    "ix_outbox_due",
    outbox.c.oa_id,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=_queued,
    postgresql_where=_queued,
)
Index("ix_outbox_message_id", outbox.c.message_id)
Index("ix_outbox_person_state", outbox.c.oa_id, outbox.c.person_id, outbox.c.state)

cases = Table(
    "cases",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("code", String(24), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("person_id", PersonId, nullable=False),
    Column("field", String(30), nullable=True),
    Column("question", Text, nullable=False),
    Column("context", JSON, nullable=False),
    Column("state", String(20), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("first_due_at", UtcDateTime, nullable=True),
    Column("urgency", String(10), nullable=False, server_default="normal"),
    Column("channel", String(12), nullable=False, server_default="zalo"),
    Column("outside_code", String(60), nullable=True),
    Column("head_only", Boolean, nullable=False, server_default=false()),
    Column("title", String(200), nullable=True),
    Column("khom", String(60), nullable=True),
    Column("address", String(300), nullable=True),
    Column("latitude", Float, nullable=True),
    Column("longitude", Float, nullable=True),
    Column("name_shown", Boolean, nullable=True),
    Column("contact", LargeBinary, nullable=True),
    Column("phone_tail", String(4), nullable=True),
    Column("assignee_id", BigInteger, nullable=True),
    Column("taken_at", UtcDateTime, nullable=True),
    Column("staff_spoke_at", UtcDateTime, nullable=True),
    Column("citizen_spoke_at", UtcDateTime, nullable=True),
    Column("waiting_since", UtcDateTime, nullable=True),
    Column("waiting_hours_left", Float, nullable=True),
    Column("allowed_hours", Float, nullable=True),
    Column("reminded_percent", Integer, nullable=False, server_default="0"),
    Column("late_told_at", UtcDateTime, nullable=True),
    Column("answer_message_id", BigInteger, nullable=True),
    Column("answered_at", UtcDateTime, nullable=True),
    Column("answered_by", String(20), nullable=True),
    Column("rating", Integer, nullable=True),
    Column("rated_at", UtcDateTime, nullable=True),
    Column("reopened", Integer, nullable=False, server_default="0"),
    Column("merged_into", BigInteger, nullable=True),
    UniqueConstraint("oa_id", "code"),
)
"""See ward/cases/model.py for the values of kind, state, urgency and channel. `version` rises with every
change: a save that names an older one is refused. `contact` is sealed; `phone_tail` its last four digits.
`waiting_*`: the clock stands while the citizen is asked. `allowed_hours`: working hours given for it, by
which its share is reckoned. `answered_by`: zalo, phone, in_person."""
_unended = text("state NOT IN ('answered', 'merged', 'withdrawn')")
Index(
    "ix_cases_unended_due",
    cases.c.oa_id,
    cases.c.due_at,
    sqlite_where=_unended,
    postgresql_where=_unended,
)
Index("ix_cases_state_due", cases.c.oa_id, cases.c.state, cases.c.due_at)
Index("ix_cases_assignee", cases.c.oa_id, cases.c.assignee_id, cases.c.state, cases.c.due_at)
Index("ix_cases_person", cases.c.oa_id, cases.c.person_id, cases.c.id)
Index("ix_cases_answered", cases.c.oa_id, cases.c.answered_at)
_placed = text("latitude IS NOT NULL AND state NOT IN ('answered', 'merged', 'withdrawn')")
Index(
    "ix_cases_place",
    cases.c.oa_id,
    cases.c.latitude,
    sqlite_where=_placed,
    postgresql_where=_placed,
)

case_events = Table(
    "case_events",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("actor", String(10), nullable=False),
    Column("staff_id", BigInteger, nullable=True),
    Column("detail", JSON, nullable=False),
)
"""What happened, never changed and never removed. `actor`: citizen | staff | system."""
Index("ix_case_events_case", case_events.c.case_id, case_events.c.id)

APPEND_ONLY = ("audit", "case_events")
"""Tables whose rows the database itself lets nobody change (triggers of migration 0002)."""

case_messages = Table(
    "case_messages",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("case_id", BigInteger, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("author", String(10), nullable=False),
    Column("staff_id", BigInteger, nullable=True),
    Column("person_id", PersonId, nullable=True),
    Column("kind", String(10), nullable=False),
    Column("text", Text, nullable=True),
    Column("sent_as", String(120), nullable=True),
)
"""author: citizen | staff | bot; `person_id` when it is not the one who opened the case. kind: public | note
(for staff only). `sent_as`: dedupe key of the outbox rows (`{sent_as}:0` …) that carry it. Only `text` may
ever be blanked (data rights)."""
Index("ix_case_messages_case", case_messages.c.case_id, case_messages.c.id)

case_people = Table(
    "case_people",
    metadata,
    Column("case_id", BigInteger, primary_key=True),
    Column("person_id", PersonId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("joined_at", UtcDateTime, nullable=False),
)
"""Others who reported the same and are told what the first is told."""

case_views = Table(
    "case_views",
    metadata,
    Column("case_id", BigInteger, primary_key=True),
    Column("staff_id", BigInteger, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("writing", Boolean, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("person_id", PersonId, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""A report being made in chat: sealed JSON, kept 24 hours after its last change."""

photos = Table(
    "photos",
    metadata,
    Column("token", String(40), primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("person_id", PersonId, nullable=True),
    Column("case_id", BigInteger, nullable=True),
    Column("kind", String(10), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("content", LargeBinary, nullable=False),
)
"""Re-encoded JPEG, sealed. kind: before | after. Without a case it belongs to its person's draft."""
Index("ix_photos_case", photos.c.case_id)

attempts = Table(
    "attempts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("what", String(20), nullable=False),
    Column("who", String(120), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
"""Failed tries that are counted: signing in, asking after a code. Kept for a day."""
Index("ix_attempts_who", attempts.c.what, attempts.c.who, attempts.c.at)

appointments = Table(
    "appointments",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("code", String(24), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("person_id", PersonId, nullable=False),
    Column("day", Date, nullable=False),
    Column("who", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("oa_id", "code"),
)
"""Citizen-reception days: a name and a date (sealed name and phone), nothing of the matter.
state: booked | cancelled | came | absent. kind `result`: the wish to hear of a result (ward/results.py);
state: booked | ready | cancelled."""
Index("ix_appointments_day", appointments.c.oa_id, appointments.c.day)

staff = Table(
    "staff",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("username", String(60), nullable=False),
    Column("name", String(120), nullable=False),
    Column("title", String(120), nullable=False, server_default=""),
    Column("password_hash", String(200), nullable=False),
    Column("must_change", Boolean, nullable=False, server_default=false()),
    Column("roles", JSON, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("khoms", JSON, nullable=False),
    Column("email", String(200), nullable=True),
    Column("zalo_person_id", PersonId, nullable=True),
    Column("link_code", String(20), nullable=True),
    Column("link_code_until", UtcDateTime, nullable=True),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("signed_in_at", UtcDateTime, nullable=True),
    UniqueConstraint("oa_id", "username"),
)
"""`version` rises when roles, password or being active change: sessions of an older one are over."""

staff_sessions = Table(
    "staff_sessions",
    metadata,
    Column("token_hash", String(64), primary_key=True),
    Column("staff_id", BigInteger, nullable=False),
    Column("staff_version", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
)
Index("ix_staff_sessions_staff", staff_sessions.c.staff_id)

audit = Table(
    "audit",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("staff_id", BigInteger, nullable=True),
    Column("action", String(60), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("reason", String(500), nullable=True),
    Column("detail", JSON, nullable=False),
)
"""Every action of staff, never changed and never removed; no citizen's words or data."""
Index("ix_audit_at", audit.c.oa_id, audit.c.at)

settings = Table(
    "settings",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", BigInteger, nullable=True),
)
"""What the head sets in the console, over ward.toml; what it was before, and why, stands in `audit`."""

canned_replies = Table(
    "canned_replies",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("title", String(120), nullable=False),
    Column("text", Text, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("fields", JSON, nullable=False),
    Column("states", JSON, nullable=False, server_default="[]"),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", BigInteger, nullable=True),
)

staff_notices = Table(
    "staff_notices",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("staff_id", BigInteger, nullable=False),
    Column("key", String(120), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("case_id", BigInteger, nullable=True),
    Column("urgent", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("send_at", UtcDateTime, nullable=False),
    Column("zalo_at", UtcDateTime, nullable=True),
    Column("mailed_at", UtcDateTime, nullable=True),
    Column("sent_as", String(120), nullable=True),
    UniqueConstraint("oa_id", "staff_id", "key"),
)
"""What officials are told, once each: in Zalo from `send_at` on (after silent hours), what Zalo did not
deliver in a digest. `zalo_at`: handed to the outbox, `sent_as` is the dedupe key there (`{sent_as}:0`)."""
Index("ix_staff_notices_created", staff_notices.c.oa_id, staff_notices.c.created_at)

entry_drafts = Table(
    "entry_drafts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("case_id", BigInteger, nullable=True),
    Column("field", String(30), nullable=True),
    Column("question", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("made_by", BigInteger, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("decided_by", BigInteger, nullable=True),
    Column("decided_at", UtcDateTime, nullable=True),
    Column("note", String(500), nullable=True),
)
"""A good answer on its way to the library. state: proposed | approved | refused, by a second person."""

counters = Table(
    "counters",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", Integer, nullable=False),
)

restricted_messages = Table(
    "restricted_messages",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

staff_tasks = Table(
    "staff_tasks",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("kind", String(40), nullable=False),
    Column("ref", String(120), nullable=False),
    Column("person_id", PersonId, nullable=True),
    Column("detail", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("done_at", UtcDateTime, nullable=True),
    UniqueConstraint("oa_id", "kind", "ref"),
)

oa_tokens = Table(
    "oa_tokens",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("version", Integer, nullable=False),
    Column("access_token", LargeBinary, nullable=True),
    Column("refresh_token", LargeBinary, nullable=False),
    Column("previous_refresh_token", LargeBinary, nullable=True),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("refreshed_at", UtcDateTime, nullable=True),
    Column("refresh_began_at", UtcDateTime, nullable=True),
    Column("refresh_began_by", String(80), nullable=True),
    Column("trouble", String(120), nullable=True),
)
"""Tokens are sealed. `refresh_began_*` marks a refresh whose answer is not stored yet."""

oa_memory = Table(
    "oa_memory",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("name", String(40), primary_key=True),
    Column("value", String(200), nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

rate_buckets = Table(
    "rate_buckets",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

signature_counts = Table(
    "signature_counts",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("combination", String(40), primary_key=True),
    Column("n", BigInteger, nullable=False),
    Column("last_at", UtcDateTime, nullable=False),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("name", String(80), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

periodic = Table(
    "periodic",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("last_ok_at", UtcDateTime, nullable=True),
)

# ── programmes, sessions at the khóm, home service, reminders ─────────────────────────────────────

programme_changes = Table(
    "programme_changes",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("key", String(60), primary_key=True),
    Column("data", JSON, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("changed_by", BigInteger, nullable=True),
)
"""What the console set over a programme's TOML file, or a programme made there. Why stands in `audit`."""

programme_procedures = Table(
    "programme_procedures",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("programme", String(60), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("procedure_key", String(80), nullable=True),
    Column("code", String(40), nullable=True),
    Column("name", String(300), nullable=False),
    Column("field", String(120), nullable=True),
)
"""An imported list of a programme's procedures, as the ward's decision names them."""

duties = Table(
    "duties",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("day", Date, nullable=False),
    Column("programme", String(60), nullable=False),
    Column("role", String(20), nullable=False),
    Column("name", String(120), nullable=False),
    Column("staff_id", BigInteger, nullable=True),
    UniqueConstraint("oa_id", "day", "programme", "role", "name"),
)
"""Who is there on a day. role: signs | receives | helps | team."""

visits = Table(
    "visits",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("programme", String(60), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("khom", String(60), nullable=True),
    Column("place", String(200), nullable=False),
    Column("starts_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("returns_on", Date, nullable=True),
    Column("slot_minutes", Integer, nullable=False),
    Column("per_slot", Integer, nullable=False),
    Column("capacity", Integer, nullable=False),
    Column("taken", Integer, nullable=False, server_default="0"),
    Column("last_number", Integer, nullable=False, server_default="0"),
    Column("team", JSON, nullable=False),
    Column("kit", JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("moved_from", UtcDateTime, nullable=True),
    Column("reason", String(300), nullable=True),
    Column("note", Text, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
)
"""A session where the ward is. kind: mobile | land | ceremony | coffee. state: planned | held | cancelled.
`version` rises when it is moved or cancelled: reminders of an older one are void.
`taken` never exceeds `capacity`; `returns_on` is the second trip of mobile registration."""
Index("ix_visits_starts", visits.c.oa_id, visits.c.starts_at)
Index("ix_visits_programme", visits.c.oa_id, visits.c.programme, visits.c.starts_at)

signups = Table(
    "signups",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("visit_id", BigInteger, nullable=False),
    Column("code", String(24), nullable=False),
    Column("person_id", PersonId, nullable=True),
    Column("kind", String(20), nullable=False),
    Column("topic", String(60), nullable=False),
    Column("for_other", Boolean, nullable=False, server_default=false()),
    Column("number", Integer, nullable=False),
    Column("slot_at", UtcDateTime, nullable=True),
    Column("state", String(12), nullable=False),
    Column("who", LargeBinary, nullable=True),
    Column("guests", Integer, nullable=True),
    Column("photo_consent", Boolean, nullable=True),
    Column("checked", JSON, nullable=True),
    Column("answer", String(12), nullable=True),
    Column("result", String(300), nullable=True),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("oa_id", "code"),
)
"""state: booked | waiting | at_office | cancelled | came | absent. `who`: sealed name and phone.
`answer`: coming | busy | move, as said to a reminder. `number` is kept when the visit moves.
`checked`: what an official ticked (handed over at the ceremony, or done the same day)."""
_signup_open = text("state IN ('booked', 'waiting') AND person_id IS NOT NULL")
Index(
    "uq_signups_one_open",
    signups.c.oa_id,
    signups.c.person_id,
    signups.c.kind,
    signups.c.for_other,
    unique=True,
    sqlite_where=_signup_open,
    postgresql_where=_signup_open,
)
Index("ix_signups_visit", signups.c.visit_id, signups.c.number)
Index("ix_signups_person", signups.c.oa_id, signups.c.person_id, signups.c.id)

home_requests = Table(
    "home_requests",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("code", String(24), nullable=False),
    Column("programme", String(60), nullable=False),
    Column("person_id", PersonId, nullable=True),
    Column("service", String(20), nullable=False),
    Column("person_group", String(20), nullable=True),
    Column("procedure_key", String(80), nullable=True),
    Column("day", Date, nullable=False),
    Column("half", String(2), nullable=False),
    Column("asked_for", String(120), nullable=True),
    Column("khom", String(60), nullable=True),
    Column("who", LargeBinary, nullable=True),
    Column("state", String(12), nullable=False),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("visited_at", UtcDateTime, nullable=True),
    Column("result", String(300), nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("oa_id", "code"),
)
"""Service at home. service: certify | guide | receive | return. half: am | pm.
`who`: sealed name, phone, address, blanked 30 days after.
state: asked | proposed | confirmed | declined | cancelled | done | not_done.
`visited_at` to the minute: a certification outside the office must state it."""
Index("ix_home_requests_day", home_requests.c.oa_id, home_requests.c.day, home_requests.c.half)
Index("ix_home_requests_person", home_requests.c.oa_id, home_requests.c.person_id, home_requests.c.id)

reminders = Table(
    "reminders",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("subject", String(12), nullable=False),
    Column("subject_id", BigInteger, nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", String(20), nullable=False),
    Column("person_id", PersonId, nullable=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("state", String(12), nullable=False),
    Column("decided_at", UtcDateTime, nullable=True),
    Column("sent_as", String(120), nullable=True),
    UniqueConstraint("oa_id", "subject", "subject_id", "version", "kind"),
)
"""One thing to tell one person once. subject: signup | home | appointment | facility.
kind: t3 | t1 | morning | moved | …
state: pending | queued | delivered | void | call | unknown.
Decided again when due: what changed since is not told."""
_reminder_open = text("state = 'pending'")
Index(
    "ix_reminders_due",
    reminders.c.oa_id,
    reminders.c.due_at,
    sqlite_where=_reminder_open,
    postgresql_where=_reminder_open,
)
_reminder_queued = text("state = 'queued'")
Index(
    "ix_reminders_queued",
    reminders.c.oa_id,
    reminders.c.id,
    sqlite_where=_reminder_queued,
    postgresql_where=_reminder_queued,
)
Index("ix_reminders_subject", reminders.c.subject, reminders.c.subject_id)

contact_attempts = Table(
    "contact_attempts",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("reminder_id", BigInteger, nullable=False),
    Column("channel", String(12), nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("cost_vnd", Integer, nullable=False, server_default="0"),
    Column("detail", String(200), nullable=True),
    UniqueConstraint("reminder_id", "channel"),
)
"""Each rung of the ladder that was tried: free | paid | zbs_uid | zbs_phone | sms | mail | call.
outcome: queued | sent | failed | unknown | done."""

issues = Table(
    "issues",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("programme", String(60), nullable=False),
    Column("visit_id", BigInteger, nullable=True),
    Column("signup_id", BigInteger, nullable=True),
    Column("text", Text, nullable=False),
    Column("owner_id", BigInteger, nullable=True),
    Column("due_on", Date, nullable=True),
    Column("state", String(12), nullable=False),
    Column("answer", Text, nullable=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""Matters raised at a business coffee. state: open | forwarded | answered | withdrawn."""

# ── private health facilities ─────────────────────────────────────────────────────────────────────

facilities = Table(
    "facilities",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("name", String(200), nullable=False),
    Column("name_plain", String(200), nullable=False),
    Column("kind", String(30), nullable=False),
    Column("khom", String(60), nullable=True),
    Column("address", String(300), nullable=True),
    Column("who", LargeBinary, nullable=True),
    Column("source", String(10), nullable=False),
    Column("consent", String(20), nullable=True),
    Column("consent_at", UtcDateTime, nullable=True),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)
"""Clinics, pharmacies, spas. `who`: sealed name and phone of who is responsible. source: zalo | staff | csv.
`consent`: version of the words by which storing was agreed to."""
Index("ix_facilities_name", facilities.c.oa_id, facilities.c.name_plain)
Index("ix_facilities_kind", facilities.c.oa_id, facilities.c.kind, facilities.c.khom)

facility_people = Table(
    "facility_people",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("person_id", PersonId, primary_key=True),
    Column("facility_id", BigInteger, nullable=False),
    Column("state", String(10), nullable=False),
    Column("consent", String(20), nullable=False),
    Column("consent_at", UtcDateTime, nullable=False),
    Column("news_consent", String(20), nullable=True),
    Column("news_at", UtcDateTime, nullable=True),
    Column("news_stopped_at", UtcDateTime, nullable=True),
    Column("joined_at", UtcDateTime, nullable=False),
)
"""Zalo accounts of a facility: one account, one facility. state: asked (an official confirms) | confirmed.
News goes out only while `news_consent` is set; `news_stopped_at` proves when it was taken back."""
Index("ix_facility_people_facility", facility_people.c.facility_id)

facility_drafts = Table(
    "facility_drafts",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("person_id", PersonId, primary_key=True),
    Column("data", LargeBinary, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)
"""What a facility said of itself before it agreed to be kept: sealed JSON, for 24 hours."""

facility_dates = Table(
    "facility_dates",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("facility_id", BigInteger, nullable=False),
    Column("kind", String(30), nullable=False),
    Column("number", String(80), nullable=True),
    Column("issued_on", Date, nullable=True),
    Column("expires_on", Date, nullable=True),
    Column("version", Integer, nullable=False, server_default="0"),
    Column("changed_at", UtcDateTime, nullable=False),
    UniqueConstraint("facility_id", "kind"),
)
"""Licences and certificates as the facility gave them. `version` rises with `expires_on`: reminders of an
older one are void."""
Index("ix_facility_dates_expires", facility_dates.c.oa_id, facility_dates.c.expires_on)

health_news = Table(
    "health_news",
    metadata,
    Column("id", BigId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("title", String(120), nullable=False),
    Column("text", Text, nullable=False),
    Column("kinds", JSON, nullable=False),
    Column("state", String(10), nullable=False),
    Column("made_by", BigInteger, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("decided_by", BigInteger, nullable=True),
    Column("decided_at", UtcDateTime, nullable=True),
)
"""New rules for facilities. `kinds`: which types get it, none named: all. state: draft | sent | dropped."""

health_news_sends = Table(
    "health_news_sends",
    metadata,
    Column("news_id", BigInteger, primary_key=True),
    Column("person_id", PersonId, primary_key=True),
    Column("oa_id", OaId, nullable=False),
    Column("facility_id", BigInteger, nullable=False),
    Column("sent_as", String(120), nullable=False),
)
"""Who was written to; how it went stands in the outbox under `{sent_as}:0`."""

form_downloads = Table(
    "form_downloads",
    metadata,
    Column("oa_id", OaId, primary_key=True),
    Column("form", String(60), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("count", Integer, nullable=False),
)
"""How often a form was sent on a day; not to whom."""
