-- A human's routing: it wins in ai.rfq_status.route, and no run ever touches it.

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
    raise exception 'there is no route %', coalesce(p_route, 'null')
      using errcode = 'RF004', hint = 'select slug, description from ai.routes where is_active';
  end if;
  select r.ai_route, r.ai_confidence, r.ai_prompt_version, r.ai_model, r.content_sha256 into v_rfq
  from ai.rfqs r where r.rfq_id = p_rfq_id;
  if not found then
    raise exception 'there is no RFQ %', coalesce(p_rfq_id::text, 'null') using errcode = 'RF004';
  end if;

  -- Two that override at once come one after the other, and the later word stands: one override stands per RFQ, so the
  -- second insert waits for the first and then looks again. The RFQ's row is left alone, so that neither a finish nor the
  -- application waits for us.
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
  raise exception 'RFQ % is being overridden by others again and again', p_rfq_id using errcode = 'lock_not_available';
end
$$;
comment on function ai.override_rfq(uuid, text, text, text) is
  'Routes an RFQ by hand, whatever the model says now or later; an earlier override ends as withdrawn and stays in the history. Without an actor: the session''s role. The same again changes nothing. Returns the override''s id. Raises RF004: no such RFQ, or no such active route.';

create or replace function ai.withdraw_override(p_rfq_id uuid, p_actor text default null, p_reason text default null)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Twice: what it waited for may have put another override in its place.
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
    raise exception 'there is no RFQ %', coalesce(p_rfq_id::text, 'null') using errcode = 'RF004';
  end if;
  return false;
end
$$;
comment on function ai.withdraw_override(uuid, text, text) is
  'Takes the standing override back: the model''s route counts again. False: there was none. Raises RF004: no such RFQ.';

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
  -- What was there before is known only now: whoever was at it at the same moment has committed, or waits for us.
  select o.actor, o.route, o.created_at, o.withdrawn_by, o.withdrawn_at into v_other
  from ai.overrides o
  where o.rfq_id = p_rfq_id and o.override_id <> v_override
    and (o.override_id > abs(p_seen)
      or o.override_id = p_seen and (o.withdrawn_at < now() or o.withdrawn_reason is distinct from 'overridden again'))
  order by o.override_id desc limit 1;
  if found then
    raise exception 'the RFQ was routed by somebody else meanwhile'
      using errcode = 'RF011', detail = jsonb_build_object(
        'by', coalesce(nullif(v_other.withdrawn_by, coalesce(nullif(p_actor, ''), session_user)), v_other.actor),
        'at', v_other.created_at, 'what', v_other.route)::text;
  end if;
  return v_override;
end
$$;
comment on function ai.override_seen(uuid, text, text, text, bigint) is
  'As ai.override_rfq, by a person who saw the override p_seen stand, or, where p_seen is negative, the withdrawn one -p_seen as the last (0: there was none): raises RF011 where another has come, or that one was withdrawn, since then.';
