-- Actions at the desk. Each action names the version of the answer that the person read, and fails if the answer has changed since.

create or replace function ai.answer_part(
  p_summary text, p_route text, p_urgency text, p_tags text[], p_review text, p_extracted jsonb, p_prompt_version text, p_model text, p_content bytea)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select to_hex(hashtextextended(jsonb_build_array(
    p_summary, p_route, p_urgency, p_tags, p_review, p_extracted, p_prompt_version, p_model, encode(p_content, 'hex'))::text, 0));
$$;
comment on function ai.answer_part(text, text, text, text[], text, jsonb, text, text, bytea) is
  'The part of an answer''s version that depends only on the model''s answer.';

create or replace function ai.touch_desk(p_rfq_id uuid, p_actor text, p_version text, p_action text, p_what text, p_reason text)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now text;
  v_then text[];
  v_is text[];
  v_change jsonb;
  v_revision bigint;
begin
  if length(p_actor) > 200 then
    perform ai.refuse_correction('an actor''s name must have at most 200 characters', null);
  elsif length(p_reason) > 4000 then
    perform ai.refuse_correction('a reason must have at most 4000 characters', null);
  end if;
  if not exists (select from ai.rfqs r where r.rfq_id = p_rfq_id) then
    raise exception 'RFQ % not found', coalesce(p_rfq_id::text, 'null') using errcode = 'RF004';
  end if;
  -- The lock on the row of ai.desk makes actions on one RFQ run one after another. The RFQ's own row is not locked.
  insert into ai.desk (rfq_id, updated_by) values (p_rfq_id, p_actor) on conflict (rfq_id) do nothing;
  perform from ai.desk d where d.rfq_id = p_rfq_id for update;
  if p_version is not null then
    v_now := (select a.version from ai.rfq_answer a where a.rfq_id = p_rfq_id);
    if v_now <> p_version then
      v_then := string_to_array(p_version, '-');
      v_is := string_to_array(v_now, '-');
      v_change := case
        when v_then[3] is distinct from v_is[3] then (
          select jsonb_build_object('by', h.actor, 'at', h.created_at, 'what', concat_ws(' ', h.action, h.what))
          from ai.desk_history h where h.rfq_id = p_rfq_id order by h.entry_id desc limit 1)
        when v_then[2] is distinct from v_is[2] then (
          select case when o.withdrawn_at is null
            then jsonb_build_object('by', o.actor, 'at', o.created_at, 'what', 'route ' || o.route)
            else jsonb_build_object('by', o.withdrawn_by, 'at', o.withdrawn_at, 'what', 'route withdrawn') end
          from ai.overrides o where o.rfq_id = p_rfq_id order by o.override_id desc limit 1)
      end;
      raise exception 'the RFQ changed meanwhile' using errcode = 'RF011',
        hint = 'Read ai.rfq_answer again, and repeat the action with its version if it is still needed.',
        detail = (coalesce(v_change, (
            select jsonb_build_object('by', coalesce(r.ai_model, 'rfqflow'), 'at', r.ai_updated_at, 'what', 'another answer')
            from ai.rfqs r where r.rfq_id = p_rfq_id))
          || jsonb_build_object('version', v_now))::text;
    end if;
  end if;
  update ai.desk d
  set revision = d.revision + 1, updated_by = p_actor, updated_at = clock_timestamp(),
      content_sha256 = (select r.content_sha256 from ai.rfqs r where r.rfq_id = p_rfq_id)
  where d.rfq_id = p_rfq_id returning d.revision into v_revision;
  insert into ai.desk_history (rfq_id, revision, actor, action, what, reason)
  values (p_rfq_id, v_revision, p_actor, p_action, left(p_what, 400), nullif(p_reason, ''));
  if p_action in ('correct', 'confirm', 'handle', 'clear_review', 'reassign') then
    update ai.desk d
    set seen_answer = x.answer, seen_prompt_version = r.ai_prompt_version, seen_model = r.ai_model, seen_route = r.ai_route,
        seen_lines = case when jsonb_typeof(r.ai_extracted -> 'line_items') = 'array' then jsonb_array_length(r.ai_extracted -> 'line_items') else 0 end,
        seen_at = clock_timestamp()
    from ai.rfqs r
    cross join lateral (select ai.answer_part(r.ai_summary, r.ai_route, r.ai_urgency, r.ai_tags, r.ai_review, r.ai_extracted,
      r.ai_prompt_version, r.ai_model, r.ai_content_sha256) as answer) x
    where d.rfq_id = p_rfq_id and r.rfq_id = p_rfq_id and r.ai_prompt_version is not null and d.seen_answer is distinct from x.answer;
  end if;
  return v_revision;
end
$$;
comment on function ai.touch_desk(uuid, text, text, text, text, text) is
  'Begins an action on an RFQ: locks its row in ai.desk, checks the version, raises the revision, and records the action with the answer that it refers to. Raises RF004: no such RFQ. RF011: the RFQ changed meanwhile; DETAIL has by, at, what and version as JSON. RF012: actor or reason is too long.';

