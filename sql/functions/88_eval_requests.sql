-- Evaluations: functions that store results, and requests that workers claim.

create or replace function ai.active_cases()
returns table (
  case_id text, message text, labels text, company text, contact text, family text, provenance text, rfq_id text,
  override_id bigint)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select c.case_id, c.message, c.labels::text, c.company, c.contact::text, c.family, c.provenance, c.rfq_id::text,
    c.override_id
  from ai.eval_cases c
  where c.is_active
  order by c.case_id;
$$;
comment on function ai.active_cases() is 'The cases that evaluations use.';

create or replace function ai.start_evaluation(
  p_provider text, p_model text, p_version text, p_sha256 bytea, p_source text, p_cases integer, p_repeats integer,
  p_actor text default null)
returns bigint
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.eval_runs (provider, model, prompt_version, prompt_sha256, source, cases, repeats, started_by)
  values (p_provider, p_model, p_version, p_sha256, p_source, p_cases, p_repeats, coalesce(p_actor, session_user))
  returning eval_run;
$$;
comment on function ai.start_evaluation(text, text, text, bytea, text, integer, integer, text) is
  'Begins an evaluation run. Returns its number.';

create or replace function ai.known_answers(p_cases bytea[], p_prompt_sha256 bytea, p_provider text, p_model text)
returns table (
  case_sha256 bytea, repeat smallint, answer text, error_class text, input_tokens integer, output_tokens integer, cached_input_tokens integer, reasoning_tokens integer,
  cost_usd numeric, latency_ms real)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select distinct on (r.case_sha256, r.repeat) r.case_sha256, r.repeat, r.answer::text, r.error_class, r.input_tokens,
    r.output_tokens, r.cached_input_tokens, r.reasoning_tokens, r.cost_usd, r.latency_ms
  from ai.eval_results r
  where r.case_sha256 = any (p_cases) and r.prompt_sha256 = p_prompt_sha256 and r.provider = p_provider and r.model = p_model
    -- Leaves out answers that failed in the network, so that these are requested again.
    and (r.error_class is null or r.error_class in (
      'invalid_output', 'truncated', 'refusal', 'content_filter', 'too_large', 'bad_request'))
  order by r.case_sha256, r.repeat, r.created_at desc;
$$;
comment on function ai.known_answers(bytea[], bytea, text, text) is
  'Answers that need no second call: the latest per case and repeat, for the same prompt, parameters and model.';

create or replace function ai.record_answer(
  p_eval_run bigint, p_case_sha256 bytea, p_prompt_sha256 bytea, p_provider text, p_model text, p_result jsonb)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.eval_results (
    eval_run, case_id, repeat, case_sha256, prompt_sha256, provider, model, is_cached, facts, answer, error_class,
    input_tokens, output_tokens, cached_input_tokens, reasoning_tokens, cost_usd, latency_ms)
  select p_eval_run, r.case_id, r.repeat, p_case_sha256, p_prompt_sha256, p_provider, p_model, r.is_cached, r.facts,
    r.answer, r.error_class, r.input_tokens, r.output_tokens, r.cached_input_tokens,
    r.reasoning_tokens, r.cost_usd, r.latency_ms
  from jsonb_to_record(p_result) as r(
    case_id text, repeat smallint, is_cached boolean, facts jsonb, answer jsonb, error_class text, input_tokens integer,
    output_tokens integer, cached_input_tokens integer, reasoning_tokens integer, cost_usd numeric, latency_ms real);
$$;
comment on function ai.record_answer(bigint, bytea, bytea, text, text, jsonb) is 'Stores one answer of an evaluation run.';

create or replace function ai.finish_evaluation(p_eval_run bigint, p_report jsonb)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  update ai.eval_runs r set finished_at = clock_timestamp(), report = p_report where r.eval_run = p_eval_run;
$$;
comment on function ai.finish_evaluation(bigint, jsonb) is 'Completes an evaluation run. From then on, its prompt counts as evaluated.';

create or replace function ai.request_evaluation(
  p_version text, p_model text default null, p_most_usd numeric default 1, p_actor text default null)
