-- Step 12: finishing attempts, in batches, each fenced by its claim_id.

create or replace function ai.judge_results(p_finished jsonb, p_ids bigint[], p_rfq_ids uuid[], p_now timestamptz)
returns table (
  outbox_id bigint, rfq_id uuid, claim_id bigint, verdict text, delay_ms float8, charged boolean,
  worker integer, attempt smallint, status text, reason text, error_class text, error_detail text, provider text, model text,
  prompt_version text, prompt_sha256 bytea, content_sha256 bytea, confidence real,
  input_tokens integer, cached_input_tokens integer, output_tokens integer, reasoning_tokens integer, service_tier text,
  parameters jsonb, cost_usd numeric, cost_source text,
  queue_ms real, latency_ms real, request_id text, provider_request_id text, email_hash text,
  context_refs jsonb, output jsonb, review text, summary text, tags text[], route text, urgency text, extracted jsonb,
  admitted boolean, booked_nano bigint, reused_from bigint, signals jsonb, ages boolean, call text, trip text,
  waits_for uuid, forced boolean, has_ended boolean, enqueued_at timestamptz, first_due_at timestamptz, part oid, place tid, ai_status text, ai_reason text,
  submitted_at timestamptz, is_first boolean, outcome text, outlast_for interval)
language plpgsql volatile security definer rows 100  -- callers have no rights on the tables; runs under ai.write_results' settings
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := p_now;
  v_limit constant interval := (
    select (p.value)::float8 * interval '1 hour' from ai.policy p where p.key = 'defer_limit_hours');
  v_longest constant interval := (
    select (p.value)::float8 * interval '1 second' from ai.policy p where p.key = 'retry_cap_seconds');
  v_installed_at constant timestamptz := (select m.attached_at from ai.table_mapping m where m.one);
