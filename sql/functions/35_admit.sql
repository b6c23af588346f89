-- Step 8: admission of calls, one short transaction per batch. The first limit that refuses an RFQ decides; the RFQ takes nothing.

-- The arrays have one place per requested model, and one for the provider, since every call also counts for the provider.
create or replace function ai.lock_models(
  p_provider text, p_asked text[], out now timestamptz, out models text[], out states text[], out manual boolean[],
  out probe_until timestamptz[], out not_before timestamptz[], out ramp integer[], out flight integer[],
  out most integer[], out requests float8[], out request_rate float8[], out tokens float8[], out token_rate float8[], out token_burst float8[])
language plpgsql volatile security definer  -- callers have no rights on the tables; runs under ai.admit's settings
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- All transactions lock models in this order.
  insert into ai.model_states (provider, model)
  select p_provider, m.model
  from unnest(p_asked || '*'::text) as m(model)
  where not exists (select from ai.model_states s where s.provider = p_provider and s.model = m.model)
  order by m.model
  on conflict do nothing;
  perform from ai.model_states s
  where s.provider = p_provider and s.model = any (p_asked || '*'::text)
  order by s.model collate "C"
  for update;
  now := clock_timestamp();  -- read after the lock, so that this time is never before the time that the last holder wrote
  select array_agg(s.model), array_agg(s.state), array_agg(s.is_manual), array_agg(s.probe_until),
    array_agg(s.not_before), array_agg(s.ramp), array_agg(s.in_flight), array_agg(l.most_in_flight),
    array_agg(least(b.requests, case when s.filled_at is null then b.requests
      else s.requests + l.requests_per_minute / 60.0 * extract(epoch from lock_models.now - s.filled_at)::float8 end)),
    array_agg(l.requests_per_minute / 60.0::float8),
    array_agg(least(b.tokens, case when s.filled_at is null then b.tokens
      else s.tokens + l.tokens_per_minute / 60.0 * extract(epoch from lock_models.now - s.filled_at)::float8 end)),
    array_agg(l.tokens_per_minute / 60.0::float8), array_agg(b.tokens)
  into models, states, manual, probe_until, not_before, ramp, flight, most, requests, request_rate, tokens, token_rate, token_burst
  from ai.model_states s
  left join ai.model_limits l on l.provider = s.provider and l.model = s.model
  left join lateral (
    select coalesce(l.request_burst, greatest(1, l.requests_per_minute / 10))::float8 as requests,
      coalesce(l.token_burst, l.tokens_per_minute)::float8 as tokens
  ) b on true
  where s.provider = p_provider and s.model = any (p_asked || '*'::text);
end
$$;
comment on function ai.lock_models(text, text[]) is
  'Locks the states of these models and of their provider, for ai.admit. Returns states, limits and current buckets, as arrays with one place per model.';

-- Locks the budgets that apply. The arrays have one place per window.
create or replace function ai.lock_budgets(
  p_scope text, p_asked text[], p_senders text[], p_zone text, p_at timestamptz,
  out scopes text[], out window_ids bigint[], out amounts_left bigint[], out amounts_held bigint[], out ends timestamptz[])
language plpgsql volatile security definer  -- callers have no rights on the tables; runs under ai.admit's settings
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  -- The longest possible windows, with any clock change. Older windows need no check.
  v_hour constant interval := '2 hours'; v_day constant interval := '3 days'; v_month constant interval := '34 days';
  v_scopes text[];
  v_periods text[];
  v_changed boolean;
