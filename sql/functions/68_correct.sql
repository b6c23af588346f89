-- ai.correct_rfq and ai.withdraw_correction.

create or replace function ai.correct_rfq(
  p_rfq_id uuid, p_changes jsonb, p_actor text default null, p_reason text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_extracted jsonb;
  v_shown jsonb;
  v_version text;
  v_change record;
  v_parts text[];
begin
  if p_changes is null or jsonb_typeof(p_changes) <> 'object' or p_changes = '{}' then
    perform ai.refuse_correction('there is nothing to correct', 'Pass an object such as {"urgency": "high", "line_items[0].quantity": 250}.');
  end if;
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'correct',
    (select string_agg(k, ', ' order by k) from jsonb_object_keys(p_changes) k), p_reason);
  -- All paths refer to the answer as it was before this call.
  select coalesce(r.ai_extracted, '{}') || jsonb_build_object('summary', r.ai_summary, 'urgency', r.ai_urgency, 'tags', r.ai_tags) into v_extracted
  from ai.rfqs r where r.rfq_id = p_rfq_id;
  v_shown := ai.corrected_answer(p_rfq_id, v_extracted);
  v_version := (select a.version from ai.rfq_answer a where a.rfq_id = p_rfq_id);
  for v_change in select c.key as path, c.value from jsonb_each(p_changes) c order by c.key loop
    v_parts := regexp_match(v_change.path, '^line_items[[]([+]?[0-9]{0,6})[]](?:[.]([a-z_]+))?$');
    if v_parts is null and v_change.path !~ '^[a-z_]{1,40}$' then
      perform ai.refuse_correction(format('%s is not a path in an answer', left(v_change.path, 80)), 'For example summary, line_items[0].quantity, line_items[+].');
    elsif v_parts is null then
      perform ai.correct_field(p_rfq_id, v_change.path, v_change.path, null, v_extracted -> v_change.path, v_shown -> v_change.path,
        ai.checked_correction(v_change.path, case when v_change.path in ('quantity', 'quantity_max', 'description', 'unit', 'part_number', 'revision', 'material', 'standards')
          then 'line_items' else v_change.path end, v_change.value), v_actor, p_reason, v_version);
    elsif starts_with(v_parts[1], '+') then
      perform ai.correct_added(p_rfq_id, v_shown, v_parts[1], v_parts[2], v_change.value, v_actor, p_reason, v_version);
    else
      perform ai.correct_line(p_rfq_id, v_extracted, v_shown, nullif(v_parts[1], '')::integer, v_parts[2], v_change.value, v_actor, p_reason, v_version);
    end if;
  end loop;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.correct_rfq(uuid, jsonb, text, text, text) is
  'Corrects fields of an answer, also in every later answer of the model. p_changes is {path: value}, such as {"urgency": "high", "line_items[0].quantity": 250}. A value of null means that the RFQ does not state the field. null for line_items[2] removes the line; line_items[+] adds a line. The model''s value withdraws the correction, and the value shown already changes nothing. p_actor defaults to the session''s role. Returns the new version. Raises RF004: no such RFQ; RF011: p_version is out of date; RF012: a value or path does not fit.';

create or replace function ai.correct_field(
  p_rfq_id uuid, p_path text, p_field text, p_line jsonb, p_ai_value jsonb, p_old jsonb, p_new jsonb, p_actor text, p_reason text, p_version text)
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items constant jsonb := (select r.ai_extracted -> 'line_items' from ai.rfqs r where r.rfq_id = p_rfq_id);
  v_new constant jsonb := case when p_new = '[]' then case when p_ai_value is null then '[]'::jsonb else p_new end else coalesce(p_new, 'null') end;
