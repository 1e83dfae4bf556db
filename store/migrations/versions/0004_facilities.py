"""Private health facilities, their accounts and dates, news and forms."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from store.types import UtcDateTime

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('facilities',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('name_plain', sa.String(length=200), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('khom', sa.String(length=60), nullable=True),
    sa.Column('address', sa.String(length=300), nullable=True),
    sa.Column('who', sa.LargeBinary(), nullable=True),
    sa.Column('source', sa.String(length=10), nullable=False),
    sa.Column('consent', sa.String(length=20), nullable=True),
    sa.Column('consent_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('active', sa.Boolean(), server_default=sa.true(), nullable=False),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('created_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_facilities'))
    )
    with op.batch_alter_table('facilities', schema=None) as batch_op:
        batch_op.create_index('ix_facilities_kind', ['oa_id', 'kind', 'khom'], unique=False)
        batch_op.create_index('ix_facilities_name', ['oa_id', 'name_plain'], unique=False)

    op.create_table('facility_dates',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('kind', sa.String(length=30), nullable=False),
    sa.Column('number', sa.String(length=80), nullable=True),
    sa.Column('issued_on', sa.Date(), nullable=True),
    sa.Column('expires_on', sa.Date(), nullable=True),
    sa.Column('version', sa.Integer(), server_default='0', nullable=False),
    sa.Column('changed_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_facility_dates')),
    sa.UniqueConstraint('facility_id', 'kind', name=op.f('uq_facility_dates_facility_id_kind'))
    )
    with op.batch_alter_table('facility_dates', schema=None) as batch_op:
        batch_op.create_index('ix_facility_dates_expires', ['oa_id', 'expires_on'], unique=False)

    op.create_table('facility_drafts',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('data', sa.LargeBinary(), nullable=False),
    sa.Column('updated_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'person_id', name=op.f('pk_facility_drafts'))
    )
    op.create_table('facility_people',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('consent', sa.String(length=20), nullable=False),
    sa.Column('consent_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('news_consent', sa.String(length=20), nullable=True),
    sa.Column('news_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('news_stopped_at', UtcDateTime(timezone=True), nullable=True),
    sa.Column('joined_at', UtcDateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'person_id', name=op.f('pk_facility_people'))
    )
    with op.batch_alter_table('facility_people', schema=None) as batch_op:
        batch_op.create_index('ix_facility_people_facility', ['facility_id'], unique=False)

    op.create_table('form_downloads',
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('form', sa.String(length=60), nullable=False),
    sa.Column('day', sa.Date(), nullable=False),
    sa.Column('count', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('oa_id', 'form', 'day', name=op.f('pk_form_downloads'))
    )
    op.create_table('health_news',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('kinds', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=10), nullable=False),
    sa.Column('made_by', sa.BigInteger(), nullable=False),
    sa.Column('made_at', UtcDateTime(timezone=True), nullable=False),
    sa.Column('decided_by', sa.BigInteger(), nullable=True),
    sa.Column('decided_at', UtcDateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_health_news'))
    )
    op.create_table('health_news_sends',
    sa.Column('news_id', sa.BigInteger(), nullable=False),
    sa.Column('person_id', sa.String(length=80), nullable=False),
    sa.Column('oa_id', sa.String(length=32), nullable=False),
    sa.Column('facility_id', sa.BigInteger(), nullable=False),
    sa.Column('sent_as', sa.String(length=120), nullable=False),
    sa.PrimaryKeyConstraint('news_id', 'person_id', name=op.f('pk_health_news_sends'))
    )


def downgrade() -> None:
    op.drop_table('health_news_sends')
    op.drop_table('health_news')
    op.drop_table('form_downloads')
    with op.batch_alter_table('facility_people', schema=None) as batch_op:
        batch_op.drop_index('ix_facility_people_facility')

    op.drop_table('facility_people')
    op.drop_table('facility_drafts')
    with op.batch_alter_table('facility_dates', schema=None) as batch_op:
        batch_op.drop_index('ix_facility_dates_expires')

    op.drop_table('facility_dates')
    with op.batch_alter_table('facilities', schema=None) as batch_op:
        batch_op.drop_index('ix_facilities_name')
        batch_op.drop_index('ix_facilities_kind')

    op.drop_table('facilities')
