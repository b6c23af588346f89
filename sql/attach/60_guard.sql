-- Triggers before an insert into the application's table: they reset answers that the inserter set, and refuse duplicate ids. Migrate
-- replaces these functions; attach/70_triggers.sql creates the triggers.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- set by attach/10_check.sql
  v_table constant text := v_attach ->> 'table';
  v_id constant text := quote_ident(v_attach -> 'columns' ->> 'id');
  v_message constant text := quote_ident(v_attach -> 'columns' ->> 'message');
  v_key constant text := format(v_attach ->> 'key', 'new.' || v_id);
  v_in_table constant boolean := v_attach ->> 'ai_columns' = 'table';
  v_answer constant text[] := array(
    select a.attname from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%' order by a.attnum);
  v_is_indexed constant boolean := exists (
    select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
    where i.indrelid = v_table::regclass and i.indisvalid and i.indpred is null and a.attname = v_attach -> 'columns' ->> 'id');
begin
  update ai.table_mapping m set id_is_unique = (v_attach ->> 'id_is_unique')::boolean
  where m.id_is_unique <> (v_attach ->> 'id_is_unique')::boolean;

  execute format(
    $make$
      create or replace function ai.reset_ai_columns()
      returns trigger
      -- Stable, so that the function sees the table as the statement does, including the row that the statement moves to another partition.
      language plpgsql stable security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set lock_timeout = '20ms'
      as $body$
      begin%1$s
        new.ai_status := 'pending';
        new.ai_reason := null;
        if tg_op = 'INSERT' then
          new.ai_review := null;
          new.ai_summary := null;
          new.ai_tags := null;
          new.ai_route := null;
          new.ai_urgency := null;
          new.ai_confidence := null;
          new.ai_extracted := null;
          new.ai_content_sha256 := null;
          new.ai_prompt_version := null;
          new.ai_model := null;
          new.ai_updated_at := null;
        end if;
        return new;
      end
      $body$
    $make$,
    case when v_in_table and not (v_attach ->> 'id_is_unique')::boolean then '
        if tg_op = ''UPDATE'' and old.ai_reason = ''duplicate_id'' then
          new.ai_status := old.ai_status;  -- stays refused after any edit
          new.ai_reason := old.ai_reason;
          return new;
        end if;' else '' end ||
    case when v_in_table and v_is_indexed then format($moved$
        if tg_op = 'INSERT' and new.ai_updated_at is not null then
          begin
            if exists (
              select from %1$s r
              where r.%2$s = new.%2$s and r.%3$s is not distinct from new.%3$s
                and (%4$s) is not distinct from (%5$s))
            then
              return new;  -- the row itself moves from one partition to another
            end if;
          exception when others then
            null;  -- if the lookup fails, the row counts as new
          end;
        end if;$moved$,
      v_table, v_id, v_message,
      (select string_agg('r.' || a, ', ' order by n) from unnest(v_answer) with ordinality u(a, n)),
      (select string_agg('new.' || a, ', ' order by n) from unnest(v_answer) with ordinality u(a, n))) else '' end);

  execute format(
    $make$
      create or replace function ai.register_rfq()
      returns trigger
      language plpgsql volatile security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set lock_timeout = '20ms'
      as $body$
      declare
        v_known boolean := false;
        v_blocked constant boolean := coalesce(
          nullif(current_setting('rfqflow.blocked', true), '') = pg_current_xact_id_if_assigned()::text, false);
      begin
        begin
          if not v_blocked then
            perform set_config('lock_timeout', ai.trigger_patience(), true);
            insert into ai.rfq_ids (rfq_id) values (%1$s) on conflict do nothing;
            -- After a delete, or when a row moves to another partition, the id is recorded but no row has it.
            v_known := not found and (select count(*) > %2$s from ai.rfqs r where r.rfq_id = %1$s);
          end if;
        exception
          when serialization_failure then
            v_known := true;  -- another session recorded the id after this transaction began, so it is invisible here
          when lock_not_available then
            perform set_config('rfqflow.blocked', pg_current_xact_id()::text, true);
          when others then
            null;  -- if two rows get this id, ai.rfq_fields raises RF006 for both: rfqflow enriches neither
        end;
        if v_known then%3$s
        end if;
        return new;
      end
      $body$
    $make$,
    v_key, case when v_in_table then 0 else 1 end,
    case when v_in_table then '
          new.ai_status := ''skipped'';
          new.ai_reason := ''duplicate_id'';' || format('
          begin
            insert into ai.refused_rows (rfq_id, part, place) values (%s, 0, ''(0,0)'') on conflict do nothing;
          exception when others then
            null;  -- the row is only for a report
          end;', v_key)
      else format('
          begin
            insert into ai.refused_rows (rfq_id, part, place) values (%s, new.tableoid, new.ctid) on conflict do nothing;
          exception when others then
            null;
          end;', v_key) end);

  execute format(
    $make$
      create or replace function ai.identity_of_rfqs()
      returns table (table_name text, registers boolean, is_unique boolean, refused bigint, refused_at timestamptz, is_keyless boolean)
      language sql stable security definer  -- doctor's role may have no rights on the table
      set search_path = pg_catalog, pg_temp
      as $body$
        select m.table_name, not m.id_is_unique,
          exists (
            select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = c.oid and a.attname = %1$L and i.indisunique and i.indnkeyatts = 1 and i.indisvalid and i.indpred is null)
            and (c.relkind = 'p' or not exists (select from pg_inherits h where h.inhparent = c.oid)),
          (select count(distinct x.rfq_id) from ai.refused_rows x), (select max(x.refused_at) from ai.refused_rows x),
          exists (
            select from pg_publication_tables p join pg_publication b on b.pubname = p.pubname and b.pubupdate
            join pg_class t on t.relname = p.tablename join pg_namespace n on n.oid = t.relnamespace and n.nspname = p.schemaname
            where (t.oid = c.oid or t.oid in (select r.relid from pg_partition_tree(c.oid) r)) and m.ai_columns = 'table'
              and (t.relreplident = 'n' or t.relreplident = 'd' and not exists (
                select from pg_index i where i.indrelid = t.oid and i.indisprimary)))
        from ai.table_mapping m
        join pg_class c on c.oid = to_regclass(m.table_name);
      $body$
    $make$, v_attach -> 'columns' ->> 'id');
end
$$;

comment on function ai.identity_of_rfqs() is
  'Identity of RFQs, for rfqflow doctor. Returns whether the application''s table allowed an id twice at the last migrate (registers), and whether it does now. Also returns how many rows were refused, and whether a publication blocks updates of the table.';
comment on function ai.reset_ai_columns() is
  'Trigger: sets an RFQ to pending, and clears what the inserter wrote into ai_*, except for a row that moves between partitions. After an edit, the old answer stays until the new answer replaces it.';
comment on function ai.register_rfq() is
  'Trigger, only if the table allows an id twice: refuses to enrich the second row with an id, so that it gets no data of the first row. Never fails or delays the insert.';
