"""A file of participation as a spreadsheet writes it, and what is read from it."""

from pathlib import Path
from typing import Any

import pytest

from loyalty.errors import Invalid
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import Row, open_csv

HEADER = "network,actor,kind,object,id,happened_at"
INES = "twitch,ines,live_chat,channel:1,1,2026-11-23T06:00:00Z"
MARC = "twitch,marc,live_chat,channel:1,2,2026-11-23T06:01:00Z"


def read(path: Path, **choices: Any) -> list[Row]:
    """Its rows."""
    file = open_csv(path, Choices(**choices))
    return list(file.rows(file.body))


def actors(rows: list[Row]) -> list[str | None]:
    """Who did what each row tells of; None where it is wrong."""
    return [row.fact.actor if row.fact else None for row in rows]


def wrong(path: Path, **choices: Any) -> str:
    """Why the whole file is refused."""
    with pytest.raises(Invalid) as refusal:
        open_csv(path, Choices(**choices))
    return " ".join(line for lines in refusal.value.errors.values() for line in lines)
