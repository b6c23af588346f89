-- The application's table: created if absent; on one that exists the missing columns are added and nothing else is
-- touched, and of a table that is mapped only the columns ai_*. Columns are added without a default first, so that no
-- row is rewritten. The exclusive lock is asked for with a short timeout, again and again: while it waits, inserts queue
-- up behind it, so it never waits longer than 50 ms. Re-applied on each migrate; takes no lock when nothing is missing.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- attach/10_check.sql left it there
  v_table constant text := v_attach ->> 'table';
  v_absent constant boolean := to_regclass(v_table) is null;
  -- What the application has dropped since is not added again.
  v_known constant boolean := exists (select from ai.table_mapping m where m.table_name = v_attach ->> 'table' and m.declared = '{}');
  v_relation regclass;
  v_missing text[];
  v_statements text[] := '{}';
  v_one text;
  v_tries integer := 0;
  v_patience constant text := current_setting('lock_timeout');
begin
  insert into ai.table_mapping as m (declared, table_name, key_type, columns, ai_columns, attached_at)
  values (
    v_attach -> 'declared', v_table, v_attach ->> 'key_type', v_attach -> 'columns', v_attach ->> 'ai_columns',
    (select min(l.applied_at) from ai.rfqflow_migration l))
  on conflict (one) do update
  set declared = excluded.declared, table_name = excluded.table_name, key_type = excluded.key_type, columns = excluded.columns,
      ai_columns = excluded.ai_columns,
      -- What another table holds already is older than this.
      attached_at = case when m.table_name = excluded.table_name then m.attached_at else clock_timestamp() end
  where (m.declared, m.table_name, m.key_type, m.columns, m.ai_columns)
    is distinct from (excluded.declared, excluded.table_name, excluded.key_type, excluded.columns, excluded.ai_columns);

  if v_absent then
    create table public.rfq_requests (
      id                uuid primary key default gen_random_uuid(),
      created_at        timestamptz not null default now(),
      request_id        text default gen_random_uuid()::text,
      idempotency_key   text,
      name              text,
      email             text,
      company           text,
      phone             text,
      source_ip         inet,
      message           text not null,
      metadata          jsonb not null default '{}',
      ai_status         text default 'pending',
      ai_reason         text,
      ai_review         text,
      ai_summary        text,
      ai_tags           text[],
      ai_route          text,
      ai_urgency        text,
      ai_confidence     real,
      ai_extracted      jsonb,
      ai_content_sha256 bytea,
      ai_prompt_version text,
      ai_model          text,
      ai_updated_at     timestamptz
    ) with (fillfactor = 70);  -- room for the answer on the same page: the write-back stays a HOT update
    if to_regclass('public.rfq_requests_created_at') is null then
      create index rfq_requests_created_at on public.rfq_requests (created_at);
      comment on index public.rfq_requests_created_at is 'Serves lists by time.';
    else  -- of a table that had this name
      create index on public.rfq_requests (created_at);
    end if;
    comment on table public.rfq_requests is
      'Requests for quotation. The application inserts; the columns ai_* are rfqflow''s and say what AI made of it.';
    comment on column public.rfq_requests.id is 'Identifies the RFQ.';
    comment on column public.rfq_requests.created_at is 'When it was submitted.';
    comment on column public.rfq_requests.request_id is 'The application''s own id for tracing, else a fresh one.';
    comment on column public.rfq_requests.idempotency_key is 'The application''s key for one submission; kept, not enforced here.';
    comment on column public.rfq_requests.name is 'Sender.';
    comment on column public.rfq_requests.email is 'Sender''s address.';
    comment on column public.rfq_requests.company is 'Sender''s company.';
    comment on column public.rfq_requests.phone is 'Sender''s phone.';
    comment on column public.rfq_requests.source_ip is 'Where the form was sent from.';
    comment on column public.rfq_requests.message is 'The request itself.';
    comment on column public.rfq_requests.metadata is
      'Free for the application. Known keys: ai_opt_out (true: no AI), honeypot (text in a hidden field), form_seconds (time to fill the form in), traceparent (W3C).';
  end if;
  v_relation := v_table::regclass;

  with wanted as (
    select c.name, c.type, c.by_default
    from (values
      -- The application's: added to public.rfq_requests only, unless it is mapped.
      ('created_at', 'timestamptz', 'now()', false), ('request_id', 'text', 'gen_random_uuid()::text', false),
      ('idempotency_key', 'text', null, false), ('name', 'text', null, false), ('email', 'text', null, false),
      ('company', 'text', null, false), ('phone', 'text', null, false), ('source_ip', 'inet', null, false),
      ('metadata', 'jsonb', '''{}''', false),
      ('ai_status', 'text', '''pending''', true), ('ai_reason', 'text', null, true), ('ai_review', 'text', null, true),
      ('ai_summary', 'text', null, true), ('ai_tags', 'text[]', null, true), ('ai_route', 'text', null, true),
      ('ai_urgency', 'text', null, true), ('ai_confidence', 'real', null, true), ('ai_extracted', 'jsonb', null, true),
      ('ai_content_sha256', 'bytea', null, true), ('ai_prompt_version', 'text', null, true), ('ai_model', 'text', null, true),
      ('ai_updated_at', 'timestamptz', null, true)) as c(name, type, by_default, is_ours)
    where case when c.is_ours then v_attach ->> 'ai_columns' = 'table'
        else v_attach -> 'declared' = '{}' and (c.name = 'created_at' or not v_known) end
      and not exists (
        select from pg_attribute a where a.attrelid = v_relation and a.attname = c.name and not a.attisdropped)
  )
  select array_agg(w.name),
    array_agg(format('alter table %s add column %s %s', v_table, w.name, w.type))
      || array_agg(format('alter table %s alter column %s set default %s', v_table, w.name, w.by_default))
        filter (where w.by_default is not null)
  into v_missing, v_statements
  from wanted w;

  -- Small, or attach/10_check.sql would have asked for it to be built beforehand.
  if v_attach ->> 'key_type' = 'number' and not exists (
    select from pg_index i
    where i.indrelid = v_relation and i.indisvalid and i.indpred is null
      and pg_get_expr(i.indexprs, i.indrelid) = format('(lpad(translate((%I)::text, ''-''::text, ''f''::text), 32, ''0''::text))::uuid', v_attach -> 'columns' ->> 'id'))
  then
    v_statements := v_statements || format('create index on %s ((%s))', v_table,
      format(v_attach ->> 'key', quote_ident(v_attach -> 'columns' ->> 'id')));
  end if;

  if cardinality(v_statements) > 0 then
    if not pg_has_role((select relowner from pg_class where oid = v_relation), 'usage') then
      raise exception '% belongs to another role, and it lacks %', v_table,
        coalesce('the columns ' || array_to_string(v_missing, ', '), 'an index')
        using errcode = 'insufficient_privilege',
              hint = 'Run the migration as the table''s owner, or grant that role to this one.';
    end if;
    loop
      begin
        perform set_config('lock_timeout', '50ms', true);
        execute format('lock table %s in %s mode', v_table, case when v_missing is null then 'share' else 'access exclusive' end);
        foreach v_one in array v_statements loop
          execute v_one;
        end loop;
        exit;
      exception when lock_not_available then
        v_tries := v_tries + 1;
        if v_tries >= 600 then
          raise exception '% could not be locked for 50 ms in % tries', v_table, v_tries
            using errcode = 'lock_not_available',
                  hint = 'A long transaction holds it: see pg_stat_activity, then migrate again.';
        end if;
        perform pg_sleep(0.05 + 0.15 * random());
      end;
    end loop;
    perform set_config('lock_timeout', v_patience, true);
  end if;

  if v_absent or v_missing && array['ai_status', 'ai_model'] then
    for v_one in
      select format('comment on column %s.%I is %L', v_table, a.attname, col_description(a.attrelid, a.attnum)
        || case a.attname when 'ai_status' then ' Null: older than the installation.' else '' end)
      from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%'
    loop
      execute v_one;
    end loop;
  end if;
