from dataclasses import dataclass

import asyncpg
import awa
from awa.bridge import insert_job
from driving import Seen, main, nothing, same_work, say, ticks, until_stdin_closes


@dataclass
class Number:
    number: int


async def setup(dsn):
    client = awa.AsyncClient(dsn)
    await client.migrate()
    await client.install_queue_storage()  # otherwise the first worker does so, and the queue could not be filled before
    say({})


async def fill(dsn, jobs):
    client = awa.AsyncClient(dsn)
    for start in range(0, jobs, 5000):
        await client.enqueue_many_copy([Number(one) for one in range(start, min(start + 5000, jobs))])
    say({})


async def work(dsn, expected, workers, handler=""):
    seen, handle = Seen(expected), await same_work(dsn) if handler else nothing
    client = awa.AsyncClient(dsn, max_connections=20)

    @client.task(Number, queue="default")
    async def number(job):
        seen.start(job.args.number)
        await handle([job.args.number])

    await client.start([("default", workers)])
    say({"ready": True})
    await until_stdin_closes()
    await client.shutdown()
    say(seen.result())


async def produce(dsn, **pace):
    conn = await asyncpg.connect(dsn)
    await ticks(lambda number: insert_job(conn, Number(number)), **pace)


main(setup=setup, fill=fill, work=work, produce=produce)