begin
  if v_new = coalesce(p_old, 'null') then
    return;
  end if;
  update ai.corrections c
  set withdrawn_at = clock_timestamp(), withdrawn_by = p_actor,
      withdrawn_reason = case when v_new = coalesce(p_ai_value, 'null') then 'set back to what the model says' else 'corrected again' end
  where c.rfq_id = p_rfq_id and c.withdrawn_at is null
    and c.correction_id in (select s.correction_id from ai.standing_corrections(p_rfq_id, v_items) s where s.path = p_path);
  if v_new = coalesce(p_ai_value, 'null') then
    return;
  end if;
  -- The same line and field may have a correction that now applies to no line. The new correction replaces it.
  update ai.corrections c set withdrawn_at = clock_timestamp(), withdrawn_by = p_actor, withdrawn_reason = 'corrected again'
  where c.rfq_id = p_rfq_id and c.withdrawn_at is null and c.target = concat_ws(':', p_field, p_line ->> 'whole', p_line ->> 'nth');
  insert into ai.corrections (
    rfq_id, path, field, line, target, ai_value, old, new, actor, reason, answer_version, ai_prompt_version, ai_model, ai_route, content_sha256)
  select p_rfq_id, p_path, p_field, p_line, concat_ws(':', p_field, p_line ->> 'whole', p_line ->> 'nth'), p_ai_value, p_old, v_new,
    p_actor, nullif(p_reason, ''), p_version, r.ai_prompt_version, r.ai_model, r.ai_route, r.ai_content_sha256
  from ai.rfqs r where r.rfq_id = p_rfq_id;
end
$$;
comment on function ai.correct_field(uuid, text, text, jsonb, jsonb, jsonb, jsonb, text, text, text) is
  'Records one checked correction, and withdraws an earlier correction of the same field.';

create or replace function ai.correct_line(
  p_rfq_id uuid, p_answer jsonb, p_shown jsonb, p_place integer, p_field text, p_value jsonb, p_actor text, p_reason text, p_version text)
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_path constant text := format('line_items[%s]', p_place);
  v_line record;
  v_shown jsonb;
  v_key jsonb;
  v_change record;
begin
  select l.* into v_line from ai.lines_of(p_answer -> 'line_items') l where l.place = p_place;
  if not found then
    perform ai.refuse_correction(format('%s not found in the answer', v_path), 'select items from ai.rfq_answer: each has its path.');
  end if;
  v_shown := (select e from jsonb_array_elements(p_shown -> 'line_items') e where e ->> 'path' = v_path);
  v_key := jsonb_build_object('whole', v_line.whole, 'name', v_line.name, 'part', v_line.part, 'same', v_line.same, 'nth', v_line.nth,
    'named', v_line.named, 'numbered', v_line.numbered);
  if v_shown is null then
    perform ai.refuse_correction(v_path || ' has been removed', format('Withdraw the removal first: ai.withdraw_correction(id, ''%s'').', v_path));
  elsif p_field is null and p_value = 'null' then
    perform ai.correct_field(p_rfq_id, v_path, 'line', v_key, v_line.item, v_shown - 'path', null, p_actor, p_reason, p_version);
    return;
  end if;
  for v_change in
    select c.key, c.value from jsonb_each(case when p_field is not null then jsonb_build_object(p_field, p_value)
      when jsonb_typeof(p_value) = 'object' then p_value end) c
  loop
    if v_change.key not in ('description', 'quantity', 'quantity_max', 'unit', 'part_number', 'revision', 'material', 'standards') then
      perform ai.checked_correction(v_path || '.' || v_change.key, 'line_items', '""');
    end if;
    perform ai.correct_field(p_rfq_id, v_path || '.' || v_change.key, v_change.key, v_key, v_line.item -> v_change.key, v_shown -> v_change.key,
      ai.checked_correction(v_path || '.' || v_change.key, v_change.key, v_change.value), p_actor, p_reason, p_version);
  end loop;
  if not found then
    perform ai.refuse_correction(v_path || ' is a line item: pass an object, or null', 'For example {"quantity": 250}; null removes the line.');
  end if;
end
$$;
comment on function ai.correct_line(uuid, jsonb, jsonb, integer, text, jsonb, text, text, text) is
  'Corrects fields of a model''s line item, or removes it.';

create or replace function ai.correct_added(
  p_rfq_id uuid, p_shown jsonb, p_place text, p_field text, p_value jsonb, p_actor text, p_reason text, p_version text)
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_path text := format('line_items[%s]', p_place);
  v_added integer := nullif(substr(p_place, 2), '')::integer;
  v_old jsonb;
  v_new jsonb := '{}';
  v_change record;
