-- Adds runs to the daily totals in small steps, each run exactly once.

create or replace function ai.was_called(p_rfq_id uuid, p_before timestamptz)
returns boolean
language plpgsql stable security definer  -- readers of ai.run_details have no rights on the runs
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set plan_cache_mode = force_custom_plan  -- reads only the weekly partitions in which the RFQ waited
set jit = off
as $$
declare
  v_from constant timestamptz := p_before - interval '14 days';
begin
  return exists (
    select from ai.run_details f where f.rfq_id = p_rfq_id and f.created_at < p_before and f.created_at > v_from and f.is_call);
end
$$;
comment on function ai.was_called(uuid, timestamptz) is 'Whether a provider was called for this RFQ in the two weeks before a time, with any result.';

create or replace function ai.roll_up(p_limit integer default 50000, p_margin interval default '10 seconds')
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_state ai.rollup_progress;
  v_to timestamptz;
  v_rolled integer := 0;
begin
  select s.* into v_state from ai.rollup_progress s for update skip locked;
  if not found then
    return 0;  -- another session runs this function
  end if;

  -- A run gets its time after its transaction began, and becomes visible at commit. Once all transactions that were open at asked_at have
  -- ended, no run from before asked_at can still appear. pg_locks shows all transactions to every role, and PostgreSQL never reuses a
  -- virtual id. Autovacuum and sessions of other databases are left out: they write no runs, and may last for hours.
  if not exists (
    select from pg_catalog.pg_locks l
    where l.locktype = 'virtualxid' and l.virtualtransaction = any (v_state.running))
  then
    -- The margin allows for a clock that is set back, or for a new primary whose clock is behind.
    v_state.settled_to := greatest(v_state.settled_to, v_state.asked_at - p_margin);
    v_state.asked_at := clock_timestamp();
    v_state.running := array(
      select distinct l.virtualtransaction
      from pg_catalog.pg_locks l
      join pg_catalog.pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'virtualxid' and l.pid <> pg_backend_pid()
        and a.datname = current_database() and a.usesysid is not null);
  end if;

  if v_state.settled_to > v_state.rolled_to then
    -- Adds only a limited number of runs. The next call continues.
    v_to := coalesce((
      select u.created_at from ai.rag_runs u
      where u.created_at >= v_state.rolled_to and u.created_at < v_state.settled_to
      order by u.created_at offset p_limit limit 1), v_state.settled_to);
    v_to := greatest(v_to, v_state.rolled_to + interval '1 microsecond');

    with counted as materialized (
      select f.day, f.status, coalesce(f.reason, '') as reason, coalesce(f.error_class, '') as error_class,
        coalesce(f.provider, '') as provider, coalesce(f.model, '') as model,
        coalesce(f.prompt_version, '') as prompt_version, coalesce(f.cost_source, '') as cost_source,
        coalesce(f.end_status, '') as end_status,
        count(*) as runs,
        count(*) filter (where f.is_call) as calls,
        count(*) filter (where f.is_call and f.cost_usd is null) as calls_of_unknown_cost,
        count(*) filter (where f.ended_without_call) as ended_without_call,
        coalesce(sum(f.input_tokens), 0) as input_tokens,
        coalesce(sum(f.cached_input_tokens), 0) as cached_input_tokens,
        coalesce(sum(f.output_tokens), 0) as output_tokens,
        coalesce(sum(f.reasoning_tokens), 0) as reasoning_tokens,
        coalesce(sum(f.cost_usd), 0) as cost_usd,
        min(f.created_at) filter (where f.is_call and f.cost_usd is null) as first_unknown_at
      from ai.run_details f
      where f.created_at >= v_state.rolled_to and f.created_at < v_to
      group by 1, 2, 3, 4, 5, 6, 7, 8, 9
    ),
    added as (
      insert into ai.run_days as d (
        day, status, reason, error_class, provider, model, prompt_version, cost_source, end_status,
        runs, calls, calls_of_unknown_cost, ended_without_call, input_tokens, cached_input_tokens, output_tokens,
        reasoning_tokens, cost_usd, first_unknown_at)
      select c.* from counted c
      on conflict on constraint run_days_pkey do update
      set runs = d.runs + excluded.runs,
          calls = d.calls + excluded.calls,
          calls_of_unknown_cost = d.calls_of_unknown_cost + excluded.calls_of_unknown_cost,
          ended_without_call = d.ended_without_call + excluded.ended_without_call,
          input_tokens = d.input_tokens + excluded.input_tokens,
          cached_input_tokens = d.cached_input_tokens + excluded.cached_input_tokens,
          output_tokens = d.output_tokens + excluded.output_tokens,
          reasoning_tokens = d.reasoning_tokens + excluded.reasoning_tokens,
          cost_usd = d.cost_usd + excluded.cost_usd,
          first_unknown_at = least(d.first_unknown_at, excluded.first_unknown_at)
    )
    select coalesce(sum(c.runs), 0) into v_rolled from counted c;

    insert into ai.latency_days as d (day, measure, bucket, observations)
    select m.day, m.measure, m.bucket, count(*)
    from ai.run_measurements m
    where m.created_at >= v_state.rolled_to and m.created_at < v_to
    group by 1, 2, 3
    on conflict on constraint latency_days_pkey do update
    set observations = d.observations + excluded.observations;
    v_state.rolled_to := v_to;
  end if;

  update ai.rollup_progress s
  set rolled_to = v_state.rolled_to, settled_to = v_state.settled_to, asked_at = v_state.asked_at,
      running = v_state.running;
  return v_rolled;
end
$$;
comment on function ai.roll_up(integer, interval) is
  'One step of the roll-up: adds at most about p_limit runs to the daily totals. It adds a run only when no earlier run can still be committed, and the run is older than p_margin. A long transaction delays this; until then, views read more runs directly. Workers call it automatically. Returns the number of runs.';
