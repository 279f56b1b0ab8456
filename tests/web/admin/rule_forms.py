"""The form of a rule, filled in and sent as a browser does."""

import html
import json
import re

from tests.makers.judging import body
from tests.web.browser import TOKEN

CHAT = {"all": [{"kind": {"one_of": ["live_chat"]}}, {"network": {"one_of": ["twitch"]}}]}
FORM = {
    "name_fr": "Écrire à l’antenne !",
    "name_en": "Write to us",
    "class": "redeemable",
    "fixed": "12",
    "based_on": "0",
    "stacking": "add",
    "part": ["0", "1"],
    "part-0-group": "all",
    "part-0-is": "kind",
    "part-0-one_of": ["live_chat"],
    "part-1-group": "all",
    "part-1-is": "network",
    "part-1-one_of": ["twitch"],
}


def written(points=10, **parts):
    return body(name={"fr": "Le chat", "en": "The chat"}, when=CHAT, earn={"fixed": points}, **parts)


def carried(points=12, *, slug="chat", based_on="1", **parts):
    return {"slug": slug, "body": json.dumps(written(points, **parts)), "based_on": based_on}


def send(browser, path, *, on="/admin/rules/new", **fields):
    """A form whose fields may have several values."""
    token = TOKEN.search(browser.get(on).text)[1]
    return browser.send("POST", path, data={"csrf_token": token, **fields})


def write(browser, does="review", **changed):
    said = FORM | changed
    gone = {"part-0-", "part-1-"} - {f"part-{index}-" for index in said["part"]}
    kept = {name: value for name, value in said.items() if name[:7] not in gone}
    return send(browser, "/admin/rules/form", do=does, **kept)


def carried_by(page):
    """What the review would publish."""
    return json.loads(html.unescape(re.search(r'name="body" value="([^"]+)"', page.text)[1]))
