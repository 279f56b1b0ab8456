"""Files of activities: sent, tried, understood column by column, imported while one watches."""

from __future__ import annotations

import zoneinfo
from typing import Any

from flask import Response, current_app, redirect, render_template, request, url_for
from marshmallow import Schema, fields, validate
from sqlmodel import Session

from loyalty import clock
from loyalty.errors import Invalid, NotFound, Refused
from loyalty.fields import Text
from loyalty.flows import upload_import
from loyalty.flows.upload_import import MOST_BYTES, FileTooLarge
from loyalty.intake import uploads
from loyalty.intake.csv_columns import FIELDS, REQUIRED, Choices
from loyalty.intake.tables import ImportRun
from loyalty.web import field_errors, forms
from loyalty.web.admin import tables, wording
from loyalty.web.admin.blueprint import pages
from loyalty.web.api.schemas import identifier
from loyalty.web.guards import caller, guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

COUNTS = ("awarded", "refused", "measured", "withdrawn", "duplicates", "bad")
SEPARATORS = {"": None, "comma": ",", "semicolon": ";", "tab": "\t"}
LEAVE = "-"  # the meaning of a column that is not to be read
_COLUMN, _CONSTANT = "column-", "always-"


class CancelSchema(Schema):
    """Why."""

    reason = Text(minimum=3, maximum=300, required=True)


@pages.get("/imports")
@guard(staff("imports:read"))
def imports() -> str:
    """The latest files."""
    return _list()


@pages.post("/imports")
@guard(staff("imports:write"))
def imports_upload() -> Any:
    """Take a file in; the worker tries it in a moment."""
    sent = request.files.get("file")
    try:
        body, name = (b"", "") if sent is None else (sent.read(MOST_BYTES + 1), sent.filename or "")
        upload_id = upload_import.upload(current_services().db, file_name=name, body=body, actor=caller().actor)
    except Refused as refused:
        return _list(refused=refused.say(spoken())), refused.status
    return redirect(url_for("admin.imports_one", upload_id=upload_id), 303)


imports_upload.most_bytes = MOST_BYTES + (1 << 16)  # type: ignore[attr-defined]  # see web/uploads.py
imports_upload.too_large = FileTooLarge  # type: ignore[attr-defined]


@pages.get("/imports/<id:upload_id>")
@guard(staff("imports:read"))
def imports_one(upload_id: int) -> str:
    """One file: its trial, its columns, how far it is."""
    return _page(upload_id)


@pages.get("/imports/<id:upload_id>/progress")
@guard(staff("imports:read", is_at_it=False))
def imports_progress(upload_id: int) -> str:
    """The part of the page that changes while it is tried or imported."""
    return render_template(
        "admin/imports/progress.html", **current_services().db.read(lambda each: _how(each, upload_id))
    )


@pages.post("/imports/<id:upload_id>/columns")
@guard(staff("imports:write"))
def imports_columns(upload_id: int) -> Any:
    """Say what the columns mean; the file is tried again."""
    found = current_services().db.read(lambda session: uploads.find(session, upload_id))
    header = list((found.rehearsal or {}).get("header", []))
    try:
        choices = _choices(forms.read(_form(header)), header)
        upload_import.choose(current_services().db, upload_id, choices=choices, actor=caller().actor)
    except NotFound:
        raise
    except Invalid as refused:
        errors = field_errors.in_words(refused.errors, spoken())
        return _page(upload_id, form=forms.given(), errors=errors), refused.status
    except Refused as refused:
        return _page(upload_id, refused=refused.say(spoken())), refused.status
    return _back(upload_id)


@pages.post("/imports/<id:upload_id>/start")
@guard(staff("imports:write"))
def imports_start(upload_id: int) -> Any:
    """Import it; one that was cancelled goes on."""
    return _do(upload_id, lambda: upload_import.confirm(current_services().db, upload_id, actor=caller().actor))


@pages.post("/imports/<id:upload_id>/cancel")
@guard(staff("imports:write"))
def imports_cancel(upload_id: int) -> Any:
    """Stop it where it is."""

    def act() -> None:
        reason = forms.read(CancelSchema())["reason"].strip()
        upload_import.cancel_upload(current_services().db, upload_id, reason=reason, actor=caller().actor)

    return _do(upload_id, act)


@pages.get("/imports/<id:upload_id>/errors.csv")
@guard(staff("imports:read"))
def imports_errors(upload_id: int) -> Response:
    """The rows that could not be taken, to be corrected and imported themselves."""

    def steps(session: Session) -> tuple[str, bytes]:
        return uploads.find(session, upload_id).file_name, uploads.errors(session, upload_id)

    name, body = current_services().db.read(steps)
    if not body:
        raise NotFound(what="errors file")
    response: Response = current_app.response_class(body, mimetype="text/csv")
    plain = "".join(each if each.isascii() and (each.isalnum() or each in "-_") else "-" for each in name[:60])
    response.headers["Content-Disposition"] = f'attachment; filename="{plain}.errors.csv"'
    return response


