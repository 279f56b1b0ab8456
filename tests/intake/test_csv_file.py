"""A CSV file is read row by row; what is wrong with one row spoils only that row."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import Place, Row, open_csv
from loyalty.intake.csv_text import LONGEST_LINE
from tests.cast import MORNING
from tests.intake.conftest import Save
from tests.makers.csv import HEADER, INES, MARC, actors, read, wrong


@pytest.fixture(autouse=True)
def _morning():
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


def test_a_row_is_an_activity_with_the_fields_of_the_api(save: Save) -> None:
    header = f"{HEADER},quantity,campaign,show,text,actor_name"
    (row,) = read(save(header, f'{INES},3,top-50,matinale," Allez, ""les"" Bleus ",Inès'))
    assert row.fact == ActivityFact(
        network="twitch",
        actor="ines",
        kind="live_chat",
        object="channel:1",
        external_id="1",
        scope="import",
        happened_at=datetime(2026, 11, 23, 6, tzinfo=UTC),
        quantity=3,
        campaign="top-50",
        show="matinale",
        text=' Allez, "les" Bleus ',
        actor_name="Inès",
    )


def test_an_empty_cell_says_nothing(save: Save) -> None:
    (row,) = read(save(f"{HEADER},quantity,show", "twitch,ines,vote,song:1, ,,,"))
    assert row.fact == ActivityFact(network="twitch", actor="ines", kind="vote", object="song:1")


def test_an_id_is_numbered_by_the_scope_and_without_one_the_act_is_the_api_s(save: Save) -> None:
    numbered, plain = read(save(HEADER, INES, "twitch,ines,vote,song:1,,"), scope="poll-2026")
    assert numbered.fact is not None and plain.fact is not None
    assert (numbered.fact.scope, plain.fact.scope) == ("poll-2026", None)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_reading_goes_on_from_any_row(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "stats.csv"
    lines = [HEADER, INES, "", 'twitch,"é,live', MARC, 'twitch,"a ""🎉""",vote,x,3,', ",,,,,", INES]
    path.write_bytes("\r\n".join(lines).encode(encoding))
    file = open_csv(path, Choices())
    rows = list(file.rows(file.body))
    assert [row.number for row in rows] == [2, 4, 5, 6, 8]
    assert rows[-1].ends == Place(offset=path.stat().st_size, number=8)
    for at, row in enumerate(rows):
        again = list(file.rows(row.ends))
        assert [_told(each) for each in again] == [_told(each) for each in rows[at + 1 :]]


def _told(row: Row) -> tuple[object, ...]:
    return row.number, row.ends, row.cells, row.fact, row.problem and row.problem.say("fr")


def test_a_file_without_a_header_is_refused(save: Save, tmp_path: Path) -> None:
    assert "The file is empty" in wrong(save())
    assert "The file is empty" in wrong(save("", "  ", ""))
    assert "not rightly closed" in wrong(save('network,"actor'))
    assert "given twice" in wrong(save(f"{HEADER},actor", INES))


@pytest.mark.parametrize(
    ("bad", "said"),
    [
        ("twitch,marc,live_chat", "The row has 3 cells, the header 6."),
        (f"{MARC},x", "The row has 7 cells, the header 6."),
        (MARC.replace("marc", ""), "actor: Missing data for required field."),
        (MARC.replace("twitch", "Twitch!"), "network: Must be lower-case letters"),
        (MARC.replace("marc", "ma\0rc"), "actor: Must not contain control characters."),
        (MARC.replace("marc", '"ma\nrc"'), "actor: Must not contain control characters."),
        (MARC.replace("2026-11-23T", "23/11/2026 "), "happened_at: Not a date and time with its zone"),
        (MARC.replace("11-23", "11-31"), "happened_at: Not a date and time with its zone"),
        (MARC.replace("06:01:00Z", "06:01:00"), "happened_at: No time zone"),
        (MARC.replace("2026-11", "2027-11"), "happened_at: Must not be in the future."),
        (MARC.replace("2026-11", "0001-11"), "happened_at: Must be between 1970 and 9997."),
        (MARC.replace("marc", "m" * 256), "actor: Length must be between 1 and 255."),
        (MARC.replace("marc", '"marc'), "A quote is opened and not rightly closed"),
        (MARC.replace("marc", '"ma"rc'), "A cell goes on after its closing quote"),
        ('"', "A quote is opened and not rightly closed"),
        ("x" * LONGEST_LINE, "The row has 131,072 characters or more."),
        ('"' + "x" * 300_000, "The row has 131,072 characters or more."),
    ],
)
def test_a_bad_row_spoils_only_itself(save: Save, bad: str, said: str) -> None:
    before, spoilt, after, last = read(save(HEADER, INES, bad, MARC, INES))
    assert actors([before, after, last]) == ["ines", "marc", "ines"]
    assert spoilt.fact is None and spoilt.problem is not None and said in spoilt.problem.say("en")
    assert spoilt.number == 3
    assert sum(len(cell) for cell in spoilt.cells) <= 1_000


def test_a_lone_quote_spoils_one_row_however_much_follows(save: Save) -> None:
    many = [MARC] * 5_000
    rows = read(save(HEADER, INES, 'twitch,"ines,live_chat,x,9,', *many))
    assert [row.number for row in rows if row.problem] == [3]
    assert len(rows) == 5_002


def test_a_quote_amid_an_unquoted_cell_is_a_quote(save: Save) -> None:
    (row,) = read(save(HEADER, 'twitch,ines,vote,5" vinyl,,'))
    assert row.fact is not None and row.fact.object == '5" vinyl'


def test_what_is_quoted_is_never_read_as_rows(save: Save) -> None:
    forged = f'twitch,ines,live_chat,"hello\n{MARC}\n",1'
    (row,) = read(save(HEADER, forged))
    assert row.problem is not None and row.problem.say("en") == "The row has 5 cells, the header 6."
    assert row.problem.say("fr") == "La ligne a 5 cellules, l’en-tête en a 6."


def test_an_errors_file_is_read_as_what_it_kept(save: Save) -> None:
    path = save(f"row,problem,{HEADER}", f"7,Not so.,{INES}")
    file = open_csv(path, Choices())
    assert actors(list(file.rows(file.body))) == ["ines"]
    assert file.columns.kept == tuple(HEADER.split(","))


def test_the_key_is_the_content_and_the_choices(save: Save, tmp_path: Path) -> None:
    def key(path: Path, **choices: Any) -> str:
        return open_csv(path, Choices(**choices)).key

    path = save(HEADER, INES)
    first = key(path)
    assert key(path.rename(tmp_path / "other.csv")) == first
    assert key(tmp_path / "other.csv", scope="poll") != first
    assert key(save(HEADER, MARC)) != first
