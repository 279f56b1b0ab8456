"""The editor: a rule as one long sentence with gaps, checked and told while it is written."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from flask_babel import gettext
from sqlmodel import Session
from werkzeug.datastructures import MultiDict

from loyalty import clock
from loyalty.errors import Invalid, NotFound
from loyalty.flows import manage_rules
from loyalty.rules import drafts, find, policy
from loyalty.rules.evaluate import MEASURE_ONLY
from loyalty.rules.schema import canonical, checked_slug, problems
from loyalty.rules.tree import NONE, known_conditions
from loyalty.web import field_errors
from loyalty.web.admin.blueprint import pages
from loyalty.web.admin.rules import asking, form, form_tree, review, telling
from loyalty.web.admin.rules.slugs import slug_for
from loyalty.web.guards import guard
from loyalty.web.language import spoken
from loyalty.web.services import current_services
from loyalty.web.staff_guard import staff

KEPT = ("slug", "based_on", "draft")  # what the form carries beside the rule
_BLANK = {"class": "redeemable", "enabled": "yes", "stacking": "add", "priority": "0", "based_on": "0"}


@pages.get("/rules/new")
@guard(staff("rules:draft"))
def rules_new() -> str:
    """An empty sentence that begins with what the fan does."""
    raw: MultiDict[str, str] = MultiDict(_BLANK)
    first = next(each for each in known_conditions().values() if each.is_deed)
    form_tree.add(raw, first, form_tree.GROUPS[0], "0")
    return _page(raw)


@pages.get("/rules/<slug:slug>/edit")
@guard(staff("rules:draft"))
def rules_edit(slug: str) -> str:
    """The revision in force, or the one that the address asks for."""
    rule = manage_rules.show_rule(current_services().db, slug)
    asked = request.args.get("revision", "")
    revision = next((each for each in rule.revisions if str(each.number) == asked), None)
    if asked and revision is None:
        raise NotFound(what=f"revision {asked[:20]}")
    raw = form.of_body((revision or telling.state_of(rule, clock.now())[1]).body)
    raw.update({"slug": slug, "based_on": str(rule.latest.number)})
    return _page(raw)


@pages.post("/rules/form")
@guard(staff("rules:draft"))
def rules_form() -> Any:
    """Change the form itself, or look at what it says, or go on to the review."""
    raw = MultiDict(request.form.items(multi=True))
    does, _, what = raw.pop("do", "review").partition(":")
    if does == "back":
        asked = review.carried()
        raw = form.of_body(asked.body)
        raw.update({"slug": asked.slug, "based_on": str(asked.based_on), "draft": str(asked.draft or "")})
        return _page(raw)
    if does in ("add", "remove", "measure", "leave-out"):
        return _page(raw, focus=_changed(raw, does, what))
    if does in ("json", "form"):
        return _turned(raw, to_json=does == "json")
    if does == "preview":
        return _page(raw)
    return _review(raw)


@pages.post("/rules/sentence")
@guard(staff("rules:draft"))
def rules_sentence() -> str:
    """What the form says so far, as a piece of the page."""
    raw = MultiDict(request.form.items(multi=True))
    return render_template("admin/rules/told.html", **_told(raw))


def _review(raw: MultiDict[str, str]) -> Any:
    told = None
    try:
        told = form.written(raw)
        body = canonical(told.body)
        slug = _slug(raw, body)
    except Invalid as refused:
        return _page(raw, refused=refused, told=told), refused.status
    return review.page(
        review.Carried(slug=slug, body=body, based_on=_whole(raw, "based_on") or 0, draft=_whole(raw, "draft"))
    )


def _slug(raw: MultiDict[str, str], body: Any) -> str:
    if raw.get("slug"):
        return checked_slug(raw["slug"])

    def taken(session: Session) -> set[str]:
        rules, waiting = find.kept_rules(session), drafts.waiting(session)
        return {rule.slug for rule in rules} | {draft.slug for draft in waiting}

    return slug_for(body["name"]["fr"], current_services().db.read(taken))


def _changed(raw: MultiDict[str, str], does: str, what: str) -> str | None:
    """Change the form as a button asks; what to put the focus on."""
    if does == "measure":
        raw["class"] = MEASURE_ONLY
        return None
    if does == "remove":
        raw.setlist("part", [index for index in raw.getlist("part") if index != what])
        for name in [name for name in raw if name.startswith(f"part-{what}-")]:
            raw.poplist(name)
        return None
    index = form_tree.next_index(raw)
    if does == "leave-out":
        found = policy.forbidden_networks(telling.told_findings(_body(raw)))
        if found:
            form_tree.add(raw, known_conditions()["network"], NONE, index, {"one_of": found})
        return index
    condition = known_conditions().get(raw.get(f"add-{what}", ""))
    if condition is not None and what in form_tree.GROUPS:
        form_tree.add(raw, condition, what, index)
    return index


def _turned(raw: MultiDict[str, str], *, to_json: bool) -> Any:
    """The other side of the same rule: fields, or JSON."""
    try:
        told = form.written(raw)
        turned = form.as_json(told.body) if to_json else form.of_body(canonical(told.body))
    except Invalid as refused:
        return _page(raw, refused=refused), refused.status
    turned.update({name: raw[name] for name in KEPT if raw.get(name)})
    stayed = not to_json and turned.get("mode") == "json"
    deep = gettext("This rule has groups inside groups: the form cannot show it as it is, so it stays JSON.")
    return _page(turned, note=deep if stayed else None)


def _page(
    raw: MultiDict[str, str],
    *,
    refused: Invalid | None = None,
    told: form.Written | None = None,
    focus: str | None = None,
    note: str | None = None,
) -> str:
    services, language = current_services(), spoken()
    slug = raw.get("slug") or None

    def steps(session: Session) -> tuple[Any, Any]:
        return review.station_knows(session), find.rule_if_any(session, slug) if slug else None

    known, rule = services.db.read(steps)
    by_field = told.errors(refused) if told and refused else refused.errors if refused else {}
    lists = raw.to_dict(flat=False)
    return render_template(
        "admin/rules/edit.html",
        raw=raw,
        parts={
            group: [
                (part, asking.inputs(part.condition, part.prefix, lists, known=known, language=language))
                for part in form_tree.parts(raw)
                if part.group == group
            ]
            for group in form_tree.GROUPS
        },
        conditions=[(each.name, each.title.say(language)) for each in known_conditions().values()],
        classes=[(each, telling.class_name(each)) for each in telling.CLASSES],
        errors=field_errors.in_words({name: said for name, said in by_field.items() if name}, language),
        problems=list(problems(refused.errors))[:40] if refused else [],
        is_placed=told is not None and "" not in by_field,
        rule=rule,
        soon=rule.scheduled(clock.now()) if rule else (),
        focus=focus,
        note=note,
        **_told(raw),
    )


def _told(raw: MultiDict[str, str]) -> dict[str, Any]:
    """The sentence so far, in both languages, and what the networks say of it."""
    body = _body(raw)
    try:
        canonical(body)
    except Invalid as refused:
        return {"sentences": None, "missing": list(problems(refused.errors))[:3], "findings": [], **_words()}
    found = telling.told_findings(body)
    return {
        "sentences": {language: telling.sentence(body, language) for language in ("fr", "en")},
        "missing": [],
        "findings": [each for each in found if each.verdict != telling.ALLOWED],
        **_words(),
    }


def _words() -> dict[str, Any]:
    return {"telling": telling, "today": clock.now().date()}


def _body(raw: MultiDict[str, str]) -> Any:
    try:
        return form.written(raw).body
    except Invalid:
        return None


def _whole(raw: MultiDict[str, str], name: str) -> int | None:
    text = raw.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else None