create or replace function ai.end_touch(p_rfq_id uuid)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ai.enter_desk(array[p_rfq_id]);
  return (select a.version from ai.rfq_answer a where a.rfq_id = p_rfq_id);
end
$$;
comment on function ai.end_touch(uuid) is 'Ends an action, and updates the desk''s list at once. Returns the new version.';

create or replace function ai.actor_or_role(p_actor text)
returns text
language sql stable  -- reads the session's role, not the owner's
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(btrim(p_actor), ''), session_user::text);
$$;
comment on function ai.actor_or_role(text) is 'The name of the person who acts, or the session''s role if p_actor is empty.';

create or replace function ai.confirm_rfq(p_rfq_id uuid, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
begin
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'confirm', null, null);
  update ai.desk d
  set confirmed_by = v_actor, confirmed_at = clock_timestamp(), confirmed_answer = split_part(a.version, '-', 1),
      review_cleared = coalesce(r.ai_review, d.review_cleared),
      review_cleared_on = case when r.ai_review is null then d.review_cleared_on else r.ai_content_sha256 end,
      review_cleared_by = case when r.ai_review is null then d.review_cleared_by else v_actor end,
      review_cleared_at = case when r.ai_review is null then d.review_cleared_at else clock_timestamp() end
  from ai.rfq_answer a, ai.rfqs r
  where d.rfq_id = p_rfq_id and a.rfq_id = p_rfq_id and r.rfq_id = p_rfq_id;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.confirm_rfq(uuid, text, text) is
  'Confirms an answer with its corrections, and clears its mark for review. Later answers of the model are not confirmed. Returns the new version. Raises RF004, RF011.';

create or replace function ai.clear_review(p_rfq_id uuid, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_review constant text := (select r.ai_review from ai.rfqs r where r.rfq_id = p_rfq_id);
begin
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'clear_review', v_review, null);
  update ai.desk d
  set review_cleared = r.ai_review, review_cleared_on = r.ai_content_sha256, review_cleared_by = v_actor, review_cleared_at = clock_timestamp()
  from ai.rfqs r
  where d.rfq_id = p_rfq_id and r.rfq_id = p_rfq_id and r.ai_review is not null;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.clear_review(uuid, text, text) is
  'Clears the mark for review after a person has reviewed the answer. The mark returns if a later answer has another mark, or if the message changes. Returns the new version. Raises RF004, RF011.';

create or replace function ai.assign_rfq(p_rfq_id uuid, p_owner text, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := nullif(nullif(ai.without_controls(p_owner), ''), '-');  -- in the desk's filter, - means no owner
begin
  if length(v_owner) > 80 then
    perform ai.refuse_correction('an owner''s name must have at most 80 characters', null);
  end if;
  perform ai.touch_desk(p_rfq_id, ai.actor_or_role(p_actor), p_version, 'assign', coalesce(v_owner, 'nobody'), null);
  update ai.desk d set owner = v_owner where d.rfq_id = p_rfq_id;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.assign_rfq(uuid, text, text, text) is
  'Assigns an RFQ to a person; with p_owner null, removes the owner. Returns the new version. Raises RF004, RF011, RF012.';

create or replace function ai.handle_rfq(p_rfq_id uuid, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ai.touch_desk(p_rfq_id, ai.actor_or_role(p_actor), p_version, 'handle', null, null);
  update ai.desk d set state = 'handled' where d.rfq_id = p_rfq_id;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.handle_rfq(uuid, text, text) is
  'Marks an RFQ as handled, so that it leaves the list of open RFQs. Returns the new version. Raises RF004, RF011.';

create or replace function ai.reopen_rfq(p_rfq_id uuid, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  perform ai.touch_desk(p_rfq_id, ai.actor_or_role(p_actor), p_version, 'reopen', null, null);
  update ai.desk d set state = 'open' where d.rfq_id = p_rfq_id;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.reopen_rfq(uuid, text, text) is 'Reopens a handled RFQ. Returns the new version. Raises RF004, RF011.';

create or replace function ai.note_rfq(p_rfq_id uuid, p_note text, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if length(p_note) > 4000 then
    perform ai.refuse_correction('a note must have at most 4000 characters', null);
  end if;
  perform ai.touch_desk(p_rfq_id, ai.actor_or_role(p_actor), p_version, 'note', null, null);
  update ai.desk d set note = nullif(ai.without_controls(p_note), '') where d.rfq_id = p_rfq_id;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.note_rfq(uuid, text, text, text) is
  'Replaces the note; a null or empty p_note removes it. Returns the new version. Raises RF004, RF011, RF012.';

create or replace function ai.reassign_rfq(p_rfq_id uuid, p_route text, p_actor text default null, p_reason text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
begin
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'reassign', coalesce(p_route, 'the model''s route'), p_reason);
  if p_route is null then
    perform ai.withdraw_override(p_rfq_id, v_actor, p_reason);
  else
    perform ai.override_rfq(p_rfq_id, p_route, v_actor, p_reason);
  end if;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.reassign_rfq(uuid, text, text, text, text) is
  'Calls ai.override_rfq, or ai.withdraw_override if p_route is null, for the version that a person has read. Returns the new version. Raises RF004, RF011.';
