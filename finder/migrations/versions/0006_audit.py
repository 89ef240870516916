"""The audit: entries that are only ever added, and where their chain begins and ends; checks of crisis numbers."""

import sqlalchemy as sa
from alembic import op


revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Nobody changes an entry, and nobody takes one out but a purge, which first moves the beginning of the chain behind it.
SQLITE = (
    """CREATE TRIGGER audit_entry_stays BEFORE UPDATE ON audit_entry
       BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END""",
    """CREATE TRIGGER audit_entry_lasts BEFORE DELETE ON audit_entry
       WHEN OLD.number > (SELECT start_number FROM audit_head WHERE id = 1)
       BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END""",
    # REPLACE takes the old row out without asking the trigger above.
    """CREATE TRIGGER audit_entry_follows BEFORE INSERT ON audit_entry
       WHEN NEW.number <> (SELECT number + 1 FROM audit_head WHERE id = 1)
       BEGIN SELECT RAISE(ABORT, 'the audit is only added to'); END""",
)
POSTGRESQL = (
    """CREATE FUNCTION audit_entry_stays() RETURNS trigger LANGUAGE plpgsql AS $$
       BEGIN
         IF TG_OP = 'DELETE' AND OLD.number <= (SELECT start_number FROM audit_head WHERE id = 1) THEN
           RETURN OLD;
         END IF;
         IF TG_OP = 'INSERT' AND NEW.number = (SELECT number + 1 FROM audit_head WHERE id = 1) THEN
           RETURN NEW;
         END IF;
         RAISE EXCEPTION 'the audit is only added to';
       END $$""",
    """CREATE TRIGGER audit_entry_stays BEFORE INSERT OR UPDATE OR DELETE ON audit_entry
       FOR EACH ROW EXECUTE FUNCTION audit_entry_stays()""",
    # TRUNCATE asks no trigger of rows.
    """CREATE TRIGGER audit_entry_lasts BEFORE TRUNCATE ON audit_entry
       FOR EACH STATEMENT EXECUTE FUNCTION audit_entry_stays()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=True),
        sa.Column("about", sa.String(length=64), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_entry")),
    )
    op.create_index("ix_audit_entry_about", "audit_entry", ["kind", "about"], unique=False)
    op.create_index(op.f("ix_audit_entry_account_id"), "audit_entry", ["account_id"], unique=False)
    op.create_index(op.f("ix_audit_entry_at"), "audit_entry", ["at"], unique=False)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("start_number", sa.Integer(), nullable=False),
        sa.Column("start_hash", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "number": 0, "hash": "0" * 64, "start_number": 0, "start_hash": "0" * 64,
                           "seal": ""}])
    op.create_table(
        "crisis_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], ondelete="SET NULL",
                                name=op.f("fk_crisis_check_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_crisis_check")),
    )
    op.create_index(op.f("ix_crisis_check_line"), "crisis_check", ["line"], unique=False)
    for statement in SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL:
        op.execute(sa.text(statement))


def downgrade() -> None:
    op.drop_table("crisis_check")
    op.drop_table("audit_entry")
    op.drop_table("audit_head")
    if op.get_bind().dialect.name != "sqlite":
        op.execute(sa.text("DROP FUNCTION audit_entry_stays()"))
