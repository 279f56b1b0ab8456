"""A CSV file is read row by row; what is wrong with one row spoils only that row."""

import codecs
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loyalty import clock
from loyalty.activities.fact import ActivityFact
from loyalty.errors import Invalid
from loyalty.intake.csv_columns import Choices
from loyalty.intake.csv_file import CsvFile, Place, Row, open_csv
from loyalty.intake.csv_text import LONGEST_LINE, FileChanged, NotText
from tests.cast import MORNING

HEADER = "network,actor,kind,object,id,happened_at"
INES = "twitch,ines,live_chat,channel:1,1,2026-11-23T06:00:00Z"
MARC = "twitch,marc,live_chat,channel:1,2,2026-11-23T06:01:00Z"

Save = Callable[..., Path]


@pytest.fixture(autouse=True)
def _morning():
    with clock.running_on(clock.stopped_at(MORNING)):
        yield


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def save(*lines: str, encoding: str = "utf-8", end: str = "\n") -> Path:
        path = tmp_path / "stats.csv"
        path.write_bytes("".join(line + end for line in lines).encode(encoding))
        return path

    return save


def read(path: Path, **choices: Any) -> list[Row]:
    file = open_csv(path, Choices(**choices))
    return list(file.rows(file.body))


def actors(rows: list[Row]) -> list[str | None]:
    return [row.fact.actor if row.fact else None for row in rows]