begin
  return query
  with finished as materialized (
    select *
    from jsonb_to_recordset(p_finished) as f(
      outbox_id bigint, rfq_id uuid, claim_id bigint, verdict text, delay_ms float8, charged boolean,
      worker integer, attempt smallint, status text, reason text, error_class text, error_detail text, provider text, model text,
      prompt_version text, prompt_sha256 bytea, content_sha256 bytea, confidence real,
      input_tokens integer, cached_input_tokens integer, output_tokens integer, reasoning_tokens integer, service_tier text,
      parameters jsonb, cost_usd numeric, cost_source text,
      queue_ms real, latency_ms real, request_id text, provider_request_id text, email_hash text,
      context_refs jsonb, output jsonb, review text, summary text, tags text[], route text, urgency text, extracted jsonb,
      admitted boolean, booked_nano bigint, reused_from bigint, signals jsonb, ages boolean, call text, trip text,
      waits_for uuid)
  ),
  -- Lock order: the RFQ, then its row in the queue, as an edit does. This query never waits for the lock of an RFQ.
  rfq as materialized (
    select r.rfq_id, r.part, r.place, r.content_sha256, r.ai_content_sha256, r.ai_prompt_version, r.ai_status, r.ai_reason, r.ai_updated_at,
      -- The application may write any time into created_at, even infinity.
      case when t.created_at between v_installed_at and v_now + interval '1 day' then t.created_at end as submitted_at
    from ai.rfqs r left join ai.rfq_times(p_rfq_ids) t on t.rfq_id = r.rfq_id
    where r.rfq_id = any (p_rfq_ids)
    for no key update of r skip locked
  ),
  mine as materialized (
    select o.id, o.claim_id, o.forced, o.has_ended, o.enqueued_at, o.attempt, o.claims
    from ai.outbox o
    where o.id = any (p_ids)
    for update
  )
  select f.*, m.forced, m.has_ended, m.enqueued_at,
    -- After a promotion from ai.outbox_deferred, only the RFQ records since when it has waited.
    least(m.enqueued_at, case when (r.ai_status, r.ai_reason) = ('deferred', f.reason) then r.ai_updated_at end) as first_due_at,
    r.part, r.place, r.ai_status::text, r.ai_reason::text, r.submitted_at,
    -- Reason written_late: the answer's RFQ had its first run before.
    r.ai_updated_at is null and f.reason is distinct from 'written_late' and (m.attempt = 1 or not exists (
      select from ai.rag_runs x where x.rfq_id = f.rfq_id and x.submit_ms is not null)) as is_first,
    case
      when m.id is null then 'lost'
      when f.verdict in ('release', 'abandon') then f.verdict
      when r.rfq_id is null and exists (select from ai.rfqs x where x.rfq_id = f.rfq_id) then 'busy'
      -- Row-level security may hide an existing RFQ: keep its row in the queue.
      when r.rfq_id is null and row_security_active((select to_regclass(m.table_name) from ai.table_mapping m where m.one)) then 'hidden'
      when r.rfq_id is null then 'gone'
      -- Deferred for too long, always for the same reason.
      when f.verdict = 'defer' and f.ages and (r.ai_status, r.ai_reason) = ('deferred', f.reason)
        and r.ai_updated_at < v_now - v_limit then 'expire'
      -- Calls were refused or cut off again and again, while other RFQs were answered: waiting does not help.
      when f.verdict = 'defer' and f.worker is not null and f.content_sha256 = r.content_sha256
        and (f.call = 'refused' and f.trip <> 'not_sent' or f.call = 'failed' and f.booked_nano is null)
        and exists (select from ai.holds h where h.claim_id = f.claim_id)
        and ai.is_refused_alone(f.rfq_id, f.content_sha256, f.worker, f.provider, f.model) then 'exhaust'
      when f.verdict in ('complete', 'keep', 'skip', 'discard') and (f.content_sha256 is distinct from r.content_sha256 or m.claims = 3) then 'edited'
      when f.verdict = 'complete' and not m.forced and f.content_sha256 = r.ai_content_sha256
        and f.prompt_version = r.ai_prompt_version then 'repeated'
      -- An outage is not the RFQ's fault, and with few RFQs no breaker detects the outage. The RFQ is discarded if the model has
      -- answered another RFQ since this one first failed. It is also discarded if its first failure is older than v_limit.
      when f.verdict = 'discard' and w.failures is not null and coalesce(w.since, v_now) > v_now - v_limit
        and not exists (
          select from finished g where g.status = 'succeeded' and g.provider = f.provider and g.model = f.model)
        and not exists (
          select from ai.model_states s
          where s.provider = f.provider and s.model = f.model
            and s.answered_at > coalesce(w.since, v_now - f.latency_ms * interval '1 millisecond')) then 'outlast'
      else f.verdict
    end as outcome,
    -- Each further call may cost money, so the delay grows up to sixteen times.
    v_longest * (0.8 + 0.4 * random()) * 2 ^ greatest(0, least(4, w.failures + 1 - f.attempt)) as outlast_for
  from finished f
  left join mine m on m.id = f.outbox_id and m.claim_id = f.claim_id
  left join rfq r on r.rfq_id = f.rfq_id
  left join lateral (
    select count(*) as failures, min(x.created_at) as since
    from ai.rag_runs x
    where x.rfq_id = f.rfq_id and x.content_sha256 = f.content_sha256 and x.status = 'failed'
      -- Older runs, from before a rerun, do not count.
      and x.error_class in ('timeout', 'provider_5xx') and x.created_at > v_now - 2 * v_limit
  ) w on f.verdict = 'discard' and f.error_class in ('timeout', 'provider_5xx')
    and exists (select from ai.holds h where h.claim_id = f.claim_id);
end
$$;
comment on function ai.judge_results(jsonb, bigint[], uuid[], timestamptz) is
  'Decides the outcome of each result, for ai.write_results. It locks the RFQs and their rows in the queue, and writes nothing.';

create or replace function ai.write_results(p_finished jsonb, p_ids bigint[], p_rfq_ids uuid[])
returns table (outbox_id bigint, outcome text)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- reads every table by its key, since the statistics of a queue are stale
set jit = off  -- under row-level security, a query may read the whole table, and JIT compilation would make it even slower
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
-- A trigger of the application's table may wait for a lock, while rfqflow holds locks that the application waits for. rfqflow gives up well
-- before deadlock_timeout, so PostgreSQL never cancels the application's transaction.
set lock_timeout = '200ms'
as $$
#variable_conflict use_column
declare
  v_now timestamptz := clock_timestamp();
  v_id_is_unique constant boolean := (select m.id_is_unique from ai.table_mapping m where m.one);
  v_application_path constant text := ai.application_path();
