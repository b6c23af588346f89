"""Each mutation can be made: its text occurs once in the code, and the tests that must notice it exist."""

import pytest

from .fleet import ROOT
from .mutations import MUTATIONS, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_a_mutation_has_its_place_and_its_tests(mutation: Mutation):
    assert (ROOT / mutation.path).read_text().count(mutation.old) == 1
    assert [test for test in mutation.tests if test.endswith(".py") and not (ROOT / test).is_file()] == []
