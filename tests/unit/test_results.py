"""How results are taken to be recorded."""

import pytest

from rfqflow.worker.result_buffer import ResultBuffer
from tests.support.attempt_results import attempt_result


@pytest.mark.parametrize(("latency_ms", "batches"), [(0.1, [250]), (2000.0, [100, 100, 50])])
def test_calls_that_took_long_are_recorded_in_small_batches_so_that_the_next_begin_apart(latency_ms, batches):
    results = ResultBuffer()
    for number in range(250):
        results.add(attempt_result(number, latency_ms=latency_ms))

    assert [len(results.take()) for _ in batches] == batches
    assert results.ready == 0


def test_a_batch_is_bounded_in_seconds_and_closer_after_a_hang():
    results = ResultBuffer()
    batch = [attempt_result(number) for number in range(100)]
    usual, hung = results.bound(batch, 0.0)
    assert (2.0 <= usual <= 5.0, hung) == (True, False)

    assert results.failed(batch, "57014", 0.0)
    after, hung = results.bound(batch, 1.0)
    assert (after < usual, hung) == (True, True)
    assert results.bound(batch, 100.0) == (usual, False)