def wrong(path: Path, **choices: Any) -> str:
    with pytest.raises(Invalid) as refusal:
        open_csv(path, Choices(**choices))
    return " ".join(line for lines in refusal.value.errors.values() for line in lines)


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


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", codecs.BOM_UTF8),
        ("utf-16-le", codecs.BOM_UTF16_LE),
        ("utf-16-be", codecs.BOM_UTF16_BE),
    ],
    ids=["UTF-8", "UTF-8 with mark", "UTF-16 LE", "UTF-16 BE"],
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("separator", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_every_encoding_line_end_and_separator_is_understood(
    tmp_path: Path, encoding: str, mark: bytes, end: str, separator: str
) -> None:
    path = tmp_path / "stats.csv"
    lines = (HEADER, INES.replace("ines", "Inès 🎉"), MARC)
    text = "".join(line + end for line in lines).replace(",", separator)
    path.write_bytes(mark + text.encode(encoding))
    assert actors(read(path)) == ["Inès 🎉", "marc"]


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


def test_a_file_that_is_neither_utf_8_nor_marked_utf_16_is_refused_whole(save: Save) -> None:
    with pytest.raises(NotText, match="offset 50, 0xE8") as refusal:
        open_csv(save(HEADER, INES.replace("ines", "inès"), encoding="latin-1"), Choices())
    assert "UTF-8" in refusal.value.say("fr")
    assert "NUL" in wrong(save(HEADER, INES, encoding="utf-16-le"))


def test_the_byte_that_cannot_be_read_is_named_wherever_it_is(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    whole = ("é" * 700_000).encode()  # no chunk of it ends where a character does
    path.write_bytes(b"a" + whole + b"\xff")
    with pytest.raises(NotText, match=f"offset {len(whole) + 1}, 0xFF"):
        open_csv(path, Choices())
    path.write_bytes(codecs.BOM_UTF16_LE + b"a\x00b")
    with pytest.raises(NotText, match="UTF-16-LE: the byte at offset 4"):
        open_csv(path, Choices())


def test_unknown_columns_are_refused_with_a_guess(save: Save) -> None:
    said = wrong(save("Network,actr,kind,verb", INES))
    assert "Column 1, 'Network', is not known: did you mean network?" in said
    assert "Column 2, 'actr', is not known: did you mean actor?" in said
    assert "Missing: network, actor, object." in said
    assert "The fields are network, actor, kind, object," in said


def test_columns_are_named_and_constants_given(save: Save) -> None:
    path = save("Qui;Quoi;Numéro;Note", "ines;titre:1;7;rien")
    (row,) = read(
        path,
        mapped={"Qui": "actor", "Quoi": "object", "Numéro": "id"},
        constants={"network": "sms", "kind": "vote", "quantity": "2"},
        ignored=["Note"],
    )
    assert row.fact is not None
    assert (row.fact.network, row.fact.kind, row.fact.object, row.fact.quantity) == ("sms", "vote", "titre:1", 2)


@pytest.mark.parametrize(
    ("choices", "said"),
    [
        ({"mapped": {"Qui": "actor"}}, "The header has no column 'Qui'"),
        ({"mapped": {"id": "identifier"}}, "There is no field 'identifier'"),
        ({"mapped": {"id": "actor"}}, "actor is given twice"),
        ({"constants": {"network": "sms"}}, "network is given twice"),
        ({"constants": {"netwrok": "sms"}}, "There is no field 'netwrok': did you mean network?"),
        ({"constants": {"quantity": "many"}}, "quantity cannot be 'many': Not a whole number."),
        ({"ignored": ["note"]}, "The header has no column 'note'"),
        ({"ignored": ["actor"]}, "Missing: actor."),
        ({"scope": " "}, "The scope cannot be ' '"),
        ({"time_zone": "Europe/Pari"}, "no time zone 'Europe/Pari': did you mean Europe/Paris?"),
        ({"time_zone": "../etc/passwd"}, "no time zone"),
    ],
)
def test_choices_that_do_not_fit_the_file_are_refused(save: Save, choices: dict[str, Any], said: str) -> None:
    assert said in wrong(save(HEADER, INES), **choices)


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


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2026-11-23 08:00", datetime(2026, 11, 23, 7, tzinfo=UTC)),
        ("2026-11-23T08:00:00.250", datetime(2026, 11, 23, 7, 0, 0, 250_000, tzinfo=UTC)),
        ("2026-07-14 08:00", datetime(2026, 7, 14, 6, tzinfo=UTC)),
        ("2026-07-14 08:00Z", datetime(2026, 7, 14, 8, tzinfo=UTC)),
        ("2026-07-14 08:00 -04:00", datetime(2026, 7, 14, 12, tzinfo=UTC)),
        ("2026-10-25 02:30+01:00", datetime(2026, 10, 25, 1, 30, tzinfo=UTC)),
    ],
)
def test_a_date_without_a_zone_means_the_zone_named(save: Save, written: str, meant: datetime) -> None:
    (row,) = read(save(HEADER, f"twitch,ines,vote,x,,{written}"), time_zone="Europe/Paris")
    assert row.fact is not None and row.fact.happened_at == meant


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("2026-10-25 02:30", "happens twice in Europe/Paris"),
        ("2026-03-29 02:30", "does not exist in Europe/Paris"),
        ("2026-11-23", "Not a date and time"),
        ("9999-12-31 23:59", "Must be between 1970 and 9997."),
        ("0001-01-01 00:00", "Must be between 1970 and 9997."),
        ("0000-01-01 00:00", "Not a date and time"),
    ],
)
def test_a_time_the_clock_never_or_twice_shows_is_a_bad_row(save: Save, written: str, said: str) -> None:
    (row,) = read(save(HEADER, f"twitch,ines,vote,x,,{written}"), time_zone="Europe/Paris")
    assert row.problem is not None
    told = row.problem.say("en")
    assert told.startswith("happened_at: ") and said in told


def test_a_problem_is_told_by_the_column_s_own_name(save: Save) -> None:
    (row,) = read(save("Qui,network,kind,object", "\x07,twitch,vote,x"), mapped={"Qui": "actor"})
    assert row.problem is not None and row.problem.code == "wrong_cells"
    assert row.problem.say("en") == "Qui: Must not contain control characters."
    assert row.problem.say("fr") == "Qui\N{NARROW NO-BREAK SPACE}: Un caractère n’est pas permis."


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


def test_a_file_that_changes_while_it_is_read_is_noticed(save: Save) -> None:
    path = save(HEADER, *[INES] * 10_000)
    file: CsvFile = open_csv(path, Choices())
    rows = file.rows(file.body)
    next(rows)
    with path.open("ab") as more:
        more.write(b"\xff" * 100)
    with pytest.raises(FileChanged):
        file.text.check_unchanged()
    with pytest.raises(FileChanged):
        list(rows)
