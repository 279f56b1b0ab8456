"""Sources, deliveries, kept answers and rate windows."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from loyalty.columns import big, document, instant, strict


class Source(SQLModel, table=True):
    """One configured sender: a connector, its secrets and its options."""

    __table_args__ = strict(sa.UniqueConstraint("connector", "slug"))

    id: int | None = Field(default=None, primary_key=True)
    connector: str
    slug: str
    sealed_secrets: str  # see seal.py; several while one replaces another, none once the station stopped it
    options: dict[str, Any] = document(default_factory=dict)
    created_at: datetime = instant()
    stopped_at: datetime | None = instant(default=None)  # by the network, or by the station
    stopped_because: str | None = None


class Delivery(SQLModel, table=True):
    """One message, raw and verified. States: kept, worked, failed (will be tried again), dead."""

    __table_args__ = strict(
        sa.UniqueConstraint("source_id", "dedup_key"),
        sa.CheckConstraint("state IN ('kept', 'worked', 'failed', 'dead')", name="delivery_state_known"),
        sa.Index("delivery_due", "state", "due_at"),
    )

    id: int = big(primary_key=True)
    source_id: int = Field(foreign_key="source.id")
    dedup_key: str
    content_type: str
    headers: dict[str, str] = document()  # those the connector reads, never a credential
    body: bytes = Field(sa_type=sa.LargeBinary)
    received_at: datetime = instant()
    state: str = "kept"
    attempts: int = 0
    due_at: datetime = instant()
    worked_at: datetime | None = instant(default=None)
    problem: str | None = None
    outcomes: list[Any] | None = document(default=None)  # what became of each fact it carried


class KeptAnswer(SQLModel, table=True):
    """The first answer to one Idempotency-Key, written in the transaction of its effect."""

    __tablename__ = "kept_answer"
    __table_args__ = strict(sa.Index("kept_answer_by_age", "created_at"))

    credential: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    status: int = 0  # 0 while the effect is under way
    body: str = ""
    created_at: datetime = instant()


class RateWindow(SQLModel, table=True):
    """How often something happened since `began_at`: one row counts for all workers together."""

    __tablename__ = "rate_window"
    __table_args__ = strict(sa.Index("rate_window_by_age", "began_at"))

    subject: str = Field(primary_key=True)  # what is counted, and of whom: "credential:203.0.113.9"
    began_at: datetime = instant(primary_key=True)
    count: int = 0


class ImportRun(SQLModel, table=True):
    """How far one file came in under one set of choices; every row read is counted in exactly one of six counts."""

    __tablename__ = "import_run"
    __table_args__ = strict(
        sa.CheckConstraint("bytes_read BETWEEN 0 AND bytes_total", name="import_within_file"),
        sa.CheckConstraint("errors_bytes >= 0", name="import_errors_not_negative"),
    )

    id: int = big(primary_key=True)
    key: str = Field(unique=True)  # a digest of the file's content and of the choices
    file_name: str
    file_sha256: str
    choices: dict[str, Any] = document()
    bytes_total: int = big()
    bytes_read: int = big(default=0)  # where the first row begins that is not in
    rows_read: int = big(default=0)  # the number of the row before it: header and empty rows count
    awarded: int = big(default=0)
    refused: int = big(default=0)
    measured: int = big(default=0)
    withdrawn: int = big(default=0)
    duplicates: int = big(default=0)
    bad: int = big(default=0)
    points: int = big(default=0)
    status_points: int = big(default=0)
    errors_bytes: int = big(default=0)  # how long the errors file is once these rows are in
    began_at: datetime = instant()
    moved_at: datetime = instant()
    finished_at: datetime | None = instant(default=None)


class ImportUpload(SQLModel, table=True):
    """A file that staff sent from the admin: tried first, then imported by the worker."""

    __tablename__ = "import_upload"
    __table_args__ = strict(
        sa.CheckConstraint(
            "state IN ('to_try', 'tried', 'to_import', 'imported', 'cancelled', 'failed')", name="upload_state_known"
        ),
        sa.Index("import_upload_by_state", "state", "id"),
    )

    id: int = big(primary_key=True)
    file_name: str
    body: bytes = Field(sa_type=sa.LargeBinary)  # emptied once it is of no more use
    choices: dict[str, Any] = document()
    state: str = "to_try"
    rehearsal: dict[str, Any] | None = document(default=None)  # counts, and what would become of the first rows
    problem: str | None = None
    run_id: int | None = big(default=None)  # the import it became
    errors: bytes | None = Field(default=None, sa_type=sa.LargeBinary)  # the errors file
    uploaded_by: str
    created_at: datetime = instant()
    moved_at: datetime = instant()
