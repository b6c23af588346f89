import logging

from chancy import Chancy, Job, Queue, Worker
from driving import Seen, main, nothing, same_work, say, ticks, until_stdin_closes

seen, handle = Seen(None), nothing


async def job(*, number: int):
    seen.start(number)
    await handle([number])


def opened(dsn):
    return Chancy(dsn, log=logging.getLogger("chancy"))


def one(number):
    return Job(func="__main__.job", kwargs={"number": number})


async def setup(dsn):
    async with opened(dsn) as chancy:
        await chancy.migrate()
    say({})


async def fill(dsn, jobs):
    async with opened(dsn) as chancy:
        async for _ in chancy.push_many([one(number) for number in range(jobs)]):
            pass
    say({})


async def work(dsn, expected, concurrency, handler=""):
    global seen, handle
    seen, handle = Seen(expected), await same_work(dsn) if handler else nothing
    async with opened(dsn) as chancy:
        await chancy.declare(
            Queue(
                "default", concurrency=concurrency, executor=Chancy.Executor.Async, polling_interval=1,
                eager_polling=True,
            ),
            upsert=True,
        )  # fmt: skip
        async with Worker(chancy, register_signal_handlers=False) as worker:
            say({"ready": True})
            await until_stdin_closes()
            await worker.stop()
    say(seen.result())


async def produce(dsn, **pace):
    async with opened(dsn) as chancy:
        await ticks(lambda number: chancy.push(one(number)), **pace)


main(setup=setup, fill=fill, work=work, produce=produce)
