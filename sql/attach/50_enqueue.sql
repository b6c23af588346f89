-- Step 2: functions that name columns of the application's table. Each migrate writes and replaces them, as static SQL for the mapped
-- table.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- set by attach/10_check.sql
  v_key constant text := v_attach ->> 'key';
  v_id constant text := quote_ident(v_attach -> 'columns' ->> 'id');
  v_column record;
  v_set text;
  v_each text := '';
  v_erase text;
  -- The function looks the column up when it runs; null if the table has no such column.
  v_email constant text := quote_ident(coalesce(v_attach -> 'columns' ->> 'email', 'no_email'));
  v_is_unique constant boolean := (v_attach ->> 'id_is_unique')::boolean;
  v_kept constant text := case  -- as in attach/35_read.sql
    when v_is_unique then ''
    when v_attach ->> 'ai_columns' = 'table' then ' and r.ai_reason is distinct from ''duplicate_id'''
    else format(' and not exists (select from ai.refused_rows x where x.rfq_id = %s and x.part = r.tableoid and x.place = r.ctid)',
      format(v_key, 'r.' || v_id))
  end;
begin
  execute format(
    $make$
      create or replace function ai.enqueue_rfq()
      returns trigger
      language plpgsql volatile security definer  -- the application's role has no rights in this schema
      set search_path = pg_catalog, pg_temp
      set lock_timeout = '20ms'  -- per wait; there are at most three, so rfqflow delays an insert by less than 100 ms
      as $body$
      declare
        -- After a lock timeout, the handler below sets rfqflow.blocked for the rest of the transaction. Then later statements and rows of
        -- the transaction do not wait again. The application's role can set it too, but not for later transactions. Then ai.outbox_missed
        -- records the rows of that role, and the next heartbeat enqueues them.
        v_blocked constant boolean := coalesce(
          nullif(current_setting('rfqflow.blocked', true), '') = pg_current_xact_id_if_assigned()::text, false);
        v_limited constant boolean := current_setting('statement_timeout') <> '0'
          or current_setting('transaction_timeout', true) <> '0';
      begin
        if v_blocked then
          raise lock_not_available;
        end if;
        if v_limited then
          perform set_config('lock_timeout', ai.trigger_patience(), true);
        end if;
        insert into ai.outbox (rfq_id, claims)
        select %1$s, 0 from inserted i%2$s;
        if found then
          perform ai.notify_workers();
        end if;
        return null;
      exception when others then
        if sqlstate = '55P03' and not v_blocked then
          perform set_config('rfqflow.blocked', pg_current_xact_id()::text, true);
        end if;
        begin
          if v_blocked then
            lock table ai.outbox_missed in row exclusive mode nowait;
          elsif v_limited then
            perform set_config('lock_timeout', ai.trigger_patience(), true);
          end if;
          insert into ai.outbox_missed (rfq_id, sqlstate)
          select %1$s, sqlstate from inserted i;
        exception when others then
          null;  -- the sweep finds them%3$s
        end;
        if not v_blocked then
          raise warning 'rfqflow: the trigger could not enqueue this now (%%); workers enqueue it later', sqlstate;
        end if;
        return null;
      end
      $body$
    $make$,
    format(v_key, 'i.' || v_id),
    -- Skips rows that ai.register_rfq refused, and rows from a restored dump that already have an answer.
    case
      when v_attach ->> 'ai_columns' = 'enrichment' then format(E'\n        where not exists (
          select from ai.enrichment e
          where e.rfq_id = %1$s and e.ai_status = ''done'' and e.ai_content_sha256 = sha256(convert_to(i.%2$s, ''UTF8'')))%3$s',
        format(v_key, 'i.' || v_id), quote_ident(v_attach -> 'columns' ->> 'message'),
        case when not (v_attach ->> 'id_is_unique')::boolean then format(E'\n          and not exists (
            select from ai.refused_rows x where x.rfq_id = %s and x.refused_at >= statement_timestamp())', format(v_key, 'i.' || v_id))
          else '' end)
      when not (v_attach ->> 'id_is_unique')::boolean then ' where i.ai_reason is distinct from ''duplicate_id'''
      else '' end,
    -- If answers are in the application's own table, the default of ai_status does this.
    case v_attach ->> 'ai_columns' when 'enrichment' then format(
      $mark$, by its time or by this
          begin
            lock table ai.enrichment in row exclusive mode nowait;
            insert into ai.enrichment (rfq_id, rfq_number, ai_status) select %s, %s, 'pending' from inserted i on conflict do nothing;
          exception when others then
            null;
          end;$mark$, format(v_key, 'i.' || v_id),
      case v_attach ->> 'key_type' when 'number' then format('i.%s', v_id) else 'null' end) else '' end);

  execute format(
    $make$
      create or replace function ai.enqueue_edited_rfq()
      returns trigger
      language plpgsql volatile security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set lock_timeout = '20ms'
      as $body$
      declare
        -- As in ai.enqueue_rfq.
        v_blocked constant boolean := coalesce(
          nullif(current_setting('rfqflow.blocked', true), '') = pg_current_xact_id_if_assigned()::text, false);
        v_limited constant boolean := current_setting('statement_timeout') <> '0'
          or current_setting('transaction_timeout', true) <> '0';
      begin%5$s
        if v_blocked then
          raise lock_not_available;
        end if;
        if v_limited then
          perform set_config('lock_timeout', ai.trigger_patience(), true);
        end if;
        -- An unclaimed row stays in the queue and covers the edit. For a claimed row, the finish sees the new text and requeues the row.
        -- The finish locks the RFQ before it removes the row, and this update holds the RFQ's lock. So neither can miss the other.
        update ai.outbox_deferred d
        set attempt = 0,
            due_at = case when d.reason = 'retry' then clock_timestamp() else d.due_at end
        where d.rfq_id = %1$s;
        if not found then
          insert into ai.outbox (rfq_id, has_ended)
          values (%1$s, coalesce(%3$s in ('done', 'skipped', 'failed'), false))
          on conflict (rfq_id) do nothing;
          delete from ai.outbox_dead x where x.rfq_id = %1$s;
        end if;%2$s
        perform ai.notify_workers();
        return new;
      exception when others then
        if sqlstate = '55P03' and not v_blocked then
          perform set_config('rfqflow.blocked', pg_current_xact_id()::text, true);
        end if;
        begin
          if v_blocked then
            lock table ai.outbox_missed in row exclusive mode nowait;
          elsif v_limited then
            perform set_config('lock_timeout', ai.trigger_patience(), true);
          end if;
          insert into ai.outbox_missed (rfq_id, sqlstate) values (%1$s, sqlstate);
        exception when others then
          null;
        end;%4$s
        if not v_blocked then
          raise warning 'rfqflow: the trigger could not enqueue this now (%%); workers enqueue it later', sqlstate;
        end if;
        return new;
      end
      $body$
    $make$,
    format(v_key, 'new.' || v_id),
    -- If answers are in the application's own table, ai.reset_ai_columns does this. The update holds the RFQ's lock, so no other session
    -- writes here.
    case v_attach ->> 'ai_columns' when 'enrichment' then format(
      E'\n        update ai.enrichment e set ai_status = ''pending'', ai_reason = null where e.rfq_id = %s;',
      format(v_key, 'new.' || v_id)) else '' end,
    case v_attach ->> 'ai_columns' when 'enrichment' then format(
      '(select e.ai_status from ai.enrichment e where e.rfq_id = %s)', format(v_key, 'new.' || v_id))
      else 'old.ai_status' end,
    -- If recording fails too, the RFQ must at least be pending, or the sweep would skip it.
    case v_attach ->> 'ai_columns' when 'enrichment' then format(
      $mark$
        begin
          if v_blocked then
            lock table ai.enrichment in row exclusive mode nowait;
          elsif v_limited then
            perform set_config('lock_timeout', ai.trigger_patience(), true);
          end if;
          update ai.enrichment e set ai_status = 'pending', ai_reason = null where e.rfq_id = %s;
        exception when others then
          null;
        end;$mark$, format(v_key, 'new.' || v_id)) else '' end,
    -- The second row with an id stays refused after any edit.
    case when v_attach ->> 'ai_columns' = 'table' and not v_is_unique then '
        if old.ai_reason = ''duplicate_id'' then
          return new;
        end if;' else '' end);

  execute format(
    $make$
      create or replace function ai.forget_rfq()
      returns trigger
      language plpgsql volatile security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set lock_timeout = '20ms'
      as $body$
      begin
        perform set_config('lock_timeout', ai.trigger_patience(), true);
        delete from ai.enrichment e using deleted d where e.rfq_id = %1$s;
        return null;
      exception when others then
        raise warning 'rfqflow: could not delete the answer of a deleted RFQ (%%)', sqlstate;
        return null;
      end
      $body$
    $make$, format(v_key, 'd.' || v_id));

  for v_column in
    select a.attname as name, c.key in ('message', 'metadata') or not a.attnotnull as is_free,
      case c.key when 'message' then '[erased]' when 'metadata' then '{}' when 'source_ip' then '0.0.0.0' else '' end as instead
    from jsonb_each_text(v_attach -> 'columns') c
    join pg_attribute a on a.attrelid = (v_attach ->> 'table')::regclass and a.attname = c.value and not a.attisdropped and a.attgenerated = ''
    where c.key in ('name', 'email', 'phone', 'company', 'message', 'metadata', 'source_ip')
    order by a.attnum
  loop
    v_set := concat_ws(', ', v_set, format('%I = %L', v_column.name, case when not v_column.is_free or v_column.instead in ('[erased]', '{}') then v_column.instead end));
    v_each := v_each || format($each$
        v_is_empty := false;$each$) || (
      select string_agg(format($each$
        if not v_is_empty then
          begin
            update %1$s r set %2$I = %3$L where $whose$;
            v_is_empty := true;
          exception
            when undefined_column or generated_always then
              v_is_empty := true;
            when integrity_constraint_violation or data_exception or datatype_mismatch then
              null;  -- tries the next value: one of them fits most types and constraints
          end;
        end if;$each$, v_attach ->> 'table', v_column.name, t.value), '' order by t.place)
      from unnest(case when v_column.instead in ('[erased]', '{}') then array[v_column.instead] else array[null, v_column.instead] end
        || array['', '{}', '0', '0.0.0.0', '00000000-0000-0000-0000-000000000000', 'epoch', 'false', 'erased@example.invalid', rpad('[erased]', 100, '.'), null]) with ordinality t(value, place))
      || format($each$
        if not v_is_empty then
          raise exception 'column %%.%% accepts no empty value', %1$L, %2$L using errcode = 'RF005', hint = 'Erase its value by hand, then erase again.';
        end if;$each$, v_attach ->> 'table', v_column.name);
  end loop;
  v_erase := format(
    $erase$
        perform set_config('search_path', ai.application_path(), true);  -- for the application's triggers
        begin
          update %s r
          set %s
          where $whose$;
          return;
        exception when undefined_column or generated_always or integrity_constraint_violation or data_exception or datatype_mismatch then
          null;
        end;
        -- The application has changed its columns since the last migrate: write each column in a statement of its own.%s$erase$,
    v_attach ->> 'table', v_set, v_each);
  execute format(
    $make$
      create or replace function ai.erase_texts(p_rfq_ids uuid[])
      returns void
      language plpgsql volatile security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      as $body$
      declare
        v_is_empty boolean;
      begin%s
      end
      $body$;

      create or replace function ai.refused_from(p_email text, p_rfq_ids uuid[])
      returns table (rfq_id uuid, part oid, place tid)
      language plpgsql volatile security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      as $body$
      #variable_conflict use_column
      begin
        return query
          select %s, r.tableoid, r.ctid
          from %s r
          cross join (values (null::text)) d(%s)
          cross join lateral (select %s::text as email from (select r.*) x) f
          where not (true%s)
            and (lower(trim(f.email)) = lower(trim(p_email)) or %s = any (p_rfq_ids) and coalesce(trim(f.email), '') = '')
          for no key update of r;
      end
      $body$;

      create or replace function ai.erase_refused(p_part oid, inout p_place tid)
      language plpgsql volatile security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      as $body$
      declare
        v_is_empty boolean;
      begin%s
      end
      $body$
    $make$,
    replace(v_erase, '$whose$', format('%s = any (p_rfq_ids)%s', format(v_key, 'r.' || v_id), v_kept)),
    format(v_key, 'r.' || v_id), v_attach ->> 'table', v_email, v_email, v_kept, format(v_key, 'r.' || v_id),
    replace(v_erase, '$whose$', 'r.tableoid = p_part and r.ctid = p_place returning r.ctid into p_place'));
end
$$;

comment on function ai.enqueue_rfq() is
  'Trigger: enqueues the rows of one insert and notifies workers. Never fails the insert, and delays it by less than 100 ms. RFQs that it cannot enqueue go to ai.outbox_missed.';
comment on function ai.enqueue_edited_rfq() is
  'Trigger: enqueues an RFQ whose message changed, or keeps its unclaimed row in the queue. Attempts start from zero for the new text.';
comment on function ai.forget_rfq() is
  'Trigger, only if answers are in ai.enrichment: deletes the answers of deleted RFQs. Never fails or delays the delete.';
comment on function ai.refused_from(text, uuid[]) is
  'Locks refused rows (see ai.register_rfq) that have this e-mail address, or that have no address and one of these ids. For ai.erase_person.';
comment on function ai.erase_refused(oid, tid) is
  'ai.erase_texts for one refused row, whose id belongs to another row. Returns the new place (ctid) of the row.';
comment on function ai.erase_texts(uuid[]) is
  'Overwrites personal data in RFQs of the application''s table with null, or with an empty value if a column must not be null. For ai.erase_person.';
