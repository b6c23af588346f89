-- Finishes attempts without touching the RFQ, if the RFQ cannot be written, or if figures exceed their columns.

create or replace function ai.record_run(p_run jsonb)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.rag_runs (
    rfq_id, claim_id, worker, attempt, status, reason, error_class, error_detail, provider, model, prompt_version, prompt_sha256,
    content_sha256, confidence, input_tokens, cached_input_tokens, output_tokens, reasoning_tokens, service_tier, parameters, queue_ms, latency_ms, request_id,
    cost_usd, cost_source, provider_request_id, email_hash, context_refs, output, reused_from, signals, booked_usd,
    admitted_at, end_status)
  select
    r.rfq_id, r.claim_id, r.worker, r.attempt, r.status, r.reason, r.error_class, left(r.error_detail, 500), r.provider, r.model, r.prompt_version,
    r.prompt_sha256, r.content_sha256, r.confidence, r.input_tokens, r.cached_input_tokens, r.output_tokens,
    r.reasoning_tokens, r.service_tier, r.parameters, r.queue_ms,
    r.latency_ms, r.request_id, r.cost_usd, r.cost_source, r.provider_request_id, r.email_hash, r.context_refs, r.output,
    r.reused_from, r.signals, r.booked_usd, r.admitted_at, r.end_status
  from jsonb_to_record(p_run) as r(
    rfq_id uuid, claim_id bigint, worker integer, attempt smallint, status text, reason text, error_class text, error_detail text,
    provider text, model text, prompt_version text, prompt_sha256 bytea, content_sha256 bytea, confidence real,
    input_tokens integer, cached_input_tokens integer, output_tokens integer, reasoning_tokens integer, service_tier text,
    parameters jsonb, queue_ms real, latency_ms real,
    request_id text, cost_usd numeric, cost_source text, provider_request_id text, email_hash text, context_refs jsonb,
    output jsonb, reused_from bigint, signals jsonb, booked_usd numeric, admitted_at timestamptz, end_status text);
$$;
comment on function ai.record_run(jsonb) is 'Inserts one run as given, including its booked amount.';

create or replace function ai.record_apart(p_finished jsonb, out outcome text, out call jsonb)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
declare
  v_word constant text := '^[a-z][a-z0-9_]{0,39}$';
  v_verdict constant text := p_finished ->> 'verdict';
  v_reason constant text := case when p_finished ->> 'reason' ~ v_word then p_finished ->> 'reason' else 'write_refused' end;
  v_error_class constant text := case when v_verdict <> 'retry' then 'write_refused'
    when p_finished ->> 'error_class' ~ v_word then p_finished ->> 'error_class' end;
  v_charged constant boolean := p_finished -> 'charged' is not distinct from 'true'::jsonb;
  v_row ai.outbox;
  v_hold ai.holds;
  v_booked numeric;
  v_run jsonb;
  v_tried jsonb;
