-- Costs of evaluations, the check whether a prompt was evaluated, and prompt experiments.

create or replace function ai.settle_evaluation(p_finished jsonb, p_purpose text default 'evaluation')
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
begin
  insert into ai.eval_calls (claim_id, purpose, scope, provider, model, admitted_at, booked_usd, error_class, is_assumed)
  select h.claim_id, p_purpose, ai.budget_scope_of(h.rfq_id), h.provider, h.model, h.admitted_at,
    (coalesce(f.booked_nano, h.amount_nano) / 1e9)::numeric(14, 9), f.error_class,
    f.cost_usd is null and case when f.booked_nano is null then not h.is_priced else f.booked_nano > 0 end
  from jsonb_to_recordset(p_finished) as f(claim_id bigint, booked_nano bigint, error_class text, cost_usd text)
  join ai.holds h on h.claim_id = f.claim_id
  on conflict do nothing;
  perform ai.settle_calls(p_finished);
end
$$;
comment on function ai.settle_evaluation(jsonb, text) is
  'Settles calls of scope evaluation or draft as ai.settle_calls does, and records their booked amounts. The RFQ id in such a hold names the scope (ai.budget_scope_of).';

create or replace function ai.is_measured(p_version text)
returns boolean
language sql stable security definer  -- operators who activate prompts have no rights on evaluations
set search_path = pg_catalog, pg_temp
as $$
  select exists (
      select from ai.eval_runs r
      where r.prompt_version = p_version and r.finished_at is not null and r.cases > 0)
    or exists (
      select from ai.policy_history h
      where h.key = 'active_prompt' and to_jsonb(p_version) in (h.old_value, h.new_value));
$$;
comment on function ai.is_measured(text) is
  'True if a prompt has a finished evaluation, or was active before. The first prompt becomes active when it is added.';

create or replace function ai.start_trial(
  p_kind text, p_version text, p_percent numeric, p_actor text default null, p_reason text default null,
  p_force boolean default false)
