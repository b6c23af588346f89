-- Checks the table of attachments, as attach/10_check.sql checks the table of RFQs. This file refuses a mapping that cannot work, and
-- changes nothing. It adds its findings to the setting rfqflow.attach. Without a mapping, the table is public.rfq_attachments, which
-- migrate creates if absent. If a table of that name exists and does not fit, rfqflow ignores it.
--   {"attachments": {"table": "sales.inquiry_file", "columns": {"rfq_id": "inquiry_no", "content": "data"}}}
-- To turn attachments off: {"attachments": {"table": ""}}.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');
  v_given constant jsonb := v_attach -> 'declared' -> 'attachments';
  v_is_mapped constant boolean := v_given is not null;
  v_rfqs constant regclass := to_regclass(v_attach ->> 'table');
  v_name text;
  v_table regclass;
  v_owner oid;
  v_mine record;
  v_found record;
  v_columns jsonb := '{}';
  v_types jsonb := '{}';
  v_is_number constant boolean := v_attach ->> 'key_type' = 'number';
  v_problem text;
  v_remedy text;
  v_is_made boolean := false;
begin
  if coalesce(jsonb_typeof(v_given), 'object') <> 'object' or coalesce(jsonb_typeof(v_given -> 'columns'), 'object') <> 'object' then
    raise exception 'the mapping''s attachments must be an object' using errcode = 'RF005',
      hint = 'For example {"attachments": {"table": "sales.inquiry_file", "columns": {"rfq_id": "inquiry_no"}}}. To turn attachments off: {"attachments": {"table": ""}}.';
  end if;
  select x.key into v_found
  from (
    select 'attachments.' || k as key, k in ('table', 'columns') as known from jsonb_object_keys(coalesce(v_given, '{}')) k
    union all
    select 'attachments.columns.' || c, c in ('id', 'rfq_id', 'file_name', 'content_type', 'content', 'uri', 'created_at')
    from jsonb_object_keys(coalesce(v_given -> 'columns', '{}')) c
  ) x where not x.known order by 1 limit 1;
  if found then
    raise exception 'unknown key in the mapping: %', v_found.key using errcode = 'RF005',
      hint = 'Known keys: table, columns; in columns: id, rfq_id, file_name, content_type, content, uri, created_at.';
  end if;

  v_name := coalesce(v_given ->> 'table', 'public.rfq_attachments');
  if v_name = '' then
    perform set_config('rfqflow.attach', (v_attach || '{"attachments": null}')::text, false);
    return;
  end if;
  begin
    v_table := to_regclass(v_name);
  exception when invalid_name or syntax_error then
    v_table := null;
  end;
  if v_table is null and not v_is_mapped then
    -- A role that attaches to another owner's table may lack CREATE in schema public. Then rfqflow works without attachments.
    v_problem := case when not coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'create'), false)
      then format('public.rfq_attachments was not created: %s may not create objects in schema public', current_user) end;
    v_remedy := format('grant create on schema public to %I, then migrate again. To turn attachments off, map table = "".', current_user);
    v_is_made := v_problem is null;
    v_columns := '{"id": "id", "rfq_id": "rfq_id", "file_name": "file_name", "content_type": "content_type", "content": "content", "uri": "uri", "created_at": "created_at"}';
    v_types := jsonb_build_object('id', 'bigint', 'rfq_id', coalesce((
      select format_type(case when t.typtype = 'd' then t.typbasetype else t.oid end, null)
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = v_rfqs and a.attname = v_attach -> 'columns' ->> 'id' and not a.attisdropped), 'uuid'));
  elsif v_table is null then
    raise exception 'table % for attachments not found', v_name using errcode = 'RF005',
      hint = 'Name it with its schema, quoted as in SQL: sales.inquiry_file. To turn attachments off, map table = "".';
  else
    select format('%I.%I', n.nspname, c.relname) as name, c.relkind, c.relowner into v_found
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = v_table;
    v_name := v_found.name;
    v_owner := v_found.relowner;
    if v_found.relkind not in ('r', 'p') or v_table = v_rfqs then
      v_problem := format('%s cannot hold attachments', v_name);
      v_remedy := 'rfqflow needs a table with triggers for each row, and not the table of RFQs.';
    end if;
    for v_mine in
      select w.name, w.kind, coalesce(v_given -> 'columns' ->> w.name, a.attname, '') as mapped
      from (values
        (1, 'id', 'key'), (2, 'rfq_id', 'rfq'), (3, 'file_name', 'text'), (4, 'content_type', 'text'), (5, 'content', 'bytes'),
        (6, 'uri', 'text'), (7, 'created_at', 'time')) as w(place, name, kind)
      left join pg_attribute a on a.attrelid = v_table and a.attname = w.name and a.attnum > 0 and not a.attisdropped
      order by w.place
    loop
      exit when v_problem is not null;
      if v_mine.mapped = '' then
        if v_mine.name in ('id', 'rfq_id') then
          v_problem := format('%s has no column for %s', v_name, v_mine.name);
          v_remedy := format('Name it under [attachments.columns], for example %s = "no". To turn attachments off, map table = "".', v_mine.name);
        end if;
        continue;
      end if;
      select a.attnum, a.attnotnull, a.attgenerated <> '' as is_generated, format_type(a.atttypid, a.atttypmod) as type,
        format_type(b.oid, null) as base, case
          when v_mine.kind = 'key' then true
          when v_mine.kind = 'rfq' then case when v_is_number then b.oid in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
            else b.oid = 'uuid'::regtype end
          when v_mine.kind = 'bytes' then b.oid = 'bytea'::regtype
          when v_mine.kind = 'time' then b.oid = 'timestamptz'::regtype
          else b.typcategory = 'S' end as fits
      into v_found
      from pg_attribute a
      join pg_type t on t.oid = a.atttypid
      join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
      where a.attrelid = v_table and a.attname = v_mine.mapped and a.attnum > 0 and not a.attisdropped;
      if v_found.attnum is null then
        v_problem := format('%s has no column %s, which is mapped as %s', v_name, v_mine.mapped, v_mine.name);
        v_remedy := 'Name the column exactly as the table has it, case included; use "" if it has none.';
      elsif not v_found.fits or v_found.is_generated then
        continue when v_mine.name = 'created_at';  -- rfqflow only shows this column
        v_problem := format('%s.%s is %s: rfqflow cannot use it as %s', v_name, v_mine.mapped,
          case when v_found.is_generated then 'a generated column' else 'of type ' || v_found.type end, v_mine.name);
        v_remedy := case v_mine.kind
          when 'rfq' then format('It must be a %s, like the key of %s.', case when v_is_number then 'smallint, integer or bigint' else 'uuid' end, v_attach ->> 'table')
          when 'bytes' then 'It must be bytea. Map another column, or none: content = "".'
          else format('It must be text, varchar or a similar type. Map another column, or none: %s = "".', v_mine.name) end;
      elsif v_mine.name = 'id' and not (v_found.attnotnull and exists (
        select from pg_index i
        where i.indrelid = v_table and i.indkey[0] = v_found.attnum and i.indisvalid and i.indpred is null
          and (i.indisunique and i.indnkeyatts = 1 or (select c.relkind = 'p' from pg_class c where c.oid = v_table))))
      then
        v_problem := format('%s.%s is not a key: it may be null, or not unique', v_name, v_mine.mapped);
        v_remedy := 'Map the key of the table of attachments under [attachments.columns], for example id = "no".';
      elsif v_mine.name = 'rfq_id' and not exists (
        select from pg_index i where i.indrelid = v_table and i.indkey[0] = v_found.attnum and i.indisvalid and i.indpred is null)
      then
        v_problem := format('%s has no index that finds the attachments of an RFQ', v_name);
        v_remedy := format('Build it without blocking inserts, then migrate again: create index concurrently on %s (%I)', v_name, v_mine.mapped);
      end if;
      v_columns := v_columns || jsonb_build_object(v_mine.name, v_mine.mapped);
      v_types := v_types || jsonb_build_object(v_mine.name, v_found.base);
    end loop;
    if v_problem is null and not v_columns ?| array['content', 'uri'] then
      v_problem := format('%s has no column for the content of a file', v_name);
      v_remedy := 'Map a column of type bytea as content, or a text column with the address of the file as uri.';
    end if;
    if v_problem is null and not pg_has_role(v_owner, 'usage') and (
      select count(*) from pg_trigger t where t.tgrelid = v_table and t.tgname in ('rfqflow_file_came', 'rfqflow_file_changed')) < 2
    then
      v_problem := format('%s belongs to another role, %s', v_name, v_owner::regrole);
      v_remedy := format('Run the migration as the table''s owner, or: grant %s to %I', v_owner::regrole, current_user);
    end if;
    if v_problem is not null and v_is_mapped then
      raise exception '%', v_problem using errcode = case when v_problem like '%another role%' then '42501' else 'RF005' end, hint = v_remedy;
    end if;
  end if;
  perform set_config('rfqflow.attach', (v_attach || jsonb_build_object(
    'attachments', case when v_problem is null then jsonb_build_object(
      'table', v_name, 'columns', v_columns, 'types', v_types, 'is_made', v_is_made,
      -- key converts the column of an attachment to rfqflow's rfq_id, and back converts an rfq_id to that column.
      'key', case when v_is_number then 'lpad(translate(%s::text, ''-'', ''f''), 32, ''0'')::uuid' else '%s' end,
      'back', case when v_is_number then format('ai.rfq_number_of(%%s)::%s', v_types ->> 'rfq_id') else '%s' end) end,
    'no_attachments', case when v_problem is not null then jsonb_build_object('why', v_problem, 'remedy', v_remedy) end))::text, false);
end
$$;