def _form(header: list[str]) -> Schema:
    """A form with a meaning for each column, and a value for each field that may be the same in every row."""
    meanings = ("", LEAVE, *FIELDS)
    asked: dict[str, fields.Field[Any]] = {
        f"{_COLUMN}{at}": fields.String(load_default="", validate=validate.OneOf(meanings)) for at in range(len(header))
    }
    asked |= {f"{_CONSTANT}{name}": Text(maximum=255, load_default="") for name in FIELDS}
    asked["separator"] = fields.String(load_default="", validate=validate.OneOf(list(SEPARATORS)))
    asked["scope"] = Text(minimum=1, maximum=100, load_default="import")
    asked["time_zone"] = fields.String(load_default="", validate=validate.OneOf(["", *zoneinfo.available_timezones()]))
    return Schema.from_dict(asked)()


def _choices(said: dict[str, Any], header: list[str]) -> Choices:
    meant = {name: said[f"{_COLUMN}{at}"] for at, name in enumerate(header)}
    return Choices(
        mapped={name: field for name, field in meant.items() if field not in ("", LEAVE, name)},
        ignored=tuple(name for name, field in meant.items() if field == LEAVE),
        constants={name: said[f"{_CONSTANT}{name}"].strip() for name in FIELDS if said[f"{_CONSTANT}{name}"].strip()},
        scope=said["scope"].strip(),
        time_zone=said["time_zone"] or None,
        separator=SEPARATORS[said["separator"]],
    )


def _do(upload_id: int, act: Any) -> Any:
    try:
        act()
    except NotFound:
        raise
    except Refused as refused:
        said = refused.say(spoken())
        if isinstance(refused, Invalid):
            said = " ".join(field_errors.in_words(refused.errors, spoken()).values())
        return _page(upload_id, refused=said), refused.status
    return _back(upload_id)


def _back(upload_id: int) -> Any:
    return redirect(url_for("admin.imports_one", upload_id=upload_id), 303)


def _list(**known: Any) -> str:
    def steps(session: Session) -> dict[str, Any]:
        before = identifier(request.args.get("before", ""))
        found = uploads.latest(session, limit=tables.PAGE + 1, below_id=before)
        shown = found[: tables.PAGE]
        return {
            "rows": [(each, wording.actor(each.uploaded_by)) for each in shown],
            "runs": uploads.runs(session, [each.run_id for each in shown if each.run_id is not None]),
            "older_than": shown[-1].id if len(found) > tables.PAGE else None,
        }

    read = current_services().db.read(steps)
    return render_template("admin/imports/list.html", megabytes=MOST_BYTES >> 20, **{**read, **known})


def _page(upload_id: int, **known: Any) -> str:
    read = current_services().db.read(lambda session: _how(session, upload_id))
    found = read["each"]
    tried: dict[str, Any] = found.rehearsal or {}
    chosen: dict[str, Any] = found.choices
    separator = next((code for code, sign in SEPARATORS.items() if sign == chosen.get("separator")), "")
    return render_template(
        "admin/imports/one.html",
        **{
            **read,
            "tried": tried,
            "columns": _columns(tried.get("header", []), chosen),
            "fields": FIELDS,
            "field_pairs": [(name, name) for name in FIELDS],
            "required": REQUIRED,
            "constants": chosen.get("constants", {}),
            "scope": chosen.get("scope", "import"),
            "time_zone": chosen.get("time_zone") or "",
            "zones": [(name, name) for name in sorted(zoneinfo.available_timezones())],
            "separator": separator,
            "by": wording.actor(found.uploaded_by),
            "problem": _problem(found.problem),
            **known,
        },
    )


def _how(session: Session, upload_id: int) -> dict[str, Any]:
    """An upload and how far it is."""
    found = uploads.find(session, upload_id)
    run = None if found.run_id is None else uploads.runs(session, [found.run_id])[found.run_id]
    return {"each": found, "run": run, "progress": None if run is None else _progress(run), "counts": COUNTS}


def _columns(header: list[str], chosen: dict[str, Any]) -> list[tuple[int, str, str]]:
    """Each column with its place, its name and what it means now."""
    mapped, ignored = chosen.get("mapped", {}), chosen.get("ignored", [])
    return [
        (at, name, LEAVE if name in ignored else mapped.get(name, name if name in FIELDS else ""))
        for at, name in enumerate(header)
    ]


def _problem(said: str | None) -> str | None:
    """What is wrong, in the reader's language where the two stand one under the other."""
    if said is None:
        return None
    french, _, english = said.partition("\n")
    return (english or french) if spoken() == "en" else french


def _progress(run: ImportRun) -> dict[str, Any]:
    """How far, how fast, and how long it still takes."""
    share = run.bytes_read / run.bytes_total if run.bytes_total else 1.0
    ends_at = run.finished_at or clock.now()
    seconds = max((ends_at - run.began_at).total_seconds(), 0.001)
    left = None if not share or run.finished_at else round(seconds * (1 - share) / share)
    return {"percent": int(share * 100), "rows_a_second": int(run.rows_read / seconds), "seconds_left": left}
