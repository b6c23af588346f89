-- Prices, and the corrections after a price is set. Triggers do the corrections, so that an UPDATE in SQL has the same effect as the
-- command.

create or replace function ai.refuses_unpriced(p_policy text, p_scope text)
returns boolean
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_policy = 'refuse' or p_policy = 'auto' and exists (
    select from ai.policy_history h
    where h.key like 'budget.%' and h.new_value is not null
      -- Only a new or lower cap counts: an operator who raised a cap wants more calls.
      and (h.old_value is null or (h.new_value)::numeric < (h.old_value)::numeric)
      and (h.key like 'budget.model:%' or ai.budget_class(substring(h.key from '^budget[.](.*)[.][a-z]+$')) = p_scope)
      and exists (select from ai.policy p where p.key = h.key));
end
$$;
comment on function ai.refuses_unpriced(text, text) is
  'True if this value of policy unknown_price refuses calls of unknown price in a scope (global, evaluation, draft). The value auto refuses such calls once an operator has set a new or lower budget for the scope.';

create or replace function ai.tokens_nano_usd(
  p_provider text, p_tier text, p_input bigint, p_cached bigint, p_output bigint, p_price ai.model_prices)
returns bigint
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  -- Limits a booking to the range of its column. A larger figure cannot be a real bill, and must not stop the correction of other calls.
  select least(99999999999999, ceil(
    -- Runs do not record tokens written to a cache. At Anthropic, such tokens cost a quarter more.
    ((u.input - u.cached) * p_price.input_usd_per_million * case p_provider when 'anthropic' then 1.25 else 1 end
      + u.cached * coalesce(p_price.cached_input_usd_per_million, p_price.input_usd_per_million)
      + u.output * p_price.output_usd_per_million) * 1000
    -- A more expensive tier without a price counts twice the default price, as in rfqflow/core/decisions/pricing.py.
    * case when p_tier in ('priority', 'fast', 'performance') and p_price.service_tier = 'default' then 2 else 1 end))::bigint
  from (
    select coalesce(p_input, 0)::numeric as input, least(coalesce(p_cached, 0), coalesce(p_input, 0))::numeric as cached,
      coalesce(p_output, 0)::numeric as output
  ) u;
$$;
comment on function ai.tokens_nano_usd(text, text, bigint, bigint, bigint, ai.model_prices) is
  'Cost of tokens at a price, in nano-dollars, rounded up, so that it is never less than the provider''s bill.';

create or replace function ai.held_nano_usd(p_nano bigint, p_admitted_at timestamptz, p_price ai.model_prices)
returns bigint
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_input numeric;
  v_output numeric;
begin
  -- The assumed prices at that moment.
  select max(coalesce(h.value, p.value)) filter (where p.key = 'assumed_input_usd'),
    max(coalesce(h.value, p.value)) filter (where p.key = 'assumed_output_usd')
  into v_input, v_output
  from (select x.key, (x.value)::numeric as value from ai.policy x where x.key in ('assumed_input_usd', 'assumed_output_usd')) p
  left join lateral (
    select (y.old_value)::numeric as value from ai.policy_history y
    where y.key = p.key and y.changed_at > p_admitted_at order by y.id limit 1
  ) h on true;
  if v_input = 0 and p_price.input_usd_per_million > 0 or v_output = 0 and p_price.output_usd_per_million > 0 then
    return p_nano;
  end if;
  -- How many of the tokens are output is unknown, so all count at the higher price.
  return least(99999999999999, ceil(p_nano * greatest(
    coalesce(p_price.input_usd_per_million / nullif(v_input, 0), 0), coalesce(p_price.output_usd_per_million / nullif(v_output, 0), 0))))::bigint;
end
$$;
comment on function ai.held_nano_usd(bigint, timestamptz, ai.model_prices) is
  'Converts a hold at assumed prices into an upper limit at a known price. Returns an amount that cannot be converted unchanged.';

create or replace function ai.price_in_force(p_provider text, p_model text, p_tier text)
returns setof ai.model_prices
language plpgsql stable security definer rows 1  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  select x.*
  from (
    select distinct on (p.service_tier) p.*
    from ai.model_prices p
    where p.provider = p_provider and p.model = p_model and p.service_tier in ('default', p_tier) and p.valid_from <= clock_timestamp()
    order by p.service_tier, p.valid_from desc
  ) x
  -- Ignores an unusable row, as workers do.
  where x.input_usd_per_million <> 'NaN' and x.output_usd_per_million <> 'NaN' and x.cached_input_usd_per_million is distinct from 'NaN'
  order by x.service_tier = 'default'
  limit 1;
