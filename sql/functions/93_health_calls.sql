-- Findings of ai.health about calls: breakers, prices and budgets.

create or replace function ai.unpriced_calls(p_since timestamptz)
returns table (provider text, model text, calls bigint, since timestamptz)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
begin
  return query
    select x.provider, x.model, sum(x.calls)::bigint, min(x.since)
    from (
      select d.provider, d.model, d.calls_of_unknown_cost as calls, greatest(coalesce(d.first_unknown_at, d.day::timestamp at time zone 'UTC'), p_since) as since
      from ai.run_days d
      where d.day >= (p_since at time zone 'UTC')::date and d.calls_of_unknown_cost > 0
      union all
      -- Adds the newest runs that are not rolled up yet, up to a number that is cheap to read.
      select u.provider, u.model, 1, u.created_at
      from (
        select f.provider, f.model, f.created_at, f.is_call, f.cost_usd
        from ai.run_details f
        where f.created_at >= (select s.rolled_to from ai.rollup_progress s) and f.created_at >= p_since
        order by f.created_at desc
        limit 200) u
      where u.is_call and u.cost_usd is null) x
    where not exists (
      select from ai.model_prices p
      where p.provider = x.provider and p.model = x.model and p.valid_from <= clock_timestamp())
    group by x.provider, x.model;
end
$$;
comment on function ai.unpriced_calls(timestamptz) is
  'Calls of unknown cost since a time, by model, unless an operator has set the price meanwhile. Of the runs that are not rolled up yet, it reads only the last 200.';

create or replace function ai.health_of_calls()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_held record;
  v_unpriced record;
  v_who text;
  v_typed text;
