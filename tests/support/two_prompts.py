"""A database with two versions of the prompt."""

from __future__ import annotations

from tests.support.oracle_provider import Knowing
from tests.support.worker_harness import until, working

ADD = (
    "select ai.add_prompt('rfq', p.system || ' Be brief.', p.template, p.parameters) from ai.prompts p where number = 1"
)


async def two_prompts(db, database):
    async with working(database, Knowing({}), prompt_version=None):
        await until(lambda: db.fetchval("select exists (select from ai.prompts)"))
    await db.execute(ADD)