begin
  select * into v_row from ai.outbox o where o.id = (p_finished ->> 'outbox_id')::bigint for update;
  if v_row.claim_id is distinct from (p_finished ->> 'claim_id')::bigint then
    outcome := 'lost';
  end if;
  select * into v_hold from ai.holds h where h.claim_id = (p_finished ->> 'claim_id')::bigint and p_finished ? 'admitted';

  if p_finished ->> 'status' is not null and not exists (
    select from ai.rag_runs x
    where x.rfq_id = (p_finished ->> 'rfq_id')::uuid and x.claim_id = (p_finished ->> 'claim_id')::bigint
      and (outcome is null or x.status <> 'lost'))
  then
    v_run := p_finished - 'end_status' || jsonb_build_object(
      'status', case when outcome = 'lost' and p_finished ->> 'status' = 'succeeded' then 'superseded' else p_finished ->> 'status' end,
      'reason', case when outcome = 'lost' then 'claim_lost' else v_reason end);
    if v_verdict = 'abandon' and outcome is null and not v_row.has_ended and not exists (
      select from ai.rag_runs x where x.rfq_id = v_row.rfq_id and x.end_status is not null)
    then
      v_run := v_run || '{"end_status": "failed"}';
    end if;
    if v_hold.claim_id is not null and outcome is null then
      -- A bill larger than the column cannot be a real bill, so the whole hold counts as spent.
      v_booked := case when (p_finished ->> 'booked_nano')::numeric between 0 and 99999999999999 then (p_finished ->> 'booked_nano')::numeric end;
      v_run := v_run || jsonb_build_object(
        'booked_usd', coalesce(v_booked, v_hold.amount_nano) / 1e9, 'admitted_at', v_hold.admitted_at,
        'provider', coalesce(p_finished ->> 'provider', v_hold.provider), 'model', coalesce(p_finished ->> 'model', v_hold.model));
    end if;
    foreach v_tried in array array[
      v_run,
      -- Leaves out the figures, which may exceed their columns, and keeps the paid answer.
      v_run - array['confidence', 'input_tokens', 'cached_input_tokens', 'output_tokens', 'reasoning_tokens', 'service_tier', 'parameters', 'cost_usd', 'cost_source', 'queue_ms',
          'latency_ms', 'request_id', 'provider_request_id', 'email_hash', 'context_refs', 'signals', 'reused_from']
        || case when v_hold.claim_id is not null and v_hold.is_priced
          then jsonb_build_object('cost_usd', v_run -> 'booked_usd', 'cost_source', 'assumed') else '{"cost_source": "unknown"}' end,
      jsonb_build_object(
        'rfq_id', v_run -> 'rfq_id', 'claim_id', v_run -> 'claim_id', 'attempt', coalesce(v_row.attempt, 0), 'status', 'failed',
        'reason', v_run -> 'reason', 'error_class', 'write_refused', 'error_detail', v_run -> 'error_detail', 'provider', v_hold.provider, 'model', v_hold.model,
        'cost_source', 'unknown', 'booked_usd', v_run -> 'booked_usd', 'admitted_at', v_run -> 'admitted_at',
        'end_status', v_run -> 'end_status')]
    loop
      begin
        perform ai.record_run(v_tried);
        exit;
      exception when data_exception or integrity_constraint_violation or program_limit_exceeded then
        null;  -- the next attempt writes fewer values
      end;
    end loop;
  end if;
  if outcome = 'lost' then
    return;
  end if;

  if p_finished ? 'admitted' then
    call := jsonb_build_object(
      'claim_id', p_finished -> 'claim_id', 'call', p_finished -> 'call', 'trip', p_finished -> 'trip',
      'retry_after_ms', p_finished -> 'retry_after_ms', 'input_tokens', p_finished -> 'input_tokens',
      'output_tokens', p_finished -> 'output_tokens', 'booked_nano', v_booked, 'cost_usd', p_finished -> 'cost_usd');
  end if;
  if v_verdict = 'release' then
    update ai.outbox o
    set claim_id = null, worker = null, lease_expires_at = null, attempt = o.attempt - case when v_charged then 0 else 1 end
    where o.id = v_row.id;
    return;
  end if;
  delete from ai.outbox o where o.id = v_row.id;
  if v_verdict = 'retry' then
    insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, deferrals, forced, has_ended, reason, error_class)
    values (
      v_row.rfq_id, v_row.enqueued_at, clock_timestamp() + (p_finished ->> 'delay_ms')::float8 * interval '1 millisecond',
      v_row.attempt - case when v_charged then 0 else 1 end, case when v_charged then 0 else 1 end, v_row.forced,
      v_row.has_ended, 'retry', v_error_class)
    on conflict (rfq_id) do update
    set enqueued_at = excluded.enqueued_at, deferred_at = excluded.deferred_at, due_at = excluded.due_at,
        attempt = excluded.attempt, deferrals = excluded.deferrals, forced = excluded.forced, has_ended = excluded.has_ended,
        reason = excluded.reason, error_class = excluded.error_class;
  else
    insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class)
    -- By the error class, the sweep sees that the RFQ could not be written, and so stays pending.
    values (v_row.rfq_id, v_row.enqueued_at, v_row.attempt, v_reason, v_error_class)
    on conflict (rfq_id) do update
    set enqueued_at = excluded.enqueued_at, discarded_at = excluded.discarded_at, attempt = excluded.attempt,
        reason = excluded.reason, error_class = excluded.error_class;
  end if;
