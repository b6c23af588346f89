-- Dead letters by cause. A person chooses some of them, sees their number and the expected cost, and then redrives or discards them.

create or replace function ai.expected_call_usd()
returns numeric
language plpgsql stable security definer  -- readers of ai.dead_letter_groups have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_first_day constant date := (clock_timestamp() at time zone 'UTC')::date - 30;
  v_usd numeric;
begin
  if exists (select from ai.workers) and not exists (select from ai.workers w where w.provider <> 'rules') then
    return 0;
  end if;
  select coalesce(
      sum(c.cost_usd) filter (where c.is_asked) / nullif(sum(c.priced) filter (where c.is_asked), 0),
      sum(c.cost_usd) / nullif(sum(c.priced), 0))
  into v_usd
  from (
    select d.cost_usd, d.calls - d.calls_of_unknown_cost as priced,
      exists (select from ai.workers w where w.provider = d.provider and w.model = d.model) as is_asked
    from ai.run_daily_counts d
    where d.day >= v_first_day and d.calls > d.calls_of_unknown_cost) c;
  return v_usd;
end
$$;
comment on function ai.expected_call_usd() is
  'Estimated cost of one more call: the mean of the last 30 days, over the models that workers ask now, or else over all models. 0 if only the built-in rules answer; null if no cost is known.';

create or replace function ai.choose_dead_letters(p_which jsonb)
returns uuid[]
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_unknown constant text := (
    select string_agg(k.key, ', ' order by k.key) from jsonb_object_keys(p_which) k(key)
    where k.key <> all ('{cause,reason,error_class,provider,model,prompt_version,since,until,rfq_ids}'));
begin
  if v_unknown is not null then
    raise exception 'unknown key to choose dead letters by: %', v_unknown
      using errcode = 'invalid_parameter_value', hint = 'Use cause, reason, error_class, provider, model, prompt_version, since, until, rfq_ids.';
  end if;
  return array(
    select x.rfq_id
    from ai.outbox_dead x
    join ai.dead_letters d on d.rfq_id = x.rfq_id
    where (not p_which ? 'cause' or p_which ->> 'cause' in (d.reason, d.error_class))
      and (not p_which ? 'reason' or d.reason = p_which ->> 'reason')
      -- A key with the value null selects dead letters without that property.
      and (not p_which ? 'error_class' or d.error_class is not distinct from p_which ->> 'error_class')
      and (not p_which ? 'provider' or d.provider is not distinct from p_which ->> 'provider')
      and (not p_which ? 'model' or d.model is not distinct from p_which ->> 'model')
      and (not p_which ? 'prompt_version' or d.prompt_version is not distinct from p_which ->> 'prompt_version')
      and (not p_which ? 'since' or d.discarded_at >= (p_which ->> 'since')::timestamptz)
      and (not p_which ? 'until' or d.discarded_at < (p_which ->> 'until')::timestamptz)
      and (not p_which ? 'rfq_ids' or d.rfq_id in (select (i.value)::uuid from jsonb_array_elements_text(p_which -> 'rfq_ids') i))
    order by x.rfq_id
    for update of x);
end
$$;
comment on function ai.choose_dead_letters(jsonb) is
  'Selects dead letters and locks them, for example {"reason": "timeout", "model": "m1"}; {} selects all. cause is a reason or an error class; since and until are times of discarded_at.';

create or replace function ai.redrive_dead_letters(
  p_which jsonb, p_expected bigint default null, p_actor text default null, p_why text default null, out chosen bigint, out done bigint)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant uuid[] := ai.choose_dead_letters(p_which);
begin
  chosen := cardinality(v_ids);
  if p_expected <> chosen then
    return;  -- the number has changed since the person confirmed it
  end if;
  done := ai.enqueue_rfqs(v_ids);
  insert into ai.actions (actor, action, rfq_id, detail)
  select coalesce(nullif(p_actor, ''), session_user), 'redrive', v.rfq_id, jsonb_strip_nulls(jsonb_build_object('reason', nullif(p_why, '')))
  from unnest(v_ids) v (rfq_id);
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), 'redrive_group', null, jsonb_strip_nulls(jsonb_build_object(
    'which', p_which - 'rfq_ids'::text, 'asked', chosen, 'enqueued', done, 'reason', nullif(p_why, ''))));
end
$$;
comment on function ai.redrive_dead_letters(jsonb, bigint, text, text) is
  'Makes the dead letters of ai.choose_dead_letters due again, with attempts from zero. If their number differs from p_expected, it does nothing and returns null as done. Audited in ai.actions.';

create or replace function ai.discard_dead_letters(
  p_which jsonb, p_expected bigint default null, p_actor text default null, p_why text default null, out chosen bigint, out done bigint)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant uuid[] := ai.choose_dead_letters(p_which);
begin
  chosen := cardinality(v_ids);
  if p_expected <> chosen then
    return;
  end if;
  done := cardinality(ai.discard_rfqs(v_ids, p_actor, p_why));
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), 'discard_group', null, jsonb_strip_nulls(jsonb_build_object(
    'which', p_which - 'rfq_ids'::text, 'asked', chosen, 'discarded', done, 'reason', nullif(p_why, ''))));
end
$$;
comment on function ai.discard_dead_letters(jsonb, bigint, text, text) is
  'Discards the dead letters of ai.choose_dead_letters: they become skipped with reason discarded (ai.discard_rfqs). Locked RFQs stay dead letters, and so do RFQs for which the application''s table refuses the update. p_expected is as in ai.redrive_dead_letters. Audited in ai.actions.';

create or replace function ai.try_deferred(p_reason text, p_actor text default null, p_why text default null)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_woken integer;
begin
  v_woken := ai.wake_waiting(array[p_reason]);
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), 'try_deferred', null,
    jsonb_build_object('which', jsonb_build_object('reason', p_reason), 'enqueued', v_woken, 'reason', p_why));
  return v_woken;
end
$$;
comment on function ai.try_deferred(text, text, text) is
  'Retries RFQs deferred for this reason, after a person has fixed the problem: in a ramp, the first thousand at once. RFQs that still have the problem are deferred again. Returns how many RFQs it woke at once. Audited in ai.actions.';
