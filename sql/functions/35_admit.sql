-- Step 7: leave to call. One short transaction for a whole batch; the first refusal of an RFQ wins and takes nothing.

create or replace function ai.admit(
  p_provider text, p_requests jsonb, p_lease interval, p_scope text default 'global')
returns table (claim_id bigint, model text, refusal text, wait_ms float8)
language plpgsql volatile security definer  -- workers touch tables through functions only
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set plan_cache_mode = force_generic_plan  -- planning anew, call by call, would take longer than the work itself
as $$
#variable_conflict use_column
declare
  v_at constant timestamptz := clock_timestamp();  -- the moment that budget windows go by
  v_now timestamptz;  -- the moment that breakers and buckets go by
  v_policy jsonb := (select jsonb_object_agg(p.key, p.value) from ai.policy p);
  v_refuses_unpriced boolean;
  v_zone constant text := coalesce(v_policy ->> 'budget_time_zone', 'UTC');

  -- No window is longer, whatever the clocks do: others need not be looked at.
  v_hour constant interval := '2 hours'; v_day constant interval := '3 days'; v_month constant interval := '34 days';

  -- One place per model that is asked for, and the provider's own, which every call counts for as well.
  v_asked text[];
  v_senders text[];
  v_models text[];
  v_star integer;
  v_state text[]; v_manual boolean[]; v_open_until timestamptz[]; v_probe_until timestamptz[]; v_not_before timestamptz[];
  v_ramp integer[]; v_flight integer[]; v_most integer[];
  v_requests float8[]; v_request_rate float8[]; v_tokens float8[]; v_token_rate float8[]; v_token_burst float8[];
  v_probe bigint[]; v_added integer[];

  -- The budgets that count, and one place per window of theirs.
  v_scopes text[]; v_periods text[];
  v_keys text[]; v_ids bigint[]; v_left bigint[]; v_taken bigint[]; v_ends timestamptz[]; v_refused boolean[];
  v_changed boolean;

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
  if v_policy ->> 'mode' <> 'on' then
    return query
      select (r ->> 'claim_id')::bigint, h.model, case when h.claim_id is null then 'paused' end,
        case when h.claim_id is null then 0::float8 end
      from jsonb_array_elements(p_requests) r
      left join ai.holds h on h.claim_id = (r ->> 'claim_id')::bigint;
    return;
  end if;
  -- Nobody takes a claim over between here and the commit of its hold: a worker may die while this very statement waits, and
  -- a hold that nobody is left to settle would count as a call in flight. Before all other locks, as a finish does it.
  if p_scope = 'global' then
    perform from ai.outbox o
    where o.rfq_id = any (array(select (r ->> 'rfq_id')::uuid from jsonb_array_elements(p_requests) r))
    order by o.id
    for key share;
  end if;
  -- Whoever has set a budget wants it to hold: then a price that nobody knows is no price.
  v_refuses_unpriced := v_policy ->> 'unknown_price' = 'refuse'
    or (v_policy ->> 'unknown_price' = 'auto'
      and exists (select from ai.policy_history h where h.key like 'budget.%')
      and exists (select from ai.policy p where p.key like 'budget.%'));

  v_asked := array(
    select distinct c ->> 'model' from jsonb_array_elements(p_requests) r, jsonb_array_elements(r -> 'candidates') c);
  v_senders := array(
    select distinct r ->> 'sender' from jsonb_array_elements(p_requests) r where r ->> 'sender' is not null);
  -- Models, locked in the order in which everybody locks them.
  insert into ai.model_states (provider, model)
  select p_provider, m.model
  from unnest(v_asked || '*'::text) as m(model)
  where not exists (select from ai.model_states s where s.provider = p_provider and s.model = m.model)
  order by m.model
  on conflict do nothing;
  perform from ai.model_states s
  where s.provider = p_provider and s.model = any (v_asked || '*'::text)
  order by s.model collate "C"
  for update;
  v_now := clock_timestamp();  -- not before: who waited for the lock must not count with an older time than its holder did
  -- Models, then holds, then windows: the order of all that touch them.
  select array_agg(c.scope), array_agg(c.period) into v_scopes, v_periods
  from ai.active_budgets(p_scope, v_asked, v_senders) c;
  if exists (
    select from unnest(v_scopes, v_periods) as c(scope, period)
    where not exists (
      select from ai.budget_windows w
      where w.scope = c.scope and w.period = c.period and w.starts_at <= v_at and w.ends_at > v_at
        and w.starts_at > v_at - case c.period when 'hour' then v_hour when 'day' then v_day else v_month end))
  then
    perform ai.ensure_budget_windows(p_scope, v_asked, v_senders, v_zone, v_at);
  end if;
  lock table ai.holds in row exclusive mode;

  select array_agg(s.model), array_agg(s.state), array_agg(s.is_manual), array_agg(s.open_until), array_agg(s.probe_until),
    array_agg(s.not_before), array_agg(s.ramp), array_agg(s.in_flight), array_agg(l.most_in_flight),
    array_agg(least(b.requests, case when s.filled_at is null then b.requests
      else s.requests + l.requests_per_minute / 60.0 * extract(epoch from v_now - s.filled_at)::float8 end)),
    array_agg(l.requests_per_minute / 60.0::float8),
    array_agg(least(b.tokens, case when s.filled_at is null then b.tokens
      else s.tokens + l.tokens_per_minute / 60.0 * extract(epoch from v_now - s.filled_at)::float8 end)),
    array_agg(l.tokens_per_minute / 60.0::float8), array_agg(b.tokens),
    array_agg(null::bigint), array_agg(0)
  into v_models, v_state, v_manual, v_open_until, v_probe_until, v_not_before, v_ramp, v_flight, v_most,
    v_requests, v_request_rate, v_tokens, v_token_rate, v_token_burst, v_probe, v_added
  from ai.model_states s
  left join ai.model_limits l on l.provider = s.provider and l.model = s.model
  left join lateral (
    select coalesce(l.request_burst, greatest(1, l.requests_per_minute / 10))::float8 as requests,
      coalesce(l.token_burst, l.tokens_per_minute)::float8 as tokens
  ) b on true
  where s.provider = p_provider and s.model = any (v_asked || '*'::text);
  v_star := array_position(v_models, '*');

  -- Budget windows, locked in their order.
  if v_scopes is not null then
    perform from ai.budget_windows w
    where w.window_id in (
      select x.window_id
      from unnest(v_scopes, v_periods) as c(scope, period)
      join ai.budget_windows x
        on x.scope = c.scope and x.period = c.period and x.starts_at <= v_at and x.ends_at > v_at
        and x.starts_at > v_at - case c.period when 'hour' then v_hour when 'day' then v_day else v_month end)
    order by w.window_id
    for update;
  end if;
  -- The caps of now, also where there were none: who waited for the locks must not go by older ones.
  select array_agg(c.scope), array_agg(w.window_id), array_agg(c.cap_nano - w.spent_nano_usd - w.held_nano),
    array_agg(0::bigint), array_agg(w.ends_at), array_agg(false),
    count(*) <> coalesce(cardinality(v_scopes), 0) or bool_or(
      w.window_id is null or (c.scope, c.period) not in (select u.scope, u.period from unnest(v_scopes, v_periods) as u(scope, period)))
      or v_zone <> coalesce((select p.value #>> '{}' from ai.policy p where p.key = 'budget_time_zone'), 'UTC')
  into v_keys, v_ids, v_left, v_taken, v_ends, v_refused, v_changed
  from ai.active_budgets(p_scope, v_asked, v_senders) c
  left join ai.budget_windows w
    on w.scope = c.scope and w.period = c.period and w.starts_at <= v_at and w.ends_at > v_at
    and w.starts_at > v_at - case c.period when 'hour' then v_hour when 'day' then v_day else v_month end;
  if v_changed then
    -- Between the opening of the windows and their locks: asked again, all is there.
    raise exception 'a budget was changed meanwhile' using errcode = 'serialization_failure';
  end if;

  for v_request in
    select (r.request ->> 'claim_id')::bigint as claim_id, (r.request ->> 'rfq_id')::uuid as rfq_id,
      r.request ->> 'sender' as sender, r.request -> 'candidates' as candidates
    from jsonb_array_elements(p_requests) with ordinality as r(request, place)
    order by r.place
  loop
    -- Asked twice, because the answer got lost: the same answer again.
    select h.model into v_held from ai.holds h where h.claim_id = v_request.claim_id;
    if found then
      claim_id := v_request.claim_id; model := v_held.model; refusal := null; wait_ms := null;
      return next;
      continue;
    end if;

    if p_scope = 'global' and not exists (
      select from ai.outbox o where o.rfq_id = v_request.rfq_id and o.claim_id = v_request.claim_id)
    then
      claim_id := v_request.claim_id; model := null; refusal := 'claim_lost'; wait_ms := 0;
      return next;
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
      v_places := array[v_star, array_position(v_models, v_candidate.model)];

      foreach v_k in array v_places loop
        if v_state[v_k] = 'closed' then
          if v_not_before[v_k] > v_now then
            v_refusal := 'rate_limit'; v_wait := extract(epoch from v_not_before[v_k] - v_now) * 1000;
          elsif v_flight[v_k] >= v_ramp[v_k] then
            v_refusal := 'ramp'; v_wait := 250;
          end if;
        elsif v_manual[v_k] then
          v_refusal := 'breaker_open'; v_wait := 3600000;  -- closing it wakes whoever waits
        elsif v_state[v_k] = 'open' and ai.wait_to_probe(p_provider, v_models[v_k], v_request.rfq_id, v_now) > 0 then
          v_refusal := 'breaker_open'; v_wait := ai.wait_to_probe(p_provider, v_models[v_k], v_request.rfq_id, v_now);
        elsif v_state[v_k] = 'half_open' and v_probe_until[v_k] > v_now then
          -- A probe is out: who is put back only after it has ended is not woken by it, and must look again soon.
          v_refusal := 'breaker_open'; v_wait := least(5000, extract(epoch from v_probe_until[v_k] - v_now) * 1000);
        else
          v_probing := v_probing || v_k;
        end if;
        exit when v_refusal is not null;
        if v_flight[v_k] >= v_most[v_k] then
          v_refusal := 'concurrency'; v_wait := 250;
        elsif v_request_rate[v_k] is not null and v_requests[v_k] < 1 then
          v_refusal := 'requests_per_minute'; v_wait := (1 - v_requests[v_k]) / v_request_rate[v_k] * 1000;
        elsif v_token_rate[v_k] is not null and v_tokens[v_k] < least(v_candidate.tokens, v_token_burst[v_k]) then
          -- What is larger than the bucket goes when the bucket is full, and leaves a debt.
          v_refusal := 'tokens_per_minute';
          v_wait := (least(v_candidate.tokens, v_token_burst[v_k]) - v_tokens[v_k]) / v_token_rate[v_k] * 1000;
        end if;
        exit when v_refusal is not null;
      end loop;

      if v_refusal is null and not v_candidate.priced and v_refuses_unpriced then
        v_refusal := 'unknown_price'; v_wait := (v_policy ->> 'defer_seconds')::float8 * 1000;
      end if;
      if v_refusal is null then
        v_window_places := '{}';
        v_window_ids := '{}';
        for v_k in 1 .. coalesce(cardinality(v_keys), 0) loop
          continue when v_keys[v_k] <> p_scope and v_keys[v_k] <> 'model:' || v_candidate.model
            and v_keys[v_k] is distinct from 'sender:' || v_request.sender;
          if v_candidate.nano > v_left[v_k] then
            v_refusal := case when v_refusal = 'budget' or v_keys[v_k] not like 'sender:%' then 'budget' else 'sender_budget' end;
            v_wait := greatest(coalesce(v_wait, 0), extract(epoch from v_ends[v_k] - v_at) * 1000);
            v_refused[v_k] := true;
          end if;
          v_window_places := v_window_places || v_k;
          v_window_ids := v_window_ids || v_ids[v_k];
        end loop;
      end if;

      if v_refusal is null then
        v_granted := v_candidate.model;
        insert into ai.holds (claim_id, rfq_id, provider, model, amount_nano, is_priced, tokens, is_probe, admitted_at, window_ids)
        values (v_request.claim_id, v_request.rfq_id, p_provider, v_granted, v_candidate.nano, v_candidate.priced,
          v_candidate.tokens, cardinality(v_probing) > 0, v_at, v_window_ids);
        foreach v_k in array v_places loop
          v_flight[v_k] := v_flight[v_k] + 1;
          v_added[v_k] := v_added[v_k] + 1;
          v_requests[v_k] := v_requests[v_k] - 1;
          v_tokens[v_k] := v_tokens[v_k] - v_candidate.tokens;
        end loop;
        foreach v_k in array v_probing loop
          v_state[v_k] := 'half_open';
          v_probe[v_k] := v_request.claim_id;
          v_probe_until[v_k] := v_now + p_lease;
        end loop;
        foreach v_k in array v_window_places loop
          v_left[v_k] := v_left[v_k] - v_candidate.nano;
          v_taken[v_k] := v_taken[v_k] + v_candidate.nano;
        end loop;
        exit;
      elsif v_best_wait is null or v_wait < v_best_wait then
        v_best_refusal := v_refusal; v_best_wait := v_wait;
      end if;
    end loop;

    claim_id := v_request.claim_id;
    model := v_granted;
    refusal := case when v_granted is null then v_best_refusal end;
    wait_ms := case when v_granted is null then v_best_wait end;
    return next;
  end loop;

  update ai.model_states s
  set in_flight = s.in_flight + n.added,
      requests = coalesce(n.requests, 0), tokens = coalesce(n.tokens, 0), filled_at = v_now,
      state = case when n.probe is null then s.state else 'half_open' end,
      probe_claim_id = coalesce(n.probe, s.probe_claim_id),
      probe_until = case when n.probe is null then s.probe_until else v_now + p_lease end,
      changed_at = case when n.probe is null then s.changed_at else v_now end
  from unnest(v_models, v_added, v_requests, v_tokens, v_probe) as n(model, added, requests, tokens, probe)
  where s.provider = p_provider and s.model = n.model and n.added > 0;
  insert into ai.events (kind, provider, model)
  select 'breaker_half_opened', p_provider, n.model
  from unnest(v_models, v_probe) as n(model, probe) where n.probe is not null;
  update ai.budget_windows w
  set held_nano = w.held_nano + n.taken
  from unnest(v_ids, v_taken) as n(window_id, taken)
  where w.window_id = n.window_id and n.taken > 0;
  -- Once per window: a sender's own limit is nobody else's news.
  insert into ai.events (kind, scope, until)
  select 'budget_refused', n.scope, n.ends_at
  from unnest(v_keys, v_ends, v_refused) as n(scope, ends_at, refused)
  where n.refused and n.scope not like 'sender:%'
    and not exists (
      select from ai.events e
      where e.kind = 'budget_refused' and e.scope = n.scope and e.until = n.ends_at
        and e.happened_at > v_now - interval '32 days');
end
$$;
comment on function ai.admit(text, jsonb, interval, text) is
  'Leave to call for a batch of claims: [{claim_id, rfq_id, sender, candidates: [{model, tokens, nano, priced}]}], each given the first of its candidates that mode, breaker, ramp, concurrency, requests and tokens a minute, price and budgets all allow, with a hold on its cost. Else the refusal that ends soonest, and in how many milliseconds. Asked again for a claim that has its hold, it says the same. A claim that is not in force any more is refused as claim_lost (evaluation has none).';
