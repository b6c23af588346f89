"""How results are taken to be recorded."""

import pytest

from rfqflow.results import Results


@pytest.mark.parametrize(("latency_ms", "batches"), [(0.1, [250]), (2000.0, [100, 100, 50])])
def test_calls_that_took_long_are_recorded_in_small_batches_so_that_the_next_begin_apart(latency_ms, batches):
    results = Results(pipeline=None)  # type: ignore[arg-type] # nothing here is refused
    for number in range(250):
        results.add({"outbox_id": number, "latency_ms": latency_ms})

    assert [len(results.take()) for _ in batches] == batches
    assert results.ready == 0
