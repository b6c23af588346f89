import asyncio
import contextlib
import logging

import procrastinate
from driving import Seen, main, nothing, same_work, say, ticks, until_stdin_closes

logging.disable(logging.WARNING)  # procrastinate warns that this file is the main module, which it must be here
seen, handle = Seen(None), nothing


def opened(dsn, connections=4):
    app = procrastinate.App(
        connector=procrastinate.PsycopgConnector(conninfo=dsn, min_size=connections, max_size=connections)
    )

    @app.task(name="job")
    async def job(number):
        seen.start(number)
        await handle([number])

    return app, job


async def setup(dsn):
    app, _ = opened(dsn)
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
    say({})


async def fill(dsn, jobs):
    app, job = opened(dsn)
    async with app.open_async():
        for start in range(0, jobs, 1000):
            await job.batch_defer_async(*({"number": one} for one in range(start, min(start + 1000, jobs))))
    say({})


async def work(dsn, expected, concurrency, handler=""):
    global seen, handle
    seen, handle = Seen(expected), await same_work(dsn) if handler else nothing
    app, _ = opened(dsn, connections=concurrency)
    async with app.open_async():
        running = asyncio.create_task(app.run_worker_async(concurrency=concurrency, install_signal_handlers=False))
        say({"ready": True})
        await until_stdin_closes()
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running
    say(seen.result())


async def produce(dsn, **pace):
    app, job = opened(dsn)
    async with app.open_async():
        await ticks(lambda number: job.defer_async(number=number), **pace)


main(setup=setup, fill=fill, work=work, produce=produce)
