"""Which tests begin first when several workers share them."""

import pytest

from tests.support.order import spread

NAMES = [
    *(f"tests/unit/test_quick.py::test_{number}" for number in range(100)),
    *(f"tests/integration/test_sockets.py::test_{number}" for number in range(6)),
    *(f"tests/integration/test_replay.py::test_{number}" for number in range(3)),
    *(f"tests/database/test_years.py::test_{number}" for number in range(2)),
]


@pytest.mark.parametrize("workers", [1, 2, 3, 6, 60, 200])
def test_each_test_runs_once_with_any_number_of_workers(workers):
    assert sorted(spread(NAMES, str, workers)) == sorted(NAMES)


def test_tests_that_wait_or_take_long_come_first_in_different_parts():
    order = spread(NAMES, str, 6)
    parts, left = [], order
    for workers in range(6, 0, -1):  # as xdist does
        parts.append(left[: len(left) // workers])
        left = left[len(left) // workers :]

    begins = [[name.split("/")[-1].split(".")[0] for name in part[:4]] for part in parts]
    assert begins[0] == begins[1] == ["test_sockets"] * 3 + ["test_quick"]
    assert begins[2] == ["test_replay"] * 3 + ["test_quick"]
    assert begins[3] == ["test_years"] * 2 + ["test_quick"] * 2
    assert begins[4] == begins[5] == ["test_quick"] * 4
