"""Every table, once. Migrations are compared with this file by a test.

Rows carry the OA id, so that one installation can serve several wards. Personal text stands in four
places only: `inbox_events.payload` (sealed), `turns.text`, `cases.question`, `restricted_messages.sealed`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
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
    UniqueConstraint("oa_id", "code"),
)

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