begin
  select * into v_held from ai.deferred_for('breaker_open');
  return query
    select
      case when v_held.rfqs = 0 then 'warning'
        when s.is_manual or s.reason is distinct from 'failures' or s.opened_at < v_now - interval '15 minutes' then 'critical'
        else 'warning' end,
      'breaker_open',
      format('%s called since %s: %s%s %s.',
        case s.model when '*' then 'No model of ' || ai.name_text(s.provider) || ' is'
          else ai.name_text(s.model) || ' (' || ai.name_text(s.provider) || ') is not' end,
        ai.time_text(s.opened_at),
        case when s.is_manual then 'its breaker was opened by hand' || coalesce(', by ' || ai.short_text(e.actor), '')
          when s.reason = 'failures' then 'too many calls failed'
          else coalesce(rtrim(r.meaning, '.'), s.reason) || ' (' || s.reason || ')' end,
        case when s.is_manual then '.'
          else format(', %s; %s.', ai.count_text(s.trips, 'trip of the breaker', 'trips of the breaker in a row'),
            case when s.state = 'half_open' then 'a probe is in flight'
              when s.open_until > v_now then 'the next probe is due at ' || ai.time_text(s.open_until)
              else 'the next RFQ is the probe' end) end,
        case when v_held.rfqs = 0 then 'No RFQ waits for it yet' else ai.count_text(v_held.rfqs, 'RFQ waits for a breaker', 'RFQs wait for a breaker', true) end),
      v_held.rfqs, s.opened_at,
      case when s.is_manual then format('`rfqflow breaker close %s%s` closes the breaker; calls resume in a ramp', ai.argument_text(s.provider, 'PROVIDER'),
          coalesce(' ' || ai.argument_text(nullif(s.model, '*'), 'MODEL'), ''))
        when s.reason = 'failures' then format('After an outage, the next probe closes the breaker. `rfqflow doctor --provider` shows how %s answers; RFQFLOW_FALLBACK_MODELS names models to ask instead',
          ai.name_text(s.provider))
        else rtrim(replace(coalesce(r.remedy, '`rfqflow doctor --provider` shows what the server refuses'), 'PROVIDER', ai.argument_text(s.provider, 'PROVIDER')), '.') end
    from ai.model_states s
    left join lateral (
      select x.actor from ai.events x
      where s.is_manual and x.kind = 'breaker_opened' and x.provider = s.provider and x.model = s.model and x.actor is not null
        and x.happened_at >= s.opened_at
      order by x.happened_at limit 1) e on true
    left join lateral (
      select y.meaning, y.remedy from ai.reasons y
      where y.code = s.reason and y.kind in ('reason', 'error_class')
      order by y.kind = 'error_class', y.status limit 1) r on true
    where s.state <> 'closed'
    order by s.provider, s.model;

  return query
    select 'critical', 'waits_for_person',
      format('%s since %s, and will wait until a person acts: %s (%s).', ai.count_text(d.rfqs, 'RFQ waits', 'RFQs wait', true), ai.time_text(d.since),
        rtrim(r.meaning, '.'), r.code),
      d.rfqs, d.since, rtrim(r.remedy, '.')
    from ai.reasons r
    cross join lateral ai.deferred_for(r.code) d
    where r.kind = 'reason' and r.status = 'deferred' and r.needs <> 'nothing' and r.code <> 'unknown_price' and d.rfqs > 0
    order by r.code;

  -- With few RFQs, no breaker opens, even if no RFQ is answered for a long time.
  return query
    select 'warning', 'oldest_waiting',
      format('%s since %s: %s (%s).', ai.count_text(d.rfqs, 'RFQ waits', 'RFQs wait', true), ai.time_text(d.since), rtrim(r.meaning, '.'), r.code),
      d.rfqs, d.since, rtrim(r.remedy, '.')
    from ai.reasons r
    cross join lateral ai.deferred_for(r.code) d
    where r.kind = 'reason' and r.status = 'deferred' and r.needs = 'nothing'
      and r.code not in ('breaker_open', 'budget', 'sender_budget', 'duplicate_running') and d.since < v_now - interval '2 minutes'
    order by r.code;

  select * into v_held from ai.deferred_for('unknown_price');
  for v_unpriced in select u.* from ai.unpriced_calls(v_now - interval '7 days') u order by u.calls desc, u.model limit 5 loop
    return query select 'warning', 'unknown_price',
      format('The price of %s (%s) is unknown: %s in the last 7 days, booked at assumed prices.', ai.name_text(v_unpriced.model), ai.name_text(v_unpriced.provider),
        case v_unpriced.calls when 1 then '1 call' else to_char(v_unpriced.calls, 'FM999,999,999,990') || ' calls' end),
      v_unpriced.calls, v_unpriced.since,
      format('Set the price in USD per million tokens: `rfqflow price set %s %s INPUT OUTPUT`; use 0 0 if the model costs nothing',
        ai.argument_text(v_unpriced.provider, 'PROVIDER'), ai.argument_text(v_unpriced.model, 'MODEL'));
  end loop;
  if v_held.rfqs > 0 then
    -- Models that workers use and that have no price.
    select string_agg(distinct ai.name_text(w.provider) || ' ' || ai.name_text(w.model), ', '),
      case when count(distinct (w.provider, w.model)) = 1 then min(ai.argument_text(w.provider, 'PROVIDER') || ' ' || ai.argument_text(w.model, 'MODEL')) end
    into v_who, v_typed
    from ai.workers w
    where w.provider <> 'rules' and not exists (
      select from ai.model_prices p where p.provider = w.provider and p.model = w.model and p.valid_from <= v_now);
    return query select 'critical', 'unknown_price',
      format('%s since %s: the price of their model%s is unknown, and rfqflow refuses such calls (policy unknown_price: %s).',
        ai.count_text(v_held.rfqs, 'RFQ waits', 'RFQs wait', true), ai.time_text(v_held.since), coalesce(' (' || v_who || ')', ''),
        (select p.value #>> '{}' from ai.policy p where p.key = 'unknown_price')),
      v_held.rfqs, v_held.since,
      format('Set the price in USD per million tokens: `rfqflow price set %s INPUT OUTPUT`; use 0 0 if the model costs nothing. Or accept assumed prices: `rfqflow policy set unknown_price assume`',
        coalesce(v_typed, 'PROVIDER MODEL'));
  end if;
end
$$;
comment on function ai.health_of_calls() is
  'The findings of ai.health about calls that are not made: breaker_open, waits_for_person (reasons that need a person by ai.reasons), oldest_waiting (other reasons, after two minutes), unknown_price.';

create or replace function ai.health_of_budgets()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- reads only windows that refused a call, of the many windows of senders
set enable_bitmapscan = off  -- reads the index, as ai.deferred_for does
set enable_sort = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_action constant text := (select p.value #>> '{}' from ai.policy p where p.key = 'budget_exhausted_action');
  v_w record;
  v_held record;
  v_name text;
  v_waits text;
  v_typed text;
  v_unpriced record;
begin
  for v_w in
    with caps as materialized (
      select substring(p.key from '^budget[.](.*)[.][a-z]+$') as name, substring(p.key from '([a-z]+)$') as length, ((p.value)::numeric * 1e9)::bigint as cap_nano
      from ai.policy p where p.key like 'budget.%'
    )
    select x.scope, x.period, x.is_sender, x.cap_nano, x.refused_nano > x.cap_nano as is_too_small, count(*) as windows,
      max(x.spent_nano) as spent_nano, max(x.assumed_nano) as assumed_nano, min(x.refused_nano) as refused_nano, min(x.starts_at) as starts_at, max(x.ends_at) as ends_at,
      min(x.refused_at) as refused_at
    from (
      select w.name as scope, w.period, w.name = 'sender' as is_sender, w.cap_nano, w.spent_nano_usd as spent_nano,
        w.assumed_nano_usd as assumed_nano, w.refused_nano, w.starts_at, w.ends_at, w.refused_at
      from (
        select q.name, q.cap_nano, l.*
        from caps q
        cross join lateral (
          -- Reads one window per budget by its key, instead of all windows that refused a call.
          select y.* from ai.budget_windows y
          where y.scope = q.name and y.period = q.length and y.starts_at <= v_now
          order by y.starts_at desc limit 1) l
        where l.refused_nano is not null and l.ends_at > v_now
        union all
        select q.name, q.cap_nano, l.*
        from caps q
        cross join lateral (
          -- Limits the number per period. Otherwise windows of an hour, which end first, would fill the limit.
          select y.* from ai.budget_windows y
          where y.refused_nano is not null and y.ends_at > v_now and y.starts_at <= v_now and y.scope like 'sender:%' and y.period = q.length
          order by y.ends_at limit 1001) l
        where q.name = 'sender') w
      -- Leaves out holds of other calls, which settle within seconds, and checks against the present cap.
      where w.refused_nano > w.cap_nano - w.spent_nano_usd) x
    group by 1, 2, 3, 4, 5
    order by 1, 2, 5
  loop
    v_name := format('budget of %s a %s',
      case when v_w.is_sender then 'each sender' when v_w.scope = 'global' then 'all calls (global)' when v_w.scope = 'evaluation' then 'evaluations' when v_w.scope = 'draft' then 'draft replies'
        else ai.name_text(substr(v_w.scope, 7)) || ' (' || ai.name_text(v_w.scope) || ')' end, v_w.period);
    v_typed := ai.argument_text(v_w.scope, 'model:MODEL') || ' ' || v_w.period;
    select * into v_held from ai.deferred_for(case when v_w.is_sender then 'sender_budget' else 'budget' end);
    if ai.budget_class(v_w.scope) <> 'global' then
      v_held.rfqs := 0;
    end if;
    v_waits := case when v_w.scope = 'evaluation' then 'Evaluations wait' when v_w.scope = 'draft' then 'Draft replies come from templates' when v_held.rfqs > 0 then ai.count_text(v_held.rfqs, 'RFQ waits', 'RFQs wait', true)
      when v_action = 'skip' then 'RFQs are skipped' else 'The next RFQs will wait' end;
    if v_w.is_too_small then
      return query select case when ai.budget_class(v_w.scope) <> 'global' then 'warning' else 'critical' end, 'call_exceeds_budget',
        format('The %s is smaller than one call: a call reserves up to %s USD, and the cap is %s USD. %s: %s of %s USD are spent, and the next %s has no room either.',
          v_name, ai.usd_text(v_w.refused_nano), ai.usd_text(v_w.cap_nano), v_waits, ai.usd_text(round(v_w.spent_nano, -5)), ai.usd_text(v_w.cap_nano), v_w.period),
        v_held.rfqs, v_w.refused_at,
        format('`rfqflow budget set %s %s` admits ten such calls at a time and wakes RFQs that wait. Or lower max_output_tokens, so that calls reserve less',
          v_typed, ai.usd_text(ceil(v_w.refused_nano / 1e6) * 1e7 + ceil(v_w.spent_nano / 1e7) * 1e7));
      continue;
    end if;
    select u.provider, u.model into v_unpriced
    from ai.unpriced_calls(v_w.starts_at) u
    where v_w.scope not like 'model:%' or v_w.scope = 'model:' || u.model
    order by u.calls desc, u.model limit 1;
    return query select
      case when v_w.assumed_nano > 0 and v_held.rfqs > 0 then 'critical' when ai.budget_class(v_w.scope) <> 'global' then 'info' else 'warning' end, 'budget_spent',
      format('The %s is spent: %s of %s USD%s, %s; the next call reserves up to %s USD. %s until %s.',
        v_name, ai.usd_text(round(v_w.spent_nano, -5)), ai.usd_text(v_w.cap_nano), case when v_w.windows > 1000 then ' for more than 1,000 of them' when v_w.windows > 1 then format(' for %s of them', v_w.windows) else '' end,
        case when v_w.assumed_nano >= v_w.spent_nano and v_w.assumed_nano > 0 then 'all of it booked at assumed prices'
          when v_w.assumed_nano > 0 then format('%s of it booked at assumed prices', ai.usd_text(v_w.assumed_nano)) else 'as billed' end,
        ai.usd_text(v_w.refused_nano), v_waits, ai.time_text(v_w.ends_at)),
      v_held.rfqs, v_w.refused_at,
      case when v_w.assumed_nano > 0
          then format('Set the price in USD per million tokens, which corrects the booked amount: `rfqflow price set %s %s INPUT OUTPUT`; use 0 0 if the model costs nothing. Or raise the cap: ',
            coalesce(ai.argument_text(v_unpriced.provider, 'PROVIDER'), 'PROVIDER'), coalesce(ai.argument_text(v_unpriced.model, 'MODEL'), 'MODEL'))
          else '' end
        || format('`rfqflow budget set %s %s` admits more calls and wakes RFQs that wait', v_typed, ai.usd_text(
          -- A cap lowered below the amount spent may have no room even when doubled.
          case when v_w.spent_nano + v_w.refused_nano > 2 * v_w.cap_nano::numeric then ceil((v_w.spent_nano + 10 * v_w.refused_nano) / 1e7) * 1e7
            else 2 * v_w.cap_nano::numeric end));
  end loop;
end
$$;
comment on function ai.health_of_budgets() is
  'The findings of ai.health about budgets whose running window has refused a call and would refuse it again: budget_spent, and call_exceeds_budget if one call needs more than the whole cap.';