returns bigint
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request bigint;
begin
  if not exists (select from ai.prompts p where p.version = p_version) then
    raise exception 'prompt % not found', p_version using errcode = 'RF004', hint = 'List them: rfqflow prompt list';
  end if;
  if not exists (select from ai.eval_cases c where c.is_active) then
    raise exception 'there is no case to evaluate with' using errcode = 'RF004', hint = 'Add cases first, for example: rfqflow eval import-overrides';
  end if;
  insert into ai.eval_requests (prompt_version, model, most_usd, requested_by)
  values (p_version, p_model, p_most_usd, coalesce(p_actor, session_user))
  returning request into v_request;
  return v_request;
exception when unique_violation then
  raise exception 'an evaluation is already waiting or running' using errcode = 'RF007', hint = 'Wait until it ends, or cancel it: select ai.cancel_evaluation()';
end
$$;
comment on function ai.request_evaluation(text, text, numeric, text) is
  'Requests an evaluation of a prompt on all active cases. A worker with a model claims the request within seconds, and stops before the evaluation costs more than p_most_usd. Known answers cost nothing, so another request continues where an earlier one stopped. Returns the number of the request. Raises RF004: no such prompt, or no case; RF007: an evaluation is waiting or running.';

create or replace function ai.cancel_evaluation(p_actor text default null)
returns bigint
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  update ai.eval_requests q
  set ended_at = clock_timestamp(), ended_by = coalesce(p_actor, session_user), end_reason = 'cancelled'
  where q.ended_at is null
  returning q.request;
$$;
comment on function ai.cancel_evaluation(text) is
  'Cancels the waiting or running evaluation. Calls in flight continue, and their answers are stored. Returns the number of the request; null if there was none.';

create or replace function ai.claim_evaluation(p_model text, p_claim_id bigint, p_lease interval)
returns table (request bigint, prompt_version text, model text, left_usd numeric, requested_by text)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- Three workers ended while they had the evaluation, so a fourth would probably end too. Give up.
  update ai.eval_requests q
  set ended_at = clock_timestamp(), end_reason = 'given up: three workers ended over it'
  where q.ended_at is null and q.lease_expires_at < clock_timestamp() and q.takes >= 3;
  return query
    update ai.eval_requests q
    set claim_id = p_claim_id, lease_expires_at = clock_timestamp() + p_lease, takes = q.takes + 1
    where q.request = (
      select x.request from ai.eval_requests x
      where x.ended_at is null and (x.lease_expires_at is null or x.lease_expires_at < clock_timestamp())
        and (x.model is null or x.model = p_model)
      for update skip locked)
    returning q.request, q.prompt_version, p_model, q.most_usd - q.spent_usd, q.requested_by;
end
$$;
comment on function ai.claim_evaluation(text, bigint, interval) is
  'Claims the evaluation that waits, or whose lease expired, for a worker with model p_model. No row if there is none. left_usd is what the evaluation may still cost.';

create or replace function ai.note_evaluation(
  p_request bigint, p_claim_id bigint, p_lease interval, p_eval_run bigint, p_cases integer, p_answered integer,
  p_spent_usd numeric)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.eval_requests q
  set lease_expires_at = clock_timestamp() + p_lease, eval_run = p_eval_run, cases = p_cases, answered = p_answered,
      spent_usd = q.spent_usd + p_spent_usd
  where q.request = p_request and q.claim_id = p_claim_id and q.ended_at is null;
  return found;
end
$$;
comment on function ai.note_evaluation(bigint, bigint, interval, bigint, integer, integer, numeric) is
  'Records the progress of an evaluation, and extends its worker''s lease. p_spent_usd is the cost since the last call of this function. Returns false if the evaluation was cancelled, or if another worker has claimed it.';

create or replace function ai.release_evaluation(p_request bigint, p_claim_id bigint, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.eval_requests q
  set claim_id = case when p_reason is not null then q.claim_id end,
      lease_expires_at = case when p_reason is not null then q.lease_expires_at end,
      takes = case when p_reason is null then q.takes - 1 else q.takes end,
      ended_at = case when p_reason is not null then clock_timestamp() end, end_reason = p_reason
  where q.request = p_request and q.claim_id = p_claim_id and q.ended_at is null;
  return found;
end
$$;
comment on function ai.release_evaluation(bigint, bigint, text) is
  'With p_reason, ends an evaluation. Without it, releases the evaluation when its worker stops, so that another worker can claim it at once. Returns false if the worker no longer held the evaluation.';