begin
  if v_added is null then
    if p_field is not null then
      perform ai.refuse_correction(v_path || ' adds a whole line', 'For example {"line_items[+]": {"description": "bolt M8", "quantity": 4}}.');
    end if;
    v_added := 1 + coalesce((select max(c.added) from ai.corrections c where c.rfq_id = p_rfq_id), 0);
    v_path := format('line_items[+%s]', v_added);
  else
    v_old := (select e - 'path' - 'is_added' from jsonb_array_elements(p_shown -> 'line_items') e where e ->> 'path' = v_path);
    if v_old is null then
      perform ai.refuse_correction(format('%s not found in the answer', v_path), 'select items from ai.rfq_answer: each has its path.');
    end if;
    v_new := v_old;
  end if;
  if p_field is null and p_value = 'null' then
    v_new := null;
  else
    if p_field is null and jsonb_typeof(p_value) <> 'object' then
      perform ai.refuse_correction(v_path || ' is a line item: pass an object', 'For example {"description": "bolt M8", "quantity": 4}.');
    end if;
    for v_change in select c.key, c.value from jsonb_each(case when p_field is null then p_value else jsonb_build_object(p_field, p_value) end) c loop
      if v_change.key not in ('description', 'quantity', 'quantity_max', 'unit', 'part_number', 'revision', 'material', 'standards') then
        perform ai.checked_correction(v_path || '.' || v_change.key, 'line_items', '""');
      end if;
      v_new := v_new || jsonb_build_object(v_change.key, ai.checked_correction(v_path || '.' || v_change.key, v_change.key, v_change.value));
    end loop;
    if v_new ->> 'description' is null then
      perform ai.refuse_correction(v_path || ' needs a description', 'For example {"description": "bolt M8", "quantity": 4}.');
    end if;
  end if;
  if v_new = v_old then
    return;
  end if;
  update ai.corrections c
  set withdrawn_at = clock_timestamp(), withdrawn_by = p_actor, withdrawn_reason = case when v_new is null then 'removed' else 'corrected again' end
  where c.rfq_id = p_rfq_id and c.added = v_added and c.withdrawn_at is null;
  if v_new is null then
    return;
  end if;
  insert into ai.corrections (
    rfq_id, path, field, added, target, old, new, actor, reason, answer_version, ai_prompt_version, ai_model, ai_route, content_sha256)
  select p_rfq_id, v_path, 'line', v_added, 'added:' || v_added, v_old, v_new, p_actor, nullif(p_reason, ''), p_version,
    r.ai_prompt_version, r.ai_model, r.ai_route, r.ai_content_sha256
  from ai.rfqs r where r.rfq_id = p_rfq_id;
end
$$;
comment on function ai.correct_added(uuid, jsonb, text, text, jsonb, text, text, text) is
  'Adds a line item (place +), or changes or removes a line item that a person added (+1, +2, ...).';

create or replace function ai.withdraw_correction(
  p_rfq_id uuid, p_path text, p_actor text default null, p_reason text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_ids bigint[];
begin
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'withdraw', p_path, p_reason);
  with standing as materialized (
    select s.correction_id, s.path, s.recorded_path
    from ai.rfqs r, ai.standing_corrections(p_rfq_id, r.ai_extracted -> 'line_items') s
    where r.rfq_id = p_rfq_id
  )
  select coalesce(array_agg(s.correction_id), '{}') into v_ids
  from standing s
  where s.path = p_path or p_path = 'correction ' || s.correction_id
    -- A correction that now applies to no line is found by its recorded path, unless another correction has that path.
    or s.path is null and s.recorded_path = p_path and not exists (select from standing x where x.path = p_path);
  if v_ids = '{}' then
    raise exception 'no current correction of %', coalesce(left(p_path, 80), 'null') using errcode = 'RF004',
      hint = 'select corrections from ai.rfq_answer where rfq_id = ''' || p_rfq_id || '''';
  end if;
  update ai.corrections c set withdrawn_at = clock_timestamp(), withdrawn_by = v_actor, withdrawn_reason = nullif(p_reason, '')
  where c.correction_id = any (v_ids);
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.withdraw_correction(uuid, text, text, text, text) is
  'Withdraws a correction, so that the model''s value applies again. p_path is the path in ai.rfq_answer.corrections, or recorded_path if the line no longer exists. Returns the new version. Raises RF004: no such RFQ, or no such correction; RF011.';
