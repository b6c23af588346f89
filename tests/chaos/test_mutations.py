"""Each mutation can be made: its text occurs once in the code, and the tests that must notice it exist."""

import pytest

from .fleet import ROOT
from .mutations import MUTATIONS, Mutation


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda mutation: mutation.name)
def test_the_text_of_a_mutation_occurs_once_and_its_tests_exist(mutation: Mutation):
    assert (ROOT / mutation.path).read_text().count(mutation.old) == 1
    assert [test for test in mutation.tests if test.endswith(".py") and not (ROOT / test).is_file()] == []
