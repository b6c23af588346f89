-- The triggers on the application's table. Migrate creates them last, after the functions that they call. Inserts queue up behind a waiting
-- lock, so each attempt to lock waits only briefly. Each migrate runs this file; it takes no lock if the triggers exist.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- set by attach/10_check.sql
  v_table constant text := v_attach ->> 'table';
  v_relation constant regclass := v_table::regclass;
  v_triggers constant text[] := array(select jsonb_array_elements_text(v_attach -> 'triggers'));
  v_message constant text := quote_ident(v_attach -> 'columns' ->> 'message');
  v_in_table constant boolean := v_attach ->> 'ai_columns' = 'table';
  v_is_parted constant boolean := (select c.relkind = 'p' from pg_class c where c.oid = v_relation);
  v_tries integer := 0;
  v_patience constant text := current_setting('lock_timeout');
  -- Removes triggers of an earlier mapping: triggers on another table, and triggers for answers in the other place.
  v_strays constant text[] := array(
    select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
    from pg_trigger t
    where t.tgparentid = 0 and t.tgname <> all (case when t.tgrelid = v_relation then v_triggers else '{}' end)
      and t.tgname in ('rfqflow_guard_insert', 'rfqflow_guard_update', 'rfqflow_enqueue', 'rfqflow_enqueue_edited', 'rfqflow_forget',
        'rfqflow_register')
      and exists (
        select from pg_trigger o where o.tgrelid = t.tgrelid and o.tgfoid = 'ai.enqueue_rfq()'::regprocedure));
  v_stray text;
begin
  -- If a detach stopped the workers, restores the policy mode from before the detach. This file runs at the end of the transaction.
  update ai.table_mapping m set state = 'attached', state_since = clock_timestamp() where m.state <> 'attached';
  if found then
    insert into ai.events (kind, scope, reason) values ('table_attached', v_table, 'attached');
  end if;
  update ai.policy p set value = to_jsonb(coalesce(m.mode_before, 'on'))
  from ai.table_mapping m where p.key = 'mode' and p.value = '"detached"';
  update ai.table_mapping m set mode_before = null where m.mode_before is not null;
  if (v_attach ->> 'is_unswept')::boolean then
    update ai.sweep_progress s set next_block = 0, older = 0, older_so_far = 0;  -- RFQs inserted while rfqflow was detached may be in any block
  end if;

  -- PostgreSQL applies an update of ai.rfqs directly to the application's table. For ai.enrichment, this trigger writes the answer.
  if v_in_table = exists (
    select from pg_trigger t where t.tgrelid = 'ai.rfqs'::regclass and t.tgname = 'rfqflow_write_enrichment')
  then
    if v_in_table then
      drop trigger rfqflow_write_enrichment on ai.rfqs;
    else
      create trigger rfqflow_write_enrichment instead of update on ai.rfqs
        for each row execute function ai.write_enrichment();
      comment on trigger rfqflow_write_enrichment on ai.rfqs is 'Writes the answer to ai.enrichment.';
    end if;
  end if;

  if (select count(*) from pg_trigger t where t.tgrelid = v_relation and t.tgname = any (v_triggers)
        and case when t.tgname in ('rfqflow_guard_update', 'rfqflow_enqueue_edited')
          then t.tgattr[0] = (select a.attnum from pg_attribute a where a.attrelid = v_relation and a.attname = v_attach -> 'columns' ->> 'message')
            and (t.tgname <> 'rfqflow_enqueue_edited' or (t.tgtype & 2 = 2) = v_is_parted)
          else true end) = cardinality(v_triggers)
    and cardinality(v_strays) = 0
  then
    return;
  end if;
  if not pg_has_role((select relowner from pg_class where oid = v_relation), 'usage') then
    raise exception '% belongs to another role, and rfqflow''s triggers are missing', v_table
      using errcode = 'insufficient_privilege',
            hint = 'Run the migration as the table''s owner, or grant that role to this one.';
  end if;
  loop
    begin
      perform set_config('lock_timeout', '50ms', true);
      -- CREATE TRIGGER takes this lock too. With the lock taken here, the statements below do not wait.
      execute format('lock table %s in share row exclusive mode', v_table);
      perform set_config('rfqflow.locked_at', coalesce(nullif(current_setting('rfqflow.locked_at', true), ''), clock_timestamp()::text), false);

      foreach v_stray in array v_strays loop
        execute v_stray;
      end loop;

      if v_in_table then
        execute format(
          $make$
            create or replace trigger rfqflow_guard_insert before insert on %1$s
              for each row when (
                new.ai_status is distinct from 'pending'
                or num_nonnulls(new.ai_reason, new.ai_review, new.ai_summary, new.ai_tags, new.ai_route,
                  new.ai_urgency, new.ai_confidence, new.ai_extracted, new.ai_content_sha256, new.ai_prompt_version,
                  new.ai_model, new.ai_updated_at) > 0)
              execute function ai.reset_ai_columns();
            create or replace trigger rfqflow_guard_update before update of %2$s on %1$s
              for each row when (old.%2$s is distinct from new.%2$s)
              execute function ai.reset_ai_columns();
            comment on trigger rfqflow_guard_insert on %1$s is
              'Resets values that an inserter wrote into ai_*. For an ordinary insert, the condition alone costs nothing.';
            comment on trigger rfqflow_guard_update on %1$s is 'Sets a changed message to pending again.';
          $make$, v_table, v_message);
      else
        execute format(
          $make$
            create or replace trigger rfqflow_forget after delete on %1$s
              referencing old table as deleted
              for each statement execute function ai.forget_rfq();
            comment on trigger rfqflow_forget on %1$s is 'Deletes the answer of a deleted RFQ.';
          $make$, v_table);
      end if;
      if 'rfqflow_register' = any (v_triggers) then
        execute format(
          $make$
            create or replace trigger rfqflow_register %2$s insert on %1$s
              for each row execute function ai.register_rfq();
            comment on trigger rfqflow_register on %1$s is
              'Refuses to enrich the second row with an id.';
          $make$, v_table, case when v_in_table then 'before' else 'after' end);
      end if;
      execute format(
        $make$
          create or replace trigger rfqflow_enqueue after insert on %1$s
            referencing new table as inserted
            for each statement execute function ai.enqueue_rfq();
          create or replace trigger rfqflow_enqueue_edited %3$s update of %2$s on %1$s
            for each row when (old.%2$s is distinct from new.%2$s)
            execute function ai.enqueue_edited_rfq();
          comment on trigger rfqflow_enqueue on %1$s is 'Enqueues the inserted rows, and notifies workers.';
          comment on trigger rfqflow_enqueue_edited on %1$s is
            'Enqueues an RFQ whose message changed. rfqflow''s own update does not change the message, so it never fires this trigger.';
        $make$, v_table, v_message,
        -- For a row that moves to another partition, PostgreSQL fires no AFTER UPDATE trigger.
        case when v_is_parted then 'before' else 'after' end);
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
