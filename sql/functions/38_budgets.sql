-- Budgets: caps, their windows, and the functions that keep both consistent.

create or replace function ai.active_budgets(p_scope text, p_models text[], p_senders text[])
returns table (scope text, period text, cap_nano bigint)
language plpgsql stable security definer  -- callers have no rights on the tables; not in SQL, since PostgreSQL would plan it for each statement
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
  with caps as (
    select
      substring(p.key from '^budget[.](.*)[.][a-z]+$') as scope,
      substring(p.key from '([a-z]+)$') as period,
      ((p.value)::numeric * 1e9)::bigint as cap_nano
    from ai.policy p
    where p.key like 'budget.%'
  )
  select c.scope, c.period, c.cap_nano
  from caps c
  where c.scope = p_scope or c.scope in (select 'model:' || m from unnest(p_models) m)
  union all
  select 'sender:' || s.sender, c.period, c.cap_nano
  from caps c, unnest(p_senders) as s(sender)
  where c.scope = 'sender' and p_scope = 'global';
end
$$;
comment on function ai.active_budgets(text, text[], text[]) is
  'Budgets that apply to calls to these models for these senders, with caps in nano-dollars: one row per scope and period.';

create or replace function ai.ensure_budget_windows(p_scope text, p_models text[], p_senders text[], p_zone text, p_at timestamptz)
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  -- A sender's window begins at zero: adding up the earlier runs of each sender would take too long.
  insert into ai.budget_windows as w (scope, period, starts_at, ends_at)
  select c.scope, c.period, b.starts_at, b.ends_at
  from ai.active_budgets(p_scope, p_models, p_senders) c
  cross join lateral ai.budget_window(c.period, p_at, p_zone) b
  where c.scope like 'sender:%' and not exists (
    select from ai.budget_windows w
    where w.scope = c.scope and w.period = c.period and w.starts_at <= p_at and w.ends_at > p_at)
  order by c.scope, c.period
  -- On a conflict: in another time zone, a shorter window began at the same moment.
  on conflict (scope, period, starts_at) do update set ends_at = greatest(w.ends_at, excluded.ends_at);

  if not exists (
    select from ai.active_budgets(p_scope, p_models, '{}') c
    where not exists (
      select from ai.budget_windows w
      where w.scope = c.scope and w.period = c.period and w.starts_at <= p_at and w.ends_at > p_at))
  then
    return;
  end if;
  -- Each other window counts what was spent since its start, even after a change of cap or time zone. While this lock is held, no call is
  -- admitted or settled, so each call counts exactly once.
  lock table ai.holds in share row exclusive mode;
  with opened as (
    insert into ai.budget_windows as w (scope, period, starts_at, ends_at, spent_nano_usd, assumed_nano_usd, held_nano)
    select m.scope, m.period, m.starts_at, m.ends_at, ai.spent_nano_usd(m.scope, m.starts_at, m.ends_at),
      ai.assumed_nano_usd(m.scope, m.starts_at, m.ends_at),
      coalesce((
        select sum(h.amount_nano) from ai.holds h
        where h.admitted_at >= m.starts_at and h.admitted_at < m.ends_at and m.scope in (ai.budget_scope_of(h.rfq_id), 'model:' || h.model)), 0)
    from (
      select c.scope, c.period, b.starts_at, b.ends_at
      from ai.active_budgets(p_scope, p_models, '{}') c
      cross join lateral ai.budget_window(c.period, p_at, p_zone) b
    ) m
    where not exists (
      select from ai.budget_windows w where w.scope = m.scope and w.period = m.period and w.starts_at <= p_at and w.ends_at > p_at)
    order by m.scope, m.period
    -- As above: the shorter window did not count what was spent after its end.
    on conflict (scope, period, starts_at) do update
    set ends_at = excluded.ends_at, spent_nano_usd = excluded.spent_nano_usd, assumed_nano_usd = excluded.assumed_nano_usd,
        held_nano = excluded.held_nano
    returning window_id, scope, starts_at, ends_at
  )
  update ai.holds h
  set window_ids = h.window_ids || array(
    select o.window_id from opened o
    where h.admitted_at >= o.starts_at and h.admitted_at < o.ends_at and o.scope in (ai.budget_scope_of(h.rfq_id), 'model:' || h.model)
      and o.window_id <> all (h.window_ids))
  where exists (
    select from opened o
    where h.admitted_at >= o.starts_at and h.admitted_at < o.ends_at and o.scope in (ai.budget_scope_of(h.rfq_id), 'model:' || h.model));
end
$$;
comment on function ai.ensure_budget_windows(text, text[], text[], text, timestamptz) is
  'Opens the missing budget windows of a moment, including what was already spent and held in them.';

