"""The river: every table from a participation to a scanned voucher.

Deploy: the first migration, on an empty database; nothing to stop.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

import loyalty.db

revision: str = "0001"
down_revision: str | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


APPEND_ONLY = (
    "entry",
    "lot_use",
    "seal",
    "checkpoint",
    "closing",
    "rule_revision",
    "audit_record",
    "stock_movement",
    "tier_change",
)
BUCKETS = 256


def forbid_changes(table: str) -> None:
    """Rows of `table` are never changed nor deleted, whoever asks."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
            )
        return
    for verb, each in (("UPDATE", "ROW"), ("DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        op.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"FOR EACH {each} EXECUTE FUNCTION refuse_change()"
        )


def upgrade() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("identity_id", sa.BigInteger(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("status_points", sa.BigInteger(), nullable=False),
        sa.Column("happened_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("local_day", sa.Integer(), nullable=False),
        sa.Column("words", sa.Integer(), nullable=True),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("act_key", loyalty.db.Digest(), nullable=False),
        sa.Column("fingerprint", loyalty.db.Digest(), nullable=False),
        sa.Column("verdicts_digest", loyalty.db.Digest(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("object", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=True),
        sa.Column("campaign", sa.String(), nullable=True),
        sa.Column("show", sa.String(), nullable=True),
        sa.Column("text_digest", loyalty.db.Digest(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('awarded', 'refused', 'measured', 'withdrawn')", name=op.f("activity_has_one_outcome")
        ),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("activity_key")),
        sa.UniqueConstraint("act_key", "bucket", name="activity_once"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.create_index("activity_of_holder_by_day", ["holder_id", "local_day"], unique=False)

    op.create_table(
        "animation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("show", sa.String(), nullable=True),
        sa.Column("starts_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("ends_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("settings", loyalty.db.JSON, nullable=False),
        sa.Column("solution", loyalty.db.JSON, nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("closed_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("voided_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("voided_by", sa.String(), nullable=True),
        sa.Column("voided_because", sa.String(), nullable=True),
        sa.Column("taken_back_to", sa.BigInteger(), nullable=False),
        sa.Column("taken_back_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("frozen_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("frozen_because", loyalty.db.JSON, nullable=True),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("animation_starts_before_it_ends")),
        sa.PrimaryKeyConstraint("id", name=op.f("animation_key")),
        sa.UniqueConstraint("slug", name=op.f("animation_one_per_slug")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("animation", schema=None) as batch_op:
        batch_op.create_index("animation_by_end", ["ends_at"], unique=False)

    op.create_table(
        "animation_part",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("animation_id", sa.Integer(), nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("happened_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("quantity", sa.BigInteger(), nullable=True),
        sa.Column("answer", loyalty.db.JSON, nullable=True),
        sa.Column("activity_id", sa.BigInteger(), nullable=True),
        sa.Column("reviewed_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("reviewed_by", sa.String(), nullable=True),
        sa.Column("review_reason", sa.String(), nullable=True),
        sa.CheckConstraint("(state = 'trying') = (happened_at IS NULL)", name=op.f("part_answered_at_some_time")),
        sa.CheckConstraint("state IN ('trying', 'recorded', 'in_review', 'refused')", name=op.f("part_state_known")),
        sa.CheckConstraint("attempts >= 0", name=op.f("attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("animation_part_key")),
        sa.UniqueConstraint("animation_id", "fan_id", "bucket", name="one_part_per_fan"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("animation_part", schema=None) as batch_op:
        batch_op.create_index("animation_part_by_state", ["animation_id", "state", "id"], unique=False)
        batch_op.create_index("animation_part_by_time", ["animation_id", "happened_at"], unique=False)
        batch_op.create_index("animation_part_of_fan", ["fan_id"], unique=False)

    op.create_table(
        "api_key",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("prefix", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(), nullable=False),
        sa.Column("scopes", loyalty.db.JSON, nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("last_used_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("api_key_key")),
        sa.UniqueConstraint("prefix", name=op.f("api_key_one_per_prefix")),
        sqlite_strict=True,
    )
    op.create_table(
        "approval",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("payload", loyalty.db.JSON, nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("decided_because", sa.String(), nullable=True),
        sa.CheckConstraint("decision IN ('approved', 'refused')", name=op.f("approval_decision_known")),
        sa.CheckConstraint("(decision IS NULL) = (decided_at IS NULL)", name=op.f("approval_decided_at_some_time")),
        sa.CheckConstraint("decided_by IS NULL OR decided_by <> asked_by", name=op.f("approval_by_a_second_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("approval_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.create_index("approval_waiting", ["decided_at", "id"], unique=False)

    op.create_table(
        "audit_record",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("before", loyalty.db.JSON, nullable=True),
        sa.Column("after", loyalty.db.JSON, nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("address", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_record_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("audit_record", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("audit_record_by_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("audit_record_by_subject"), ["subject"], unique=False)

    op.create_table(
        "backup",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("began_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("finished_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("backup_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "bucket",
        sa.Column("id", sa.SmallInteger(), nullable=False),
        sa.Column("sealed_through", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("seals", sa.Integer(), server_default="0", nullable=False),
        sa.Column(
            "head",
            sa.String(),
            server_default="0000000000000000000000000000000000000000000000000000000000000000",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("bucket_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "checkpoint",
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("seals", loyalty.db.JSON, nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("public_key", sa.String(), nullable=False),
        sa.Column("signature", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("checkpoint_key")),
        sa.UniqueConstraint("hash", name=op.f("checkpoint_one_per_hash")),
        sqlite_strict=True,
    )
    op.create_table(
        "closing",
        sa.Column("month", sa.Integer(), nullable=False),
        sa.Column("begins_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("ends_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("closed_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("closed_by", sa.String(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("movements", loyalty.db.JSON, nullable=False),
        sa.Column("balances", loyalty.db.JSON, nullable=False),
        sa.Column("outstanding", sa.BigInteger(), nullable=False),
        sa.Column("point_value", sa.BigInteger(), nullable=True),
        sa.Column("breakage", loyalty.db.JSON, nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("closing_ends_after_it_begins")),
        sa.PrimaryKeyConstraint("month", name=op.f("closing_key")),
        sa.UniqueConstraint("previous", name=op.f("closing_one_per_previous")),
        sqlite_strict=True,
    )
    op.create_table(
        "day_figure",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("measure", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("measure", "day", "key", name=op.f("day_figure_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "entry",
        sa.Column("cause_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("effective_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("reverses", sa.BigInteger(), nullable=True),
        sa.Column("rule_revision_id", sa.Integer(), nullable=True),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("cause", sa.String(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("debit", sa.String(), nullable=False),
        sa.Column("credit", sa.String(), nullable=False),
        sa.Column("slides", sa.Boolean(), nullable=True),
        sa.CheckConstraint("unit IN ('points', 'status')", name=op.f("entry_unit_known")),
        sa.CheckConstraint("amount > 0", name=op.f("entry_amount_positive")),
        sa.CheckConstraint("debit <> credit", name=op.f("entry_moves")),
        sa.PrimaryKeyConstraint("cause_id", "holder_id", "leg", "bucket", "cause", name="entry_once"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.create_index(
            "entry_by_time",
            ["recorded_at"],
            unique=False,
            postgresql_using="brin",
            postgresql_with={"autosummarize": "on"},
        )
        batch_op.create_index("entry_of_bucket", ["bucket", "id"], unique=False)
        batch_op.create_index("entry_of_holder", ["holder_id", "id"], unique=False)
        batch_op.create_index(
            "entry_reversing",
            ["reverses"],
            unique=False,
            postgresql_where=sa.text("reverses IS NOT NULL"),
            sqlite_where=sa.text("reverses IS NOT NULL"),
        )

    op.create_table(
        "expiry_change",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("policy", loyalty.db.JSON, nullable=False),
        sa.Column("asked_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("reached_bucket", sa.Integer(), nullable=False),
        sa.Column("reached_holder", sa.BigInteger(), nullable=False),
        sa.Column("lots", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("points_sooner", sa.BigInteger(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("finished_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("expiry_change_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("expiry_change", schema=None) as batch_op:
        batch_op.create_index(
            "one_expiry_change_at_a_time",
            ["is_open"],
            unique=True,
            postgresql_where=sa.text("is_open"),
            sqlite_where=sa.text("is_open"),
        )

    op.create_table(
        "fan",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("reference", sa.String(), nullable=True),
        sa.Column("display_name", sa.String(), nullable=True),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("warned_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("erased_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("fan_key")),
        sa.UniqueConstraint("email", name=op.f("fan_one_per_email")),
        sa.UniqueConstraint("reference", name=op.f("fan_one_per_reference")),
        sqlite_strict=True,
    )
    op.create_table(
        "hold",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("released", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=True),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("closed_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(closed_at IS NOT NULL) = (captured + released = amount)", name=op.f("hold_closed_when_empty")
        ),
        sa.CheckConstraint("amount > 0 AND captured >= 0 AND released >= 0", name=op.f("hold_amounts_not_negative")),
        sa.CheckConstraint("captured + released <= amount", name=op.f("hold_not_overdrawn")),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("hold_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(
            "hold_due",
            ["bucket", "expires_at"],
            unique=False,
            postgresql_where=sa.text("closed_at IS NULL"),
            sqlite_where=sa.text("closed_at IS NULL"),
        )
        batch_op.create_index("hold_of_holder", ["holder_id", "id"], unique=False)

    op.create_table(
        "holder",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=False),
        sa.Column("held", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("status", sa.BigInteger(), nullable=False),
        sa.Column("debt", sa.BigInteger(), nullable=False),
        sa.Column("merged_into", sa.BigInteger(), nullable=True),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint("balance >= 0", name=op.f("balance_not_negative")),
        sa.CheckConstraint("debt >= 0", name=op.f("debt_not_negative")),
        sa.CheckConstraint("held >= 0", name=op.f("held_not_negative")),
        sa.CheckConstraint("pending >= 0", name=op.f("pending_not_negative")),
        sa.CheckConstraint("status >= 0", name=op.f("status_not_negative")),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("holder_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "identity",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("network", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("first_seen_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("linked_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("unlinked_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("former_external_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("identity_key")),
        sa.UniqueConstraint("network", "external_id", name=op.f("identity_one_per_network_external_id")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("identity_by_former_external_id"), ["former_external_id"], unique=False)
        batch_op.create_index("identity_of_fan", ["fan_id"], unique=False)

    op.create_table(
        "import_run",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("file_sha256", sa.String(), nullable=False),
        sa.Column("choices", loyalty.db.JSON, nullable=False),
        sa.Column("bytes_total", sa.BigInteger(), nullable=False),
        sa.Column("bytes_read", sa.BigInteger(), nullable=False),
        sa.Column("rows_read", sa.BigInteger(), nullable=False),
        sa.Column("awarded", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.Column("withdrawn", sa.BigInteger(), nullable=False),
        sa.Column("duplicates", sa.BigInteger(), nullable=False),
        sa.Column("bad", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("status_points", sa.BigInteger(), nullable=False),
        sa.Column("errors_bytes", sa.BigInteger(), nullable=False),
        sa.Column("began_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("moved_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("finished_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint("bytes_read BETWEEN 0 AND bytes_total", name=op.f("import_within_file")),
        sa.CheckConstraint("errors_bytes >= 0", name=op.f("import_errors_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("import_run_key")),
        sa.UniqueConstraint("key", name=op.f("import_run_one_per_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "import_upload",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_name", sa.String(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("choices", loyalty.db.JSON, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("rehearsal", loyalty.db.JSON, nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("run_id", sa.BigInteger(), nullable=True),
        sa.Column("errors", sa.LargeBinary(), nullable=True),
        sa.Column("uploaded_by", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("moved_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('to_try', 'tried', 'to_import', 'imported', 'cancelled', 'failed')",
            name=op.f("upload_state_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("import_upload_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("import_upload", schema=None) as batch_op:
        batch_op.create_index("import_upload_by_state", ["state", "id"], unique=False)

    op.create_table(
        "kept_answer",
        sa.Column("credential", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("credential", "key", name=op.f("kept_answer_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.create_index("kept_answer_by_age", ["created_at"], unique=False)

    op.create_table(
        "lot",
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("granted", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("used", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("expired", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("sliding", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("sliding BETWEEN 0 AND granted", name=op.f("lot_slides_within_granted")),
        sa.CheckConstraint("used >= 0 AND expired >= 0 AND used + expired <= granted", name=op.f("lot_not_overdrawn")),
        sa.PrimaryKeyConstraint("holder_id", "expires_at", "bucket", name=op.f("lot_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.create_index("lot_by_expiry", ["expires_at"], unique=False)

    op.create_table(
        "lot_use",
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount <> 0", name=op.f("lot_use_moves")),
        sa.PrimaryKeyConstraint("entry_id", "leg", "holder_id", "expires_at", "bucket", name=op.f("lot_use_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "outgoing_mail",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("due_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("useless_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("sent_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'dead')", name=op.f("mail_state_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("outgoing_mail_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("outgoing_mail_by_recipient"), ["recipient"], unique=False)
        batch_op.create_index("outgoing_mail_due", ["state", "due_at"], unique=False)

    op.create_table(
        "partner",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("archived_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("partner_key")),
        sa.UniqueConstraint("slug", name=op.f("partner_one_per_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "pending_award",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("leg", sa.SmallInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("pending", sa.BigInteger(), nullable=False),
        sa.Column("available_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("slides", sa.Boolean(), nullable=False),
        sa.CheckConstraint("amount > 0 AND pending BETWEEN 0 AND amount", name=op.f("pending_within_award")),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("pending_award_key")),
        sa.UniqueConstraint("entry_id", "leg", "bucket", name="pending_once"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("pending_award", schema=None) as batch_op:
        batch_op.create_index(
            "pending_award_due",
            ["bucket", "available_at"],
            unique=False,
            postgresql_where=sa.text("pending > 0"),
            sqlite_where=sa.text("pending > 0"),
        )
        batch_op.create_index("pending_award_of_holder", ["holder_id", "available_at"], unique=False)

    op.create_table(
        "picture",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("small", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("picture_has_a_size")),
        sa.PrimaryKeyConstraint("id", name=op.f("picture_key")),
        sa.UniqueConstraint("sha256", name=op.f("picture_one_per_sha256")),
        sqlite_strict=True,
    )
    op.create_table(
        "programme",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("time_zone", sa.String(), nullable=False),
        sa.Column("default_language", sa.String(), nullable=False),
        sa.Column("expiry", loyalty.db.JSON, nullable=False),
        sa.Column("expiry_notice_days", loyalty.db.JSON, nullable=False),
        sa.Column("expiry_notice_points", sa.BigInteger(), nullable=False),
        sa.Column("brand_colour", sa.String(), nullable=False),
        sa.Column("point_names", loyalty.db.JSON, nullable=False),
        sa.Column("pending_hours", loyalty.db.JSON, nullable=False),
        sa.Column("debt_policy", sa.String(), nullable=False),
        sa.Column("transfers_allowed", sa.Boolean(), nullable=False),
        sa.Column("transfer_smallest", sa.BigInteger(), nullable=False),
        sa.Column("transfer_most_per_day", sa.BigInteger(), nullable=False),
        sa.Column("logo_id", sa.BigInteger(), nullable=True),
        sa.Column("approval_points", sa.BigInteger(), nullable=False),
        sa.Column("approval_units", sa.BigInteger(), nullable=False),
        sa.Column("point_value", sa.BigInteger(), nullable=True),
        sa.Column("expected_breakage", sa.Integer(), nullable=True),
        sa.Column("tier_year_starts", sa.Integer(), nullable=False),
        sa.Column("tier_one_step", sa.Boolean(), nullable=False),
        sa.Column("forget_after_months", sa.Integer(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint("debt_policy IN ('debt', 'within_balance', 'none')", name=op.f("debt_policy_known")),
        sa.CheckConstraint("id = 1", name=op.f("one_programme")),
        sa.CheckConstraint("tier_year_starts BETWEEN 1 AND 12", name=op.f("tier_year_starts_with_a_month")),
        sa.CheckConstraint(
            "transfer_smallest > 0 AND transfer_most_per_day >= transfer_smallest", name=op.f("transfers_fit")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("programme_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "rate_window",
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("began_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "began_at", name=op.f("rate_window_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("rate_window", schema=None) as batch_op:
        batch_op.create_index("rate_window_by_age", ["began_at"], unique=False)

    op.create_table(
        "recovery_code",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("used_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("account_id", "code_hash", name=op.f("recovery_code_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.BigInteger(), nullable=False),
        sa.Column("cost_points", sa.BigInteger(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("cancelled_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("cancelled_by", sa.String(), nullable=True),
        sa.Column("cancelled_because", sa.String(), nullable=True),
        sa.CheckConstraint("cost_points > 0", name=op.f("redemption_costs_something")),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("redemption_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.create_index("redemption_of_holder", ["holder_id", "reward_id", "created_at"], unique=False)

    op.create_table(
        "rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("is_budgeted", sa.Boolean(), nullable=False),
        sa.Column("points_issued", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points_issued >= 0", name=op.f("budget_use_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("rule_key")),
        sa.UniqueConstraint("slug", name=op.f("rule_one_per_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "rule_draft",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("body", loyalty.db.JSON, nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(), nullable=True),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("decision", sa.String(), nullable=True),
        sa.Column("decided_by", sa.String(), nullable=True),
        sa.Column("decided_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint("decision IN ('published', 'discarded')", name=op.f("draft_decision_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("rule_draft_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("rule_draft", schema=None) as batch_op:
        batch_op.create_index("rule_draft_of_rule", ["slug", "id"], unique=False)

    op.create_table(
        "rule_issued",
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("rule_id", "bucket", name=op.f("rule_issued_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "rule_tally",
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("local_day", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.CheckConstraint("points >= 0 AND times >= 0", name=op.f("tally_not_negative")),
        sa.PrimaryKeyConstraint("holder_id", "local_day", "rule_id", "bucket", name=op.f("rule_tally_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "scan",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=True),
        sa.Column("voucher_bucket", sa.SmallInteger(), nullable=True),
        sa.Column("fingerprint", sa.String(), nullable=False),
        sa.Column("result", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("scanned_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("annulled_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("annulled_because", sa.String(), nullable=True),
        sa.CheckConstraint("result IN ('ok', 'refused')", name=op.f("scan_result_known")),
        sa.PrimaryKeyConstraint("id", "device_id", name=op.f("scan_key")),
        sa.UniqueConstraint("device_id", "nonce", name="scan_once"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.create_index("scan_of_device", ["device_id", "id"], unique=False)
        batch_op.create_index("scan_of_voucher", ["voucher_id", "id"], unique=False)

    op.create_table(
        "seal",
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("through_id", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("head", sa.String(), nullable=False),
        sa.Column("sealed_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint("entries > 0", name=op.f("seal_seals_something")),
        sa.PrimaryKeyConstraint("bucket", "number", name=op.f("seal_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "show",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("archived_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("show_key")),
        sa.UniqueConstraint("slug", name=op.f("show_one_per_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("link_hash", sa.String(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("proved_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("used_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("attempts_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_key")),
        sa.UniqueConstraint("link_hash", name=op.f("sign_in_one_per_link_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index("sign_in_by_age", ["created_at"], unique=False)
        batch_op.create_index(batch_op.f("sign_in_by_email"), ["email"], unique=False)

    op.create_table(
        "source",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("connector", sa.String(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("sealed_secrets", sa.String(), nullable=False),
        sa.Column("options", loyalty.db.JSON, nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("stopped_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("stopped_because", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("source_key")),
        sa.UniqueConstraint("connector", "slug", name=op.f("source_one_per_connector_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "staff_account",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("sealed_totp", sa.String(), nullable=True),
        sa.Column("totp_step", sa.BigInteger(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("last_signed_in_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("disabled_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_account_key")),
        sa.UniqueConstraint("email", name=op.f("staff_account_one_per_email")),
        sqlite_strict=True,
    )
    op.create_table(
        "staff_invitation",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("invited_by", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("used_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_invitation_key")),
        sa.UniqueConstraint("token_hash", name=op.f("staff_invitation_one_per_token_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("staff_invitation", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("staff_invitation_by_email"), ["email"], unique=False)

    op.create_table(
        "status_year",
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("points >= 0", name=op.f("status_year_not_negative")),
        sa.PrimaryKeyConstraint("holder_id", "ends_at", "bucket", name=op.f("status_year_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("status_year", schema=None) as batch_op:
        batch_op.create_index("status_year_of_bucket", ["bucket", "holder_id"], unique=False)

    op.create_table(
        "stock_unit",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("redemption_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("(state = 'taken') = (redemption_id IS NOT NULL)", name=op.f("unit_taken_by_one")),
        sa.CheckConstraint("state IN ('free', 'taken', 'out')", name=op.f("unit_state_known")),
        sa.PrimaryKeyConstraint("id", "reward_id", name=op.f("stock_unit_key")),
        sa.UniqueConstraint("redemption_id", "reward_id", name="unit_of_one_redemption"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("stock_unit", schema=None) as batch_op:
        batch_op.create_index("stock_unit_by_state", ["reward_id", "state", "id"], unique=False)
        batch_op.create_index("stock_unit_of_lot", ["lot_id", "state"], unique=False)

    op.create_table(
        "superseded_code",
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("voucher_id", sa.BigInteger(), nullable=False),
        sa.Column("superseded_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("token_id", "bucket", name=op.f("superseded_code_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("superseded_code", schema=None) as batch_op:
        batch_op.create_index("superseded_code_of_voucher", ["voucher_id"], unique=False)

    op.create_table(
        "tier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("perks_fr", sa.String(), nullable=False),
        sa.Column("perks_en", sa.String(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("applied", sa.Integer(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("archived_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint("threshold > 0", name=op.f("tier_takes_something")),
        sa.PrimaryKeyConstraint("id", name=op.f("tier_key")),
        sa.UniqueConstraint("slug", name=op.f("tier_one_per_slug")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("tier", schema=None) as batch_op:
        batch_op.create_index(
            "tier_one_per_threshold",
            ["threshold"],
            unique=True,
            postgresql_where=sa.text("archived_at IS NULL"),
            sqlite_where=sa.text("archived_at IS NULL"),
        )

    op.create_table(
        "verdicts",
        sa.Column("digest", loyalty.db.Digest(), nullable=False),
        sa.Column("verdicts", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("verdicts_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "verification",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("began_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("finished_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("entries", sa.BigInteger(), nullable=False),
        sa.Column("breaches", loyalty.db.JSON, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("verification_key")),
        sqlite_strict=True,
    )
    op.create_table(
        "voucher",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("token_id", sa.String(), nullable=False),
        sa.Column("redemption_id", sa.BigInteger(), nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("not_before", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("not_after", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("issued_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("ended_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('issued', 'partially_used', 'used', 'cancelled', 'expired', 'blocked')",
            name=op.f("voucher_state_known"),
        ),
        sa.CheckConstraint("uses >= 0 AND uses <= max_uses", name=op.f("voucher_not_overused")),
        sa.PrimaryKeyConstraint("id", "bucket", name=op.f("voucher_key")),
        sa.UniqueConstraint("redemption_id", "bucket", name=op.f("voucher_one_per_redemption_id_bucket")),
        sa.UniqueConstraint("token_id", "bucket", name=op.f("voucher_one_per_token_id_bucket")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.create_index("voucher_by_end", ["state", "not_after"], unique=False)
        batch_op.create_index("voucher_of_holder", ["holder_id", "id"], unique=False)

    op.create_table(
        "web_session",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("agent", sa.String(), nullable=True),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("proved_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("revoked_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint("kind IN ('fan', 'staff')", name=op.f("session_kind_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("web_session_key")),
        sa.UniqueConstraint("token_hash", name=op.f("web_session_one_per_token_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.create_index("web_session_by_end", ["expires_at"], unique=False)
        batch_op.create_index("web_session_of_subject", ["kind", "subject_id"], unique=False)

    op.create_table(
        "withdrawal",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("act_key", loyalty.db.Digest(), nullable=False),
        sa.Column("withdrawn_quantity", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("happened_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("recorded_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("applied_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("points_reversed", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("withdrawn_quantity >= 0", name=op.f("withdrawn_quantity_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("withdrawal_key")),
        sa.UniqueConstraint("act_key", "withdrawn_quantity", name="withdrawal_once"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("withdrawal", schema=None) as batch_op:
        batch_op.create_index("withdrawal_waiting", ["applied_at"], unique=False)

    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("text_version", sa.String(), nullable=False),
        sa.Column("at", loyalty.db.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["fan_id"], ["fan.id"], name=op.f("consent_has_fan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.create_index("consent_of_fan", ["fan_id", "purpose", "id"], unique=False)

    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_id", sa.Integer(), nullable=False),
        sa.Column("dedup_key", sa.String(), nullable=False),
        sa.Column("content_type", sa.String(), nullable=False),
        sa.Column("headers", loyalty.db.JSON, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("worked_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("outcomes", loyalty.db.JSON, nullable=True),
        sa.CheckConstraint("state IN ('kept', 'worked', 'failed', 'dead')", name=op.f("delivery_state_known")),
        sa.ForeignKeyConstraint(["source_id"], ["source.id"], name=op.f("delivery_has_source_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_key")),
        sa.UniqueConstraint("source_id", "dedup_key", name=op.f("delivery_one_per_source_id_dedup_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.create_index("delivery_due", ["state", "due_at"], unique=False)

    op.create_table(
        "dispute",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("about_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("asked_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("answer", sa.String(), nullable=True),
        sa.Column("answered_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.CheckConstraint("about IN ('activity', 'entry')", name=op.f("dispute_about_known")),
        sa.CheckConstraint("(answered_at IS NULL) = (answer IS NULL)", name=op.f("dispute_answered_with_words")),
        sa.ForeignKeyConstraint(["fan_id"], ["fan.id"], name=op.f("dispute_has_fan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("dispute_key")),
        sa.UniqueConstraint("fan_id", "about", "about_id", name="one_dispute_a_line"),
        sqlite_strict=True,
    )
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.create_index("dispute_open", ["answered_at", "id"], unique=False)

    op.create_table(
        "expiry_notice",
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("told_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["fan_id"], ["fan.id"], name=op.f("expiry_notice_has_fan_id")),
        sa.PrimaryKeyConstraint("fan_id", "expires_at", "days", name=op.f("expiry_notice_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("expiry_notice", schema=None) as batch_op:
        batch_op.create_index("expiry_notice_by_date", ["expires_at"], unique=False)

    op.create_table(
        "give_code",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["fan_id"], ["fan.id"], name=op.f("give_code_has_fan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("give_code_key")),
        sa.UniqueConstraint("code_hash", name=op.f("give_code_one_per_code_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("give_code", schema=None) as batch_op:
        batch_op.create_index("give_code_by_age", ["created_at"], unique=False)
        batch_op.create_index("give_code_of_fan", ["fan_id"], unique=False)

    op.create_table(
        "link_code",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("fan_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("used_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("identity_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["fan_id"], ["fan.id"], name=op.f("link_code_has_fan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("link_code_key")),
        sa.UniqueConstraint("code_hash", name=op.f("link_code_one_per_code_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.create_index("link_code_by_age", ["created_at"], unique=False)
        batch_op.create_index("link_code_of_fan", ["fan_id"], unique=False)

    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("place_has_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("place_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("place_by_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "reward",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("description_fr", sa.String(), nullable=False),
        sa.Column("description_en", sa.String(), nullable=False),
        sa.Column("cost_points", sa.BigInteger(), nullable=False),
        sa.Column("picture_id", sa.BigInteger(), nullable=True),
        sa.Column("low_stock", sa.Integer(), nullable=True),
        sa.Column("value_cents", sa.BigInteger(), nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("valid_days", sa.Integer(), nullable=False),
        sa.Column("max_uses", sa.Integer(), nullable=False),
        sa.Column("per_fan_limit", sa.Integer(), nullable=True),
        sa.Column("per_fan_limit_days", sa.Integer(), nullable=True),
        sa.Column("min_tier_id", sa.Integer(), nullable=True),
        sa.Column("visible_from", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("visible_to", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("redeemable_from", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("redeemable_to", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("archived_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.CheckConstraint("cost_points > 0", name=op.f("reward_costs_something")),
        sa.CheckConstraint("max_uses BETWEEN 1 AND 255", name=op.f("reward_uses_fit_the_code")),
        sa.CheckConstraint("valid_days > 0", name=op.f("reward_valid_for_a_while")),
        sa.ForeignKeyConstraint(["min_tier_id"], ["tier.id"], name=op.f("reward_has_min_tier_id")),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("reward_has_partner_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("reward_key")),
        sa.UniqueConstraint("slug", name=op.f("reward_one_per_slug")),
        sqlite_strict=True,
    )
    op.create_table(
        "rule_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("rule_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("body", loyalty.db.JSON, nullable=False),
        sa.Column("in_force_from", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("created_by", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["rule_id"], ["rule.id"], name=op.f("rule_revision_has_rule_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("rule_revision_key")),
        sa.UniqueConstraint("rule_id", "number", name=op.f("rule_revision_one_per_rule_id_number")),
        sqlite_strict=True,
    )
    op.create_table(
        "tier_change",
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("from_tier_id", sa.Integer(), nullable=True),
        sa.Column("to_tier_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("points", sa.BigInteger(), nullable=False),
        sa.Column("threshold", sa.BigInteger(), nullable=False),
        sa.Column("year_starts_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("year_ends_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("holds_until", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint("(to_tier_id IS NULL) = (holds_until IS NULL)", name=op.f("tier_holds_until_a_date")),
        sa.CheckConstraint("points >= threshold", name=op.f("tier_was_earned")),
        sa.ForeignKeyConstraint(["from_tier_id"], ["tier.id"], name=op.f("tier_change_has_from_tier_id")),
        sa.ForeignKeyConstraint(["to_tier_id"], ["tier.id"], name=op.f("tier_change_has_to_tier_id")),
        sa.PrimaryKeyConstraint("holder_id", "number", "bucket", name="tier_change_once"),
        sqlite_strict=True,
    )
    op.create_table(
        "tier_holding",
        sa.Column("holder_id", sa.BigInteger(), nullable=False),
        sa.Column("bucket", sa.SmallInteger(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("tier_id", sa.Integer(), nullable=True),
        sa.Column("holds_until", loyalty.db.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tier_id"], ["tier.id"], name=op.f("tier_holding_has_tier_id")),
        sa.PrimaryKeyConstraint("holder_id", "bucket", name=op.f("tier_holding_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("tier_holding", schema=None) as batch_op:
        batch_op.create_index("tier_holding_by_end", ["holds_until"], unique=False)

    op.create_table(
        "device",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("partner_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("credential_hash", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("last_seen_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.Column("revoked_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["partner_id"], ["partner.id"], name=op.f("device_has_partner_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("device_has_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("device_key")),
        sa.UniqueConstraint("credential_hash", name=op.f("device_one_per_credential_hash")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("device_by_partner_id"), ["partner_id"], unique=False)

    op.create_table(
        "enrolment",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("expires_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.Column("used_at", loyalty.db.UTCDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("enrolment_has_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("enrolment_key")),
        sa.UniqueConstraint("code_hash", name=op.f("enrolment_one_per_code_hash")),
        sqlite_strict=True,
    )
    op.create_table(
        "stock_lot",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=False),
        sa.Column("donor", sa.String(), nullable=False),
        sa.Column("unit_cost_cents", sa.BigInteger(), nullable=False),
        sa.Column("created_at", loyalty.db.UTCDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("stock_lot_has_reward_id")),
        sa.PrimaryKeyConstraint("id", "reward_id", name=op.f("stock_lot_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("stock_lot", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("stock_lot_by_reward_id"), ["reward_id"], unique=False)

    op.create_table(
        "stock_movement",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("lot_id", sa.BigInteger(), nullable=False),
        sa.Column("reward_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("quantity", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("at", loyalty.db.UTCDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('received', 'withdrawn', 'lost', 'returned')", name=op.f("movement_kind_known")),
        sa.CheckConstraint("quantity > 0", name=op.f("movement_moves")),
        sa.ForeignKeyConstraint(["reward_id"], ["reward.id"], name=op.f("stock_movement_has_reward_id")),
        sa.PrimaryKeyConstraint("id", "reward_id", name=op.f("stock_movement_key")),
        sqlite_strict=True,
    )
    with op.batch_alter_table("stock_movement", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("stock_movement_by_lot_id"), ["lot_id"], unique=False)
        batch_op.create_index(batch_op.f("stock_movement_by_reward_id"), ["reward_id"], unique=False)

    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME "
            "USING ERRCODE = 'restrict_violation'; END $$"
        )
        # Hot rows change in place, next to themselves.
        op.execute("ALTER TABLE holder SET (fillfactor = 70)")
        op.execute("ALTER TABLE lot SET (fillfactor = 70)")
        op.execute("ALTER TABLE rule_tally SET (fillfactor = 70)")
    for table in APPEND_ONLY:
        forbid_changes(table)
    bucket = sa.table("bucket", sa.column("id", sa.SmallInteger))
    op.bulk_insert(bucket, [{"id": each} for each in range(BUCKETS)])


def downgrade() -> None:
    with op.batch_alter_table("stock_movement", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("stock_movement_by_reward_id"))
        batch_op.drop_index(batch_op.f("stock_movement_by_lot_id"))

    op.drop_table("stock_movement")
    with op.batch_alter_table("stock_lot", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("stock_lot_by_reward_id"))

    op.drop_table("stock_lot")
    op.drop_table("enrolment")
    with op.batch_alter_table("device", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("device_by_partner_id"))

    op.drop_table("device")
    with op.batch_alter_table("tier_holding", schema=None) as batch_op:
        batch_op.drop_index("tier_holding_by_end")

    op.drop_table("tier_holding")
    op.drop_table("tier_change")
    op.drop_table("rule_revision")
    op.drop_table("reward")
    with op.batch_alter_table("place", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("place_by_partner_id"))

    op.drop_table("place")
    with op.batch_alter_table("link_code", schema=None) as batch_op:
        batch_op.drop_index("link_code_of_fan")
        batch_op.drop_index("link_code_by_age")

    op.drop_table("link_code")
    with op.batch_alter_table("give_code", schema=None) as batch_op:
        batch_op.drop_index("give_code_of_fan")
        batch_op.drop_index("give_code_by_age")

    op.drop_table("give_code")
    with op.batch_alter_table("expiry_notice", schema=None) as batch_op:
        batch_op.drop_index("expiry_notice_by_date")

    op.drop_table("expiry_notice")
    with op.batch_alter_table("dispute", schema=None) as batch_op:
        batch_op.drop_index("dispute_open")

    op.drop_table("dispute")
    with op.batch_alter_table("delivery", schema=None) as batch_op:
        batch_op.drop_index("delivery_due")

    op.drop_table("delivery")
    with op.batch_alter_table("consent", schema=None) as batch_op:
        batch_op.drop_index("consent_of_fan")

    op.drop_table("consent")
    with op.batch_alter_table("withdrawal", schema=None) as batch_op:
        batch_op.drop_index("withdrawal_waiting")

    op.drop_table("withdrawal")
    with op.batch_alter_table("web_session", schema=None) as batch_op:
        batch_op.drop_index("web_session_of_subject")
        batch_op.drop_index("web_session_by_end")

    op.drop_table("web_session")
    with op.batch_alter_table("voucher", schema=None) as batch_op:
        batch_op.drop_index("voucher_of_holder")
        batch_op.drop_index("voucher_by_end")

    op.drop_table("voucher")
    op.drop_table("verification")
    op.drop_table("verdicts")
    with op.batch_alter_table("tier", schema=None) as batch_op:
        batch_op.drop_index(
            "tier_one_per_threshold",
            postgresql_where=sa.text("archived_at IS NULL"),
            sqlite_where=sa.text("archived_at IS NULL"),
        )

    op.drop_table("tier")
    with op.batch_alter_table("superseded_code", schema=None) as batch_op:
        batch_op.drop_index("superseded_code_of_voucher")

    op.drop_table("superseded_code")
    with op.batch_alter_table("stock_unit", schema=None) as batch_op:
        batch_op.drop_index("stock_unit_of_lot")
        batch_op.drop_index("stock_unit_by_state")

    op.drop_table("stock_unit")
    with op.batch_alter_table("status_year", schema=None) as batch_op:
        batch_op.drop_index("status_year_of_bucket")

    op.drop_table("status_year")
    with op.batch_alter_table("staff_invitation", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("staff_invitation_by_email"))

    op.drop_table("staff_invitation")
    op.drop_table("staff_account")
    op.drop_table("source")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("sign_in_by_email"))
        batch_op.drop_index("sign_in_by_age")

    op.drop_table("sign_in")
    op.drop_table("show")
    op.drop_table("seal")
    with op.batch_alter_table("scan", schema=None) as batch_op:
        batch_op.drop_index("scan_of_voucher")
        batch_op.drop_index("scan_of_device")

    op.drop_table("scan")
    op.drop_table("rule_tally")
    op.drop_table("rule_issued")
    with op.batch_alter_table("rule_draft", schema=None) as batch_op:
        batch_op.drop_index("rule_draft_of_rule")

    op.drop_table("rule_draft")
    op.drop_table("rule")
    with op.batch_alter_table("redemption", schema=None) as batch_op:
        batch_op.drop_index("redemption_of_holder")

    op.drop_table("redemption")
    op.drop_table("recovery_code")
    with op.batch_alter_table("rate_window", schema=None) as batch_op:
        batch_op.drop_index("rate_window_by_age")

    op.drop_table("rate_window")
    op.drop_table("programme")
    op.drop_table("picture")
    with op.batch_alter_table("pending_award", schema=None) as batch_op:
        batch_op.drop_index("pending_award_of_holder")
        batch_op.drop_index(
            "pending_award_due", postgresql_where=sa.text("pending > 0"), sqlite_where=sa.text("pending > 0")
        )

    op.drop_table("pending_award")
    op.drop_table("partner")
    with op.batch_alter_table("outgoing_mail", schema=None) as batch_op:
        batch_op.drop_index("outgoing_mail_due")
        batch_op.drop_index(batch_op.f("outgoing_mail_by_recipient"))

    op.drop_table("outgoing_mail")
    op.drop_table("lot_use")
    with op.batch_alter_table("lot", schema=None) as batch_op:
        batch_op.drop_index("lot_by_expiry")

    op.drop_table("lot")
    with op.batch_alter_table("kept_answer", schema=None) as batch_op:
        batch_op.drop_index("kept_answer_by_age")

    op.drop_table("kept_answer")
    with op.batch_alter_table("import_upload", schema=None) as batch_op:
        batch_op.drop_index("import_upload_by_state")

    op.drop_table("import_upload")
    op.drop_table("import_run")
    with op.batch_alter_table("identity", schema=None) as batch_op:
        batch_op.drop_index("identity_of_fan")
        batch_op.drop_index(batch_op.f("identity_by_former_external_id"))

    op.drop_table("identity")
    op.drop_table("holder")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index("hold_of_holder")
        batch_op.drop_index(
            "hold_due", postgresql_where=sa.text("closed_at IS NULL"), sqlite_where=sa.text("closed_at IS NULL")
        )

    op.drop_table("hold")
    op.drop_table("fan")
    with op.batch_alter_table("expiry_change", schema=None) as batch_op:
        batch_op.drop_index(
            "one_expiry_change_at_a_time", postgresql_where=sa.text("is_open"), sqlite_where=sa.text("is_open")
        )

    op.drop_table("expiry_change")
    with op.batch_alter_table("entry", schema=None) as batch_op:
        batch_op.drop_index(
            "entry_reversing",
            postgresql_where=sa.text("reverses IS NOT NULL"),
            sqlite_where=sa.text("reverses IS NOT NULL"),
        )
        batch_op.drop_index("entry_of_holder")
        batch_op.drop_index("entry_of_bucket")
        batch_op.drop_index("entry_by_time", postgresql_using="brin", postgresql_with={"autosummarize": "on"})

    op.drop_table("entry")
    op.drop_table("day_figure")
    op.drop_table("closing")
    op.drop_table("checkpoint")
    op.drop_table("bucket")
    op.drop_table("backup")
    with op.batch_alter_table("audit_record", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("audit_record_by_subject"))
        batch_op.drop_index(batch_op.f("audit_record_by_at"))

    op.drop_table("audit_record")
    with op.batch_alter_table("approval", schema=None) as batch_op:
        batch_op.drop_index("approval_waiting")

    op.drop_table("approval")
    op.drop_table("api_key")
    with op.batch_alter_table("animation_part", schema=None) as batch_op:
        batch_op.drop_index("animation_part_of_fan")
        batch_op.drop_index("animation_part_by_time")
        batch_op.drop_index("animation_part_by_state")

    op.drop_table("animation_part")
    with op.batch_alter_table("animation", schema=None) as batch_op:
        batch_op.drop_index("animation_by_end")

    op.drop_table("animation")
    with op.batch_alter_table("activity", schema=None) as batch_op:
        batch_op.drop_index("activity_of_holder_by_day")

    op.drop_table("activity")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION refuse_change()")
