"""The export of dead letters: complete, sent while it is read, and safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io

from tests.support.console_accounts import session_of
from tests.support.console_process import console
from tests.support.http_client import ask, opened

MANY = 1_701  # more than a page


async def test_the_export_has_each_of_many_dead_letters_once(database, db):
    await db.execute(
        "insert into ai.outbox_dead (rfq_id, enqueued_at, discarded_at, attempt, reason, error_class) "
        "select gen_random_uuid(), now(), now() - interval '1 minute', 3, 'attempts_exhausted', "
        "case when n % 100 = 0 then 'timeout' else 'internal' end from generate_series(1, $1::integer) n", MANY,
    )  # fmt: skip
    async with console(database) as (url, process):
        given = await session_of(url)
        async with opened(url + "/failures.csv", headers=given) as (status, headers, _):
            assert status == 200
            assert ("transfer-encoding", "chunked") in headers  # the page has not counted them before
        reply = await ask(url + "/failures.csv", headers={**given, "Accept-Language": "de"}, seconds=120)
        rows = list(csv.DictReader(io.StringIO(reply.body.decode("utf-8-sig")), delimiter=";"))
        assert (len(rows), len({row["rfq_id"] for row in rows})) == (MANY, MANY)
        part = await ask(url + "/failures.csv?error_class=timeout", headers=given, seconds=120)
        assert part.body.decode("utf-8-sig").count("\n") == 1 + MANY // 100
    kept = await db.fetch("select detail ->> 'rfqs' as rfqs from ai.actions where action = 'export' order by id")
    assert [row["rfqs"] for row in kept][-2:] == [str(MANY), str(MANY // 100)]
    assert not process.events("console.export_cut")
