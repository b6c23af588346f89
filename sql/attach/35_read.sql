-- Functions that read the application's table, and the view ai.rfqs. Migrate replaces them.

-- ai.rfqs is the only view that names the application's columns. Functions read and write answers through it: it is simple enough for
-- PostgreSQL to update and lock through it (with ai.enrichment, a trigger writes). This file precedes the functions, which look the view up
-- by name. The view depends only on the key, the message and ai_*, so the application may change and drop its other columns. Functions read
-- the other columns by name when they run.
do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');
  v_table constant text := v_attach ->> 'table';
  v_names constant jsonb := v_attach -> 'columns';
  v_key constant text := format(v_attach ->> 'key', 'r.' || quote_ident(v_names ->> 'id'));
  -- PostgreSQL does not check bytes of a text in SQL_ASCII, and asyncpg reads UTF-8.
  v_unchecked constant boolean := getdatabaseencoding() = 'SQL_ASCII';
  v_time constant text := quote_ident(coalesce(v_names ->> 'created_at', 'created_at'));
  v_message text;
  -- What the attachments add to the hash of an RFQ's content; null if the RFQ never had one. It costs nothing while no RFQ has attachments.
  v_attached constant text := replace($attached$case when (select exists (select from ai.attachment_sets) or exists (select from ai.attachment_changes)) then (
          select bit_xor(x.token)
          from (
            select s.token from ai.attachment_sets s where s.rfq_id = $key$
            union all
            select c.token from ai.attachment_changes c where c.rfq_id = $key$) x) end$attached$, '$key$', v_key);
  v_hash text;
  v_status text := 'r.ai_status';  -- %1$s: when the RFQ was submitted
  v_answer jsonb;  -- by column; %1$s as above
  v_base text; v_created text;
  v_from text; v_timed text;
  v_listed text; v_untimed text;
  v_texts text[];
  -- If the table allows an id twice, the second row is left out: see ai.register_rfq.
  v_kept constant text := case
    when (v_attach ->> 'id_is_unique')::boolean then ''
    when v_attach ->> 'ai_columns' = 'table' then ' and r.ai_reason is distinct from ''duplicate_id'''
    else format(' and not exists (select from ai.refused_rows x where x.rfq_id = %s and x.part = r.tableoid and x.place = r.ctid)', v_key)
  end;
