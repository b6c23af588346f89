"""How the result buffer groups results for recording."""

import pytest

from rfqflow.core.policy import Policy
from rfqflow.worker.result_buffer import ResultBuffer
from tests.support.attempt_results import attempt_result


@pytest.mark.parametrize(("latency_ms", "batches"), [(0.1, [250]), (2000.0, [100, 100, 50])])
def test_results_of_long_calls_are_recorded_in_small_batches_so_that_the_next_calls_are_spread(latency_ms, batches):
    results = ResultBuffer()
    for number in range(250):
        results.add(attempt_result(number, latency_ms=latency_ms))

    assert [len(results.take()) for _ in batches] == batches
    assert results.ready == 0


def test_a_batch_is_bounded_in_seconds_and_smaller_after_a_hang():
    results = ResultBuffer()
    batch = [attempt_result(number) for number in range(100)]
    usual, hung = results.bound(batch, 0.0)
    assert (2.0 <= usual <= 5.0, hung) == (True, False)

    assert results.failed(batch, "57014", 0.0)
    after, hung = results.bound(batch, 1.0)
    assert (after < usual, hung) == (True, True)
    assert results.bound(batch, 100.0) == (usual, False)


@pytest.mark.parametrize("sqlstate", ["55P03", "40001", "40P01"])
def test_a_result_is_recorded_apart_only_after_a_lock_had_time_to_end(sqlstate):
    results = ResultBuffer()
    result = attempt_result(1)
    refused = {result.attempt.outbox_id: f"refused:{sqlstate}"}
    results.settle([result], refused, Policy(), 0.0)
    for now, blamed in ((0.0, False), (14.0, False), (16.0, True)):
        (leftover,) = results.due(now, last=False)
        results.settle_leftovers([leftover], refused, Policy(), now)
        assert leftover.apart == blamed