begin
  select array_agg(c.scope), array_agg(c.period) into v_scopes, v_periods
  from ai.active_budgets(p_scope, p_asked, p_senders) c;
  if exists (
    select from unnest(v_scopes, v_periods) as c(scope, period)
    where not exists (
      select from ai.budget_windows w
      where w.scope = c.scope and w.period = c.period and w.starts_at <= p_at and w.ends_at > p_at
        and w.starts_at > p_at - case c.period when 'hour' then v_hour when 'day' then v_day else v_month end))
  then
    perform ai.ensure_budget_windows(p_scope, p_asked, p_senders, p_zone, p_at);
  end if;
  lock table ai.holds in row exclusive mode;

  -- All transactions lock budget windows in this order.
  if v_scopes is not null then
    perform from ai.budget_windows w
    where w.window_id in (
      select x.window_id
      from unnest(v_scopes, v_periods) as c(scope, period)
      join ai.budget_windows x
        on x.scope = c.scope and x.period = c.period and x.starts_at <= p_at and x.ends_at > p_at
        and x.starts_at > p_at - case c.period when 'hour' then v_hour when 'day' then v_day else v_month end)
    order by w.window_id
    for update;
  end if;
  -- Reads the caps again, since they may have changed while this transaction waited for the locks.
  select array_agg(c.scope), array_agg(w.window_id), array_agg(c.cap_nano - w.spent_nano_usd - w.held_nano),
    array_agg(w.held_nano), array_agg(w.ends_at),
    count(*) <> coalesce(cardinality(v_scopes), 0) or bool_or(
      w.window_id is null or (c.scope, c.period) not in (select u.scope, u.period from unnest(v_scopes, v_periods) as u(scope, period)))
      or p_zone <> coalesce((select p.value #>> '{}' from ai.policy p where p.key = 'budget_time_zone'), 'UTC')
  into scopes, window_ids, amounts_left, amounts_held, ends, v_changed
  from ai.active_budgets(p_scope, p_asked, p_senders) c
  left join ai.budget_windows w
    on w.scope = c.scope and w.period = c.period and w.starts_at <= p_at and w.ends_at > p_at
    and w.starts_at > p_at - case c.period when 'hour' then v_hour when 'day' then v_day else v_month end;
  if v_changed then
    -- A budget changed between the opening and the locking of the windows, so the caller must try again.
    raise exception 'a budget changed while this transaction waited for locks; try again' using errcode = 'serialization_failure';
  end if;
end
$$;
comment on function ai.lock_budgets(text, text[], text[], text, timestamptz) is
  'Locks the running windows of these budgets, for ai.admit, and opens missing ones. Returns what is left of each window, and what calls in flight hold. Raises 40001 if a budget changed meanwhile.';

create or replace function ai.grant_calls(
  p_provider text, p_requests jsonb, p_lease interval, p_scope text, p_at timestamptz, p_now timestamptz, p_refuses_unpriced boolean, p_unpriced_ms float8,
  p_models text[], p_states text[], p_manual boolean[], p_probe_until timestamptz[], p_not_before timestamptz[],
  p_ramp integer[], p_flight integer[], p_most integer[], p_request_rate float8[], p_token_rate float8[], p_token_burst float8[],
  p_scopes text[], p_window_ids bigint[], p_left bigint[], p_held bigint[], p_ends timestamptz[],
  inout requests float8[], inout tokens float8[], out added integer[], out probes bigint[], out taken bigint[], out refused bigint[],
  out claim_ids bigint[], out granted text[], out refusals text[], out waits float8[])
language plpgsql volatile security definer  -- callers have no rights on the tables; runs under ai.admit's settings
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_star constant integer := array_position(p_models, '*');
  v_request record;
  v_candidate record;
  v_held record;
  v_places integer[];
  v_window_places integer[];
  v_window_ids bigint[];
  v_k integer;
  v_refusal text;
  v_wait float8;
  v_best_refusal text;
  v_best_wait float8;
  v_granted text;
  v_probing integer[];
begin
  added := array_fill(0, array[cardinality(p_models)]);
  probes := array_fill(null::bigint, array[cardinality(p_models)]);
  taken := array_fill(0::bigint, array[coalesce(cardinality(p_scopes), 0)]);
  refused := array_fill(null::bigint, array[coalesce(cardinality(p_scopes), 0)]);
  for v_request in
    select (r.request ->> 'claim_id')::bigint as claim_id, (r.request ->> 'rfq_id')::uuid as rfq_id,
      r.request ->> 'sender' as sender, r.request -> 'candidates' as candidates
    from jsonb_array_elements(p_requests) with ordinality as r(request, place)
    order by r.place
  loop
    -- A worker repeats its request if the reply was lost. Return the same answer again.
    select h.model into v_held from ai.holds h where h.claim_id = v_request.claim_id;
    if found then
      claim_ids := claim_ids || v_request.claim_id; granted := granted || v_held.model; refusals := refusals || null::text; waits := waits || null::float8;
      continue;
    end if;

    if p_scope = 'global' and not exists (
      select from ai.outbox o where o.rfq_id = v_request.rfq_id and o.claim_id = v_request.claim_id)
    then
      claim_ids := claim_ids || v_request.claim_id; granted := granted || null::text; refusals := refusals || 'claim_lost'::text; waits := waits || 0::float8;
      continue;
    end if;

    v_granted := null; v_best_refusal := null; v_best_wait := null;
    for v_candidate in
      select c ->> 'model' as model, (c ->> 'tokens')::integer as tokens, (c ->> 'nano')::bigint as nano,
        (c ->> 'priced')::boolean as priced
      from jsonb_array_elements(v_request.candidates) with ordinality as e(c, place)
      order by e.place
    loop
      v_refusal := null; v_wait := null; v_probing := '{}';
      v_places := array[v_star, array_position(p_models, v_candidate.model)];

      foreach v_k in array v_places loop
        if p_states[v_k] = 'closed' then
          if p_not_before[v_k] > p_now then
            v_refusal := 'rate_limit'; v_wait := extract(epoch from p_not_before[v_k] - p_now) * 1000;
          elsif p_flight[v_k] >= p_ramp[v_k] then
            v_refusal := 'ramp'; v_wait := 250;
          end if;
        elsif p_manual[v_k] then
          v_refusal := 'breaker_open'; v_wait := 3600000;  -- an hour: the RFQ is woken when the breaker closes
        elsif p_states[v_k] = 'open' and ai.wait_to_probe(p_provider, p_models[v_k], v_request.rfq_id, p_now) > 0 then
          v_refusal := 'breaker_open'; v_wait := ai.wait_to_probe(p_provider, p_models[v_k], v_request.rfq_id, p_now);
        elsif p_states[v_k] = 'half_open' and p_probe_until[v_k] > p_now then
          -- A probe is in flight. Its end does not wake an RFQ that is deferred after that end, so the RFQ must try again soon.
          v_refusal := 'breaker_open'; v_wait := least(5000, extract(epoch from p_probe_until[v_k] - p_now) * 1000);
        else
          v_probing := v_probing || v_k;
        end if;
        exit when v_refusal is not null;
        if p_flight[v_k] >= p_most[v_k] then
          v_refusal := 'concurrency'; v_wait := 250;
        elsif p_request_rate[v_k] is not null and requests[v_k] < 1 then
          v_refusal := 'requests_per_minute'; v_wait := (1 - requests[v_k]) / p_request_rate[v_k] * 1000;
        elsif p_token_rate[v_k] is not null and tokens[v_k] < least(v_candidate.tokens, p_token_burst[v_k]) then
          -- A call larger than the bucket is admitted when the bucket is full. Then the bucket is below zero.
          v_refusal := 'tokens_per_minute';
          v_wait := (least(v_candidate.tokens, p_token_burst[v_k]) - tokens[v_k]) / p_token_rate[v_k] * 1000;
        end if;
        exit when v_refusal is not null;
      end loop;

      if v_refusal is null and not v_candidate.priced and p_refuses_unpriced then
        v_refusal := 'unknown_price'; v_wait := p_unpriced_ms;
      end if;
      if v_refusal is null then
        v_window_places := '{}';
        v_window_ids := '{}';
        for v_k in 1 .. coalesce(cardinality(p_scopes), 0) loop
          continue when p_scopes[v_k] <> p_scope and p_scopes[v_k] <> 'model:' || v_candidate.model
            and p_scopes[v_k] is distinct from 'sender:' || v_request.sender;
          if v_candidate.nano > p_left[v_k] then
            v_refusal := case when v_refusal = 'budget' or p_scopes[v_k] not like 'sender:%' then 'budget' else 'sender_budget' end;
            if v_candidate.nano <= p_left[v_k] + p_held[v_k] + taken[v_k] then
              -- Only holds of other calls leave no room for this call. Those calls rarely use all that they hold, and settle within
              -- seconds, so the claim waits. Claims that wait for one sender's budget are deferred, since there may be many.
              v_wait := greatest(coalesce(v_wait, 0), case when p_scopes[v_k] like 'sender:%' then 2000 else 250 end);
            else
              v_wait := greatest(coalesce(v_wait, 0), extract(epoch from p_ends[v_k] - p_at) * 1000);
              refused[v_k] := least(refused[v_k], v_candidate.nano);
            end if;
          end if;
          v_window_places := v_window_places || v_k;
          v_window_ids := v_window_ids || p_window_ids[v_k];
        end loop;
      end if;

      if v_refusal is null then
        v_granted := v_candidate.model;
        insert into ai.holds (claim_id, rfq_id, provider, model, amount_nano, is_priced, tokens, is_probe, admitted_at, window_ids)
        values (v_request.claim_id, v_request.rfq_id, p_provider, v_granted, v_candidate.nano, v_candidate.priced,
          v_candidate.tokens, cardinality(v_probing) > 0, p_at, v_window_ids);
        foreach v_k in array v_places loop
          p_flight[v_k] := p_flight[v_k] + 1;
          added[v_k] := added[v_k] + 1;
          requests[v_k] := requests[v_k] - 1;
          tokens[v_k] := tokens[v_k] - v_candidate.tokens;
        end loop;
        foreach v_k in array v_probing loop
          p_states[v_k] := 'half_open';
          probes[v_k] := v_request.claim_id;
          p_probe_until[v_k] := p_now + p_lease;
        end loop;
        foreach v_k in array v_window_places loop
          p_left[v_k] := p_left[v_k] - v_candidate.nano;
          taken[v_k] := taken[v_k] + v_candidate.nano;
        end loop;
        exit;
      elsif v_best_wait is null or v_wait < v_best_wait then
        v_best_refusal := v_refusal; v_best_wait := v_wait;
      end if;
    end loop;

    claim_ids := claim_ids || v_request.claim_id;
    granted := granted || v_granted;
    refusals := refusals || case when v_granted is null then v_best_refusal end;
    waits := waits || case when v_granted is null then v_best_wait end;
  end loop;
end
$$;
comment on function ai.grant_calls(text, jsonb, interval, text, timestamptz, timestamptz, boolean, float8, text[], text[], boolean[], timestamptz[], timestamptz[], integer[], integer[], integer[], float8[], float8[], float8[], text[], bigint[], bigint[], bigint[], timestamptz[], float8[], float8[]) is
  'Decides the requests of ai.admit one by one, by the remaining limits and budgets, and inserts the holds. Returns the amounts taken per model and per budget window, and the answer to each request.';

create or replace function ai.admit(
  p_provider text, p_requests jsonb, p_lease interval, p_scope text default 'global')
returns table (claim_id bigint, model text, refusal text, wait_ms float8)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan  -- planning each call would take longer than the work itself
as $$
#variable_conflict use_column
declare
  v_at constant timestamptz := clock_timestamp();  -- the moment that decides the budget windows
  v_policy constant jsonb := (select jsonb_object_agg(p.key, p.value) from ai.policy p);
  v_refuses_unpriced boolean;
  v_asked text[];
  v_senders text[];
  v_m record;  -- arrays per model, and the moment that decides breakers and buckets
  v_b record;  -- arrays per budget
  v_g record;  -- results
begin
  if v_policy ->> 'mode' <> 'on' then
    return query
      select (r ->> 'claim_id')::bigint, h.model, case when h.claim_id is null then 'paused' end,
        case when h.claim_id is null then 0::float8 end
      from jsonb_array_elements(p_requests) r
      left join ai.holds h on h.claim_id = (r ->> 'claim_id')::bigint;
    return;
  end if;
  -- Prevents other sessions from taking over a claim before its hold is committed. Otherwise a worker that dies during this statement would
  -- leave a hold that counts as a call in flight for ever. This lock precedes all others, as in a finish.
  if p_scope = 'global' then
    perform from ai.outbox o
    where o.rfq_id = any (array(select (r ->> 'rfq_id')::uuid from jsonb_array_elements(p_requests) r))
    order by o.id
    for key share;
  end if;
  v_refuses_unpriced := ai.refuses_unpriced(v_policy ->> 'unknown_price', p_scope);

  v_asked := array(
    select distinct c ->> 'model' from jsonb_array_elements(p_requests) r, jsonb_array_elements(r -> 'candidates') c);
  v_senders := array(
    select distinct r ->> 'sender' from jsonb_array_elements(p_requests) r where r ->> 'sender' is not null);
  -- Lock order everywhere: models, holds, windows.
  select * into v_m from ai.lock_models(p_provider, v_asked) m;
  select * into v_b from ai.lock_budgets(p_scope, v_asked, v_senders, coalesce(v_policy ->> 'budget_time_zone', 'UTC'), v_at) b;
  select * into v_g
  from ai.grant_calls(
    p_provider, p_requests, p_lease, p_scope, v_at, v_m.now, v_refuses_unpriced, (v_policy ->> 'defer_seconds')::float8 * 1000,
    v_m.models, v_m.states, v_m.manual, v_m.probe_until, v_m.not_before,
    v_m.ramp, v_m.flight, v_m.most, v_m.request_rate, v_m.token_rate, v_m.token_burst,
    v_b.scopes, v_b.window_ids, v_b.amounts_left, v_b.amounts_held, v_b.ends, v_m.requests, v_m.tokens) g;

  update ai.model_states s
  set in_flight = s.in_flight + n.added,
      requests = coalesce(n.requests, 0), tokens = coalesce(n.tokens, 0), filled_at = v_m.now,
      state = case when n.probe is null then s.state else 'half_open' end,
      probe_claim_id = coalesce(n.probe, s.probe_claim_id),
      probe_until = case when n.probe is null then s.probe_until else v_m.now + p_lease end,
      changed_at = case when n.probe is null then s.changed_at else v_m.now end
  from unnest(v_m.models, v_g.added, v_g.requests, v_g.tokens, v_g.probes) as n(model, added, requests, tokens, probe)
  where s.provider = p_provider and s.model = n.model and n.added > 0;
  insert into ai.events (kind, provider, model)
  select 'breaker_half_opened', p_provider, n.model
  from unnest(v_m.models, v_g.probes) as n(model, probe) where n.probe is not null;
  update ai.budget_windows w
  set held_nano = w.held_nano + n.taken,
      refused_nano = least(w.refused_nano, n.refused), refused_at = case when n.refused is null then w.refused_at else coalesce(w.refused_at, v_at) end
  from unnest(v_b.window_ids, v_g.taken, v_g.refused) as n(window_id, taken, refused)
  where w.window_id = n.window_id and (n.taken > 0 or n.refused < w.refused_nano or n.refused is not null and w.refused_nano is null);
  -- Records the event once per window, except for budgets of senders.
  insert into ai.events (kind, scope, until)
  select 'budget_refused', n.scope, n.ends_at
  from unnest(v_b.scopes, v_b.ends, v_g.refused) as n(scope, ends_at, refused)
  where n.refused is not null and n.scope not like 'sender:%'
    and not exists (
      select from ai.events e
      where e.kind = 'budget_refused' and e.scope = n.scope and e.until = n.ends_at
        and e.happened_at > v_m.now - interval '32 days');
  return query select * from unnest(v_g.claim_ids, v_g.granted, v_g.refusals, v_g.waits);
end
$$;
comment on function ai.admit(text, jsonb, interval, text) is
  'Admission for a batch of claims: [{claim_id, rfq_id, sender, candidates: [{model, tokens, nano, priced}]}]. Each claim gets the first of its candidates that mode, breaker, ramp, concurrency, rates, price and budgets all allow, with a hold on the cost. If none is allowed, it gets the refusal that ends soonest, and the milliseconds until then. A repeated request for a claim with a hold gets the same answer again. A claim that is no longer current is refused as claim_lost; evaluations have no claim to check.';
