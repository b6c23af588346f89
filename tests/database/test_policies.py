"""Which roles may switch prompts, to which versions, and what a switch ends."""

import asyncpg
import pytest


@pytest.fixture
async def prompts(db):
    for number in range(1, 4):
        await db.execute("select ai.add_prompt('rfq', 's' || $1, 't', '{}')", str(number))


async def active(db):
    return await db.fetchval("select value #>> '{}' from ai.policy where key = 'active_prompt'")


async def measure(db, version, finished="clock_timestamp()", report="'{}'"):
    await db.execute(
        "insert into ai.eval_runs (provider, model, prompt_version, prompt_sha256, source, cases, repeats, finished_at, report) "
        f"values ('openai', 'm1', $1, 'x', 'f', 9, 1, {finished}, {report})", version,
    )  # fmt: skip


async def test_an_unmeasured_prompt_is_not_activated_unless_forced(db, prompts):
    assert await active(db) == "rfq@1"
    with pytest.raises(asyncpg.PostgresError, match="rfq@2 has not been evaluated") as refused:
        await db.execute("select ai.activate_prompt('rfq@2')")
    assert refused.value.sqlstate == "RF006"
    with pytest.raises(asyncpg.PostgresError, match="has not been evaluated"):
        await db.execute("select ai.set_policy('active_prompt', '\"rfq@2\"')")
    await measure(db, "rfq@2", "null", "null")  # interrupted
    with pytest.raises(asyncpg.PostgresError, match="has not been evaluated"):
        await db.execute("select ai.activate_prompt('rfq@2')")
    await db.execute("select ai.activate_prompt('rfq@2', p_force => true)")
    with pytest.raises(asyncpg.PostgresError, match="has not been evaluated"):
        await db.execute("select ai.activate_prompt('rfq@3')")
    assert await db.fetchval("select ai.rollback_prompt()") == "rfq@1"
    await measure(db, "rfq@3")
    await db.execute("select ai.activate_prompt('rfq@3')")
    assert await active(db) == "rfq@3"


async def test_a_canary_must_be_measured_and_be_another_prompt(db, prompts):
    for version, code in (("rfq@2", "RF006"), ("rfq@1", "RF004"), ("rfq@9", "RF004")):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await db.execute("select ai.start_trial('canary', $1, 10)", version)
        assert code == refused.value.sqlstate
    await db.execute("select ai.start_trial('shadow', 'rfq@2', 10)")  # a shadow changes nothing, so it needs no proof
    await measure(db, "rfq@2")
    await db.execute("select ai.start_trial('canary', 'rfq@2', 10)")
    assert await db.fetchval("select value from ai.policy where key = 'canary_percent'") == "10"


async def test_another_canary_or_a_switch_ends_a_trial(db, prompts):
    await db.execute("select ai.start_trial('canary', 'rfq@2', 10, p_force => true)")
    await db.execute("select ai.start_trial('canary', 'rfq@3', 20, p_force => true)")
    await db.execute("select ai.start_trial('shadow', 'rfq@2', 20)")
    assert await db.fetchval("select value from ai.policy where key = 'canary_prompt'") == '"rfq@3"'
    await db.execute("select ai.activate_prompt('rfq@3', p_force => true)")
    rows = await db.fetch("select kind, end_reason from ai.trials order by trial")
    assert [tuple(row) for row in rows] == [
        ("canary", "another one began"),
        ("canary", "active prompt is now rfq@3"),
        ("shadow", "active prompt is now rfq@3"),
    ]
    assert await db.fetchval("select value from ai.policy where key = 'canary_prompt'") == '""'


@pytest.mark.parametrize("percent", [0, 100])
async def test_a_share_of_zero_puts_no_rfq_and_a_share_of_one_every_rfq_into_the_canary(db, prompts, percent):
    if percent:
        await db.execute("select ai.start_trial('canary', 'rfq@2', $1, p_force => true)", percent)
    await db.execute("insert into public.rfq_requests (message) select 'm' || g from generate_series(1, 50) g")
    rows = await db.fetch("select prompt_version from ai.claim_outbox(1, 1000, 100, '60 s')")
    assert {row[0] for row in rows} == {"rfq@2" if percent else "rfq@1"}


async def test_a_worker_role_can_do_what_a_worker_must(db, prompts, make_role):
    role = await make_role()
    await db.execute(f"grant rfqflow_worker to {role}")
    await db.execute("select ai.start_trial('canary', 'rfq@2', 10, p_force => true)")
    async with db.transaction():
        await db.execute(f"set local role {role}")
        trial = await db.fetchval("select ai.running_trial('canary')")
        assert await db.fetchval("select ai.trial_figures($1) is not null", trial)
        assert await db.fetchval("select ai.record_canary_check($1, 1)", trial)
        assert await db.fetchval("select count(*) from ai.claim_shadow(5)") == 0
        assert await db.fetchval("select ai.end_trial('canary', 'rfqflow', 'worse')") == trial
    async with db.transaction():
        await db.execute(f"set local role {role}")
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await db.execute("select ai.start_trial('canary', 'rfq@2', 10)")


async def test_answers_of_a_shadow_that_ended_long_ago_are_deleted_and_its_figures_are_kept(db, prompts):
    trial = await db.fetchval("select ai.start_trial('shadow', 'rfq@2', 10)")
    await db.execute(
        "insert into ai.shadow_results (trial, rfq_id, base_output, ended_at) "
        "select $1, gen_random_uuid(), '{}', now() from generate_series(1, 3)", trial,
    )  # fmt: skip
    await db.execute("select ai.end_trial('shadow', 'ada', 'enough', ai.trial_figures($1))", trial)
    await db.execute("select ai.prune_guards()")
    assert await db.fetchval("select count(*) from ai.shadow_results") == 3
    await db.execute("update ai.trials set ended_at = ended_at - interval '91 days'")
    await db.execute("select ai.prune_guards()")
    assert await db.fetchval("select count(*) from ai.shadow_results") == 0
    assert await db.fetchval("select (figures -> 'shadow' ->> 'asked')::integer from ai.trials") == 3