begin
  return query
  with judged as materialized (
    select g.*, e.ai_status as new_status, e.end_status, e.run_status, e.run_reason, e.queue
    from ai.judge_results(p_finished, p_ids, p_rfq_ids, v_now) g
    left join ai.outcomes() e on e.outcome = g.outcome
  ),
  booked as materialized (
    select j.claim_id, h.provider, h.model, h.admitted_at, (coalesce(j.booked_nano, h.amount_nano) / 1e9)::numeric(14, 9) as usd,
      h.is_priced and j.booked_nano is null as is_assumed
    from judged j
    join ai.holds h on h.claim_id = j.claim_id
    -- The session that took over a lost claim has settled its hold.
    where j.admitted and j.outcome not in ('lost', 'busy')
  ),
  runs as (
    insert into ai.rag_runs (
      created_at, rfq_id, claim_id, worker, attempt, confidence, input_tokens, cached_input_tokens, output_tokens,
      reasoning_tokens, service_tier, parameters, queue_ms, latency_ms, request_id, status, reason, error_class, error_detail, provider, model, prompt_version, prompt_sha256,
      content_sha256, cost_usd, cost_source, provider_request_id, email_hash, context_refs, output,
      booked_usd, admitted_at, reused_from, signals, submitted_at, submit_ms, end_status)
    select
      v_now, j.rfq_id, j.claim_id, j.worker, j.attempt, j.confidence, j.input_tokens, j.cached_input_tokens,
      j.output_tokens, j.reasoning_tokens, j.service_tier, j.parameters, j.queue_ms, j.latency_ms, j.request_id,
      -- Only a run with an answer becomes superseded.
      case when j.run_status = 'superseded' and j.status <> 'succeeded' then j.status else coalesce(j.run_status, j.status) end,
      coalesce(j.run_reason, j.reason),
      j.error_class, left(j.error_detail, 500), coalesce(j.provider, b.provider), coalesce(j.model, b.model), j.prompt_version, j.prompt_sha256, j.content_sha256,
      coalesce(j.cost_usd, case when b.is_assumed then b.usd end),
      case when j.cost_usd is null and b.is_assumed then 'assumed' else j.cost_source end,
      j.provider_request_id, j.email_hash, j.context_refs, j.output, b.usd, b.admitted_at, j.reused_from, j.signals,
      -- In figures, each RFQ counts once, with its first run and its first finish.
      case when j.is_first or e.status is not null then j.submitted_at end,
      case when j.is_first then extract(epoch from j.enqueued_at - j.submitted_at) * 1000 end,
      e.status
    from judged j
    left join booked b on b.claim_id = j.claim_id
    left join lateral (
      select j.end_status as status
      where j.is_first or not coalesce(j.has_ended, false) and not exists (
        select from ai.rag_runs x where x.rfq_id = j.rfq_id and x.end_status is not null)
    ) e on true
    where j.outcome <> 'busy' and j.status is not null
      -- Records no run if the RFQ still waits for the same reason, unless a call was made.
      and not (j.outcome = 'defer' and (j.ai_status, j.ai_reason) = ('deferred', j.reason) and b.claim_id is null)
      -- Records no second run if the worker repeats a finish whose reply was lost.
      and not (j.outcome = 'lost' and exists (
        select from ai.rag_runs x where x.rfq_id = j.rfq_id and x.claim_id = j.claim_id and x.status <> 'lost'))
  ),
  written as (
    update ai.rfqs r
    set ai_status = j.new_status,
        ai_reason = case when j.new_status in ('skipped', 'deferred', 'failed') then coalesce(j.run_reason, j.reason) end,
        ai_review = case when j.outcome = 'complete' then j.review when j.new_status = 'skipped' then null else r.ai_review end,
        ai_summary = case when j.outcome = 'complete' then j.summary when j.new_status = 'skipped' then null else r.ai_summary end,
        ai_tags = case when j.outcome = 'complete' then j.tags when j.new_status = 'skipped' then null else r.ai_tags end,
        ai_route = case when j.outcome = 'complete' then j.route when j.new_status = 'skipped' then null else r.ai_route end,
        ai_urgency = case when j.outcome = 'complete' then j.urgency when j.new_status = 'skipped' then null else r.ai_urgency end,
        ai_confidence = case when j.outcome = 'complete' then j.confidence when j.new_status = 'skipped' then null else r.ai_confidence end,
        ai_extracted = case when j.outcome = 'complete' then j.extracted when j.new_status = 'skipped' then null else r.ai_extracted end,
        ai_content_sha256 = case when j.outcome = 'complete' then j.content_sha256 when j.new_status = 'skipped' then null else r.ai_content_sha256 end,
        ai_prompt_version = case when j.outcome = 'complete' then j.prompt_version when j.new_status = 'skipped' then null else r.ai_prompt_version end,
        ai_model = case when j.outcome = 'complete' then j.model when j.new_status = 'skipped' then null else r.ai_model end,
        ai_updated_at = v_now
    from judged j
    where r.rfq_id = j.rfq_id and r.rfq_id = any (p_rfq_ids)
      -- If the table allows an id twice, only the locked row is updated.
      and (v_id_is_unique or (r.part, r.place) = (j.part, j.place))
      and j.new_status is not null
      and case when j.new_status = 'deferred' then (j.ai_status, j.ai_reason) is distinct from ('deferred', j.reason)
        when j.outcome = 'retry' then j.ai_status is distinct from 'pending' else true end
    returning j.outbox_id
  ),
  ended as (
    delete from ai.outbox o
    using judged j
    where o.id = j.outbox_id and o.id = any (p_ids) and j.queue <> 'due'
  ),
  deferred as (
    insert into ai.outbox_deferred (rfq_id, enqueued_at, was_due_at, due_at, attempt, deferrals, forced, has_ended, reason, error_class, waits_for)
    select j.rfq_id, j.first_due_at, j.enqueued_at,
      v_now + case
        -- The original has finished since the gates read it, or is finishing now and is locked. So nothing would wake this RFQ.
        when j.waits_for is not null and not exists (
            select from ai.outbox w where w.rfq_id = j.waits_for for key share skip locked)
          and not exists (select from ai.outbox_deferred w where w.rfq_id = j.waits_for) then interval '100 ms'
        when j.outcome = 'outlast' then j.outlast_for else j.delay_ms * interval '1 millisecond' end,
      j.attempt - case when j.charged and j.outcome <> 'outlast' then 0 else 1 end,
      case when j.charged and j.outcome <> 'outlast' then 0 else 1 end, j.forced,
      j.has_ended, case when j.outcome = 'retry' then 'retry' else j.reason end, j.error_class, j.waits_for
    from judged j
    where j.queue = 'deferred'
    -- The RFQ may already have a row here, if a rerun waited for an earlier deferral.
    on conflict (rfq_id) do update
    set enqueued_at = excluded.enqueued_at, was_due_at = excluded.was_due_at, deferred_at = excluded.deferred_at, due_at = excluded.due_at,
        attempt = excluded.attempt, deferrals = excluded.deferrals, forced = excluded.forced, has_ended = excluded.has_ended,
        reason = excluded.reason, error_class = excluded.error_class, waits_for = excluded.waits_for
  ),
  dead as (
    insert into ai.outbox_dead (rfq_id, enqueued_at, attempt, reason, error_class)
    -- By class write_refused, the sweep sees that the RFQ could not be written, and so stays pending.
    select j.rfq_id, j.enqueued_at, j.attempt, coalesce(j.reason, 'write_refused'),
      case j.outcome when 'abandon' then 'write_refused' else j.error_class end
    from judged j
    where j.queue = 'dead'
    on conflict (rfq_id) do update
    set enqueued_at = excluded.enqueued_at, discarded_at = excluded.discarded_at, attempt = excluded.attempt,
        reason = excluded.reason, error_class = excluded.error_class
  ),
  put_back as (
    update ai.outbox o
    set claim_id = null, worker = null, lease_expires_at = null,
        attempt = case when j.outcome = 'edited' then 0 when j.charged then o.attempt else o.attempt - 1 end
    from judged j
    where o.id = j.outbox_id and o.id = any (p_ids) and j.queue = 'due'
  )
  select e.outbox_id, e.outcome
  -- The application's triggers need the search_path of the application. The statement sets it before the first update, when PostgreSQL has
  -- resolved all names in this statement.
  from set_config('search_path', v_application_path, true) p (path)
  cross join lateral (
    select j.outbox_id,
      case when j.new_status in ('done', 'skipped', 'failed') and w.outbox_id is null then 'hidden' else j.outcome end as outcome
    from judged j
    left join written w on w.outbox_id = j.outbox_id
    where p.path is not null
    offset 0) e;
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);

  -- A separate statement, so that it sees RFQs that other sessions deferred while the statement above waited for locks. Skipped rows are
  -- locked by an edit, which makes them due.
  update ai.outbox_deferred d set due_at = v_now
  where d.rfq_id = any (array(
    select w.rfq_id from ai.outbox_deferred w
    where w.waits_for = any (p_rfq_ids) and w.waits_for is not null and w.due_at > v_now
    for update skip locked));

  -- After the worker lost its connection, the same finish may have run in another session. The run of that finish is visible only now, and
  -- one run is enough.
  delete from ai.rag_runs x
  where x.created_at = v_now and x.reason = 'claim_lost' and x.rfq_id = any (p_rfq_ids)
    and exists (
      select from ai.rag_runs y
      where y.rfq_id = x.rfq_id and y.claim_id = x.claim_id and y.run_id <> x.run_id and y.status <> 'lost');
