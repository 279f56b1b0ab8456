"""Every table has its place, and the schema keeps the rules that Citus has for each."""

import sqlalchemy as sa

from loyalty.distribution import ON_EVERY_MACHINE, ON_THE_COORDINATOR, SPREAD_BY, steps
from loyalty.tables import metadata

SPREAD = {name: metadata.tables[name] for name in SPREAD_BY}


def test_every_table_has_exactly_one_place() -> None:
    places = [*ON_EVERY_MACHINE, *SPREAD_BY, *ON_THE_COORDINATOR]
    assert len(places) == len(set(places))
    assert set(places) == set(metadata.tables)


def test_what_has_a_bucket_is_spread_by_it_or_names_who_is_behind_it() -> None:
    with_bucket = {name for name, table in metadata.tables.items() if "bucket" in table.c}
    by_bucket = {name for name, column in SPREAD_BY.items() if column == "bucket"}
    assert with_bucket - by_bucket == {"fan", "identity"}


def test_every_key_has_the_column_its_table_is_spread_by() -> None:
    without = [
        f"{name}: {constraint.name}"
        for name, table in SPREAD.items()
        for constraint in table.constraints
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint)
        and SPREAD_BY[name] not in constraint.columns
    ]
    without += [
        f"{name}: {index.name}"
        for name, table in SPREAD.items()
        for index in table.indexes
        if index.unique and SPREAD_BY[name] not in index.columns
    ]
    assert without == []


def test_what_stands_together_is_spread_by_the_same_type() -> None:
    types: dict[str, set[str]] = {}
    leads = {step.name: step.beside or step.name for step in steps()}
    for name, column in SPREAD_BY.items():
        types.setdefault(leads[name], set()).add(str(SPREAD[name].c[column].type))
    assert types == {"bucket": {"SMALLINT"}, "stock_lot": {"INTEGER"}, "scan": {"BIGINT"}}


def test_no_foreign_key_leads_where_citus_keeps_none() -> None:
    """Only to a copy, and from the coordinator only to what stands there too; nothing refers to what is spread."""
    wrong = []
    for name, table in metadata.tables.items():
        for key in table.foreign_keys:
            target = key.column.table.name
            may = target in ON_EVERY_MACHINE if name not in ON_THE_COORDINATOR else target in ON_THE_COORDINATOR
            if not may:
                wrong.append(f"{name} -> {target}")
    assert wrong == []


def test_a_table_goes_after_those_it_refers_to() -> None:
    order = [step.name for step in steps()]
    for name in order:
        for key in metadata.tables[name].foreign_keys:
            assert order.index(key.column.table.name) < order.index(name)