end
$$;

create or replace function ai.inet_of(p_text text)
returns inet
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_text::inet;
exception when data_exception then
  return null;
end
$$;
comment on function ai.inet_of(text) is 'The address that a text is; null where it is none: the application may keep its addresses as it likes.';

create or replace function ai.jsonb_of(p_text text)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  return p_text::jsonb;
exception when data_exception or program_limit_exceeded then
  return null;
end
$$;
comment on function ai.jsonb_of(text) is
  'The jsonb that a text is; null where it is none, or more than jsonb holds: the application may keep its metadata as it likes.';

-- The one place that knows the application's columns for reading and writing answers; a view this simple can be updated
-- and locked through (with ai.enrichment, by its trigger). It comes before the functions, which know it only by name.
-- It depends on the key, the message, created_at and ai_* alone: the application may change the type of its other columns
-- and drop them. Those are read by functions, which look them up by name when they run.
do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');
  v_table constant text := v_attach ->> 'table';
  v_names constant jsonb := v_attach -> 'columns';
  v_key constant text := format(v_attach ->> 'key', 'r.' || quote_ident(v_names ->> 'id'));
  -- PostgreSQL checks no byte of a text in SQL_ASCII, and asyncpg reads UTF-8.
  v_unchecked constant boolean := getdatabaseencoding() = 'SQL_ASCII';
  v_created_at text;
  v_message text;
  v_status text := 'r.ai_status';
  v_answer text;
  v_from text;
  v_texts text[];
  -- Where an id may occur twice, the row that came second is none of ours: see ai.register_rfq.
  v_kept constant text := case
    when (v_attach ->> 'id_is_unique')::boolean then ''
    when v_attach ->> 'ai_columns' = 'table' then ' and r.ai_reason is distinct from ''duplicate_id'''
    else format(' and not exists (select from ai.refused_rows x where x.rfq_id = %s and x.part = r.tableoid and x.place = r.ctid)', v_key)
  end;