begin
  -- A message that is null counts as empty, since a null here means that the RFQ was deleted.
  select format(case when a.attnotnull then '%s' else 'coalesce(%s, '''')' end,
    'r.' || quote_ident(a.attname) || case a.atttypid when 'text'::regtype then '' else '::text' end)
  into v_message
  from pg_attribute a where a.attrelid = v_table::regclass and a.attname = v_names ->> 'message' and not a.attisdropped;
  v_hash := format('sha256(convert_to(%s, %L))', v_message, case when v_unchecked then 'SQL_ASCII' else 'UTF8' end);
  if v_attach ->> 'ai_columns' = 'enrichment' then
    -- Uses no join, since PostgreSQL cannot lock rows through an outer join.
    v_status := format(
      'coalesce((select e.ai_status from ai.enrichment e where e.rfq_id = %s), case when %s >= (select m.attached_at from ai.table_mapping m where m.one) then ''pending'' end)',
      v_key, '%1$s');
  end if;
  v_answer := (
    select jsonb_object_agg(a.attname, case
        when v_attach ->> 'ai_columns' = 'table' then format('r.%s', a.attname)
        when a.attname = 'ai_status' then v_status
        else format('(select e.%s from ai.enrichment e where e.rfq_id = %s)', a.attname, v_key)
      end)
    from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%');

  -- The name of a column that the table no longer has resolves to the row d, which is null.
  v_created := case when v_names ->> 'created_at' is not null then format('case pg_typeof(%1$s) when ''timestamptz''::regtype then (to_jsonb(%1$s) #>> ''{}'')::timestamptz when ''timestamp''::regtype then (to_jsonb(%1$s) #>> ''{}'')::timestamp at time zone ''UTC'' else ai.time_of(to_jsonb(%1$s) #>> ''{}'') end', v_time) end;
  v_base := v_table || ' r ' || coalesce((
      select format('cross join (values (%s)) d(%s) ', string_agg('null::text', ', '), string_agg(quote_ident(c.value), ', '))
      from jsonb_each_text(v_names) c
      where c.key not in ('id', 'message') and c.value is not null
      having count(*) > 0), '');
  v_from := v_base || format('cross join lateral (select %s from (select r.*) x) f', (
      select string_agg(format('%s as %I', case
          when v_names ->> c.name is null then 'null::text'
          when c.name = 'created_at' then v_created
          when c.name = 'source_ip' then format('split_part(%I::text, ''/'', 1)', v_names ->> c.name)
          when c.name = 'metadata' then format(
            'case when pg_typeof(%1$I) = ''jsonb''::regtype then to_jsonb(%1$I) else ai.jsonb_of(%1$I::text) end', v_names ->> c.name)
          else format('%I::text', v_names ->> c.name) end
        || case when v_names ->> c.name is not null then '' when c.name = 'metadata' then '::jsonb' when c.name = 'created_at' then '::timestamptz' else '' end, c.name), ', ')
      from unnest(array['request_id', 'name', 'email', 'company', 'phone', 'source_ip', 'metadata', 'created_at']) c(name)));
  -- Reads only the time, so that an RFQ with another unreadable column still finishes.
  v_timed := v_base || format('cross join lateral (select (%s)::timestamptz as created_at from (select r.*) x) f', coalesce(v_created, 'null'));
  v_texts := array(
    select format(case when v_unchecked then 'ai.readable(left(f.%1$s, %2$s))' else 'left(f.%1$s, %2$s)' end, c.name, c.most)
    from (values (1, 'request_id', 200), (2, 'name', 1000), (3, 'email', 1000), (4, 'company', 1000), (5, 'phone', 200),
      (6, 'source_ip', 50)) as c(place, name, most) order by c.place);

  execute format(
    $make$
      create or replace function ai.rfq_text(p_rfq_id uuid, p_column text)
      returns text
      language plpgsql stable security definer  -- readers of ai.rfqs have no rights on the application's table
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
      language plpgsql stable security definer  -- callers have no rights on the tables
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
      language plpgsql stable security definer  -- callers have no rights on the tables
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
      language plpgsql volatile security definer  -- callers have no rights on the tables
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

      create or replace function ai.rfq_created_at(p_rfq_id uuid)
      returns timestamptz
      language plpgsql stable security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      as $body$
      begin
        return (
          select f.created_at
          from %12$s
          where %3$s = p_rfq_id%10$s
          limit 1);
      end
      $body$;

      create or replace function ai.rfq_times(p_rfq_ids uuid[])
      returns table (rfq_id uuid, created_at timestamptz)
      language plpgsql stable security definer  -- callers have no rights on the tables
      rows 100
      set search_path = pg_catalog, pg_temp
      set enable_seqscan = off
      set enable_bitmapscan = off
      set jit = off
      set plan_cache_mode = force_generic_plan
      as $body$
      #variable_conflict use_column
      begin
        if exists (select from ai.table_mapping m where m.state = 'detached') then
          perform ai.refuse_detached();
        end if;
        return query
          select %11$s%3$s, f.created_at
          from %12$s
          where %3$s = any (p_rfq_ids)%10$s;
      end
      $body$;
    $make$, v_from, array_to_string(v_texts, ', '), v_key, v_texts[1], v_texts[2], v_texts[3], v_texts[4], v_texts[5], v_texts[6], v_kept,
    case when v_kept <> '' then format('distinct on (%s) ', v_key) else '' end, v_timed);  -- one row per id, even if rows were inserted without the trigger

  execute format(
    $make$
      create or replace function ai.rfq_fields(p_rfq_ids uuid[], p_octets bigint)
      returns table (
        place bigint, rfq_id uuid, octets bigint, request_id text, name text, email text, company text, phone text,
        source_ip text, message text, is_cut boolean, metadata text, content_sha256 bytea, ai_status text,
        created_at timestamptz, attached bigint)
      language plpgsql stable security definer  -- callers have no rights on the tables
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
            case when k.octets <= p_octets then case when t.attached is null then %5$s else sha256(%5$s || int8send(t.attached)) end end,
            %6$s, %7$s, t.attached
          from unnest(p_rfq_ids) with ordinality as g(rfq_id, place)
          left join (%1$s
            cross join lateral (select octet_length(%4$s)::bigint as octets) k
            cross join lateral (select %11$s as attached offset 0) t) on %3$s = g.rfq_id%8$s;
      end
      $body$;
    $make$, v_from, array_to_string(v_texts, ', '), v_key, v_message, v_hash,
    format(v_status, 'f.created_at'), 'f.created_at', v_kept,
    case when v_kept <> '' then format('
        if exists (
          select from unnest(p_rfq_ids) g(rfq_id)
          where (select count(*) from %1$s r where %2$s = g.rfq_id%3$s) > 1)
        then
          raise exception ''two RFQs have one id'' using errcode = ''RF006'';
        end if;', v_table, v_key, v_kept) else '' end,
    format(case when v_unchecked then 'convert_from(convert_to(%s, ''UTF8''), ''SQL_ASCII'')' else '%s' end, v_message), v_attached);

  -- Compares a column of a time type directly, so that PostgreSQL can use its index. PostgreSQL plans only the statement for the column's
  -- type.
  v_listed := format('
          select %1$s, $time$, %2$s, %3$s, %4$s, %5$s, %6$s, %7$s, %8$s, %9$s, %10$s, %11$s, %12$s, %13$s
          from %14$s
          where $bound$%15$s
          order by $order$
          limit $limit$;',
    v_key, v_texts[1], v_texts[2], v_texts[3], v_texts[4], v_message,
    replace(v_answer ->> 'ai_status', '%1$s', 'f.created_at'), v_answer ->> 'ai_review', v_answer ->> 'ai_summary', v_answer ->> 'ai_route',
    v_answer ->> 'ai_reason', v_answer ->> 'ai_model', v_answer ->> 'ai_prompt_version', v_from, v_kept);
  v_untimed := replace(replace(replace(v_listed, '$time$', '''-infinity''::timestamptz'), '$order$', v_key || ' desc'), '$bound$', format(
    '%s < case when v_before > ''-infinity'' then v_last else v_before_id end$and$', v_key));
  v_listed := replace(v_listed, '$limit$', 'p_limit');
  execute format(
    $make$
      create or replace function ai.rfqs_by_time(p_limit bigint, p_before timestamptz, p_before_id uuid, p_within interval)
      returns table (
        rfq_id uuid, created_at timestamptz, request_id text, name text, email text, company text, message text,
        ai_status text, ai_review text, ai_summary text, ai_route text, ai_reason text, ai_model text, ai_prompt_version text)
      language plpgsql stable security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set jit = off
      set plan_cache_mode = force_custom_plan  -- the limit decides whether an index is used
      as $body$
      #variable_conflict use_column
      declare
        v_type oid;
        v_is_nullable boolean;
        v_found bigint := p_limit;
        v_before constant timestamptz := coalesce(p_before, 'infinity');
        v_last constant uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
        v_before_id constant uuid := coalesce(p_before_id, v_last);
        v_since constant timestamptz := coalesce(now() - p_within, '-infinity');
      begin
        if exists (select from ai.table_mapping m where m.state = 'detached') then
          perform ai.refuse_detached();
        end if;
        select a.atttypid, not a.attnotnull into v_type, v_is_nullable
        from pg_attribute a
        where a.attrelid = to_regclass(%1$L) and a.attname = %2$L and a.attnum > 0 and not a.attisdropped;
        if v_type = 'timestamptz'::regtype then
          return query%3$s
        elsif v_type = 'timestamp'::regtype then
          return query%4$s
        elsif v_type = 'date'::regtype then
          return query%5$s
        elsif v_type is null then
          return query%6$s
          return;
        else
          return query%7$s
          return;
        end if;
        get diagnostics v_found = row_count;
        if v_is_nullable and v_found < p_limit then
          return query%13$s
        end if;
      end
      $body$;

      create or replace function ai.rfqs_at(p_from bigint, p_to bigint)
      returns table (rfq_id uuid, part oid, created_at timestamptz, ai_status text, ai_content_sha256 bytea)
      language plpgsql stable security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set enable_seqscan = off  -- reads a range of blocks in order, never the whole table
      set jit = off
      as $body$
      #variable_conflict use_column
      begin
        if exists (select from ai.table_mapping m where m.state = 'detached') then
          perform ai.refuse_detached();
        end if;
        return query
          select %8$s, r.tableoid, f.created_at, %9$s, %10$s
          from %11$s
          where r.ctid >= ('(' || p_from || ',0)')::tid and r.ctid < ('(' || p_to || ',0)')::tid%12$s;
      end
      $body$;
    $make$, v_attach ->> 'table', v_names ->> 'created_at',
    replace(replace(replace(v_listed, '$time$', 'r.' || v_time), '$bound$', format(
      '(r.%1$s, %2$s) < (v_before, v_before_id) and r.%1$s >= v_since', v_time, v_key)), '$order$', format('r.%s desc, %s desc', v_time, v_key)),
    replace(replace(replace(v_listed, '$time$', format('r.%s at time zone ''UTC''', v_time)), '$bound$', format(
      '(r.%1$s, %2$s) < (v_before at time zone ''UTC'', v_before_id) and r.%1$s >= v_since at time zone ''UTC''', v_time, v_key)),
      '$order$', format('r.%s desc, %s desc', v_time, v_key)),
    replace(replace(replace(v_listed, '$time$', 'f.created_at'), '$bound$', format(
      '(r.%1$s, %2$s) < ((v_before at time zone ''UTC'')::date, v_before_id) and r.%1$s >= (v_since at time zone ''UTC'')::date', v_time, v_key)),
      '$order$', format('r.%s desc, %s desc', v_time, v_key)),
    replace(replace(v_untimed, '$and$', ''), '$limit$', 'p_limit'),
    replace(replace(replace(v_listed, '$time$', 'coalesce(f.created_at, ''-infinity'')'), '$bound$', format(
      '(coalesce(f.created_at, ''-infinity''), %s) < (v_before, v_before_id) and (f.created_at is null or f.created_at >= v_since)', v_key)),
      '$order$', '2 desc, 1 desc'),
    v_key, replace(v_answer ->> 'ai_status', '%1$s', 'f.created_at'), v_answer ->> 'ai_content_sha256', v_timed, v_kept,
    replace(replace(v_untimed, '$and$', format(' and r.%s is null', v_time)), '$limit$', 'p_limit - v_found'));

  execute format(
    $view$
      create or replace view ai.rfqs as
      select
        %1$s as rfq_id,
        r.ctid as place,
        ai.rfq_created_at(%1$s) as created_at,
        ai.rfq_text(%1$s, 'request_id') as request_id,
        ai.rfq_text(%1$s, 'name') as name,
        ai.rfq_text(%1$s, 'email') as email,
        ai.rfq_text(%1$s, 'company') as company,
        ai.rfq_text(%1$s, 'phone') as phone,
        ai.inet_of(ai.rfq_text(%1$s, 'source_ip')) as source_ip,
        %3$s as message,
        ai.rfq_metadata(%1$s) as metadata,
        case when %9$s is null then %4$s else sha256(%4$s || int8send(%9$s)) end as content_sha256,
        %5$s,
        %6$s as rfq_number,
        r.tableoid as part
      from %7$s r%8$s
    $view$,
    v_key, v_key, v_message, v_hash,
    (select string_agg(replace(v_answer ->> a.attname, '%1$s', format('ai.rfq_created_at(%s)', v_key)) || ' as ' || a.attname, ', ' order by a.attnum)
      from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%'),
    case v_attach ->> 'key_type' when 'number' then format('r.%I::bigint', v_names ->> 'id') else 'null::bigint' end,
    v_table, case when v_kept <> '' then ' where true' || v_kept else '' end, v_attached);
end
$$;

comment on function ai.rfq_text(uuid, text) is
  'A column of an RFQ as text, cut to a limited length: request_id, name, email, company, phone or source_ip. Null if the table has no such column.';
comment on function ai.rfq_metadata(uuid) is 'Metadata of an RFQ; null if the table has no such column.';
comment on function ai.rfq_created_at(uuid) is
  'When an RFQ was submitted, read from a column of any type. Null if the table has no such column, or its value is not a time.';
comment on function ai.rfq_times(uuid[]) is 'ai.rfq_created_at for many RFQs at once.';
comment on function ai.rfqs_by_time(bigint, timestamptz, uuid, interval) is
  'RFQs from newest to oldest, starting after the position (p_before, p_before_id). Uses the table''s index on the time if it has one. RFQs of unknown time come last, with time -infinity, for any p_within. For the console.';
comment on function ai.rfqs_at(bigint, bigint) is 'RFQs in a range of blocks of the table, or of each of its partitions. For ai.find_unqueued_rfqs.';
comment on function ai.rfq_contacts(uuid[]) is 'ai.rfq_text for many RFQs at once. For a deleted RFQ, all texts are null.';
comment on function ai.rfqs_from(text) is 'Locks the RFQs of this e-mail address, ignoring case, and returns their ids. For ai.erase_person.';
comment on function ai.rfq_fields(uuid[], bigint) is
  'The fields of each RFQ that a claim returns: texts of limited length, and the known keys of metadata. A message longer than 96,000 characters is cut to its start and end (is_cut). message and content_sha256 are null if the message has more than p_octets bytes. attached is what the RFQ''s attachments add to content_sha256; null if the RFQ never had an attachment. All fields are null if the RFQ was deleted. One RFQ that cannot be read fails the whole call: see ai.read_rfqs.';
comment on view ai.rfqs is
  'RFQs as rfqflow''s functions see them, mapped from the application''s table. Contains personal data, so rfqflow grants it to no role.';