end
$$;
comment on function ai.price_in_force(text, text, text) is
  'The row of ai.model_prices that applies now to a model and service tier, or to tier default if that tier has no price. No row if no price is set.';

create or replace function ai.price_runs(p_from timestamptz, p_limit integer)
returns jsonb
language plpgsql volatile security definer  -- ai.correct_assumed has locked ai.holds
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- uses the index of runs with an unknown price
set jit = off
as $$
declare
  v_runs jsonb;
  v_calls jsonb;
begin
  with found as (
    select r.created_at, r.run_id, r.rfq_id, r.provider, r.model, r.admitted_at, (r.booked_usd * 1e9)::bigint as was,
      case when r.input_tokens is null then ai.held_nano_usd((r.booked_usd * 1e9)::bigint, r.admitted_at, p)
        else ai.tokens_nano_usd(r.provider, r.service_tier, r.input_tokens, r.cached_input_tokens, r.output_tokens, p) end as nano
    from ai.rag_runs r
    cross join lateral ai.price_in_force(r.provider, r.model, r.service_tier) p
    where (r.provider, r.model) in (select m.provider, m.model from ai.model_prices m)
      and r.created_at >= p_from and r.cost_usd is null and r.booked_usd > 0 and r.cost_source is distinct from 'corrected'
    limit p_limit
    for update of r skip locked
  ),
  corrected as (
    update ai.rag_runs r
    set booked_usd = (f.nano / 1e9)::numeric(14, 9), cost_source = 'corrected'
    from found f
    where r.created_at = f.created_at and r.run_id = f.run_id
    returning f.*
  )
  select jsonb_agg(jsonb_build_object('scope', 'global', 'rfq_id', c.rfq_id, 'provider', c.provider, 'model', c.model,
    'at', c.admitted_at, 'was', c.was, 'nano', c.nano))
  into v_runs
  from corrected c;

  with found as (
    select e.claim_id, e.scope, e.provider, e.model, e.admitted_at, (e.booked_usd * 1e9)::bigint as was,
      ai.held_nano_usd((e.booked_usd * 1e9)::bigint, e.admitted_at, x) as nano
    from ai.eval_calls e
    cross join lateral ai.price_in_force(e.provider, e.model, 'default') x
    where e.admitted_at >= p_from and e.is_assumed
    limit p_limit
    for update of e skip locked
  ),
  corrected as (
    update ai.eval_calls e
    set booked_usd = (f.nano / 1e9)::numeric(14, 9), is_assumed = false
    from found f
    where e.claim_id = f.claim_id
    returning f.*
  )
  select jsonb_agg(jsonb_build_object('scope', c.scope, 'provider', c.provider, 'model', c.model,
    'at', c.admitted_at, 'was', c.was, 'nano', c.nano))
  into v_calls
  from corrected c;
  return coalesce(v_runs, '[]') || coalesce(v_calls, '[]');
end
$$;
comment on function ai.price_runs(timestamptz, integer) is
  'Books calls again that were booked at an assumed price since p_from, at the price set meanwhile, once each. A run with token counts gets the cost of its tokens. A run without token counts gets the most that it can have cost. Returns the changes.';

