-- Prompts: an operator adds versions and never changes them. Policy active_prompt names the active version.

create or replace function ai.add_prompt(
  p_name text, p_system text, p_template text, p_parameters jsonb, p_actor text default null, p_note text default null,
  p_number integer default null)
returns text
language plpgsql volatile security definer  -- a worker adds the prompt of its release, and has no rights on the table
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sha256 constant bytea := sha256(convert_to(jsonb_build_array(p_system, p_template, p_parameters)::text, 'UTF8'));
  v_version text;
  v_number integer;
begin
  perform ai.take_lock('prompts');  -- if two workers start at once, only one adds the version
  select p.version into v_version from ai.prompts p where p.sha256 = v_sha256;
  if v_version is null then
    v_number := greatest(
      coalesce(p_number, 1), (select coalesce(max(p.number), 0) + 1 from ai.prompts p where p.name = p_name));
    v_version := p_name || '@' || v_number;
    insert into ai.prompts (version, name, number, sha256, system, template, parameters, created_by, note)
    values (v_version, p_name, v_number, v_sha256, p_system, p_template, p_parameters, coalesce(p_actor, session_user), p_note);
  end if;
  -- The first version becomes active. Only an operator activates a later version.
  update ai.policy p set value = to_jsonb(v_version) where p.key = 'active_prompt' and p.value = '""';
  return v_version;
end
$$;
comment on function ai.add_prompt(text, text, text, jsonb, text, text, integer) is
  'Adds a prompt, or finds the version with the same text. Returns the version. Activates the version only if none is active.';

create or replace function ai.activate_prompt(
  p_version text, p_actor text default null, p_reason text default null, p_force boolean default false)
returns text
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  select set_config('rfqflow.force', case when p_force then 'on' else '' end, true);
  select ai.set_policy('active_prompt', to_jsonb(p_version), p_actor, p_reason) #>> '{}';
$$;
comment on function ai.activate_prompt(text, text, text, boolean) is
  'Activates a version: workers use it from the next claim. Finished RFQs stay as they are. Returns the version that was active before. Raises RF006 if the new version was never evaluated, unless p_force.';

create or replace function ai.forbid_prompt_change()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'prompt % cannot be changed or removed', old.version
    using errcode = 'RF005', hint = 'Add a new version: select ai.add_prompt(...).';
end
$$;
comment on function ai.forbid_prompt_change() is 'Trigger: refuses changes of prompts, since runs refer to their text.';

create or replace trigger rfqflow_keep_prompt before update or delete on ai.prompts
  for each row execute function ai.forbid_prompt_change();
comment on trigger rfqflow_keep_prompt on ai.prompts is 'Prompts are immutable.';

create or replace function ai.check_policy()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  if new.key = 'mode' and (new.value = '"detached"') is distinct from exists (select from ai.table_mapping m where m.state = 'detached') then
    if new.value = '"detached"' then
      raise exception 'a policy cannot detach rfqflow' using errcode = 'check_violation', hint = 'Run rfqflow detach.';
    end if;
    perform ai.refuse_detached();
  end if;
  if new.key = 'active_prompt' and not exists (select from ai.prompts p where p.version = new.value #>> '{}') then
    raise exception 'prompt % not found', new.value #>> '{}'
      using errcode = 'check_violation', hint = 'List them: select version, created_at, note from ai.prompts';
  end if;
  if new.key = 'active_prompt' and tg_op = 'UPDATE' and old.value <> '""' and old.value <> new.value
    and current_setting('rfqflow.force', true) is distinct from 'on'
  then
    -- The condition is nested: PostgreSQL checks the right to call each function that a condition names, even for other keys.
    if not ai.is_measured(new.value #>> '{}') then
      raise exception 'prompt % has not been evaluated', new.value #>> '{}'
        using errcode = 'RF006', hint = 'Evaluate it first: rfqflow eval run --cases db --prompt ' || (new.value #>> '{}');
    end if;
  end if;
  if new.key = 'canary_prompt' and new.value <> '""'
    and not exists (select from ai.prompts p where p.version = new.value #>> '{}')
  then
    raise exception 'prompt % not found', new.value #>> '{}'
      using errcode = 'check_violation', hint = 'List them: select version, created_at, note from ai.prompts';
  end if;
  if new.key = 'cascade' and new.value = '"model"'
    and exists (select from ai.policy p where p.key = 'cascade_model' and btrim(p.value #>> '{}') = '')
  then
    raise exception 'policy cascade_model is not set'
      using errcode = 'check_violation', hint = 'Set cascade_model first, then cascade.';
  end if;
  if new.key = 'cascade_model' and btrim(new.value #>> '{}') = ''
    and exists (select from ai.policy p where p.key = 'cascade' and p.value = '"model"')
  then
    raise exception 'cascade_model cannot be empty while policy cascade is model'
      using errcode = 'check_violation', hint = 'Set cascade to off or rules first.';
  end if;
  if new.key = 'budget_time_zone' and not exists (select from pg_timezone_names z where z.name = new.value #>> '{}') then
    raise exception 'time zone % not found', new.value #>> '{}'
      using errcode = 'check_violation', hint = 'List them: select name from pg_timezone_names';
  end if;
  if new.key like 'budget.%' and new.key !~ '^budget[.](global|evaluation|draft|sender|model:[^[:space:]]{1,100})[.](hour|day|month)$' then
    raise exception 'no budget %', new.key
      using errcode = 'check_violation',
            hint = 'A scope is global, evaluation, draft, sender or model:NAME; a period is hour, day or month.';
  end if;
  return new;
end
$$;
comment on function ai.check_policy() is 'Trigger: refuses a policy that names something that does not exist.';

create or replace trigger rfqflow_check_policy before insert or update of value on ai.policy
  for each row execute function ai.check_policy();
comment on trigger rfqflow_check_policy on ai.policy is 'Refuses names of things that do not exist.';

create or replace function ai.rollback_prompt(p_actor text default null, p_reason text default null)
returns text
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before text;
begin
  select h.old_value #>> '{}' into v_before
  from ai.policy_history h
  where h.key = 'active_prompt' and h.old_value <> '""'
  order by h.id desc
  limit 1;
  if v_before is null then
    raise exception 'no version was active before the present one'
      using errcode = 'RF004', hint = 'List them: select version from ai.prompts';
  end if;
  perform ai.activate_prompt(v_before, p_actor, p_reason);
  return v_before;
end
$$;
comment on function ai.rollback_prompt(text, text) is
  'Activates the version that was active before the last change, and returns that version. Raises RF004 if there was none.';
