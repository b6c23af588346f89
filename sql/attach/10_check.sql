-- Checks whether a migrate can succeed, before the migrate changes anything. Otherwise a failed migrate could leave a schema that belongs
-- to the wrong role. This file changes nothing. Each migrate runs it first, and so does `rfqflow doctor`.
-- This file also resolves the mapping, and stores the result in the session's setting rfqflow.attach. Files that name the application's
-- table read that setting. The mapping comes from the setting rfqflow.mapping, else from the last migrate. The default is
-- public.rfq_requests with the columns that README names. For example:
-- {"table": "sales.inquiry", "ai_columns": "table" or "enrichment", "columns": {"id": "inquiry_no", "phone": ""}}

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
  v_missing jsonb;
  v_index text;
  v_made constant jsonb := nullif(current_setting('rfqflow.made', true), '')::jsonb;
  v_is_installed constant boolean := to_regclass('ai.rfqflow_migration') is not null;
  v_ours text[];
  v_foreign text[];
  v_clashes text;
  v_place text;
begin
  -- SQL_ASCII stores any bytes unchecked; other encodings lack characters that answers may contain.
  if getdatabaseencoding() not in ('UTF8', 'SQL_ASCII') then
    raise exception 'the encoding of database % is %, which cannot store requests and answers in every script', current_database(), getdatabaseencoding()
      using errcode = 'RF009',
            hint = 'Use a database of encoding UTF8: create database another template template0 encoding ''UTF8''. Move the data of this one with pg_dump.';
  end if;

  -- With such a cast, which PostgreSQL dropped in 8.3, text || number is ambiguous and raises an error.
  select format('cast (%s as %s)', s.oid::regtype, t.oid::regtype) as name into v_found
  from pg_cast c join pg_type s on s.oid = c.castsource join pg_type t on t.oid = c.casttarget
  where c.oid >= 16384 and c.castcontext = 'i' and s.typcategory = 'N' and t.typcategory = 'S'
    and s.typnamespace = 'pg_catalog'::regnamespace and t.typnamespace = 'pg_catalog'::regnamespace
  order by 1 limit 1;
  if found then
    raise exception 'the database has an implicit %, which makes text || number ambiguous', v_found.name
      using errcode = 'RF009', hint = format('Restrict it to assignments: drop %s; create %s with inout as assignment', v_found.name, v_found.name);
  end if;

  -- Objects of other tools in schema ai: rfqflow must not replace, grant, revoke or drop any of them. Before ai.rfqflow_object exists,
  -- rfqflow recognises its own objects by name.
  if to_regclass('ai.rfqflow_object') is not null then
    v_ours := array(select o.kind || ' ' || o.identity from ai.rfqflow_object o);
  end if;
  with there as (
    select i.type || ' ' || i.identity as object, c.relname::text as name, null::integer as least, null::integer as most
    from pg_class c cross join lateral pg_identify_object('pg_class'::regclass, c.oid, 0) i
    where c.relnamespace = to_regnamespace('ai') and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c') and not c.relispartition
      -- The sequence of an identity column is a part of its table.
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i' and c.relkind = 'S')
    union all
    select i.type || ' ' || i.identity, t.typname, null, null
    from pg_type t cross join lateral pg_identify_object('pg_type'::regclass, t.oid, 0) i
    where t.typnamespace = to_regnamespace('ai') and t.typtype in ('d', 'e', 'r')
    union all
    select i.type || ' ' || i.identity, p.proname, p.pronargs - p.pronargdefaults, case when p.provariadic = 0 then p.pronargs else 1000 end
    from pg_proc p cross join lateral pg_identify_object('pg_proc'::regclass, p.oid, 0) i
    where p.pronamespace = to_regnamespace('ai')
  ),
  judged as (
    select t.object,
      case when t.least is null then coalesce(v_made -> 'relations' ? t.name, false)
        -- Another function of that name is allowed if its arguments fit no call that rfqflow makes.
        else exists (
          select from jsonb_to_recordset(v_made -> 'functions') as f(name text, least integer, most integer)
          where f.name = t.name and f.least <= t.most and f.most >= t.least) end as has_our_name
    from there t
  )
  select array_agg(j.object), string_agg(replace(j.object, 'pg_catalog.', ''), ', ' order by j.object) filter (where j.has_our_name)
  into v_foreign, v_clashes
  from judged j
  where case when v_ours is not null then j.object <> all (v_ours) when v_is_installed then not j.has_our_name else true end;
  if v_clashes is not null then
    raise exception 'schema ai has objects that rfqflow did not create, under names that rfqflow needs: %', v_clashes
      using errcode = 'RF009', hint = 'Rename them, or move them to another schema: alter table ai.x set schema y. Or install rfqflow in another database.';
  end if;
  if not v_is_installed and to_regprocedure('public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval)') is not null then
    raise exception 'schema public already has a function submit_rfq with the same arguments as rfqflow''s'
      using errcode = 'RF009', hint = 'Rename it or move it to another schema.';
  end if;
  perform set_config('rfqflow.foreign', jsonb_build_object(
    'objects', coalesce(to_jsonb(v_foreign), '[]'),
    'schema', to_regnamespace('ai') is not null and case
      when v_ours is not null then 'schema ai' <> all (v_ours)
      when v_is_installed then v_foreign is not null
      else true end)::text, false);

  begin
    v_given := nullif(current_setting('rfqflow.mapping', true), '')::jsonb;
  exception when invalid_text_representation then
    raise exception 'the mapping is not valid JSON' using errcode = 'RF005', hint = 'For example {"table": "sales.inquiry", "columns": {"id": "no"}}.';
  end;
  if to_regclass('ai.table_mapping') is not null then
    select m.declared, m.table_name into v_stored, v_stored_table from ai.table_mapping m;
  end if;
  v_declared := coalesce(v_given, v_stored, '{}');

  -- The mapping itself.
  if jsonb_typeof(v_declared) <> 'object' or coalesce(jsonb_typeof(v_declared -> 'columns'), 'object') <> 'object' then
    raise exception 'the mapping must be an object' using errcode = 'RF005',
      hint = 'For example {"table": "sales.inquiry", "columns": {"id": "no"}}.';
  end if;
  select x.key into v_found
  from (
    select k as key, k in ('table', 'ai_columns', 'columns', 'attachments') as known from jsonb_object_keys(v_declared) k
    union all
    select 'columns.' || c, c in ('id', 'created_at', 'request_id', 'name', 'email', 'company', 'phone', 'source_ip', 'message', 'metadata')
    from jsonb_object_keys(coalesce(v_declared -> 'columns', '{}')) c
  ) x where not x.known order by 1 limit 1;
  if found then
    raise exception 'unknown key in the mapping: %', v_found.key using errcode = 'RF005',
      hint = 'Known keys: table, ai_columns, attachments, columns; in columns: id, created_at, request_id, name, email, company, phone, source_ip, message, metadata.';
  end if;
  v_ai_columns := coalesce(v_declared ->> 'ai_columns', 'table');
  if v_ai_columns not in ('table', 'enrichment') then
    raise exception 'the mapping''s ai_columns cannot be %', v_ai_columns using errcode = 'RF005',
      hint = 'Use table (answers go into columns ai_* of your table) or enrichment (answers go into ai.enrichment).';
  end if;
  v_default := v_declared - 'attachments' = '{}';

  -- The mapped table.
  v_name := coalesce(v_declared ->> 'table', 'public.rfq_requests');
  begin
    v_table := to_regclass(v_name);
  exception when invalid_name or syntax_error then
    v_table := null;
  end;
  if v_table is null then
    if not v_default then
      raise exception 'table % not found', v_name using errcode = 'RF005',
        hint = 'Name it with its schema, quoted as in SQL: sales.inquiry, public."Inquiry".';
    end if;
    if not coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'create'), false) then
      raise exception 'table public.rfq_requests does not exist, and % may not create it', current_user
        using errcode = 'insufficient_privilege',
              hint = format('Create the table first, or allow it: grant create on schema public to %I', current_user);
    end if;
  else
    select format('%I.%I', n.nspname, c.relname), c.relkind, c.relowner into v_name, v_kind, v_owner
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = v_table;
    if v_kind not in ('r', 'p') then
      raise exception '% is not a table', v_name
        using errcode = case when v_default then 'wrong_object_type' else 'RF005' end,
              hint = 'rfqflow needs triggers with transition tables: only a table can have them.';
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
        -- For a domain, uses its base type.
        when b.oid in ('uuid'::regtype, 'smallint'::regtype, 'integer'::regtype, 'bigint'::regtype) and t.typtype <> 'd' then 'key'
        when b.oid in ('timestamptz'::regtype, 'timestamp'::regtype, 'date'::regtype) then 'time'
        when b.oid in ('inet'::regtype, 'cidr'::regtype) then 'address'
        when b.oid in ('jsonb'::regtype, 'json'::regtype) then 'jsonb'
        when b.typcategory = 'S' then 'text'
      end as kind, b.typcategory in ('S', 'N', 'E') or b.oid = 'uuid'::regtype as is_texty, t.oid = 'uuid'::regtype as is_uuid
    into v_found
    from pg_attribute a
    join pg_type t on t.oid = a.atttypid
    join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
    where a.attrelid = v_table and a.attname = v_mine.mapped and a.attnum > 0 and not a.attisdropped;
    -- The application may change its other columns later: rfqflow looks them up by name, and casts them.
    continue when v_declared = v_stored and v_mine.name not in ('id', 'message')
      and (v_found.attnum is null or v_found.is_generated or v_found.kind is distinct from v_mine.kind);
    if v_default then
      continue when v_table is null or v_found.attnum is null and v_mine.name not in ('id', 'message');
      if v_mine.name = 'id' and v_found.is_uuid is not true then
        raise exception '% has no column id of type uuid', v_name using errcode = 'undefined_column',
          hint = 'rfqflow identifies an RFQ by a uuid. Add such a column with a unique index, or map another key: rfqflow migrate --map.';
      end if;
      if v_mine.name = 'message' and v_found.kind is distinct from 'text' then
        raise exception '% has no column message of type text', v_name using errcode = 'undefined_column',
          hint = 'rfqflow enriches the text of the request. Add the column, or map the one that holds it: rfqflow migrate --map.';
      end if;
    elsif v_mine.mapped = '' then
      continue when v_mine.name not in ('id', 'message', 'created_at')
        or v_mine.name = 'created_at' and v_ai_columns = 'table' and v_declared -> 'columns' ->> 'created_at' = '';
      raise exception 'the mapping names no column of % for %', v_name, v_mine.name using errcode = 'RF005',
        hint = case v_mine.name
          when 'id' then 'Name the table''s key under [columns], for example id = "inquiry_no".'
          when 'message' then 'Name the column with the text of the request under [columns], for example message = "body".'
          else format('Name the column with the time of submission under [columns], or add one: alter table %s add column created_at timestamptz; alter table %s alter column created_at set default now()', v_name, v_name)
        end;
    elsif v_found.attnum is null then
      raise exception '% has no column %, which is mapped as %', v_name, v_mine.mapped, v_mine.name using errcode = 'RF005',
        hint = 'Name the column exactly as the table has it, case included; use "" if it has none.';
    end if;
    if v_found.kind is distinct from v_mine.kind and not coalesce(v_mine.name not in ('id', 'message') and case v_mine.kind
      when 'text' then v_found.is_texty else v_found.kind = 'text' end, false)
    then
      raise exception 'column % has type %, which does not fit %', v_name || '.' || v_mine.mapped, v_found.type, v_mine.name
        using errcode = case when v_default then 'datatype_mismatch' else 'RF005' end,
          hint = case v_mine.kind
            when 'key' then 'A key must be a uuid, smallint, integer or bigint. Add a column of type uuid with a default and a unique index, and map it.'
            when 'time' then 'It must be timestamptz, or timestamp or date (read as UTC), or a text with a time.'
            when 'address' then 'It must be inet, or a text. Map another column, or none: source_ip = "".'
            when 'jsonb' then 'It must be jsonb, json, or a text. Map another column, or none: metadata = "".'
            else format('It must be text, varchar or a similar type. Map another column%s.',
              case when v_mine.name <> 'message' then format(', or none: %s = ""', v_mine.name) else '' end)
          end;
    end if;
    if v_found.is_generated then
      raise exception '% is a generated column, which does not fit %', v_name || '.' || v_mine.mapped, v_mine.name using errcode = 'RF005',
        hint = 'An erasure must write to the column: map a column from which this one is computed.';
    end if;
    if v_mine.name = 'id' then
      -- In a partitioned table, a unique index includes the partition key. A partition may also have a unique index of its own.
      v_id_is_unique := exists (
          select from pg_index i
          where i.indrelid = v_table and i.indkey[0] = v_found.attnum and i.indisunique and i.indnkeyatts = 1
            and i.indisvalid and i.indpred is null)
        and (v_kind = 'p' or not exists (select from pg_inherits h where h.inhparent = v_table));
      v_key_type := case when v_found.is_uuid then 'uuid' else 'number' end;
      if not v_default and not (v_found.attnotnull and exists (
        select from pg_index i
        where i.indrelid = v_table and i.indkey[0] = v_found.attnum and i.indisvalid and i.indpred is null
          -- In a partitioned table, a unique index includes the partition key.
          and (v_kind = 'p' or i.indisunique and i.indnkeyatts = 1)))
      then
        raise exception '% is not a key: it may be null, or not unique', v_name || '.' || v_mine.mapped using errcode = 'RF005',
          hint = format('Map the table''s key, or make this column one: create unique index concurrently on %s (%I); alter table %s alter column %I set not null',
            v_name, v_mine.mapped, v_name, v_mine.mapped);
      end if;
      if v_key_type = 'number' then
        -- The uuid keeps the digits readable. Uses built-in functions only, so that the index does not depend on rfqflow.
        v_key := 'lpad(translate(%s::text, ''-'', ''f''), 32, ''0'')::uuid';
      end if;
    end if;
  end loop;
  v_key_type := coalesce(v_key_type, 'uuid');

  -- An erasure would write such a column twice.
  select c.value #>> '{}' as name into v_found from jsonb_each(v_columns) c
  where c.value <> 'null' group by 1 having count(*) > 1 limit 1;
  if found then
    raise exception 'column %.% is mapped twice', v_name, v_found.name using errcode = 'RF005', hint = 'Map each column once.';
  end if;

  -- Checks columns ai_* that the table already has.
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

  -- The index that finds a numeric key by the uuid made of it. For a small table, the migration itself builds the index.
  if v_key_type = 'number' and not exists (
    select from pg_index i
    where i.indrelid = v_table and i.indisvalid and i.indpred is null
      and pg_get_expr(i.indexprs, i.indrelid) = format('(lpad(translate((%I)::text, ''-''::text, ''f''::text), 32, ''0''::text))::uuid', v_columns ->> 'id'))
  then
    v_index := format('create index on %s ((%s))', v_name, format(v_key, quote_ident(v_columns ->> 'id')));
    if (
      select sum(pg_relation_size(t.relid)) from (
        select v_table as relid union select p.relid from pg_partition_tree(v_table) p) t) > 4194304
    then
      raise exception 'the key of % is a number, and no index finds a row by the uuid made of it', v_name using errcode = 'RF005',
        hint = case v_kind when 'r' then 'Build it without blocking inserts, then migrate again: ' || replace(v_index, 'create index on', 'create index concurrently on')
          else 'Build it for each partition, as PostgreSQL''s manual describes for CREATE INDEX, then migrate again: ' || v_index end;
    end if;
  end if;

  -- Missing columns. rfqflow adds the application's columns only to public.rfq_requests, and only if no mapping names that table. A column
  -- that the application has dropped stays dropped.
  select coalesce(jsonb_agg(jsonb_build_object('name', w.name, 'type', w.type, 'default', w.by_default) order by w.place), '[]')
  into v_missing
  from (values
    (1, 'created_at', 'timestamptz', 'now()', false), (2, 'request_id', 'text', 'gen_random_uuid()::text', false),
    (3, 'idempotency_key', 'text', null, false), (4, 'name', 'text', null, false), (5, 'email', 'text', null, false),
    (6, 'company', 'text', null, false), (7, 'phone', 'text', null, false), (8, 'source_ip', 'inet', null, false),
    (9, 'metadata', 'jsonb', '''{}''', false),
    (10, 'ai_status', 'text', '''pending''', true), (11, 'ai_reason', 'text', null, true), (12, 'ai_review', 'text', null, true),
    (13, 'ai_summary', 'text', null, true), (14, 'ai_tags', 'text[]', null, true), (15, 'ai_route', 'text', null, true),
    (16, 'ai_urgency', 'text', null, true), (17, 'ai_confidence', 'real', null, true), (18, 'ai_extracted', 'jsonb', null, true),
    (19, 'ai_content_sha256', 'bytea', null, true), (20, 'ai_prompt_version', 'text', null, true), (21, 'ai_model', 'text', null, true),
    (22, 'ai_updated_at', 'timestamptz', null, true)) as w(place, name, type, by_default, is_ours)
  where v_table is not null
    and case when w.is_ours then v_ai_columns = 'table'
      else v_default and (v_stored_table, v_stored - 'attachments') is distinct from (v_name, '{}'::jsonb) end
    and not exists (select from pg_attribute a where a.attrelid = v_table and a.attname = w.name and not a.attisdropped);

  -- rfqflow's tables refer to RFQs by their ids in the mapped table.
  if v_stored_table is not null then
    if exists (
        select from ai.table_mapping m
        where (m.table_name, m.key_type, m.ai_columns, m.columns ->> 'id')
          is distinct from (v_name, v_key_type, v_ai_columns, v_columns ->> 'id'))
    then
      if exists (select from ai.rag_runs) or exists (select from ai.outbox) or exists (select from ai.outbox_deferred)
        or exists (select from ai.outbox_dead) or exists (select from ai.outbox_missed) or exists (select from ai.overrides)
        or exists (select from ai.enrichment)
      then
        raise exception 'rfqflow has data about RFQs of %: table, key and ai_columns can no longer change', v_stored_table
          using errcode = 'RF005', hint = 'Only the names of the other columns can change. For another table, use another database.';
      end if;
    end if;
  end if;

  v_triggers := array['rfqflow_enqueue', 'rfqflow_enqueue_edited'] || case v_ai_columns
    when 'table' then array['rfqflow_guard_insert', 'rfqflow_guard_update'] else array['rfqflow_forget'] end
    || case when v_id_is_unique then '{}' else array['rfqflow_register'] end;
  if v_table is not null and not pg_has_role(v_owner, 'usage') and (v_missing <> '[]' or v_index is not null or (
    select count(*) from pg_trigger where tgrelid = v_table and tgname = any (v_triggers)) < cardinality(v_triggers))
  then
    raise exception '% belongs to another role, %', v_name, v_owner::regrole
      using errcode = 'insufficient_privilege',
            hint = format('Run the migration as the table''s owner, or: grant %s to %I', v_owner::regrole, current_user);
  end if;

  -- What an earlier migrate left. absent: there was none. attached: rfqflow is on this table. elsewhere: rfqflow is on another table or on
  -- none, after a detach or after a swap of tables by name.
  if not v_is_installed then
    v_place := 'absent';
  elsif to_regclass('ai.table_mapping') is null or to_regclass('ai.rfqs') is null then
    v_place := 'elsewhere';
  else
    v_place := case when v_stored_table = v_name and exists (
      select from pg_rewrite w join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
      where w.ev_class = to_regclass('ai.rfqs') and d.refclassid = 'pg_class'::regclass and d.refobjid = v_table)
      then 'attached' else 'elsewhere' end;
  end if;

  perform set_config('rfqflow.attach', jsonb_build_object(
    'place', v_place,
    'declared', v_declared, 'table', v_name, 'key_type', v_key_type, 'key', v_key, 'columns', v_columns,
    'ai_columns', v_ai_columns, 'id_is_unique', v_id_is_unique, 'missing', v_missing, 'index', v_index,
    -- True if RFQs may have been inserted that nothing enqueued, or whose ids nothing recorded.
    'is_unswept', v_place = 'elsewhere' or not v_id_is_unique and not exists (
      select from pg_trigger t where t.tgrelid = v_table and t.tgname = 'rfqflow_register'),
    'triggers', to_jsonb(v_triggers))::text, false);
end
$$;
