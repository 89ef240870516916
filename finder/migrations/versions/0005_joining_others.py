"""What joins this instance to others: its own name, where listings are kept, how far feeds were read, hooks."""

import uuid

import sqlalchemy as sa
from alembic import op


revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hook",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("anywhere", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("told", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(), nullable=False),
        sa.Column("tried_at", sa.DateTime(), nullable=True),
        sa.Column("good_at", sa.DateTime(), nullable=True),
        sa.Column("warned_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(length=200), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_hook_account_id_account"),
                                ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hook")),
    )
    with op.batch_alter_table("catalog_state", schema=None) as batch_op:
        batch_op.add_column(sa.Column("instance_id", sa.Uuid(), nullable=True))
    state = sa.table("catalog_state", sa.column("instance_id", sa.Uuid()))
    op.get_bind().execute(state.update().values(instance_id=uuid.uuid4()))
    with op.batch_alter_table("catalog_state", schema=None) as batch_op:
        batch_op.alter_column("instance_id", existing_type=sa.Uuid(), nullable=False)
    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.add_column(sa.Column("origin", sa.Uuid(), nullable=True))
        batch_op.create_index("ix_program_origin", ["origin", "source_key"], unique=False)
        batch_op.drop_index("ix_program_changed")
        batch_op.create_index("ix_program_changed", ["changed_version", "id"], unique=False)
        batch_op.create_index("ix_program_updated", ["updated_at", "changed_version"], unique=False)
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.add_column(sa.Column("peer", sa.Uuid(), nullable=True))
        batch_op.add_column(sa.Column("cursor", sa.String(length=200), nullable=True))
        batch_op.add_column(sa.Column("told", sa.JSON(), nullable=True))
    op.create_table(
        "feed_row",
        sa.Column("feed_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=240), nullable=False),
        sa.Column("why", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["feed_id"], ["feed.id"], name=op.f("fk_feed_row_feed_id_feed"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("feed_id", "key", name=op.f("pk_feed_row")),
    )


def downgrade() -> None:
    op.drop_table("feed_row")
    with op.batch_alter_table("feed", schema=None) as batch_op:
        batch_op.drop_column("told")
        batch_op.drop_column("cursor")
        batch_op.drop_column("peer")
    with op.batch_alter_table("program", schema=None) as batch_op:
        batch_op.drop_index("ix_program_updated")
        batch_op.drop_index("ix_program_changed")
        batch_op.create_index("ix_program_changed", ["changed_version"], unique=False)
        batch_op.drop_index("ix_program_origin")
        batch_op.drop_column("origin")
    with op.batch_alter_table("catalog_state", schema=None) as batch_op:
        batch_op.drop_column("instance_id")
    op.drop_table("hook")
