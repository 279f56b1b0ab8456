"""Many operations in the order that a seed says: the river and its model still agree, and the books add up (R21).

The machine is that of tests/laws, which hypothesis drives there to small failures; here a seed drives it far.
"""

from __future__ import annotations

import random
from collections import deque

import pytest
from hypothesis.control import BuildContext
from hypothesis.internal.conjecture.data import ConjectureData

from tests.faults.conftest import Dose
from tests.laws.test_river import River

SEEDS = {"sqlite": (3, 1_000), "postgresql": (1, 200)}  # on a short run, on a long one
TOLD = 12  # of the operations before a failure


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test for each seed, named by it."""
    is_long = metafunc.config.getoption("long")
    metafunc.parametrize(
        ("engine", "seed"), [(engine, seed) for engine, doses in SEEDS.items() for seed in range(doses[is_long])]
    )


@pytest.mark.timeout(600)
def test_the_river_agrees_with_its_model(engine: str, seed: int, request: pytest.FixtureRequest, dose: Dose) -> None:
    new_database = staticmethod(request.getfixturevalue(f"new_{engine}"))
    machine = type("SeededRiver", (River,), {"new_database": new_database})()
    latest: deque[str] = deque(maxlen=TOLD)
    try:
        drive(machine, random.Random(seed), dose(80, 500), latest)
    except BaseException as problem:
        problem.add_note(f"seed {seed}, after:\n" + "\n".join(latest))
        raise
    finally:
        machine.teardown()


def drive(machine: River, chance: random.Random, operations: int, latest: deque[str]) -> None:
    """Do operations that are possible, each with what its own strategies draw, and look at everything after each."""
    machine.open_the_station()
    for number in range(operations):
        possible = [each for each in machine.rules if all(holds(machine) for holds in each.preconditions)]
        rule = chance.choice(possible)
        drawn = ConjectureData(random=random.Random(chance.getrandbits(64)))
        with BuildContext(drawn, wrapped_test=drive):
            given = {name: drawn.draw(strategy) for name, strategy in rule.arguments.items()}
        latest.append(f"{number}: {rule.function.__name__}({given})")
        rule.function(machine, **given)
        for invariant in machine.invariants:
            invariant.function(machine)
