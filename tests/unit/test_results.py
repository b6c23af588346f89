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
