"""One place commits, one reads the environment, one knows the time."""

import re

import pytest

from tests.house.sources import modules, names_used

LAWS = {
    "only the database's own modules end a transaction": (r".*\.(commit|rollback)", r"loyalty/(db|engines)\.py"),
    "only flows open a transaction": (r"(.*\.)?(db|database)\.write", r"loyalty/(flows/.*|db\.py|bench/.*|seed/.*)"),
    "only the settings read the environment": (r"os\.(environb?|getenvb?|putenv)", r"loyalty/settings\.py"),
    "only the clock knows the time": (
        r"(.*\.)?(datetime\.(now|utcnow|today)|date\.today|time\.(time|time_ns|localtime|gmtime))",
        r"loyalty/(clock|ids)\.py",
    ),
}


@pytest.mark.parametrize("law", LAWS)
def test_each_has_one_door(law):
    name, door = LAWS[law]
    broken = [
        f"{path}:{line} uses {used}"
        for path, tree in modules().items()
        if not re.fullmatch(door, path)
        for used, line in names_used(tree)
        if re.fullmatch(name, used)
    ]
    assert not broken, f"{law}: {broken}"
