"""Programmes, sessions and sign-ups, home service, reminders and their ladder, duty lists, issues."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import UtcDateTime

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('contact_attempts',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('reminder_id', sa.BigInteger(), nullable=False),
    sa.Column('channel', sa.String(length=12), nullable=False),
    sa.Column('at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('outcome', sa.String(length=12), nullable=False),
    sa.Column('cost_vnd', sa.Integer(), server_default='0', nullable=False),
    sa.Column('detail', sa.String(length=200), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contact_attempts')),
    sa.UniqueConstraint('reminder_id', 'channel', name=op.f('uq_contact_attempts_reminder_id_channel'))
    )
    op.create_table('duties',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('programme', sa.String(length=60), nullable=False),
    sa.Column('role', sa.String(length=20), nullable=False),
    sa.Column('name', sa.String(length=120), nullable=False),
    sa.Column('staff_id', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_duties')),
    sa.UniqueConstraint('oa_id', 'day', 'programme', 'role', 'name', name=op.f('uq_duties_oa_id_day_programme_role_name'))
    )
    op.create_table('home_requests',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('programme', sa.String(length=60), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=True),
    sa.Column('service', sa.String(length=20), nullable=False),
    sa.Column('person_group', sa.String(length=20), nullable=True),
    sa.Column('procedure_key', sa.String(length=80), nullable=True),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('half', sa.String(length=2), nullable=False),
    sa.Column('asked_for', sa.String(length=120), nullable=True),
    sa.Column('khom', sa.String(length=60), nullable=True),
    sa.Column('who', sa.LargeBinary(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('visited_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('result', sa.String(length=300), nullable=True),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_home_requests')),
    sa.UniqueConstraint('oa_id', 'code', name=op.f('uq_home_requests_oa_id_code'))
    )
    with op.batch_alter_table('home_requests', schema=None) as batch_op:
        batch_op.create_index('ix_home_requests_day', ['oa_id', 'day', 'half'], unique=False)
        batch_op.create_index('ix_home_requests_person', ['oa_id', 'person_id', 'id'], unique=False)

    op.create_table('issues',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('programme', sa.String(length=60), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=True),
    sa.Column('signup_id', sa.BigInteger(), nullable=True),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('owner_id', sa.BigInteger(), nullable=True),
    sa.Column('due_on', sa.Date(), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('answer', sa.Text(), nullable=True),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_issues'))
    )
    op.create_table('programme_changes',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('key', sa.String(length=60), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_by', sa.BigInteger(), nullable=True),
    sa.PrimaryKeyConstraint('oa_id', 'key', name=op.f('pk_programme_changes'))
    )
    op.create_table('programme_procedures',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('programme', sa.String(length=60), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('procedure_key', sa.String(length=80), nullable=True),
    sa.Column('code', sa.String(length=40), nullable=True),
    sa.Column('name', sa.String(length=300), nullable=False),
    sa.Column('field', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('oa_id', 'programme', 'position', name=op.f('pk_programme_procedures'))
    )
    op.create_table('reminders',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('subject', sa.String(length=12), nullable=False),
    sa.Column('subject_id', sa.BigInteger(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=True),
    sa.Column('due_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('decided_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('sent_as', sa.String(length=120), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_reminders')),
    sa.UniqueConstraint('oa_id', 'subject', 'subject_id', 'version', 'kind', name=op.f('uq_reminders_oa_id_subject_subject_id_version_kind'))
    )
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.create_index('ix_reminders_due', ['oa_id', 'due_at'], unique=False, sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))
        batch_op.create_index('ix_reminders_queued', ['oa_id', 'id'], unique=False, sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
        batch_op.create_index('ix_reminders_subject', ['subject', 'subject_id'], unique=False)

    op.create_table('signups',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('visit_id', sa.BigInteger(), nullable=False),
    sa.Column('code', sa.String(length=24), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=True),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('topic', sa.String(length=60), nullable=False),
    sa.Column('for_other', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('slot_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('who', sa.LargeBinary(), nullable=True),
    sa.Column('guests', sa.Integer(), nullable=True),
    sa.Column('photo_consent', sa.Boolean(), nullable=True),
    sa.Column('answer', sa.String(length=12), nullable=True),
    sa.Column('result', sa.String(length=300), nullable=True),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_signups')),
    sa.UniqueConstraint('oa_id', 'code', name=op.f('uq_signups_oa_id_code'))
    )
    with op.batch_alter_table('signups', schema=None) as batch_op:
        batch_op.create_index('ix_signups_person', ['oa_id', 'person_id', 'id'], unique=False)
        batch_op.create_index('ix_signups_visit', ['visit_id', 'number'], unique=False)
        batch_op.create_index('uq_signups_one_open', ['oa_id', 'person_id', 'kind', 'for_other'], unique=True, sqlite_where=sa.text("state IN ('booked', 'waiting') AND person_id IS NOT NULL"), postgresql_where=sa.text("state IN ('booked', 'waiting') AND person_id IS NOT NULL"))

    op.create_table('visits',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('programme', sa.String(length=60), nullable=False),
    sa.Column('kind', sa.String(length=20), nullable=False),
    sa.Column('khom', sa.String(length=60), nullable=True),
    sa.Column('place', sa.String(length=200), nullable=False),
    sa.Column('starts_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('ends_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('returns_on', sa.Date(), nullable=True),
    sa.Column('slot_minutes', sa.Integer(), nullable=False),
    sa.Column('per_slot', sa.Integer(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), server_default='0', nullable=False),
    sa.Column('last_number', sa.Integer(), server_default='0', nullable=False),
    sa.Column('team', sa.JSON(), nullable=False),
    sa.Column('kit', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('moved_from', UtcDateTime(timezone=True), nullable=True),
    sa.Column('reason', sa.String(length=300), nullable=True),
    sa.Column('note', sa.Text(), nullable=True),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_visits'))
    )
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.create_index('ix_visits_programme', ['oa_id', 'programme', 'starts_at'], unique=False)
        batch_op.create_index('ix_visits_starts', ['oa_id', 'starts_at'], unique=False)



def downgrade() -> None:
    with op.batch_alter_table('visits', schema=None) as batch_op:
        batch_op.drop_index('ix_visits_starts')
        batch_op.drop_index('ix_visits_programme')

    op.drop_table('visits')
    with op.batch_alter_table('signups', schema=None) as batch_op:
        batch_op.drop_index('uq_signups_one_open', sqlite_where=sa.text("state IN ('booked', 'waiting') AND person_id IS NOT NULL"), postgresql_where=sa.text("state IN ('booked', 'waiting') AND person_id IS NOT NULL"))
        batch_op.drop_index('ix_signups_visit')
        batch_op.drop_index('ix_signups_person')

    op.drop_table('signups')
    with op.batch_alter_table('reminders', schema=None) as batch_op:
        batch_op.drop_index('ix_reminders_subject')
        batch_op.drop_index('ix_reminders_queued', sqlite_where=sa.text("state = 'queued'"), postgresql_where=sa.text("state = 'queued'"))
        batch_op.drop_index('ix_reminders_due', sqlite_where=sa.text("state = 'pending'"), postgresql_where=sa.text("state = 'pending'"))

    op.drop_table('reminders')
    op.drop_table('programme_procedures')
    op.drop_table('programme_changes')
    op.drop_table('issues')
    with op.batch_alter_table('home_requests', schema=None) as batch_op:
        batch_op.drop_index('ix_home_requests_person')
        batch_op.drop_index('ix_home_requests_day')

    op.drop_table('home_requests')
    op.drop_table('duties')
    op.drop_table('contact_attempts')
