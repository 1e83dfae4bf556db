"""Cases with events and messages, drafts, photos, officials, audit, settings, appointments."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import UtcDateTime

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

APPEND_ONLY = ("audit", "case_events")


def upgrade() -> None:
    op.create_table('appointments',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('who', sa.LargeBinary(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_appointments')),
    sa.UniqueConstraint('oa_id', 'code', name=op.f('uq_appointments_oa_id_code'))
    )
    with op.batch_alter_table('appointments', schema=None) as batch_op:
        batch_op.create_index('ix_appointments_day', ['oa_id', 'day'], unique=False)

    op.create_table('attempts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('what', sa.String(length=20), nullable=False),
    sa.Column('who', sa.String(length=120), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_attempts'))
    )
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.create_index('ix_attempts_who', ['what', 'who', 'at'], unique=False)

    op.create_table('audit',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('action', sa.String(length=60), nullable=False),
    sa.Column('subject', sa.String(length=120), nullable=False),
    sa.Column('reason', sa.String(length=500), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_audit'))
    )
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.create_index('ix_audit_at', ['oa_id', 'at'], unique=False)

    op.create_table('canned_replies',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('states', sa.JSON(), server_default='[]', nullable=False),
    sa.Column('active', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_canned_replies'))
    )
    op.create_table('case_events',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('actor', sa.String(length=10), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('detail', sa.JSON(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_events'))
    )
    with op.batch_alter_table('case_events', schema=None) as batch_op:
        batch_op.create_index('ix_case_events_case', ['case_id', 'id'], unique=False)

    op.create_table('case_messages',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('author', sa.String(length=10), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.Column('person_id', sa.String(length=80), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('text', sa.Text(), nullable=True),
    sa.Column('sent_as', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_case_messages'))
    )
    with op.batch_alter_table('case_messages', schema=None) as batch_op:
        batch_op.create_index('ix_case_messages_case', ['case_id', 'id'], unique=False)

    op.create_table('case_people',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('joined_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'person_id', name=op.f('pk_case_people'))
    )
    op.create_table('case_views',
    sa.Column('case_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('writing', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('case_id', 'staff_id', name=op.f('pk_case_views'))
    )
    op.create_table('drafts',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('updated_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'person_id', name=op.f('pk_drafts'))
    )
    op.create_table('entry_drafts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('field', sa.String(length=30), nullable=True),
    sa.Column('question', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('made_by', sa.BigInteger(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('note', sa.String(length=500), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_entry_drafts'))
    )
    op.create_table('photos',
    sa.Column('token', sa.String(length=40), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=True),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('kind', sa.String(length=10), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('token', name=op.f('pk_photos'))
    )
    with op.batch_alter_table('photos', schema=None) as batch_op:
        batch_op.create_index('ix_photos_case', ['case_id'], unique=False)

    op.create_table('settings',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=40), nullable=False),
    sa.Column('value', sa.JSON(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('oa_id', 'name', name=op.f('pk_settings'))
    )
    op.create_table('staff',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('username', sa.String(length=60), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('title', sa.String(length=120), server_default='', nullable=False),
    sa.Column('password_hash', sa.String(length=200), nullable=False),
    sa.Column('must_change', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('roles', sa.JSON(), nullable=False),
    sa.Column('fields', sa.JSON(), nullable=False),
    sa.Column('khoms', sa.JSON(), nullable=False),
    sa.Column('email', sa.String(length=200), nullable=True),
    sa.Column('zalo_person_id', sa.String(length=80), nullable=True),
    sa.Column('link_code', sa.String(length=20), nullable=True),
    sa.Column('link_code_until', UtcDateTime(timezone=True), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('signed_in_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff')),
    sa.UniqueConstraint('oa_id', 'username', name=op.f('uq_staff_oa_id_username'))
    )
    op.create_table('staff_notices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('key', sa.String(length=120), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('case_id', sa.BigInteger(), nullable=True),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('send_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('zalo_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('mailed_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('sent_as', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_notices')),
    sa.UniqueConstraint('oa_id', 'staff_id', 'key', name=op.f('uq_staff_notices_oa_id_staff_id_key'))
    )
    with op.batch_alter_table('staff_notices', schema=None) as batch_op:
        batch_op.create_index('ix_staff_notices_created', ['oa_id', 'created_at'], unique=False)

    op.create_table('staff_sessions',
    sa.Column('token_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_version', sa.Integer(), nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('seen_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_staff_sessions'))
    )
    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.create_index('ix_staff_sessions_staff', ['staff_id'], unique=False)

    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.add_column(sa.Column('version', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('first_due_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('urgency', sa.String(length=10), server_default='normal', nullable=False))
        batch_op.add_column(sa.Column('channel', sa.String(length=12), server_default='zalo', nullable=False))
        batch_op.add_column(sa.Column('outside_code', sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column('head_only', sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column('title', sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column('khom', sa.String(length=60), nullable=True))
        batch_op.add_column(sa.Column('address', sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column('latitude', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('longitude', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('name_shown', sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column('contact', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('phone_tail', sa.String(length=4), nullable=True))
        batch_op.add_column(sa.Column('assignee_id', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('taken_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('staff_spoke_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('citizen_spoke_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('waiting_since', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('waiting_hours_left', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('allowed_hours', sa.Float(), nullable=True))
        batch_op.add_column(sa.Column('reminded_percent', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('late_told_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('answer_message_id', sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column('answered_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('answered_by', sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column('rating', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('rated_at', UtcDateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('reopened', sa.Integer(), server_default='0', nullable=False))
        batch_op.add_column(sa.Column('merged_into', sa.BigInteger(), nullable=True))
        batch_op.create_index('ix_cases_answered', ['oa_id', 'answered_at'], unique=False)
        batch_op.create_index('ix_cases_assignee', ['oa_id', 'assignee_id', 'state', 'due_at'], unique=False)
        batch_op.create_index('ix_cases_person', ['oa_id', 'person_id', 'id'], unique=False)
        batch_op.create_index('ix_cases_place', ['oa_id', 'latitude'], unique=False, sqlite_where=sa.text("latitude IS NOT NULL AND state NOT IN ('answered', 'merged', 'withdrawn')"), postgresql_where=sa.text("latitude IS NOT NULL AND state NOT IN ('answered', 'merged', 'withdrawn')"))
        batch_op.create_index('ix_cases_state_due', ['oa_id', 'state', 'due_at'], unique=False)
        batch_op.create_index('ix_cases_unended_due', ['oa_id', 'due_at'], unique=False, sqlite_where=sa.text("state NOT IN ('answered', 'merged', 'withdrawn')"), postgresql_where=sa.text("state NOT IN ('answered', 'merged', 'withdrawn')"))

    op.execute("UPDATE cases SET first_due_at = due_at")
    for table in APPEND_ONLY:
        _forbid_changes(table)


def _forbid_changes(table: str) -> None:
    """Whoever holds the database may add a row, and nothing else."""
    refusal = f"{table} is append-only"
    if op.get_bind().dialect.name == "sqlite":
        for what in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{what.lower()} BEFORE {what} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
            )
        return
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{refusal}'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
        f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
    )


def _allow_changes(table: str) -> None:
    if op.get_bind().dialect.name != "sqlite":  # SQLite drops a table's triggers with it
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        op.execute(f"DROP FUNCTION {table}_append_only()")


def downgrade() -> None:
    for table in APPEND_ONLY:
        _allow_changes(table)
    with op.batch_alter_table('cases', schema=None) as batch_op:
        batch_op.drop_index('ix_cases_unended_due', sqlite_where=sa.text("state NOT IN ('answered', 'merged', 'withdrawn')"), postgresql_where=sa.text("state NOT IN ('answered', 'merged', 'withdrawn')"))
        batch_op.drop_index('ix_cases_state_due')
        batch_op.drop_index('ix_cases_place', sqlite_where=sa.text("latitude IS NOT NULL AND state NOT IN ('answered', 'merged', 'withdrawn')"), postgresql_where=sa.text("latitude IS NOT NULL AND state NOT IN ('answered', 'merged', 'withdrawn')"))
        batch_op.drop_index('ix_cases_person')
        batch_op.drop_index('ix_cases_assignee')
        batch_op.drop_index('ix_cases_answered')
        batch_op.drop_column('merged_into')
        batch_op.drop_column('reopened')
        batch_op.drop_column('rated_at')
        batch_op.drop_column('rating')
        batch_op.drop_column('answered_by')
        batch_op.drop_column('answered_at')
        batch_op.drop_column('answer_message_id')
        batch_op.drop_column('late_told_at')
        batch_op.drop_column('reminded_percent')
        batch_op.drop_column('allowed_hours')
        batch_op.drop_column('waiting_hours_left')
        batch_op.drop_column('waiting_since')
        batch_op.drop_column('citizen_spoke_at')
        batch_op.drop_column('staff_spoke_at')
        batch_op.drop_column('taken_at')
        batch_op.drop_column('assignee_id')
        batch_op.drop_column('phone_tail')
        batch_op.drop_column('contact')
        batch_op.drop_column('name_shown')
        batch_op.drop_column('longitude')
        batch_op.drop_column('latitude')
        batch_op.drop_column('address')
        batch_op.drop_column('khom')
        batch_op.drop_column('title')
        batch_op.drop_column('head_only')
        batch_op.drop_column('outside_code')
        batch_op.drop_column('channel')
        batch_op.drop_column('urgency')
        batch_op.drop_column('first_due_at')
        batch_op.drop_column('version')

    with op.batch_alter_table('staff_sessions', schema=None) as batch_op:
        batch_op.drop_index('ix_staff_sessions_staff')

    op.drop_table('staff_sessions')
    with op.batch_alter_table('staff_notices', schema=None) as batch_op:
        batch_op.drop_index('ix_staff_notices_created')

    op.drop_table('staff_notices')
    op.drop_table('staff')
    op.drop_table('settings')
    with op.batch_alter_table('photos', schema=None) as batch_op:
        batch_op.drop_index('ix_photos_case')

    op.drop_table('photos')
    op.drop_table('entry_drafts')
    op.drop_table('drafts')
    op.drop_table('case_views')
    op.drop_table('case_people')
    with op.batch_alter_table('case_messages', schema=None) as batch_op:
        batch_op.drop_index('ix_case_messages_case')

    op.drop_table('case_messages')
    with op.batch_alter_table('case_events', schema=None) as batch_op:
        batch_op.drop_index('ix_case_events_case')

    op.drop_table('case_events')
    op.drop_table('canned_replies')
    with op.batch_alter_table('audit', schema=None) as batch_op:
        batch_op.drop_index('ix_audit_at')

    op.drop_table('audit')
    with op.batch_alter_table('attempts', schema=None) as batch_op:
        batch_op.drop_index('ix_attempts_who')

    op.drop_table('attempts')
    with op.batch_alter_table('appointments', schema=None) as batch_op:
        batch_op.drop_index('ix_appointments_day')

    op.drop_table('appointments')
