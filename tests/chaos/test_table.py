"""What a run on a mapped table relies on: keys convert to ids and back, and a tier is shared out in full."""

import random
from collections import Counter

import pytest

from .poison import KINDS, OURS_ONLY, Sower, kinds
from .table import TABLES, rfq_uuid
from .tiers import TIERS, shares


async def test_a_number_converts_to_the_same_id_as_in_sql_and_back(db):
    for number in (0, 1, -1, 42, 2**63 - 1, -(2**63)):
        assert str(await db.fetchval("select ai.rfq_uuid($1)", number)) == rfq_uuid(number)
        assert TABLES["mapped"].key(rfq_uuid(number)) == number


@pytest.mark.parametrize("seed", [1, 2])
def test_two_tables_share_out_all_faults_and_all_rfqs_of_a_tier(seed):
    tier = TIERS["push"]

    parts = shares(tier, seed, 2)

    assert sum((Counter(part.faults) for part in parts), Counter()) == Counter(tier.faults)
    assert sum(part.rfqs for part in parts) == tier.rfqs
    assert abs(sum(parts[0].faults.values()) - sum(parts[1].faults.values())) <= 1
    assert (
        parts[0].faults != shares(tier, seed + 1, 2)[0].faults
    )  # a fault that occurs once is for the other table with the next seed


@pytest.mark.parametrize("name", TABLES)
def test_each_kind_of_harmful_row_comes_once_before_any_comes_twice(name):
    table = TABLES[name]
    sower, draw = Sower(table), random.Random(1)
    plain = {"id": table.new_id(draw), "request_id": "r-1", "message": "We need pumps", "name": "Ada"}

    sown = [sower.make(plain, draw) for _ in kinds(table)]

    assert [one["poison"] for one in sown] == kinds(table)
    assert all(one != {**plain, "poison": one["poison"]} for one in sown)
    assert set(KINDS) - set(kinds(table)) == (set() if name == "ours" else OURS_ONLY)