end
$$;
comment on function ai.record_apart(jsonb) is
  'Finishes one attempt without reading or locking its RFQ (abandon, release, or the retry of a refused write). No lock, trigger, constraint or publication of the application''s table can stop it. If figures of the run exceed their columns, the run is recorded without the figures, and the whole hold counts as spent. Returns lost if the claim is not current, and the call to settle.';

create or replace function ai.finish_apart(p_finished jsonb)
returns table (outbox_id bigint, outcome text)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_one jsonb;
  v_done record;
begin
  for v_one in select f from jsonb_array_elements(p_finished) f loop
    select * into v_done from ai.record_apart(v_one);
    if v_done.call is not null then
      perform ai.settle_calls(jsonb_build_array(v_done.call));
    end if;
    if v_done.outcome is not null then
      if v_one ? 'admitted' then
        perform ai.reap_claims(array[(v_one ->> 'claim_id')::bigint]);
      end if;
      return query select (v_one ->> 'outbox_id')::bigint, v_done.outcome;
    elsif v_one ->> 'verdict' = 'release' then
      perform ai.notify_workers();
    end if;
  end loop;
end
$$;
comment on function ai.finish_apart(jsonb) is
  'Finishes attempts as ai.record_apart does, and settles their calls. Use it if the application''s table refuses a result in a way that ai.finish_outbox cannot catch: a trigger that hangs, or an error at COMMIT. Returns lost for claims that are not current.';

create or replace function ai.reap_claims(p_claim_ids bigint[])
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
declare
  v_claim_ids bigint[];
begin
  if not exists (select from ai.holds h where h.claim_id = any (p_claim_ids)) then
    return 0;
  end if;
  -- Lock order everywhere: models before holds.
  perform from ai.model_states s order by s.provider collate "C", s.model collate "C" for update;
  select array_agg(x.claim_id) into v_claim_ids
  from (
    select h.claim_id
    from ai.holds h
    where h.claim_id = any (p_claim_ids)
      and not exists (select from ai.outbox o where o.rfq_id = h.rfq_id and o.claim_id = h.claim_id)
    for update skip locked
  ) x;
  if v_claim_ids is null then
    return 0;
  end if;
  insert into ai.rag_runs (
    rfq_id, claim_id, attempt, status, reason, error_class, provider, model, cost_usd, cost_source, booked_usd, admitted_at)
  select h.rfq_id, h.claim_id, 0, 'lost', 'claim_gone', 'lease_lost', h.provider, h.model,
    case when h.is_priced then h.amount_nano / 1e9 end, case when h.is_priced then 'assumed' else 'unknown' end,
    h.amount_nano / 1e9, h.admitted_at
  from ai.holds h where h.claim_id = any (v_claim_ids) and ai.budget_scope_of(h.rfq_id) = 'global';
  insert into ai.eval_calls (claim_id, purpose, scope, provider, model, admitted_at, booked_usd, error_class, is_assumed)
  select h.claim_id, 'lost', ai.budget_scope_of(h.rfq_id), h.provider, h.model, h.admitted_at, h.amount_nano / 1e9, 'lease_lost', not h.is_priced
  from ai.holds h where h.claim_id = any (v_claim_ids) and ai.budget_scope_of(h.rfq_id) <> 'global'
  on conflict do nothing;
  perform ai.settle_lost(v_claim_ids);
  return cardinality(v_claim_ids);
end
$$;
comment on function ai.reap_claims(bigint[]) is
  'For each of these claims that is no longer current, settles the hold in full and records a lost run. Returns the number of claims.';