create or replace function ai.correct_assumed(p_limit integer default 2000)
returns table (provider text, model text, calls bigint, assumed_usd numeric, priced_usd numeric)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- uses the index of runs with an unknown price
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_from timestamptz;
  v_done jsonb;
  v_senders jsonb;
  v_windows bigint[];
  v_spent bigint[];
  v_assumed bigint[];
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception 'ai.correct_assumed needs isolation level read committed: an older snapshot misses calls that are being booked'
      using errcode = 'invalid_transaction_state', hint = 'A running worker corrects the calls within a second of a new price.';
  end if;
  -- Starts at the earliest run that a running window counts, or that a window opened by a later cap may count.
  select least(b.starts_at, (select min(w.starts_at) from ai.budget_windows w where w.ends_at > v_now)) into v_from
  from ai.budget_window('month', v_now,
    coalesce((select p.value #>> '{}' from ai.policy p where p.key = 'budget_time_zone'), 'UTC')) b;
  if not exists (
      select from ai.rag_runs r
      where (r.provider, r.model) in (select m.provider, m.model from ai.model_prices m where m.valid_from <= v_now)
        and r.created_at >= v_from and r.cost_usd is null and r.booked_usd > 0 and r.cost_source is distinct from 'corrected')
    and not exists (
      select from ai.eval_calls e
      where (e.provider, e.model) in (select m.provider, m.model from ai.model_prices m where m.valid_from <= v_now)
        and e.admitted_at >= v_from and e.is_assumed)
  then
    return;  -- With nothing to correct, a heartbeat takes no lock.
  end if;
  -- Prevents the opening of a window, which would count these calls at the old amount. Calls continue.
  lock table ai.holds in row exclusive mode;
  v_done := ai.price_runs(v_from, p_limit);
  if v_done = '[]' then
    return;
  end if;
  -- A run does not record its sender, so the e-mail address comes from the RFQ.
  if exists (select from ai.budget_windows w where w.scope like 'sender:%' and w.ends_at > v_now) then
    begin
      v_senders := (
        select jsonb_object_agg(c.rfq_id, 'sender:' || encode(ai.sender_key(c.email), 'hex'))
        from ai.rfq_contacts(array(
          select distinct (d ->> 'rfq_id')::uuid from jsonb_array_elements(v_done) d where d ->> 'rfq_id' is not null)) c
        where c.email is not null);
    exception when others then
      null;  -- If no table is attached, or it cannot be read, the budgets of senders keep the assumed amounts.
    end;
  end if;
  select array_agg(s.window_id), array_agg(s.spent), array_agg(s.assumed) into v_windows, v_spent, v_assumed
  from (
    select w.window_id, sum(d.nano - d.was)::bigint as spent, sum(d.was)::bigint as assumed
    from jsonb_to_recordset(v_done) as d(scope text, rfq_id text, model text, at timestamptz, was bigint, nano bigint)
    join ai.budget_windows w
      on w.starts_at <= d.at and w.ends_at > d.at and w.scope in (d.scope, 'model:' || d.model, v_senders ->> d.rfq_id)
    group by w.window_id
  ) s;
  perform from ai.budget_windows w where w.window_id = any (v_windows) order by w.window_id for update;
  update ai.budget_windows w
  -- From a sender's window, subtracts at most its assumed amount: after a change of the RFQ's e-mail address, the call counts in another
  -- sender's window.
  set spent_nano_usd = greatest(0, w.spent_nano_usd
        + case when w.scope like 'sender:%' then greatest(n.spent, -w.assumed_nano_usd) else n.spent end),
      assumed_nano_usd = greatest(0, w.assumed_nano_usd - n.assumed)
  from unnest(v_windows, v_spent, v_assumed) as n(window_id, spent, assumed)
  where w.window_id = n.window_id;

  return query
  with sums as (
    select d.provider, d.model, count(*) as calls, sum(d.was) * 1e-9 as assumed_usd,
      sum(d.nano) * 1e-9 as priced_usd
    from jsonb_to_recordset(v_done) as d(provider text, model text, was bigint, nano bigint)
    group by d.provider, d.model
  ),
  audited as (
    insert into ai.actions (actor, action, detail)
    select left(coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text), 80), 'assumed_corrected', to_jsonb(s)
    from sums s
  )
  select s.* from sums s order by s.provider, s.model;
end
$$;
comment on function ai.correct_assumed(integer) is
  'Corrects calls that were booked at an assumed price, once their price is set, at most p_limit calls at once. It changes booked_usd of their runs (cost_usd stays as recorded), the budget windows and ai.actions. Each call is corrected once, and a known cost never falls. Returns the changes by model; repeat the call until it returns nothing.';

create or replace function ai.follow_prices()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_batch constant integer := 2000;
  v_calls bigint;
begin
  if not exists (select from ai.model_prices p where p.corrected_at is null and p.valid_from <= v_now) then
    return 0;
  end if;
  select coalesce(sum(c.calls), 0) into v_calls from ai.correct_assumed(v_batch) c;
  if v_calls < v_batch then
    -- After this time, which is longer than a lease, calls in flight have ended, or have lost their lease and are settled.
    update ai.model_prices p
    set corrected_at = v_now
    where (p.provider, p.model, p.service_tier, p.valid_from) in (
      select x.provider, x.model, x.service_tier, x.valid_from
      from ai.model_prices x
      where x.corrected_at is null and greatest(x.valid_from, x.set_at) < v_now - interval '20 minutes'
      for update skip locked);
  end if;
  return v_calls;
end
$$;
comment on function ai.follow_prices() is
  'A step of the heartbeat: after a new price, corrects calls batch by batch, until the calls in flight at the change have ended. Returns the number of corrected calls.';

create or replace function ai.stamp_price()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.set_at := clock_timestamp();
  new.set_by := coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text);
  new.corrected_at := null;
  return new;
end
$$;
comment on function ai.stamp_price() is 'Trigger: records who set a price, and when.';

create or replace function ai.follow_price()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_gone jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - 'corrected_at' end;
  v_set jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - 'corrected_at' end;
  v_reasons constant text[] := case when tg_op <> 'DELETE' then array['unknown_price'] else '{}' end || array['budget', 'sender_budget'];
  -- After a price is deleted, the assumed price applies and may be lower. Wake RFQs once all workers hold calls at that price.
  v_at constant timestamptz := case when tg_op <> 'DELETE' then greatest(new.valid_from, new.set_at)
    else now() + interval '5 seconds' end;
begin
  insert into ai.actions (actor, action, detail)
  values (
    left(coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text), 80),
    case tg_op when 'DELETE' then 'price_removed' else 'price_set' end,
    jsonb_strip_nulls(jsonb_build_object('was', v_gone, 'is', v_set)));
  if tg_op = 'DELETE' or new.valid_from > clock_timestamp() or current_setting('transaction_isolation') <> 'read committed' then
    -- An older snapshot misses calls that are being booked, and an update of such a call would fail. A worker's next heartbeat corrects all
    -- calls.
    insert into ai.wake_requests (reasons, asked_at)
    select v_reasons, v_at where not exists (select from ai.wake_requests q where q.reasons = v_reasons and q.asked_at = v_at);
    return null;
  end if;
  perform ai.correct_assumed();
  perform ai.forget_refusals();
  perform ai.wake_waiting(v_reasons);
  return null;