create or replace function ai.spent_nano_usd(p_scope text, p_from timestamptz, p_to timestamptz)
returns bigint
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select sum(s.nano)::bigint
  from (
    select coalesce(sum((x.booked_usd * 1e9)::bigint), 0)::bigint as nano
    from ai.rag_runs x
    -- A run is recorded after its admission, and within the longest lease. So this query reads few partitions.
    where x.created_at >= p_from and x.created_at < p_to + interval '2 hours'
      and x.admitted_at >= p_from and x.admitted_at < p_to
      and p_scope in ('global', 'model:' || x.model)
    union all
    select coalesce(sum((c.booked_usd * 1e9)::bigint), 0)::bigint
    from ai.eval_calls c
    where c.admitted_at >= p_from and c.admitted_at < p_to and p_scope in (c.scope, 'model:' || c.model)
  ) s;
$$;
comment on function ai.spent_nano_usd(text, timestamptz, timestamptz) is
  'Booked cost of the runs admitted from p_from to p_to, in nano-dollars, for scope global or model:NAME. For scopes evaluation and draft: the booked cost of evaluations and of drafts.';

create or replace function ai.assumed_nano_usd(p_scope text, p_from timestamptz, p_to timestamptz)
returns bigint
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select sum(s.nano)::bigint
  from (
    select coalesce(sum((x.booked_usd * 1e9)::bigint), 0)::bigint as nano
    from ai.rag_runs x
    where x.created_at >= p_from and x.created_at < p_to + interval '2 hours'
      and x.admitted_at >= p_from and x.admitted_at < p_to
      and x.cost_usd is null and x.booked_usd > 0 and x.cost_source is distinct from 'corrected'
      and p_scope in ('global', 'model:' || x.model)
    union all
    select coalesce(sum((c.booked_usd * 1e9)::bigint), 0)::bigint
    from ai.eval_calls c
    where c.admitted_at >= p_from and c.admitted_at < p_to and c.is_assumed and p_scope in (c.scope, 'model:' || c.model)
  ) s;
$$;
comment on function ai.assumed_nano_usd(text, timestamptz, timestamptz) is
  'The part of ai.spent_nano_usd that is booked at assumed prices and not yet corrected.';

create or replace function ai.budget_scope_of(p_rfq_id uuid)
returns text
language sql immutable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select case p_rfq_id when 'eeeeeeee-eeee-eeee-eeee-eeeeeeeeeeee' then 'evaluation' when 'dddddddd-dddd-dddd-dddd-dddddddddddd' then 'draft' else 'global' end;
$$;
comment on function ai.budget_scope_of(uuid) is 'Scope of a hold. Calls of evaluations and drafts belong to no RFQ: their holds have fixed ids instead of an rfq_id.';