end
$$;
comment on function ai.write_results(jsonb, bigint[], uuid[]) is
  'Writes one batch of ai.finish_outbox, all or nothing. With outcome hidden, the update of an RFQ affected no row, because of row-level security or a trigger that returned null. Then the caller must undo the batch.';

create or replace function ai.apply_results(p_finished jsonb, out outcomes jsonb, out calls jsonb, out claimable boolean)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_hidden boolean;
  v_rows bigint;
begin
  -- Collects the outcomes before it returns any: the caller must not see results of an undone batch.
  select coalesce(jsonb_agg(jsonb_build_array(a.outbox_id, a.outcome))
      filter (where a.outcome in ('lost', 'busy', 'gone', 'edited', 'repeated', 'expire', 'exhaust', 'outlast', 'hidden')), '[]'),
    coalesce(bool_or(a.outcome = 'hidden'), false), coalesce(bool_or(a.outcome in ('edited', 'release')), false),
    count(*)
  into outcomes, v_hidden, claimable, v_rows
  from ai.write_results(
    p_finished, array(select (f ->> 'outbox_id')::bigint from jsonb_array_elements(p_finished) f),
    array(select (f ->> 'rfq_id')::uuid from jsonb_array_elements(p_finished) f)) a;
  if v_rows > jsonb_array_length(p_finished) then
    raise exception 'two RFQs have the same id' using errcode = 'RF006';  -- rfqflow cannot know which of them the answer is for
  end if;
  if v_hidden then
    raise exception 'the update of the RFQ affected no row' using errcode = 'RF003';
  end if;
  -- A busy result is not recorded yet. The session that took over a lost claim has settled its hold.
  select coalesce(jsonb_agg(jsonb_build_object(
    'claim_id', f -> 'claim_id', 'call', f -> 'call', 'trip', f -> 'trip', 'retry_after_ms', f -> 'retry_after_ms',
    'input_tokens', f -> 'input_tokens', 'output_tokens', f -> 'output_tokens', 'booked_nano', f -> 'booked_nano', 'cost_usd', f -> 'cost_usd')), '[]')
  into calls
  from jsonb_array_elements(p_finished) f
  where f ? 'admitted' and not exists (
    select from jsonb_array_elements(outcomes) e
    where e -> 0 = f -> 'outbox_id' and e ->> 1 in ('busy', 'lost'));
