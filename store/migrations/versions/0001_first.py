"""The first schema: inbox, people, turns, outbox, questions handed over, staff tasks, tokens."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('cases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('field', sa.String(length=30), nullable=True),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('context', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=20), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('due_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_cases')),
    sa.UniqueConstraint('oa_id', 'code', name=op.f('uq_cases_oa_id_code'))
    )
    op.create_table('counters',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'name', name=op.f('pk_counters'))
    )
    op.create_table('heartbeats',
    sa.Column('name', sa.String(length=80), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_heartbeats'))
    )
    op.create_table('inbox_events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('event_key', sa.String(length=200), nullable=False),
    sa.Column('event_name', sa.String(length=80), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('occurred_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('received_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('payload', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_attempt_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('error', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_inbox_events')),
    sa.UniqueConstraint('oa_id', 'event_key', name=op.f('uq_inbox_events_oa_id_event_key'))
    )
    op.create_index('ix_inbox_events_pending', 'inbox_events', ['oa_id', 'person_id', 'occurred_at', 'id'], unique=False, sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))
    op.create_table('oa_memory',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.String(length=200), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'name', name=op.f('pk_oa_memory'))
    )
    op.create_table('oa_tokens',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('access_token', sa.LargeBinary(), nullable=True),
    sa.Column('refresh_token', sa.LargeBinary(), nullable=False),
    sa.Column('previous_refresh_token', sa.LargeBinary(), nullable=True),
    sa.Column('expires_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('refreshed_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('refresh_began_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('refresh_began_by', sa.String(length=80), nullable=True),
    sa.Column('trouble', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('oa_id', name=op.f('pk_oa_tokens'))
    )
    op.create_table('outbox',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('dedupe_key', sa.String(length=120), nullable=False),
    sa.Column('priority', sa.Integer(), server_default='0', nullable=False),
    sa.Column('reply', sa.JSON(none_as_null=True), nullable=True),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('attempts', sa.Integer(), server_default='0', nullable=False),
    sa.Column('next_attempt_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('claimed_by', sa.String(length=80), nullable=True),
    sa.Column('claimed_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('message_id', sa.String(length=80), nullable=True),
    sa.Column('error_code', sa.Integer(), nullable=True),
    sa.Column('error', sa.String(length=200), nullable=True),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('settled_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_outbox')),
    sa.UniqueConstraint('oa_id', 'dedupe_key', name=op.f('uq_outbox_oa_id_dedupe_key'))
    )
    op.create_index('ix_outbox_due', 'outbox', ['oa_id', 'priority', 'id'], unique=False, sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
    op.create_index('ix_outbox_message_id', 'outbox', ['message_id'], unique=False)
    op.create_index('ix_outbox_person_open', 'outbox', ['oa_id', 'person_id', 'id'], unique=False, sqlite_where=sa.text("state IN ('queued', 'sending')"), postgresql_where=sa.text("state IN ('queued', 'sending')"))
    op.create_index('ix_outbox_person_state', 'outbox', ['oa_id', 'person_id', 'state'], unique=False)
    op.create_table('people',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('first_seen_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_inbound_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('following', sa.Boolean(), nullable=True),
    sa.Column('state', sa.JSON(), nullable=False),
    sa.Column('state_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('silent_until', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('oa_id', 'person_id', name=op.f('pk_people'))
    )
    op.create_table('periodic',
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('due_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('last_ok_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('name', name=op.f('pk_periodic'))
    )
    op.create_table('rate_buckets',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('tokens', sa.Float(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', name=op.f('pk_rate_buckets'))
    )
    op.create_table('restricted_messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_restricted_messages'))
    )
    op.create_table('signature_counts',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('combination', sa.String(length=40), nullable=False),
    sa.Column('n', sa.BigInteger(), nullable=False),
    sa.Column('last_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'combination', name=op.f('pk_signature_counts'))
    )
    op.create_table('staff_tasks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('kind', sa.String(length=40), nullable=False),
    sa.Column('ref', sa.String(length=120), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('done_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_tasks')),
    sa.UniqueConstraint('oa_id', 'kind', 'ref', name=op.f('uq_staff_tasks_oa_id_kind_ref'))
    )
    op.create_table('turns',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('event_id', sa.BigInteger(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('normalized', sa.Text(), nullable=True),
    sa.Column('outcome', sa.String(length=30), nullable=False),
    sa.Column('procedure_key', sa.String(length=80), nullable=True),
    sa.Column('facet', sa.String(length=20), nullable=True),
    sa.Column('candidates', sa.JSON(), nullable=False),
    sa.Column('milliseconds', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_turns')),
    sa.UniqueConstraint('event_id', name=op.f('uq_turns_event_id'))
    )
    op.create_index('ix_turns_at', 'turns', ['at'], unique=False)
    op.create_index('ix_turns_person', 'turns', ['oa_id', 'person_id', 'id'], unique=False)


def downgrade() -> None:
    op.drop_index('ix_turns_person', table_name='turns')
    op.drop_index('ix_turns_at', table_name='turns')
    op.drop_table('turns')
    op.drop_table('staff_tasks')
    op.drop_table('signature_counts')
    op.drop_table('restricted_messages')
    op.drop_table('rate_buckets')
    op.drop_table('periodic')
    op.drop_table('people')
    op.drop_index('ix_outbox_person_state', table_name='outbox')
    op.drop_index('ix_outbox_person_open', table_name='outbox', sqlite_where=sa.text("state IN ('queued', 'sending')"), postgresql_where=sa.text("state IN ('queued', 'sending')"))
    op.drop_index('ix_outbox_message_id', table_name='outbox')
    op.drop_index('ix_outbox_due', table_name='outbox', sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
    op.drop_table('outbox')
    op.drop_table('oa_tokens')
    op.drop_table('oa_memory')
    op.drop_index('ix_inbox_events_pending', table_name='inbox_events', sqlite_where=sa.text("state = 'new'"), postgresql_where=sa.text("state = 'new'"))
    op.drop_table('inbox_events')
    op.drop_table('heartbeats')
    op.drop_table('counters')
    op.drop_table('cases')