create or replace function ai.budget_class(p_scope text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_scope in ('evaluation', 'draft') then p_scope else 'global' end;
$$;
comment on function ai.budget_class(text) is
  'The class of calls that a budget limits: evaluation, draft, or global. global covers RFQs, and includes the budgets of senders and models.';

create or replace function ai.budget_key(p_scope text, p_period text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key constant text := 'budget.' || p_scope || '.' || p_period;
begin
  if v_key ~ '^budget[.](global|evaluation|draft|sender|model:[^[:space:][:cntrl:]]{1,100})[.](hour|day|month)$' then
    return v_key;
  end if;
  raise exception 'no budget %', v_key
    using errcode = 'check_violation',
          hint = 'A scope is global, evaluation, draft, sender or model:NAME; a period is hour, day or month.';
end
$$;
comment on function ai.budget_key(text, text) is 'The key of a budget in ai.policy; raises 23514 if the scope or period is unknown.';

create or replace function ai.set_budget(
  p_scope text, p_period text, p_cap_usd numeric, p_actor text default null, p_reason text default null)
returns numeric
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key constant text := ai.budget_key(p_scope, p_period);
  v_old numeric;
begin
  perform set_config('rfqflow.actor', coalesce(p_actor, ''), true);
  perform set_config('rfqflow.reason', coalesce(p_reason, ''), true);
  select (p.value)::numeric into v_old from ai.policy p where p.key = v_key for update;
  if p_cap_usd is null then
    delete from ai.policy p where p.key = v_key;
  elsif found then
    update ai.policy p set value = to_jsonb(p_cap_usd) where p.key = v_key;
  else
    insert into ai.policy (key, value, default_value, kind, unit, minimum, maximum, description)
    values (v_key, to_jsonb(p_cap_usd), to_jsonb(p_cap_usd), 'number', 'USD', 0, 1000000000,
      'Limit on the cost of calls per ' || p_period || ': ' || p_scope);
  end if;
  return v_old;
end
$$;
comment on function ai.set_budget(text, text, numeric, text, text) is
  'Sets what a scope may spend per hour, day or month; null: no cap. Scopes are global, evaluation, draft, sender (for each sender) and model:NAME. Earlier spending in the running window counts. A higher cap wakes RFQs that waited for the budget. Returns the old cap. Recorded in ai.policy_history.';

create or replace function ai.move_windows(p_zone text)
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_scopes text[];
  v_periods text[];
  v_spent bigint[];
  v_assumed bigint[];
  v_models text[];
  v_now timestamptz;
begin
  -- No call is admitted or settled meanwhile. An admission that began with the old zone sees the change and tries again.
  lock table ai.holds in share row exclusive mode;
  v_now := clock_timestamp();
  -- Runs do not name their sender, so a sender''s new window takes over the whole amount of the old windows that overlap it.
  with periods as materialized (
    select p.period, b.starts_at
    from unnest(array['hour', 'day', 'month']) as p(period) cross join lateral ai.budget_window(p.period, v_now, p_zone) b
  ),
  gone as (
    delete from ai.budget_windows w
    using periods p
    where w.scope like 'sender:%' and p.period = w.period and w.ends_at > p.starts_at
    returning w.scope, w.period, w.spent_nano_usd + w.held_nano as nano, w.assumed_nano_usd as assumed
  ),
  sums as (
    select g.scope, g.period, sum(g.nano)::bigint as nano, sum(g.assumed)::bigint as assumed from gone g group by g.scope, g.period)
  select array_agg(s.scope), array_agg(s.period), array_agg(s.nano), array_agg(s.assumed)
  into v_scopes, v_periods, v_spent, v_assumed
  from sums s where s.nano > 0;
  insert into ai.budget_windows (scope, period, starts_at, ends_at, spent_nano_usd, assumed_nano_usd)
  select s.scope, s.period, b.starts_at, b.ends_at, s.nano, s.assumed
  from unnest(array['hour', 'day', 'month']) as p(period)
  cross join lateral ai.budget_window(p.period, v_now, p_zone) b
  join unnest(v_scopes, v_periods, v_spent, v_assumed) as s(scope, period, nano, assumed) on s.period = p.period;
  -- Windows of other scopes are counted from the runs again. So are the windows of the old zone, if an operator sets that zone again.
  delete from ai.budget_windows w where w.ends_at > v_now and w.scope not like 'sender:%';
  v_models := array(
    select substring(p.key from '^budget[.]model:(.*)[.][a-z]+$') from ai.policy p where p.key like 'budget.model:%');
  perform ai.ensure_budget_windows('global', v_models, '{}', p_zone, v_now);
  perform ai.ensure_budget_windows('evaluation', v_models, '{}', p_zone, v_now);
  perform ai.ensure_budget_windows('draft', v_models, '{}', p_zone, v_now);
end
$$;
comment on function ai.move_windows(text) is
  'Replaces the running budget windows by windows of another time zone. The new windows count what was spent since their start, and what calls hold.';

create or replace function ai.follow_budget()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_key constant text := coalesce(new.key, old.key);
begin
  if v_key = 'budget_time_zone' then
    perform ai.move_windows(case tg_op when 'DELETE' then 'UTC' else new.value #>> '{}' end);
    perform ai.wake_waiting(array['budget', 'sender_budget']);
    return null;
  end if;
  if tg_op = 'DELETE' then
    -- Deletes the windows of a removed budget. If an operator sets a new cap, its windows are counted from the runs.
    delete from ai.budget_windows w
    where (w.scope = substring(v_key from '^budget[.](.*)[.][a-z]+$') or v_key like 'budget.sender.%' and w.scope like 'sender:%')
      and w.period = substring(v_key from '([a-z]+)$') and w.ends_at > clock_timestamp();
  end if;
  if tg_op = 'DELETE' or tg_op = 'UPDATE' and (new.value)::numeric > (old.value)::numeric then
    perform ai.wake_waiting(case when v_key like 'budget.sender.%' then array['sender_budget'] else array['budget', 'sender_budget'] end);
  end if;
  return null;
end
$$;
comment on function ai.follow_budget() is 'Trigger: raising or removing a cap wakes RFQs that waited for it.';

create or replace trigger rfqflow_follow_budget after update or delete on ai.policy
  for each row when (old.key like 'budget.%' or old.key = 'budget_time_zone')
  execute function ai.follow_budget();
comment on trigger rfqflow_follow_budget on ai.policy is 'Applies changed caps.';

create or replace function ai.reconcile_budget(p_correct boolean default false)
returns table (scope text, period text, starts_at timestamptz, spent_usd numeric, runs_usd numeric, held_usd numeric, holds_usd numeric)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  lock table ai.holds in share row exclusive mode;  -- no call is admitted or settled meanwhile
  return query
  with counted as (
    select w.window_id, w.scope, w.period, w.starts_at, w.spent_nano_usd, w.held_nano,
      ai.spent_nano_usd(w.scope, w.starts_at, w.ends_at) as runs_nano,
      coalesce((select sum(h.amount_nano) from ai.holds h where w.window_id = any (h.window_ids)), 0)::bigint as holds_nano
    from ai.budget_windows w
    where w.ends_at > clock_timestamp() and w.scope not like 'sender:%'
  ),
  corrected as (
    update ai.budget_windows w
    set spent_nano_usd = c.runs_nano, assumed_nano_usd = ai.assumed_nano_usd(w.scope, w.starts_at, w.ends_at), held_nano = c.holds_nano
    from counted c
    where p_correct and w.window_id = c.window_id and (c.spent_nano_usd <> c.runs_nano or c.held_nano <> c.holds_nano)
    returning w.scope, c.runs_nano - c.spent_nano_usd as by_nano
  ),
  logged as (
    insert into ai.events (kind, scope, amount_usd, actor)
    select 'budget_corrected', x.scope, x.by_nano * 1e-9, session_user from corrected x
  )
  select c.scope, c.period, c.starts_at, c.spent_nano_usd * 1e-9, c.runs_nano * 1e-9,
    c.held_nano * 1e-9, c.holds_nano * 1e-9
  from counted c
  order by c.scope, c.starts_at;
end
$$;
comment on function ai.reconcile_budget(boolean) is
  'Compares the running budget windows with the runs and holds that they count: spent_usd must equal runs_usd, and held_usd must equal holds_usd. A difference comes from changes by hand. With p_correct, the function corrects the windows and records an event. Calls to models wait meanwhile.';

create or replace function ai.extend_holds(p_claim_ids bigint[], p_nano bigint[])
returns table (claim_id bigint, is_granted boolean)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_in_force bigint[];
  v_held bigint[];
  v_one record;
begin
  -- Locks the claim first. A session that reclaims the claim locks it too, then records the hold, and must not miss an addition.
  v_in_force := array(
    select o.claim_id from ai.outbox o
    where o.rfq_id in (select h.rfq_id from ai.holds h where h.claim_id = any (p_claim_ids)) and o.claim_id = any (p_claim_ids)
    order by o.id for update skip locked);
  -- Lock order everywhere: holds, then windows. If another session has locked a hold, its call has ended.
  select array_agg(x.claim_id) into v_held
  from (
    select h.claim_id from ai.holds h
    where h.claim_id = any (p_claim_ids)
      and (h.claim_id = any (v_in_force) or ai.budget_scope_of(h.rfq_id) <> 'global')  -- their calls have no claim
    order by h.claim_id for update skip locked) x;
  perform from ai.budget_windows w
  where w.window_id in (
    select u.window_id from ai.holds h, unnest(h.window_ids) as u(window_id) where h.claim_id = any (v_held))
  order by w.window_id
  for update;
  for v_one in
    select m.claim_id, m.nano, h.window_ids
    from unnest(p_claim_ids, p_nano) with ordinality as m(claim_id, nano, place)
    left join ai.holds h on h.claim_id = m.claim_id and h.claim_id = any (v_held)
    order by m.place
  loop
    claim_id := v_one.claim_id;
    is_granted := v_one.window_ids is not null and v_one.nano >= 0 and not exists (
      select from ai.budget_windows w
      join ai.policy p on p.key = 'budget.' || case when w.scope like 'sender:%' then 'sender' else w.scope end || '.' || w.period
      where w.window_id = any (v_one.window_ids)
        and ((p.value)::numeric * 1e9)::bigint - w.spent_nano_usd - w.held_nano < v_one.nano);
    if is_granted then
      update ai.holds h set amount_nano = h.amount_nano + v_one.nano where h.claim_id = v_one.claim_id;
      update ai.budget_windows w set held_nano = w.held_nano + v_one.nano where w.window_id = any (v_one.window_ids);
    end if;
    return next;
  end loop;
end
$$;
comment on function ai.extend_holds(bigint[], bigint[]) is
  'Raises the hold of each claim by p_nano nano-dollars for one more call, if the claim is current and all its budgets have room. Other holds do not change. The settlement counts the tokens of the additional call.';
