"""The items of the security checklist that the code as a whole has to keep, each under its number."""

import json
import logging
import re
import tomllib

from loyalty.web.logs import JsonLines
from tests.house.sources import ROOT, calls, modules, names_used

ADDRESS = re.compile(r"(?:href|src|action|formaction)=\"(?P<said>[^\"]*)\"")
# Addresses that Python made: `url_for` behind a name. None of them is, or begins with, what a person typed.
MADE_BY_US = {"address", "csv", "delivery", "each.address", "fan_page", "name"}
CALLS = re.compile(r"(url_for|asset|module|picture_address)\(")
# What may open a connection: the mail server of the settings, a server's own probe, the benchmarks.
MAY_CONNECT = {"loyalty/gateways/mail.py", "loyalty/cli/serving.py"}
CONNECTS = re.compile(r"(socket|smtplib|urllib\.request|http\.client|httpx|requests|aiohttp)(\.|$)")


def addresses() -> dict[str, list[str]]:
    """What stands where a browser expects an address, by template."""
    found = {}
    for path in sorted((ROOT / "templates").rglob("*.html")):
        text = path.read_text(encoding="utf-8")
        found[path.relative_to(ROOT).as_posix()] = [match["said"] for match in ADDRESS.finditer(text)]
    return found


def test_28_every_address_on_a_page_is_one_we_made():
    broken = [
        f"{template}: {said}"
        for template, every in addresses().items()
        for said in every
        for inside in re.findall(r"\{\{-?\s*(.*?)\s*-?\}\}", said)
        if not CALLS.match(inside) and inside not in MADE_BY_US and not inside.startswith(("'", '"'))
    ]
    assert broken == []
    assert not [
        each for every in addresses().values() for each in every if each.strip().lower().startswith("javascript")
    ]


def test_30_a_line_of_the_log_is_one_line_whatever_a_person_sent():
    record = logging.LogRecord("loyalty", logging.INFO, __file__, 1, "said %s", ("a\r\nb\u2028c",), None)
    record.fields = {"path": "x\r\n{}"}
    line = JsonLines().format(record)
    assert "\n" not in line
    assert "\r" not in line
    assert json.loads(line)["says"] == "said a\r\nb\u2028c"


def test_31_the_security_rules_of_the_linter_are_on_for_the_whole_package():
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]["lint"]
    assert "S" in lint["select"]
    assert [each for each in lint["ignore"] if each.startswith("S")] == ["S101"]
    assert [path for path, codes in lint["per-file-ignores"].items() if "S" in codes] == ["tests/**"]


def test_32_nothing_that_was_written_down_is_ever_run():
    broken = [
        f"{path}:{call.lineno} {name}"
        for path, tree in modules().items()
        for name, call in calls(tree)
        if name in ("eval", "exec", "compile", "__import__", "pickle.loads", "marshal.loads", "yaml.load")
    ]
    assert broken == []


def test_33_nobody_can_make_us_call_an_address():
    broken = [
        f"{path}:{line} {name}"
        for path, tree in modules().items()
        if path not in MAY_CONNECT and not path.startswith("loyalty/bench/")
        for name, line in names_used(tree)
        if CONNECTS.match(name)
    ]
    assert broken == []
