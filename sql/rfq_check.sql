-- What must hold before anything is made: a migrate that can not succeed leaves nothing behind, least of all a schema
-- that belongs to the wrong role. Changes nothing; looked at first on every migrate, and by `rfqflow doctor`.
--
-- It also finds out what is mapped to what, and leaves that in the session's setting rfqflow.attach for the files that
-- make the few objects which name the application's table. The mapping is the setting rfqflow.mapping, else the one
-- that was given before, else none: public.rfq_requests with the columns that README names.
--   {"table": "sales.inquiry", "ai_columns": "table" or "enrichment", "columns": {"id": "inquiry_no", "phone": ""}}

do $$
declare
  v_given jsonb;
  v_stored jsonb;
  v_stored_table text;
  v_declared jsonb;
  v_default boolean;
  v_name text;
  v_table regclass;
  v_kind "char";
  v_owner oid;
  v_columns jsonb := '{}';
  v_ai_columns text;
  v_key_type text;
  v_key text := '%s';
  v_mine record;
  v_found record;
  v_triggers text[];
  v_id_is_unique boolean := true;
begin
  begin
    v_given := nullif(current_setting('rfqflow.mapping', true), '')::jsonb;
  exception when invalid_text_representation then
    raise exception 'the mapping is no JSON' using errcode = 'RF005', hint = 'As in {"table": "sales.inquiry", "columns": {"id": "no"}}.';
  end;
  if to_regclass('ai.mapping') is not null then
    select m.declared, m.table_name into v_stored, v_stored_table from ai.mapping m;
  end if;
  v_declared := coalesce(v_given, v_stored, '{}');

  -- The mapping by itself.
  if jsonb_typeof(v_declared) <> 'object' or coalesce(jsonb_typeof(v_declared -> 'columns'), 'object') <> 'object' then
    raise exception 'the mapping is not made of keys and values' using errcode = 'RF005',
      hint = 'As in {"table": "sales.inquiry", "columns": {"id": "no"}}.';
  end if;
  select x.key into v_found
  from (
    select k as key, k in ('table', 'ai_columns', 'columns') as known from jsonb_object_keys(v_declared) k
    union all
    select 'columns.' || c, c in ('id', 'created_at', 'request_id', 'name', 'email', 'company', 'phone', 'source_ip', 'message', 'metadata')
    from jsonb_object_keys(coalesce(v_declared -> 'columns', '{}')) c
  ) x where not x.known order by 1 limit 1;
  if found then
    raise exception 'the mapping has a key that is not known: %', v_found.key using errcode = 'RF005',
      hint = 'There are table, ai_columns, and in columns: id, created_at, request_id, name, email, company, phone, source_ip, message, metadata.';
  end if;
  v_ai_columns := coalesce(v_declared ->> 'ai_columns', 'table');
  if v_ai_columns not in ('table', 'enrichment') then
    raise exception 'the mapping''s ai_columns is %', v_ai_columns using errcode = 'RF005',
      hint = 'table: answers go into columns ai_* of your table; enrichment: into ai.enrichment.';
  end if;
  v_default := v_declared = '{}';

  -- The table.
  v_name := coalesce(v_declared ->> 'table', 'public.rfq_requests');
  begin
    v_table := to_regclass(v_name);
  exception when invalid_name or syntax_error then
    v_table := null;
  end;
  if v_table is null then
    if not v_default then
      raise exception 'there is no table %', v_name using errcode = 'RF005',
        hint = 'Name it with its schema, quoted as in SQL: sales.inquiry, public."Inquiry".';
    end if;
    if not coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'create'), false) then
      raise exception 'there is no table public.rfq_requests, and % may not create it', current_user
        using errcode = 'insufficient_privilege',
              hint = format('Create the table first, or: grant create on schema public to %I', current_user);
    end if;
  else
    select format('%I.%I', n.nspname, c.relname), c.relkind, c.relowner into v_name, v_kind, v_owner
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = v_table;
    if v_kind not in ('r', 'p') then
      raise exception '% is not a table', v_name
        using errcode = case when v_default then 'wrong_object_type' else 'RF005' end,
              hint = 'rfqflow needs triggers that see all rows of a statement, and only a table can have them.';
    end if;
  end if;

  -- Its columns.
  for v_mine in
    select w.name, w.kind, coalesce(v_declared -> 'columns' ->> w.name, a.attname, case when v_default then w.name else '' end) as mapped
    from (values
      (1, 'id', 'key'), (2, 'message', 'text'), (3, 'created_at', 'time'), (4, 'request_id', 'text'), (5, 'name', 'text'),
      (6, 'email', 'text'), (7, 'company', 'text'), (8, 'phone', 'text'), (9, 'source_ip', 'address'),
      (10, 'metadata', 'jsonb')) as w(place, name, kind)
    left join pg_attribute a on a.attrelid = v_table and a.attname = w.name and a.attnum > 0 and not a.attisdropped
    order by w.place
  loop
    v_columns := v_columns || jsonb_build_object(v_mine.name, nullif(v_mine.mapped, ''));
    select a.attnum, a.attnotnull, a.attgenerated <> '' as is_generated, format_type(a.atttypid, a.atttypmod) as type,
      case
        when t.oid in ('uuid'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) then 'key'
        when t.oid in ('timestamptz'::regtype, 'timestamp'::regtype) then 'time'
        when t.oid in ('inet'::regtype, 'cidr'::regtype) then 'address'
        when t.oid = 'jsonb'::regtype then 'jsonb'
        when t.typcategory = 'S' then 'text'
      end as kind, t.oid = 'uuid'::regtype as is_uuid
    into v_found
    from pg_attribute a join pg_type t on t.oid = a.atttypid
    where a.attrelid = v_table and a.attname = v_mine.mapped and a.attnum > 0 and not a.attisdropped;
    if v_default then
      continue when v_table is null or v_found.attnum is null and v_mine.name not in ('id', 'message');
      if v_mine.name = 'id' and v_found.is_uuid is not true then
        raise exception '% has no column id of type uuid', v_name using errcode = 'undefined_column',
          hint = 'rfqflow finds an RFQ by a uuid: add such a column with a unique index, or map a key of yours: rfqflow migrate --map.';
      end if;
      if v_mine.name = 'message' and v_found.kind is distinct from 'text' then
        raise exception '% has no column message of type text', v_name using errcode = 'undefined_column',
          hint = 'rfqflow enriches the text of the request: add the column, or name the one that holds it: rfqflow migrate --map.';
      end if;
    elsif v_mine.mapped = '' then
      continue when v_mine.name not in ('id', 'message', 'created_at');
      raise exception '% has no column for %', v_name, v_mine.name using errcode = 'RF005',
        hint = case v_mine.name
          when 'id' then 'Name the key of the table under [columns], as in id = "inquiry_no".'
          when 'message' then 'Name the column with the text of the request under [columns], as in message = "body".'
          else format('Name the column with the time of submission under [columns], or: alter table %s add column created_at timestamptz; alter table %s alter column created_at set default now()', v_name, v_name)
        end;
    elsif v_found.attnum is null then
      raise exception '% has no column %, which is to be %', v_name, v_mine.mapped, v_mine.name using errcode = 'RF005',
        hint = 'Name the column as the table has it, upper and lower case included, or "" where it has none.';
    end if;
    if v_found.kind is distinct from v_mine.kind then
      raise exception '% is of type %, which % can not be', v_name || '.' || v_mine.mapped, v_found.type, v_mine.name
        using errcode = case when v_default then 'datatype_mismatch' else 'RF005' end,
          hint = case v_mine.kind
            when 'key' then 'A key is a uuid, or a smallint, integer or bigint: add a column of type uuid with a default and a unique index, and map that.'
            when 'time' then 'It must be timestamptz, or timestamp, which is taken for UTC.'
            when 'address' then 'It must be inet: map another column, or none: source_ip = "".'
            when 'jsonb' then 'It must be jsonb: map another column, or none: metadata = "".'
            else format('It must be text, varchar or the like: map another column%s.',
              case when v_mine.name <> 'message' then format(', or none: %s = ""', v_mine.name) else '' end)
          end;
    end if;
    if v_found.is_generated then
      raise exception '% is a generated column, which % can not be', v_name || '.' || v_mine.mapped, v_mine.name using errcode = 'RF005',
        hint = 'An erasure must be able to write it: map a column that it is made of.';
    end if;
    if v_mine.name = 'id' then
      -- Of a table in parts no index is unique without the columns it is parted by; a child has its own.
      v_id_is_unique := exists (
          select from pg_index i
          where i.indrelid = v_table and i.indkey[0] = v_found.attnum and i.indisunique and i.indnkeyatts = 1
            and i.indisvalid and i.indpred is null)
        and (v_kind = 'p' or not exists (select from pg_inherits h where h.inhparent = v_table));
      v_key_type := case when v_found.is_uuid then 'uuid' else 'number' end;
      if not v_default and not (v_found.attnotnull and exists (
        select from pg_index i
        where i.indrelid = v_table and i.indkey[0] = v_found.attnum and i.indisvalid and i.indpred is null
          -- Of a table in parts no index is unique without the columns it is parted by.
          and (v_kind = 'p' or i.indisunique and i.indnkeyatts = 1)))
      then
        raise exception '% is no key: it may be null, or occur twice', v_name || '.' || v_mine.mapped using errcode = 'RF005',
          hint = format('Map the table''s key, or make it one: create unique index concurrently on %s (%I); alter table %s alter column %I set not null',
            v_name, v_mine.mapped, v_name, v_mine.mapped);
      end if;
      if v_key_type = 'number' then
        -- The digits are still to be read in the uuid. Of built-in functions only: the index needs nothing of ours.
        v_key := 'lpad(translate(%s::text, ''-'', ''f''), 32, ''0'')::uuid';
      end if;
    end if;
  end loop;
  v_key_type := coalesce(v_key_type, 'uuid');

  -- A name twice would be written twice by an erasure.
  select c.value #>> '{}' as name into v_found from jsonb_each(v_columns) c
  where c.value <> 'null' group by 1 having count(*) > 1 limit 1;
  if found then
    raise exception '%.% is mapped twice', v_name, v_found.name using errcode = 'RF005', hint = 'Map each column once.';
  end if;

  -- The columns ai_* that it has already.
  if v_ai_columns = 'table' then
    select a.attname, format_type(a.atttypid, a.atttypmod) as type, w.type as wanted into v_found
    from (values ('ai_status', 'text'), ('ai_reason', 'text'), ('ai_review', 'text'), ('ai_summary', 'text'), ('ai_tags', 'text[]'),
      ('ai_route', 'text'), ('ai_urgency', 'text'), ('ai_confidence', 'real'), ('ai_extracted', 'jsonb'), ('ai_content_sha256', 'bytea'),
      ('ai_prompt_version', 'text'), ('ai_model', 'text'), ('ai_updated_at', 'timestamp with time zone')) as w(name, type)
    join pg_attribute a on a.attrelid = v_table and a.attname = w.name and not a.attisdropped
    where format_type(a.atttypid, a.atttypmod) <> w.type
    order by 1 limit 1;
    if found then
      raise exception '% is of type % and must be %', v_name || '.' || v_found.attname, v_found.type, v_found.wanted
        using errcode = case when v_default then 'datatype_mismatch' else 'RF005' end,
          hint = 'Change or rename that column, or keep answers out of this table: ai_columns = "enrichment".';
    end if;
  end if;

  -- By which uuid is a number found? A small table gets the index from the migration itself.
  if v_key_type = 'number' and (
    select sum(pg_relation_size(t.relid)) from (
      select v_table as relid union select p.relid from pg_partition_tree(v_table) p) t) > 4194304
    and not exists (
      select from pg_index i
      where i.indrelid = v_table and i.indisvalid and i.indpred is null
        and pg_get_expr(i.indexprs, i.indrelid) = format('(lpad(translate((%I)::text, ''-''::text, ''f''::text), 32, ''0''::text))::uuid', v_columns ->> 'id'))
  then
    raise exception '% has a number for a key, and no index that finds a row by the uuid made of it', v_name using errcode = 'RF005',
      hint = format(case v_kind when 'r' then 'Build it without holding inserts up, then migrate again: create index concurrently on %s ((%s))'
        else 'Build it, one of the parts after the other as PostgreSQL''s manual says for CREATE INDEX, then migrate again: create index on %s ((%s))' end,
        v_name, format(v_key, quote_ident(v_columns ->> 'id')));
  end if;

  -- What is known of RFQs is known by their ids in the table that was mapped.
  if v_stored_table is not null then
    if exists (
        select from ai.mapping m
        where (m.table_name, m.key_type, m.ai_columns, m.columns ->> 'id')
          is distinct from (v_name, v_key_type, v_ai_columns, v_columns ->> 'id'))
    then
      if exists (select from ai.rag_runs) or exists (select from ai.outbox) or exists (select from ai.outbox_deferred)
        or exists (select from ai.outbox_dead) or exists (select from ai.outbox_missed) or exists (select from ai.overrides)
        or exists (select from ai.enrichment)
      then
        raise exception 'RFQs of % are known here: table, key and ai_columns can not be mapped anew', v_stored_table
          using errcode = 'RF005', hint = 'Names of other columns can. For another table use another database.';
      end if;
    end if;
  end if;

  v_triggers := array['rfqflow_enqueue', 'rfqflow_enqueue_edited'] || case v_ai_columns
    when 'table' then array['rfqflow_guard_insert', 'rfqflow_guard_update'] else array['rfqflow_forget'] end
    || case when v_id_is_unique then '{}' else array['rfqflow_register'] end;
  if v_table is not null and not pg_has_role(v_owner, 'usage') and (
    select count(*) from pg_trigger where tgrelid = v_table and tgname = any (v_triggers)) < cardinality(v_triggers)
  then
    raise exception '% belongs to another role, %', v_name, v_owner::regrole
      using errcode = 'insufficient_privilege',
            hint = format('Run the migration as the table''s owner, or: grant %s to %I', v_owner::regrole, current_user);
  end if;

  perform set_config('rfqflow.attach', jsonb_build_object(
    'declared', v_declared, 'table', v_name, 'key_type', v_key_type, 'key', v_key, 'columns', v_columns,
    'ai_columns', v_ai_columns, 'id_is_unique', v_id_is_unique, 'triggers', to_jsonb(v_triggers))::text, false);
end
$$;
