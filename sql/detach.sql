-- Detaches rfqflow from the application's table until the next migrate: psql -f sql/detach.sql, or rfqflow detach. Drops the triggers, and
-- replaces the view ai.rfqs, which would block changes of the table. The queue, runs and answers stay, and workers wait until the next
-- migrate. Runs in one transaction. It locks the table briefly, in repeated attempts.
\set ON_ERROR_STOP on
\encoding UTF8
begin isolation level read committed read write;
set local search_path = '';
set local standard_conforming_strings = on;
set local quote_all_identifiers = off;
set local statement_timeout = 0;
set local lock_timeout = '1s';
set local rfqflow.detach = 'on';

do $$
declare
  v_table text;
  v_relation record;
  v_one record;
  v_tries integer := 0;
begin
  if to_regclass('ai.rfqflow_object') is null then
    raise exception 'rfqflow is not installed in database %, or by an earlier release', current_database()
      using errcode = 'RF004', hint = 'Run rfqflow migrate first, or check that this is the right database.';
  end if;
  select m.table_name into v_table from ai.table_mapping m;
  for v_relation in
    select distinct c.oid::regclass as name, c.relowner as owner
    from pg_trigger t
    join pg_class c on c.oid = t.tgrelid
    join pg_proc p on p.oid = t.tgfoid
    where t.tgparentid = 0 and c.relnamespace <> 'ai'::regnamespace and p.pronamespace = 'ai'::regnamespace
      and exists (select from ai.rfqflow_object o where o.kind = 'function' and o.identity = 'ai.' || p.proname || '()')
  loop
    if not pg_has_role(v_relation.owner, 'usage') then
      raise exception '% belongs to another role, %', v_relation.name, v_relation.owner::regrole
        using errcode = 'insufficient_privilege',
              hint = format('Detach as the table''s owner, or: grant %s to %I', v_relation.owner::regrole, current_user);
    end if;
    loop
      begin
        perform set_config('lock_timeout', '50ms', true);
        execute format('lock table %s in access exclusive mode', v_relation.name);
        for v_one in
          select t.tgname from pg_trigger t join pg_proc p on p.oid = t.tgfoid
          where t.tgrelid = v_relation.name and t.tgparentid = 0 and p.pronamespace = 'ai'::regnamespace
            and exists (select from ai.rfqflow_object o where o.kind = 'function' and o.identity = 'ai.' || p.proname || '()')
        loop
          execute format('drop trigger %I on %s', v_one.tgname, v_relation.name);
        end loop;
        exit;
      exception when lock_not_available then
        v_tries := v_tries + 1;
        if v_tries >= 600 then
          raise exception 'detach could not lock % within 50 ms in % attempts', v_relation.name, v_tries
            using errcode = 'lock_not_available', hint = 'Another transaction holds a lock on it: see pg_stat_activity, then detach again.';
        end if;
        perform pg_sleep(0.05 + 0.15 * random());
      end;
    end loop;
    perform set_config('lock_timeout', '1s', true);
  end loop;

  update ai.table_mapping m
  set state = 'detached', state_since = clock_timestamp(),
      mode_before = coalesce(nullif(current_setting('rfqflow.mode_before', true), ''), (
        select p.value #>> '{}' from ai.policy p where p.key = 'mode'))
  where m.state <> 'detached';
  if found then
    insert into ai.events (kind, scope, reason, actor)
    values ('table_lost', v_table, 'detached', coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text));
  end if;
  update ai.policy p set value = '"detached"' where p.key = 'mode' and p.value <> '"detached"';
end
$$;

\ir attach/20_standin.sql

commit;
