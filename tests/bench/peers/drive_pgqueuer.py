import asyncio

import asyncpg
from driving import Seen, main, nothing, same_work, say, ticks, until_stdin_closes
from pgqueuer.db import AsyncpgDriver
from pgqueuer.qm import QueueManager
from pgqueuer.queries import Queries


async def queries(dsn):
    return Queries(AsyncpgDriver(await asyncpg.connect(dsn)))


async def setup(dsn):
    await (await queries(dsn)).install()
    say({})


async def fill(dsn, jobs):
    into = await queries(dsn)
    for start in range(0, jobs, 1000):
        numbers = range(start, min(start + 1000, jobs))
        await into.enqueue(["job"] * len(numbers), [b"%d" % one for one in numbers], [0] * len(numbers))
    say({})


async def work(dsn, expected, consumers, batch, handler=""):
    seen, handle = Seen(expected), await same_work(dsn) if handler else nothing
    managers = []
    for _ in range(consumers):
        manager = QueueManager(await queries(dsn))

        @manager.entrypoint("job")
        async def job(job):
            seen.start(int(job.payload))
            await handle([int(job.payload)])

        managers.append(manager)
    running = [asyncio.create_task(one.run(batch_size=batch)) for one in managers]
    say({"ready": True})
    await until_stdin_closes()
    for one in managers:
        one.shutdown.set()
    await asyncio.gather(*running)
    say(seen.result())


async def produce(dsn, **pace):
    into = await queries(dsn)
    await ticks(lambda number: into.enqueue("job", b"%d" % number), **pace)


main(setup=setup, fill=fill, work=work, produce=produce)
