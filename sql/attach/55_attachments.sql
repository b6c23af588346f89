-- The table of attachments, and the functions that name its columns. If the application has no such table, this file creates
-- public.rfq_attachments; attach/15_check_attachments.sql has looked for an existing one. Each migrate writes and replaces the functions.
-- The table has no foreign key: rfqflow must not block an application that deletes or moves RFQs.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');
  v_files constant jsonb := nullif(v_attach -> 'attachments', 'null');
  v_columns constant jsonb := v_files -> 'columns';
  v_table constant text := v_files ->> 'table';
  v_rfq constant text := quote_ident(v_columns ->> 'rfq_id');
  v_id constant text := quote_ident(v_columns ->> 'id');
  v_content constant text := quote_ident(v_columns ->> 'content');
  v_uri constant text := quote_ident(v_columns ->> 'uri');
  v_unchecked constant boolean := getdatabaseencoding() = 'SQL_ASCII';
  v_key constant text := coalesce(v_files ->> 'key', '%s');
  v_texts text[];
  v_one text;
  v_erase text := '';
  v_stored jsonb := (select m.attachments from ai.table_mapping m);
  v_now jsonb;
begin
  if (v_files ->> 'is_made')::boolean then
    execute format(
      $make$
        create table public.rfq_attachments (
          id           bigint generated always as identity primary key,
          rfq_id       %s not null,
          file_name    text,
          content_type text,
          content      bytea,
          uri          text,
          size_bytes   bigint,
          sha256       bytea,
          created_at   timestamptz not null default clock_timestamp(),
          constraint rfq_attachments_content_or_uri check ((content is null) <> (uri is null))
        )
      $make$, v_files -> 'types' ->> 'rfq_id');
    -- Most files are already compressed. PostgreSQL can read a part of an uncompressed value without the rest.
    alter table public.rfq_attachments alter column content set storage external;
    create index rfq_attachments_rfq_id on public.rfq_attachments (rfq_id, id);
    comment on table public.rfq_attachments is
      'Files that came with RFQs. The application inserts them in the RFQ''s transaction or later. It needs only the right to insert.';
    comment on column public.rfq_attachments.id is 'Identifies the file.';
    comment on column public.rfq_attachments.rfq_id is 'The RFQ. No foreign key: the file may be inserted before the RFQ.';
    comment on column public.rfq_attachments.file_name is 'The name that the sender gave.';
    comment on column public.rfq_attachments.content_type is 'Content type that the sender declared. rfqflow determines the type from the content.';
    comment on column public.rfq_attachments.content is 'The file itself. Null if uri is set.';
    comment on column public.rfq_attachments.uri is 'Address of the file. Null if content is set.';
    comment on column public.rfq_attachments.size_bytes is 'Unused: rfqflow ignores the application''s value, and measures the content.';
    comment on column public.rfq_attachments.sha256 is 'Unused: rfqflow ignores the application''s value, and hashes the content.';
    comment on column public.rfq_attachments.created_at is 'When the row was inserted.';
    comment on constraint rfq_attachments_content_or_uri on public.rfq_attachments is 'A file has content or uri.';
    comment on index public.rfq_attachments_rfq_id is 'Finds the files of an RFQ.';
  end if;
  if v_attach -> 'no_attachments' <> 'null' then
    raise warning '%', v_attach -> 'no_attachments' ->> 'why' using hint = v_attach -> 'no_attachments' ->> 'remedy';
  end if;
  v_now := case when v_files is not null then jsonb_build_object('table', v_table, 'columns', v_columns,
    'is_made', (v_files ->> 'is_made')::boolean or v_stored ->> 'table' = v_table and coalesce((v_stored ->> 'is_made')::boolean, false),
    'since', case when v_stored ->> 'table' = v_table then v_stored -> 'since' else to_jsonb(clock_timestamp()) end) end;
  update ai.table_mapping m set attachments = v_now where m.attachments is distinct from v_now;

  if v_files is null then
    create or replace function ai.attachments_of(p_rfq_ids uuid[], p_most integer)
    returns table (rfq_id uuid, attachment_id text, file_name text, content_type text, octets bigint, uri text, created_at timestamptz)
    language sql stable security definer
    set search_path = pg_catalog, pg_temp
    as 'select null::uuid, null::text, null::text, null::text, null::bigint, null::text, null::timestamptz where false';
    create or replace function ai.attached_rfqs_at(p_from tid, p_to tid)
    returns setof uuid language sql stable security definer set search_path = pg_catalog, pg_temp as 'select null::uuid where false';
    create or replace function ai.attachment_content(p_attachment_id text, p_from bigint, p_octets integer)
    returns bytea language sql stable security definer set search_path = pg_catalog, pg_temp as 'select null::bytea';
    create or replace function ai.erase_attachments(p_rfq_ids uuid[])
    returns bigint language sql volatile security definer set search_path = pg_catalog, pg_temp as 'select 0::bigint';
    create or replace function ai.drop_attachments(p_rfq_ids uuid[])
    returns bigint language sql volatile security definer set search_path = pg_catalog, pg_temp as 'select 0::bigint';
  else
    v_texts := array(
      select case when v_columns ->> c.name is null then 'null::text'
        else format(case when v_unchecked then 'ai.readable(left(a.%I::text, %s))' else 'left(a.%I::text, %s)' end, v_columns ->> c.name, c.most) end
      from (values (1, 'file_name', 255), (2, 'content_type', 200), (3, 'uri', 2000)) as c(place, name, most) order by c.place);
    execute format(
      $make$
        create or replace function ai.attachments_of(p_rfq_ids uuid[], p_most integer)
        returns table (rfq_id uuid, attachment_id text, file_name text, content_type text, octets bigint, uri text, created_at timestamptz)
        language plpgsql stable security definer  -- callers have no rights on the tables
        rows 100
        set search_path = pg_catalog, pg_temp
        set enable_seqscan = off
        set jit = off
        as $body$
        #variable_conflict use_column
        begin
          -- PostgreSQL knows the size of a stored value without reading it.
          return query
            select g.rfq_id, f.id, f.file_name, f.content_type, f.octets, f.uri, f.created_at
            from unnest(p_rfq_ids) with ordinality as g(rfq_id, place)
            cross join lateral (
              select a.%2$s::text as id, %3$s as file_name, %4$s as content_type, %5$s as octets, %6$s as uri, %7$s as created_at, a.%2$s as key
              from %1$s a where a.%8$s = %9$s order by a.%2$s limit p_most) f
            order by g.place, f.key;
        exception when undefined_table or undefined_column or undefined_function or datatype_mismatch then
          return;  -- the application changed its table; the next migrate reports the change
        end
        $body$;

        create or replace function ai.attached_rfqs_at(p_from tid, p_to tid)
        returns setof uuid
        language plpgsql stable security definer  -- callers have no rights on the tables
        set search_path = pg_catalog, pg_temp
        set enable_seqscan = off  -- reads a range of blocks, never the whole table
        set jit = off
        as $body$
        begin
          return query
            select distinct %12$s from %1$s a where a.ctid >= p_from and a.ctid < p_to and a.%8$s is not null;
        exception when undefined_table or undefined_column or undefined_function or datatype_mismatch then
          return;
        end
        $body$;

        create or replace function ai.attachment_content(p_attachment_id text, p_from bigint, p_octets integer)
        returns bytea
        language plpgsql stable security definer  -- callers have no rights on the tables
        set search_path = pg_catalog, pg_temp
        set enable_seqscan = off
        as $body$
        begin
          return (select substring(%10$s from (p_from + 1)::integer for p_octets) from %1$s a where a.%2$s = p_attachment_id::%11$s);
        end
        $body$;
      $make$, v_table, v_id, v_texts[1], v_texts[2],
      case when v_content is not null then format('octet_length(a.%s)::bigint', v_content) else 'null::bigint' end, v_texts[3],
      case when v_columns ? 'created_at' then format('a.%I::timestamptz', v_columns ->> 'created_at') else 'null::timestamptz' end,
      v_rfq, format(v_files ->> 'back', 'g.rfq_id'),
      case when v_content is not null then 'a.' || v_content else 'null::bytea' end, v_files -> 'types' ->> 'id',
      format(v_key, 'a.' || v_rfq));

    -- Other tables may refer to a row of the application's own table. Keep the row, and clear its values.
    for v_one in select c.value from jsonb_each_text(v_columns) c where c.key in ('file_name', 'content_type', 'content', 'uri') loop
      v_erase := v_erase || format($each$
          begin
            update %1$s a set %2$I = null where %3$s = any (p_rfq_ids) and a.%2$I is not null;
          exception when integrity_constraint_violation then
            update %1$s a set %2$I = '' where %3$s = any (p_rfq_ids) and a.%2$I <> '';
          end;$each$, v_table, v_one, format(v_key, 'a.' || v_rfq));
    end loop;
    execute format(
      $make$
        create or replace function ai.erase_attachments(p_rfq_ids uuid[])
        returns bigint
        language plpgsql volatile security definer  -- callers have no rights on the tables
        set search_path = pg_catalog, pg_temp
        as $body$
        declare
          v_erased bigint := 0;
        begin
          %4$s
          return v_erased;
        exception when undefined_table then
          return 0;
        end
        $body$;

        create or replace function ai.drop_attachments(p_rfq_ids uuid[])
        returns bigint
        language plpgsql volatile security definer  -- callers have no rights on the tables
        set search_path = pg_catalog, pg_temp
        as $body$
        declare
          v_dropped bigint := 0;
        begin
          %5$s
          return v_dropped;
        exception when undefined_table then
          return 0;
        end
        $body$;
      $make$, v_table, v_rfq, v_key,
      case when (v_now ->> 'is_made')::boolean
        then format('delete from %s a where a.%s = any (array(select %s from unnest(p_rfq_ids) g(rfq_id)));
          get diagnostics v_erased = row_count;', v_table, v_rfq, format(v_files ->> 'back', 'g.rfq_id'))
        else format('select count(*) into v_erased from %s a where %s = any (p_rfq_ids);
          perform set_config(''search_path'', ai.application_path(), true);  -- for the application''s triggers%s', v_table, format(v_key, 'a.' || v_rfq), v_erase) end,
      case when (v_now ->> 'is_made')::boolean
        then format('delete from %s a where a.%s = any (array(select %s from unnest(p_rfq_ids) g(rfq_id)));
          get diagnostics v_dropped = row_count;', v_table, v_rfq, format(v_files ->> 'back', 'g.rfq_id')) else 'null;' end);
  end if;

  execute format(
    $make$
      create or replace function ai.note_attached_file()
      returns trigger
      language plpgsql volatile security definer  -- the application's role needs no right in this schema
      set search_path = pg_catalog, pg_temp
      set lock_timeout = '20ms'  -- per wait, as in ai.enqueue_rfq
      as $body$
      declare
        v_blocked boolean := false;
        v_rfq_id uuid;
        v_said text;
      begin
        begin
          v_rfq_id := case tg_op when 'DELETE' then %1$s else %2$s end;
          -- One row per transaction and RFQ is enough, however many files there are. Undone with its savepoint.
          v_said := concat(pg_current_xact_id(), case tg_op when 'DELETE' then ' deleted ' else ' ' end, v_rfq_id);
          if v_said = current_setting('rfqflow.attached', true) or v_rfq_id is null then
            return null;
          end if;
          v_blocked := coalesce(nullif(current_setting('rfqflow.blocked', true), '') = pg_current_xact_id()::text, false);
          if v_blocked then
            raise lock_not_available;
          end if;
          if current_setting('statement_timeout') <> '0' or current_setting('transaction_timeout', true) <> '0' then
            perform set_config('lock_timeout', ai.trigger_patience(), true);
          end if;
          insert into ai.attachment_changes (rfq_id, is_removal) values (v_rfq_id, tg_op = 'DELETE');
          if tg_op = 'UPDATE' then
            if old.%3$s is distinct from new.%3$s then
              insert into ai.attachment_changes (rfq_id, is_removal) select %1$s, true where %1$s is not null;
            end if;
          end if;
          perform set_config('rfqflow.attached', v_said, true);
        exception when others then
          if sqlstate = '55P03' and not v_blocked then
            perform set_config('rfqflow.blocked', pg_current_xact_id()::text, true);
          end if;
          begin
            if v_blocked then
              lock table ai.outbox_missed in row exclusive mode nowait;
            end if;
            insert into ai.outbox_missed (rfq_id, sqlstate, is_file) values (v_rfq_id, sqlstate, true);
          exception when others then
            null;  -- the sweep finds it
          end;
          if not v_blocked then
            raise warning 'rfqflow: the trigger could not note this attachment now (%%); workers note it later', sqlstate;
          end if;
        end;
        return null;
      end
      $body$
    $make$, format(v_key, 'old.' || coalesce(v_rfq, 'rfq_id')), format(v_key, 'new.' || coalesce(v_rfq, 'rfq_id')), coalesce(v_rfq, 'rfq_id'));
end
$$;

comment on function ai.attachments_of(uuid[], integer) is
  'The attachments of RFQs, at most the earliest p_most of each RFQ, with names of limited length. Gets the size without reading the content. Returns no row if there is no table of attachments.';
comment on function ai.attached_rfqs_at(tid, tid) is 'RFQs whose attachments are in this range of blocks. For ai.find_unnoted_attachments.';
comment on function ai.attachment_content(text, bigint, integer) is 'Bytes of an attachment''s content, starting at an offset. Null if the attachment was deleted or has no content.';
comment on function ai.erase_attachments(uuid[]) is
  'Erases the attachments of these RFQs: deletes rows of public.rfq_attachments, or clears the values in the application''s own table. Returns the number of attachments. For ai.erase_person.';
comment on function ai.drop_attachments(uuid[]) is
  'Deletes the attachments of deleted RFQs from a table that rfqflow made. Does not change the application''s own table. Returns the number of attachments. For ai.prune_attachments.';
comment on function ai.note_attached_file() is
  'Trigger: notes that attachments of an RFQ were inserted, changed or deleted, once per transaction and RFQ. It reads no file, never fails the insert, and waits at most 20 ms for a lock. If it cannot note the RFQ, it records the RFQ in ai.outbox_missed.';