end
$$;
comment on function ai.apply_results(jsonb) is
  'Writes all results of a batch, or none. Returns the results with another outcome than requested, and the calls to settle.';

create or replace function ai.finish_outbox(p_finished jsonb)
returns table (outbox_id bigint, outcome text)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_done record;
  v_one jsonb;
  v_outcomes jsonb := '[]';
  v_calls jsonb := '[]';
  v_claimable boolean := false;
  v_lost bigint[];
  v_refused text; v_constraint text; v_said text;
begin
  -- If the transaction had written before, deferred triggers of the caller would run here with the owner's rights.
  if pg_current_xact_id_if_assigned() is not null and not pg_has_role(session_user, current_user, 'member') then
    raise exception 'ai.finish_outbox needs a transaction that has written nothing before' using errcode = 'active_sql_transaction';
  end if;
  -- Makes the application's deferred checks run inside the block of their row. The setting stays, since this transaction contains only
  -- finishes. Resetting it with `all deferred` would also defer constraints that are immediate by default.
  set constraints all immediate;
  begin
    select * into v_done from ai.apply_results(p_finished);
    v_outcomes := v_done.outcomes; v_calls := v_done.calls; v_claimable := v_done.claimable;
  exception when others or assert_failure then
    -- One row of the batch was refused. Write each row alone, so that the others succeed.
    for v_one in select f from jsonb_array_elements(p_finished) f loop
      begin
        select * into v_done from ai.apply_results(jsonb_build_array(v_one));
        v_outcomes := v_outcomes || v_done.outcomes; v_calls := v_calls || v_done.calls;
        v_claimable := v_claimable or v_done.claimable;
        v_refused := null;
      exception when others or assert_failure then
        v_refused := sqlstate;
        get stacked diagnostics v_constraint = constraint_name, v_said = message_text;
        v_said := concat_ws(' ', 'refused:' || v_refused, 'constraint ' || nullif(v_constraint, '') || ';', left(v_said, 1000));
        if v_refused = 'RF008' or ai.is_of_server(v_refused) then
          raise;  -- the worker offers the batch again when a table is attached, or the server works again
        end if;
      end;
      if v_refused is not null and (v_one ->> 'verdict' in ('abandon', 'release') or v_one ->> 'error_class' = 'write_refused') then
        begin
          select * into v_done from ai.record_apart(v_one);
          if v_done.outcome is not null then
            v_outcomes := v_outcomes || jsonb_build_array(jsonb_build_array(v_one -> 'outbox_id', v_done.outcome));
          end if;
          v_calls := v_calls || coalesce(v_done.call, '[]');
          v_claimable := v_claimable or v_one ->> 'verdict' = 'release';
          v_refused := null;
        exception when others then
          v_refused := sqlstate; v_said := 'refused:' || sqlstate;
          if ai.is_of_server(v_refused) then
            raise;
          end if;
        end;
      end if;
      if v_refused is not null then
        -- The row was also refused alone. The caller decides what to do, and stores the error text in the run; logs get only the SQLSTATE.
        v_outcomes := v_outcomes || jsonb_build_array(jsonb_build_array(v_one -> 'outbox_id', v_said));
      end if;
    end loop;
  end;
  -- Settles once, after all locks on the application's table, since the whole fleet waits for these rows.
  if jsonb_array_length(v_calls) > 0 then
    perform ai.settle_calls(v_calls);
  end if;
  if jsonb_array_length(v_outcomes) > 0 then
    -- A session that took over a lost claim has settled its hold. If no session took it over, settle the hold here.
    v_lost := array(
      select (f ->> 'claim_id')::bigint
      from jsonb_array_elements(p_finished) f
      join jsonb_array_elements(v_outcomes) e on e -> 0 = f -> 'outbox_id' and e ->> 1 = 'lost'
      where f ? 'admitted');
    if cardinality(v_lost) > 0 then
      perform ai.reap_claims(v_lost);
    end if;
  end if;
  if v_claimable then
    perform ai.notify_workers();
  end if;
  return query
    select (e ->> 0)::bigint, e ->> 1 from jsonb_array_elements(v_outcomes) e;
end
$$;
comment on function ai.finish_outbox(jsonb) is
  'Finishes attempts: an array of objects, one per claim, with verdict, run and answer. Verdicts: complete; keep (the accepted answer still applies); skip, retry, defer, discard, release; abandon (discard an RFQ that cannot be written; then call ai.record_apart). Fenced by claim_id; each row succeeds or fails alone. Returns only rows with another outcome than requested: lost, busy (the RFQ is locked: repeat the call), gone, edited, repeated, expire (skipped: deferred for too long), exhaust (discarded instead of deferred: refused max_attempts times while other RFQs were answered), outlast (deferred instead of discarded: the model answered no other RFQ meanwhile), refused:SQLSTATE. After refused:SQLSTATE follow a space, the constraint and the error''s text, which may quote personal data.';