returns bigint
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_base constant text := (select p.value #>> '{}' from ai.policy p where p.key = 'active_prompt' for update);
  v_trial bigint;
begin
  if not exists (select from ai.prompts p where p.version = p_version) then
    raise exception 'prompt % not found', p_version using errcode = 'RF004', hint = 'List them: rfqflow prompt list';
  end if;
  if p_version = v_base then
    raise exception '% is the active prompt and cannot be compared with itself', p_version using errcode = 'RF004';
  end if;
  if p_kind = 'canary' and not p_force and not ai.is_measured(p_version) then
    raise exception 'prompt % has not been evaluated', p_version
      using errcode = 'RF006', hint = 'Evaluate it first: rfqflow eval run --cases db --prompt ' || p_version;
  end if;
  perform ai.end_trial(p_kind, p_actor, 'another one began');
  insert into ai.trials (kind, prompt_version, base_version, percent, started_by)
  values (p_kind, p_version, v_base, p_percent, coalesce(p_actor, session_user))
  returning trial into v_trial;
  if p_kind = 'canary' then
    perform ai.set_policy('canary_percent', to_jsonb(p_percent), p_actor, p_reason);
    perform ai.set_policy('canary_prompt', to_jsonb(p_version), p_actor, p_reason);
  end if;
  return v_trial;
end
$$;
comment on function ai.start_trial(text, text, numeric, text, text, boolean) is
  'Starts a prompt experiment of kind shadow or canary on a share of RFQs. A running experiment of the same kind ends. Returns the number of the new experiment. Raises RF004: no such prompt, or it is the active prompt; RF006: the prompt of a canary was never evaluated, unless p_force.';

create or replace function ai.end_trial(p_kind text, p_actor text, p_reason text, p_figures jsonb default null)
returns bigint
language plpgsql volatile security definer  -- a worker may stop a canary that performs clearly worse
set search_path = pg_catalog, pg_temp
as $$
declare
  v_trial bigint;
begin
  update ai.trials t
  set ended_at = clock_timestamp(), ended_by = coalesce(p_actor, session_user), end_reason = p_reason, figures = p_figures
  where t.kind = p_kind and t.ended_at is null
  returning t.trial into v_trial;
  if v_trial is not null and p_kind = 'canary' then
    perform ai.set_policy('canary_prompt', '""', p_actor, p_reason);
    perform ai.set_policy('canary_percent', '0', p_actor, p_reason);
  end if;
  return v_trial;
end
$$;
comment on function ai.end_trial(text, text, text, jsonb) is
  'Ends the running experiment of a kind, so that later claims use the active prompt. Returns the number of the experiment; null if none was running.';

create or replace function ai.follow_active_prompt()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text;
begin
  for v_kind in select t.kind from ai.trials t where t.ended_at is null loop
    perform ai.end_trial(v_kind, null, 'active prompt is now ' || (new.value #>> '{}'));
  end loop;
  return null;
end
$$;
comment on function ai.follow_active_prompt() is 'Trigger: when another prompt becomes active, ends the experiments against the previous prompt.';

create or replace trigger rfqflow_follow_active_prompt after update of value on ai.policy
  for each row when (new.key = 'active_prompt' and old.value <> '""' and old.value is distinct from new.value)
  execute function ai.follow_active_prompt();
comment on trigger rfqflow_follow_active_prompt on ai.policy is 'Ends experiments against the previous prompt.';

create or replace function ai.trial_rfqs(p_trial bigint)
returns table (rfq_id uuid, failed boolean)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select x.rfq_id, bool_or(coalesce(x.status = 'failed' and x.error_class in (
    'invalid_output', 'truncated', 'refusal', 'content_filter', 'too_large', 'bad_request', 'timeout'), false))
  from ai.trials t
  join ai.rag_runs x
    on x.prompt_version = t.prompt_version and x.created_at >= t.started_at
    -- Runs that were claimed before the end of the experiment are recorded after its end.
    and x.created_at < coalesce(t.ended_at, clock_timestamp()) + interval '2 hours'
  where t.trial = p_trial and t.kind = 'canary' and x.status <> 'skipped'
  group by x.rfq_id;
$$;
comment on function ai.trial_rfqs(bigint) is
  'The RFQs of a canary, each with whether one of its attempts failed in a way that a prompt can cause.';

create or replace function ai.trial_answers(p_trial bigint, p_limit integer)
returns table (rfq_id uuid, answered_at timestamptz, base_output jsonb, output jsonb, person_route text)
language sql stable security definer  -- as ai.end_trial
set search_path = pg_catalog, pg_temp
as $$
  with trial as (
    select t.* from ai.trials t where t.trial = p_trial
  ),
  shadow as (
    select s.rfq_id, s.ended_at as answered_at, s.base_output, s.answer as output
    from trial t
    join ai.shadow_results s on s.trial = t.trial and s.ended_at is not null and s.answer is not null
    where t.kind = 'shadow'
    order by s.ended_at desc, s.rfq_id limit p_limit
  ),
  canary as (
    select c.rfq_id, c.created_at as answered_at, c.content_sha256, c.base_version, c.output
    from (
      select distinct on (x.rfq_id) x.rfq_id, x.created_at, x.content_sha256, t.base_version, x.output
      from trial t
      join ai.rag_runs x
        on x.prompt_version = t.prompt_version and x.created_at >= t.started_at
        and x.created_at < coalesce(t.ended_at, clock_timestamp()) + interval '2 hours'
      where t.kind = 'canary' and x.status in ('succeeded', 'superseded') and x.output is not null
      order by x.rfq_id, x.created_at desc
    ) c
    order by c.created_at desc, c.rfq_id limit p_limit
  ),
  pair as (
    select s.* from shadow s
    union all
    select c.rfq_id, c.answered_at, b.output, c.output
    from canary c
    left join lateral (
      select y.output from ai.rag_runs y
      where y.rfq_id = c.rfq_id and y.prompt_version = c.base_version and y.content_sha256 = c.content_sha256
        and y.status in ('succeeded', 'superseded') and y.output is not null
      order by y.created_at desc limit 1) b on true
  )
  select p.rfq_id, p.answered_at, p.base_output, p.output, o.route
  from pair p
  left join ai.overrides o on o.rfq_id = p.rfq_id and o.withdrawn_at is null
  order by p.answered_at desc, p.rfq_id;
$$;
comment on function ai.trial_answers(bigint, integer) is
  'The newest answers of an experiment''s candidate, each with the base prompt''s answer to the same text and the route that a person set. For a canary, the base answer is null if the base prompt was not used for that text.';

create or replace function ai.trial_figures(p_trial bigint)
returns jsonb
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  with trial as (
    select t.*, coalesce(t.ended_at, clock_timestamp()) as until from ai.trials t where t.trial = p_trial
  ),
  run as (
    select x.*, case when x.prompt_version = t.prompt_version then 'candidate' else 'base' end as arm
    from trial t
    join ai.rag_runs x
      on x.created_at >= t.started_at and x.created_at < t.until
      and x.prompt_version in (t.prompt_version, t.base_version)
    where t.kind = 'canary' and x.status in ('succeeded', 'failed', 'superseded')
      and coalesce(x.reason not in ('reused', 'written_late'), true)
  ),
  rfq as (
    -- Each RFQ counts once, for any number of attempts, since attempts at the same text are not independent.
    select r.arm, r.rfq_id, bool_or(coalesce(r.status = 'failed' and r.error_class in (
      'invalid_output', 'truncated', 'refusal', 'content_filter', 'too_large', 'bad_request', 'timeout'), false)) as failed,
      bool_or(exists (
        select from ai.overrides o
        where o.rfq_id = r.rfq_id and o.withdrawn_at is null and o.ai_prompt_version = r.prompt_version
          and o.route <> o.ai_route)) as overridden
    from run r
    where r.status <> 'failed' or r.error_class in (
      'invalid_output', 'truncated', 'refusal', 'content_filter', 'too_large', 'bad_request', 'timeout')
    group by r.arm, r.rfq_id
  ),
  arm as (
    select a.arm, jsonb_build_object(
      'rfqs', (select count(*) from rfq q where q.arm = a.arm),
      'failed', (select count(*) from rfq q where q.arm = a.arm and q.failed),
      'overridden', (select count(*) from rfq q where q.arm = a.arm and q.overridden),
      'calls', count(r.run_id),
      'cost_usd', sum(r.cost_usd),
      'cost_unknown', count(r.run_id) filter (where r.cost_usd is null),
      'p50_ms', percentile_cont(0.5) within group (order by r.latency_ms),
      'p95_ms', percentile_cont(0.95) within group (order by r.latency_ms),
      'confidence', avg(r.confidence),
      'routes', (select jsonb_object_agg(s.route, s.rfqs) from (
        select y.output ->> 'route' as route, count(distinct y.rfq_id) as rfqs
        from run y where y.arm = a.arm and y.status = 'succeeded' and y.output ? 'route' group by 1) s)
    ) as figures
    from (values ('candidate'), ('base')) as a(arm)
    left join run r on r.arm = a.arm
    group by a.arm
  ),
  shadow as (
    select jsonb_build_object(
      'asked', count(*), 'answered', count(s.answer), 'refused', count(*) filter (where s.error_class = 'refused'),
      'failed', count(*) filter (where s.error_class in (
        'invalid_output', 'truncated', 'refusal', 'content_filter', 'too_large', 'bad_request', 'timeout')),
      'same_route', count(*) filter (where s.answer ->> 'route' = s.base_output ->> 'route'),
      'overridden_answered', count(o.override_id) filter (where s.answer is not null),
      'override_right', count(o.override_id) filter (where s.answer ->> 'route' = o.route),
      'override_base_right', count(o.override_id) filter (where s.answer is not null and s.base_output ->> 'route' = o.route),
      'cost_usd', sum(s.cost_usd), 'base_cost_usd', sum(s.base_cost_usd) filter (where s.answer is not null),
      'p50_ms', percentile_cont(0.5) within group (order by s.latency_ms),
      'base_p50_ms', percentile_cont(0.5) within group (order by s.base_latency_ms)
    ) as figures
    from trial t
    join ai.shadow_results s on s.trial = t.trial and s.ended_at is not null
    left join ai.overrides o on o.rfq_id = s.rfq_id and o.withdrawn_at is null
  )
  select jsonb_build_object(
    'trial', t.trial, 'kind', t.kind, 'prompt_version', t.prompt_version, 'base_version', t.base_version,
    'percent', t.percent, 'started_at', t.started_at, 'started_by', t.started_by, 'ended_at', t.ended_at,
    'ended_by', t.ended_by, 'end_reason', t.end_reason, 'looks', t.looks)
    || case t.kind when 'canary' then (select jsonb_object_agg(a.arm, a.figures) from arm a)
       else jsonb_build_object('shadow', (select s.figures from shadow s)) end
  from trial t;
$$;
comment on function ai.trial_figures(bigint) is
  'Figures of an experiment. Canary, for each of the two prompts: RFQs, failures that a prompt can cause, overrides, cost, latency, routes. Shadow: how often both prompts gave the same answer, and how often each agreed with people.';

create or replace function ai.running_trial(p_kind text)
returns bigint
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select t.trial from ai.trials t where t.kind = p_kind and t.ended_at is null;
$$;
comment on function ai.running_trial(text) is 'Number of the running experiment of a kind.';

create or replace function ai.record_canary_check(p_trial bigint, p_look integer)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.trials t set looks = p_look where t.trial = p_trial and t.ended_at is null and t.looks < p_look;
  return found;
end
$$;
comment on function ai.record_canary_check(bigint, integer) is
  'Claims the next comparison of an experiment for the calling worker. Returns false if another worker has claimed it, or if the experiment has ended.';

create or replace function ai.claim_shadow(p_limit integer)
returns table (trial bigint, prompt_version text, rfq_id uuid, request_id text, message text, company text, model text)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_trial ai.trials;
begin
  select * into v_trial from ai.trials t where t.kind = 'shadow' and t.ended_at is null;
  if not found or not ai.take_lock('shadows', false) then
    return;
  end if;
  return query
  with due as (
    -- Takes only recent RFQs, so that a shadow that cannot keep up leaves out RFQs instead of queueing them.
    select distinct on (x.rfq_id) x.rfq_id, x.output, x.cost_usd, x.latency_ms, x.model
    from ai.rag_runs x
    where x.created_at >= greatest(v_trial.started_at, clock_timestamp() - interval '10 minutes')
      and x.status = 'succeeded' and x.prompt_version = v_trial.base_version and x.output is not null
      and coalesce(x.reason not in ('reused', 'written_late'), true)
      and mod(hashtextextended(x.rfq_id::text || v_trial.prompt_version, 0) & 9223372036854775807, 10000) < v_trial.percent * 100
      and not exists (select from ai.shadow_results s where s.trial = v_trial.trial and s.rfq_id = x.rfq_id)
    order by x.rfq_id, x.created_at desc
    limit p_limit
  ),
  taken as (
    insert into ai.shadow_results (trial, rfq_id, base_output, base_cost_usd, base_latency_ms)
    select v_trial.trial, d.rfq_id, d.output, d.cost_usd, d.latency_ms from due d
    returning rfq_id
  )
  select v_trial.trial, v_trial.prompt_version, d.rfq_id, c.request_id, ai.cut_text(r.message, 96000), c.company, d.model
  from taken t
  join due d on d.rfq_id = t.rfq_id
  join ai.rfqs r on r.rfq_id = t.rfq_id
  left join lateral ai.rfq_contacts(array[t.rfq_id]) c on true;
end
$$;
comment on function ai.claim_shadow(integer) is
  'Claims RFQs of the last ten minutes for the running shadow. Only one worker of the fleet gets each RFQ.';

create or replace function ai.finish_shadow(p_finished jsonb)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  update ai.shadow_results s
  set model = f.model, answer = f.answer, error_class = f.error_class, cost_usd = f.cost_usd, latency_ms = f.latency_ms,
      ended_at = clock_timestamp()
  from jsonb_to_recordset(p_finished) as f(
    trial bigint, rfq_id uuid, model text, answer jsonb, error_class text, cost_usd numeric, latency_ms real)
  where s.trial = f.trial and s.rfq_id = f.rfq_id;
$$;
comment on function ai.finish_shadow(jsonb) is 'Records the answer of a shadow.';
