-- Creates the triggers on the table of attachments, as attach/70_triggers.sql does for the RFQs: with a lock that it requests repeatedly,
-- each time for a short wait. The triggers fire for each row, since PostgreSQL would copy all contents for a trigger per statement.

do $$
declare
  v_files constant jsonb := nullif(current_setting('rfqflow.attach')::jsonb -> 'attachments', 'null');
  v_table constant text := v_files ->> 'table';
  v_relation constant regclass := to_regclass(v_table);
  v_columns constant jsonb := v_files -> 'columns';
  v_watched constant text[] := array(
    select c.value from jsonb_each_text(v_columns) c where c.key in ('rfq_id', 'file_name', 'content', 'uri') order by c.value);
  v_stray record;
  v_tries integer := 0;
  v_patience constant text := current_setting('lock_timeout');
begin
  for v_stray in
    select t.tgname, t.tgrelid::regclass as relation from pg_trigger t
    where t.tgparentid = 0 and t.tgfoid = 'ai.note_attached_file()'::regprocedure and t.tgrelid is distinct from v_relation::oid
  loop
    execute format('drop trigger %I on %s', v_stray.tgname, v_stray.relation);
  end loop;
  if v_files is null or (
    select count(*) from pg_trigger t
    where t.tgrelid = v_relation and t.tgname in ('rfqflow_file_came', 'rfqflow_file_changed')
      and (t.tgname = 'rfqflow_file_came' or v_watched = array(
        select a.attname::text from pg_attribute a where a.attrelid = v_relation and a.attnum = any (t.tgattr::smallint[]) order by 1))) = 2
  then
    return;
  end if;
  loop
    begin
      perform set_config('lock_timeout', '50ms', true);
      execute format('lock table %s in share row exclusive mode', v_table);
      perform set_config('rfqflow.locked_at', coalesce(nullif(current_setting('rfqflow.locked_at', true), ''), clock_timestamp()::text), false);
      execute format(
        $make$
          create or replace trigger rfqflow_file_came after insert or delete on %1$s
            for each row execute function ai.note_attached_file();
          create or replace trigger rfqflow_file_changed after update of %2$s on %1$s
            for each row when (row(%3$s) is distinct from row(%4$s))
            execute function ai.note_attached_file();
          comment on trigger rfqflow_file_came on %1$s is 'Notes that an attachment of an RFQ was inserted or deleted.';
          comment on trigger rfqflow_file_changed on %1$s is 'Notes that an attachment of an RFQ was changed.';
        $make$, v_table, (select string_agg(quote_ident(c), ', ') from unnest(v_watched) c),
        (select string_agg('old.' || quote_ident(c), ', ') from unnest(v_watched) c),
        (select string_agg('new.' || quote_ident(c), ', ') from unnest(v_watched) c));
      exit;
    exception when lock_not_available then
      v_tries := v_tries + 1;
      if v_tries >= 600 then
        raise exception 'migrate could not lock % within 50 ms in % attempts', v_table, v_tries
          using errcode = 'lock_not_available',
                hint = 'Another transaction writes to it: see pg_stat_activity, then migrate again.';
      end if;
      perform pg_sleep(0.05 + 0.15 * random());
    end;
  end loop;
  perform set_config('lock_timeout', v_patience, true);
end
$$;
