-- Routes that people set by hand. They apply in ai.rfq_status.route, and no run changes them.

create or replace function ai.override_rfq(
  p_rfq_id uuid, p_route text, p_actor text default null, p_reason text default null)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := coalesce(nullif(p_actor, ''), session_user);
  v_reason constant text := nullif(p_reason, '');
  v_rfq record;
  v_standing record;
  v_override bigint;
begin
  if not exists (select from ai.routes t where t.slug = p_route and t.is_active) then
    raise exception 'route % not found, or not active', coalesce(p_route, 'null')
      using errcode = 'RF004', hint = 'List the routes: select slug, description from ai.routes where is_active';
  end if;
  select r.ai_route, r.ai_confidence, r.ai_prompt_version, r.ai_model, r.content_sha256 into v_rfq
  from ai.rfqs r where r.rfq_id = p_rfq_id;
  if not found then
    raise exception 'RFQ % not found', coalesce(p_rfq_id::text, 'null') using errcode = 'RF004';
  end if;

  -- One override applies per RFQ. Two at once run one after the other, and the later one applies: the second insert waits for the first,
  -- then tries again. Nothing here locks the RFQ's row, so neither a finish nor the application waits.
  for v_try in 1..10 loop
    select o.override_id, o.route, o.actor, o.reason into v_standing
    from ai.overrides o where o.rfq_id = p_rfq_id and o.withdrawn_at is null;
    if found then
      if (v_standing.route, v_standing.actor, v_standing.reason) is not distinct from (p_route, v_actor, v_reason) then
        return v_standing.override_id;
      end if;
      update ai.overrides o
      set withdrawn_at = clock_timestamp(), withdrawn_by = v_actor, withdrawn_reason = 'overridden again'
      where o.override_id = v_standing.override_id and o.withdrawn_at is null;
    end if;
    insert into ai.overrides as o (
      rfq_id, route, actor, reason, ai_route, ai_confidence, ai_prompt_version, ai_model, content_sha256)
    values (
      p_rfq_id, p_route, v_actor, v_reason,
      v_rfq.ai_route, v_rfq.ai_confidence, v_rfq.ai_prompt_version, v_rfq.ai_model, v_rfq.content_sha256)
    on conflict (rfq_id) where withdrawn_at is null do nothing
    returning o.override_id into v_override;
    if found then
      return v_override;
    end if;
  end loop;
  raise exception 'other sessions keep overriding RFQ %', p_rfq_id using errcode = 'lock_not_available';
end
$$;
comment on function ai.override_rfq(uuid, text, text, text) is
  'Routes an RFQ by hand. The route overrides every answer of the model, now and later. An earlier override is withdrawn and stays in the history. p_actor defaults to the session''s role. Repeating an override changes nothing. Returns the override''s id. Raises RF004: no such RFQ, or no such active route.';

create or replace function ai.withdraw_override(p_rfq_id uuid, p_actor text default null, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Tries twice: the transaction that the first update waited for may have set another override.
  for v_try in 1..2 loop
    update ai.overrides o
    set withdrawn_at = clock_timestamp(),
        withdrawn_by = coalesce(nullif(p_actor, ''), session_user),
        withdrawn_reason = nullif(p_reason, '')
    where o.rfq_id = p_rfq_id and o.withdrawn_at is null;
    if found then
      return true;
    end if;
  end loop;
  if not exists (select from ai.rfqs r where r.rfq_id = p_rfq_id) then
    raise exception 'RFQ % not found', coalesce(p_rfq_id::text, 'null') using errcode = 'RF004';
  end if;
  return false;
end
$$;
comment on function ai.withdraw_override(uuid, text, text) is
  'Withdraws the current override, so that the model''s route applies again. Returns false if the RFQ has no override. Raises RF004: no such RFQ.';

create or replace function ai.override_seen(p_rfq_id uuid, p_route text, p_actor text, p_reason text, p_seen bigint)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_override bigint;
  v_other record;
begin
  v_override := ai.override_rfq(p_rfq_id, p_route, p_actor, p_reason);
  -- Reads the earlier overrides only after the insert. By then, other sessions have committed, or wait for this one.
  select o.actor, o.route, o.created_at, o.withdrawn_by, o.withdrawn_at into v_other
  from ai.overrides o
  where o.rfq_id = p_rfq_id and o.override_id <> v_override
    and (o.override_id > abs(p_seen)
      or o.override_id = p_seen and (o.withdrawn_at < now() or o.withdrawn_reason is distinct from 'overridden again'))
  order by o.override_id desc limit 1;
  if found then
    raise exception 'another person has routed the RFQ meanwhile'
      using errcode = 'RF011', detail = jsonb_build_object(
        'by', coalesce(nullif(v_other.withdrawn_by, coalesce(nullif(p_actor, ''), session_user)), v_other.actor),
        'at', v_other.created_at, 'what', v_other.route)::text;
  end if;
  return v_override;
end
$$;
comment on function ai.override_seen(uuid, text, text, text, bigint) is
  'Overrides the route as ai.override_rfq does, for a person who saw that override p_seen applied. If none applied, p_seen is the negative id of the last withdrawn override, or 0 if there was none. Raises RF011 if the overrides have changed since then.';