end
$$;
comment on function ai.follow_price() is
  'Trigger: after a new price, corrects calls booked at an assumed price, and wakes RFQs that waited for a price or a budget. It runs at the commit, so that an open transaction blocks no calls.';

create or replace trigger rfqflow_stamp_price
  before insert or update of provider, model, service_tier, valid_from, input_usd_per_million, cached_input_usd_per_million, output_usd_per_million
  on ai.model_prices for each row execute function ai.stamp_price();
comment on trigger rfqflow_stamp_price on ai.model_prices is 'Records each change.';

drop trigger if exists rfqflow_follow_price on ai.model_prices;
create constraint trigger rfqflow_follow_price
  after insert or delete
    or update of provider, model, service_tier, valid_from, input_usd_per_million, cached_input_usd_per_million, output_usd_per_million
  on ai.model_prices deferrable initially deferred for each row execute function ai.follow_price();
comment on trigger rfqflow_follow_price on ai.model_prices is 'Applies changed prices.';

create or replace function ai.set_price(
  p_provider text, p_model text, p_input_usd numeric, p_output_usd numeric, p_cached_input_usd numeric default null,
  p_service_tier text default 'default', p_valid_from timestamptz default null, p_actor text default null, p_note text default null)
returns jsonb
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_was ai.model_prices;
begin
  perform set_config('rfqflow.actor', coalesce(p_actor, ''), true);
  if greatest(p_input_usd, p_output_usd, p_cached_input_usd) >= 100000000 then  -- NaN sorts above all numbers
    raise exception 'a price must be from 0 to 100000000 USD per million tokens' using errcode = 'check_violation';
  end if;
  select p.* into v_was from ai.model_prices p
  where p.provider = p_provider and p.model = p_model and p.service_tier = p_service_tier and p.valid_from <= clock_timestamp()
  order by p.valid_from desc limit 1;
  insert into ai.model_prices as m (provider, model, service_tier, valid_from, input_usd_per_million, cached_input_usd_per_million, output_usd_per_million, note)
  values (p_provider, p_model, p_service_tier, coalesce(p_valid_from, clock_timestamp()), p_input_usd, p_cached_input_usd, p_output_usd, p_note)
  on conflict on constraint model_prices_pkey do update
  set input_usd_per_million = excluded.input_usd_per_million, cached_input_usd_per_million = excluded.cached_input_usd_per_million,
      output_usd_per_million = excluded.output_usd_per_million, note = excluded.note;
  return case when v_was.provider is null then null else jsonb_build_object(
    'input_usd_per_million', v_was.input_usd_per_million, 'cached_input_usd_per_million', v_was.cached_input_usd_per_million,
    'output_usd_per_million', v_was.output_usd_per_million, 'set_at', v_was.set_at, 'set_by', v_was.set_by) end;
end
$$;
comment on function ai.set_price(text, text, numeric, numeric, numeric, text, timestamptz, text, text) is
  'Sets the price of a model''s tokens from now on (or p_valid_from), in US dollars per million. Returns the price that applied before, or null. At the commit, ai.follow_price corrects calls booked at an assumed price.';