begin
  select 'r.' || quote_ident(a.attname) || case a.atttypid when 'timestamp'::regtype then ' at time zone ''UTC''' else '' end
  into v_created_at
  from pg_attribute a where a.attrelid = v_table::regclass and a.attname = v_names ->> 'created_at' and not a.attisdropped;
  -- No text is no more than an empty one; only an RFQ that is gone has none.
  select format(case when a.attnotnull then '%s' else 'coalesce(%s, '''')' end,
    'r.' || quote_ident(a.attname) || case a.atttypid when 'text'::regtype then '' else '::text' end)
  into v_message
  from pg_attribute a where a.attrelid = v_table::regclass and a.attname = v_names ->> 'message' and not a.attisdropped;
  if v_attach ->> 'ai_columns' = 'enrichment' then
    -- Not joined: what is joined from the outside can not be locked.
    v_status := format(
      'coalesce((select e.ai_status from ai.enrichment e where e.rfq_id = %1$s), case when %2$s >= (select m.attached_at from ai.table_mapping m where m.one) then ''pending'' end)',
      v_key, v_created_at);
  end if;
  v_answer := (
    select string_agg(
      case
        when v_attach ->> 'ai_columns' = 'table' then format('r.%1$s', a.attname)
        when a.attname = 'ai_status' then v_status || ' as ai_status'
        else format('(select e.%1$s from ai.enrichment e where e.rfq_id = %2$s) as %1$s', a.attname, v_key)
      end, ', ' order by a.attnum)
    from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%');

  -- A name that the table does not have any more is found one level further out, in d: as a null.
  v_from := v_table || ' r ' || coalesce((
      select format('cross join (values (%s)) d(%s) ', string_agg('null::text', ', '), string_agg(quote_ident(c.value), ', '))
      from jsonb_each_text(v_names) c
      where c.key not in ('id', 'message', 'created_at') and c.value is not null
      having count(*) > 0), '')
    || format('cross join lateral (select %s from (select r.*) x) f', (
      select string_agg(format('%s as %I', case
          when v_names ->> c.name is null then 'null::text'
          when c.name = 'source_ip' then format('split_part(%I::text, ''/'', 1)', v_names ->> c.name)
          when c.name = 'metadata' then format(
            'case when pg_typeof(%1$I) = ''jsonb''::regtype then to_jsonb(%1$I) else ai.jsonb_of(%1$I::text) end', v_names ->> c.name)
          else format('%I::text', v_names ->> c.name) end
        || case when c.name = 'metadata' and v_names ->> c.name is null then '::jsonb' else '' end, c.name), ', ')
      from unnest(array['request_id', 'name', 'email', 'company', 'phone', 'source_ip', 'metadata']) c(name)));
  v_texts := array(
    select format(case when v_unchecked then 'ai.readable(left(f.%1$s, %2$s))' else 'left(f.%1$s, %2$s)' end, c.name, c.most)
    from (values (1, 'request_id', 200), (2, 'name', 1000), (3, 'email', 1000), (4, 'company', 1000), (5, 'phone', 200),
      (6, 'source_ip', 50)) as c(place, name, most) order by c.place);

  execute format(
    $make$
      create or replace function ai.rfq_text(p_rfq_id uuid, p_column text)
      returns text
      language plpgsql stable security definer  -- whoever reads ai.rfqs needs no right on the application's table
      set search_path = pg_catalog, pg_temp
      as $body$
      begin
        return (
          select case p_column when 'request_id' then %4$s when 'name' then %5$s when 'email' then %6$s
            when 'company' then %7$s when 'phone' then %8$s when 'source_ip' then %9$s end
          from %1$s
          where %3$s = p_rfq_id%10$s
          limit 1);
      end
      $body$;

      create or replace function ai.rfq_metadata(p_rfq_id uuid)
      returns jsonb
      language plpgsql stable security definer  -- as ai.rfq_text
      set search_path = pg_catalog, pg_temp
      as $body$
      begin
        return (
          select f.metadata
          from %1$s
          where %3$s = p_rfq_id%10$s
          limit 1);
      end
      $body$;

      create or replace function ai.rfq_contacts(p_rfq_ids uuid[])
      returns table (place bigint, rfq_id uuid, request_id text, name text, email text, company text, phone text, source_ip text)
      language plpgsql stable security definer  -- as ai.rfq_text
      rows 100
      set search_path = pg_catalog, pg_temp
      set enable_seqscan = off
      set enable_bitmapscan = off
      set jit = off
      set plan_cache_mode = force_generic_plan
      as $body$
      #variable_conflict use_column
      begin
        return query
          select g.place, g.rfq_id, %2$s
          from unnest(p_rfq_ids) with ordinality as g(rfq_id, place)
          left join (%1$s) on %3$s = g.rfq_id%10$s;
      end
      $body$;

      create or replace function ai.rfqs_from(p_email text)
      returns uuid[]
      language plpgsql volatile security definer  -- as ai.erase_person
      set search_path = pg_catalog, pg_temp
      as $body$
      begin
        return array(
          select %3$s
          from %1$s
          where lower(trim(f.email)) = lower(trim(p_email))%10$s
          order by 1
          for no key update of r);
      end
      $body$;
    $make$, v_from, array_to_string(v_texts, ', '), v_key, v_texts[1], v_texts[2], v_texts[3], v_texts[4], v_texts[5], v_texts[6], v_kept);

  execute format(
    $make$
      create or replace function ai.rfq_fields(p_rfq_ids uuid[], p_octets bigint)
      returns table (
        place bigint, rfq_id uuid, octets bigint, request_id text, name text, email text, company text, phone text,
        source_ip text, message text, is_cut boolean, metadata text, content_sha256 bytea, ai_status text,
        created_at timestamptz)
      language plpgsql stable security definer  -- as ai.rfq_text
      rows 100
      set search_path = pg_catalog, pg_temp
      set enable_seqscan = off
      set enable_bitmapscan = off
      set jit = off
      set plan_cache_mode = force_generic_plan
      as $body$
      #variable_conflict use_column
      begin%9$s
        return query
          select g.place, g.rfq_id, k.octets, %2$s,
            case when k.octets <= 32768 then %10$s when k.octets <= p_octets then ai.cut_text(%10$s, 96000) end,
            case when k.octets > 96000 and k.octets <= p_octets then char_length(%4$s) > 96000 else false end,
            case when f.metadata ?| array['ai_opt_out', 'honeypot', 'form_seconds', 'traceparent'] then jsonb_strip_nulls(jsonb_build_object(
              'ai_opt_out', case when f.metadata -> 'ai_opt_out' = 'true' then true end,
              'honeypot', case when f.metadata -> 'honeypot' not in ('null', 'false', '0', '""', '[]', '{}') then true end,
              'form_seconds', case when jsonb_typeof(f.metadata -> 'form_seconds') = 'number' then
                case when (f.metadata -> 'form_seconds')::numeric between 0 and 1000000 then round((f.metadata -> 'form_seconds')::numeric, 3) end end,
              'traceparent', case when jsonb_typeof(f.metadata -> 'traceparent') = 'string' then left(f.metadata ->> 'traceparent', 100) end))::text
            end,
            case when k.octets <= p_octets then sha256(convert_to(%4$s, %5$L)) end,
            %6$s, %7$s
          from unnest(p_rfq_ids) with ordinality as g(rfq_id, place)
          left join (%1$s
            cross join lateral (select octet_length(%4$s)::bigint as octets) k) on %3$s = g.rfq_id%8$s;
      end
      $body$;
    $make$, v_from, array_to_string(v_texts, ', '), v_key, v_message, case when v_unchecked then 'SQL_ASCII' else 'UTF8' end,
    v_status, v_created_at, v_kept,
    case when v_kept <> '' then format('
        if exists (
          select from unnest(p_rfq_ids) g(rfq_id)
          where (select count(*) from %1$s r where %2$s = g.rfq_id%3$s) > 1)
        then
          raise exception ''two RFQs have one id'' using errcode = ''RF006'';
        end if;', v_table, v_key, v_kept) else '' end,
    format(case when v_unchecked then 'convert_from(convert_to(%s, ''UTF8''), ''SQL_ASCII'')' else '%s' end, v_message));

  execute format(
    $view$
      create or replace view ai.rfqs as
      select
        %1$s as rfq_id,
        r.ctid as place,
        %2$s as created_at,
        ai.rfq_text(%1$s, 'request_id') as request_id,
        ai.rfq_text(%1$s, 'name') as name,
        ai.rfq_text(%1$s, 'email') as email,
        ai.rfq_text(%1$s, 'company') as company,
        ai.rfq_text(%1$s, 'phone') as phone,
        ai.inet_of(ai.rfq_text(%1$s, 'source_ip')) as source_ip,
        %3$s as message,
        ai.rfq_metadata(%1$s) as metadata,
        sha256(convert_to(%3$s, %4$L)) as content_sha256,
        %5$s,
        %6$s as rfq_number,
        r.tableoid as part
      from %7$s r%8$s
    $view$,
    v_key, v_created_at, v_message, case when v_unchecked then 'SQL_ASCII' else 'UTF8' end, v_answer,
    case v_attach ->> 'key_type' when 'number' then format('r.%I::bigint', v_names ->> 'id') else 'null::bigint' end,
    v_table, case when v_kept <> '' then ' where true' || v_kept else '' end);
end
$$;

comment on function ai.rfq_text(uuid, text) is
  'One of request_id, name, email, company, phone, source_ip of an RFQ, as text and bounded; null where the table has no such column.';
comment on function ai.rfq_metadata(uuid) is 'The metadata of an RFQ; null where the table has no such column.';
comment on function ai.rfq_contacts(uuid[]) is 'What ai.rfq_text tells, of many RFQs at once; nulls where one is gone.';
comment on function ai.rfqs_from(text) is 'Locks the RFQs that came from this address, in any case of its letters, and returns their ids. For ai.erase_person.';
comment on function ai.rfq_fields(uuid[], bigint) is
  'What a claim carries of each RFQ: texts and the known keys of metadata, bounded; of a message longer than 96,000 characters head and tail (is_cut). message and content_sha256 are null where the message has more than p_octets; all is null where the RFQ is gone. One RFQ that can not be read fails them all: see ai.read_rfqs.';
comment on view ai.rfqs is
  'The RFQs as rfqflow''s functions see them: the mapping from the application''s table. Holds personal data: granted to nobody.';
