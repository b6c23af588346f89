-- The application's table. Migrate creates it if absent, or adds missing columns; to a mapped table it adds only the columns ai_*. Columns
-- are added without a default first, so that no row is rewritten. Inserts queue up behind a waiting exclusive lock, so each attempt waits
-- at most 50 ms. Runs on each migrate; takes no lock when no column is missing.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- set by attach/10_check.sql
  v_table constant text := v_attach ->> 'table';
  v_absent constant boolean := to_regclass(v_table) is null;
  v_relation regclass;
  -- The missing columns that attach/10_check.sql found.
  v_missing constant text[] := array(select c ->> 'name' from jsonb_array_elements(v_attach -> 'missing') c);
  v_statements constant text[] := array(
    select format('alter table %s add column if not exists %s %s', v_table, c ->> 'name', c ->> 'type')
    from jsonb_array_elements(v_attach -> 'missing') c
    union all
    select format('alter table %s alter column %s set default %s', v_table, c ->> 'name', c ->> 'default')
    from jsonb_array_elements(v_attach -> 'missing') c where c ->> 'default' is not null
    union all
    select v_attach ->> 'index' where v_attach ->> 'index' is not null);
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
      -- In a table that existed before, all rows are older than this time.
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
    ) with (fillfactor = 70);  -- leaves room on the page, so that writing the answer is a HOT update
    if to_regclass('public.rfq_requests_created_at') is null then
      create index rfq_requests_created_at on public.rfq_requests (created_at);
      comment on index public.rfq_requests_created_at is 'Used by lists in order of time.';
    else  -- an earlier table has an index of this name
      create index on public.rfq_requests (created_at);
    end if;
    comment on table public.rfq_requests is
      'Requests for quotation. The application inserts rows; rfqflow writes its answers into the columns ai_*.';
    comment on column public.rfq_requests.id is 'Id of the RFQ.';
    comment on column public.rfq_requests.created_at is 'When the RFQ was submitted.';
    comment on column public.rfq_requests.request_id is 'Id that the application sets to trace the request. Default: a random one.';
    comment on column public.rfq_requests.idempotency_key is 'The application''s key for one submission. This table stores the key, and does not enforce that it is unique.';
    comment on column public.rfq_requests.name is 'Sender.';
    comment on column public.rfq_requests.email is 'Sender''s e-mail address.';
    comment on column public.rfq_requests.company is 'Sender''s company.';
    comment on column public.rfq_requests.phone is 'Sender''s phone.';
    comment on column public.rfq_requests.source_ip is 'IP address that submitted the form.';
    comment on column public.rfq_requests.message is 'Text of the request.';
    comment on column public.rfq_requests.metadata is
      'Free for the application. Known keys: ai_opt_out (true: no AI), honeypot (text in a hidden field), form_seconds (time to fill in the form), traceparent (W3C).';
  end if;
  v_relation := v_table::regclass;

  if cardinality(v_statements) > 0 then
    loop
      begin
        perform set_config('lock_timeout', '50ms', true);
        execute format('lock table %s in %s mode', v_table, case when cardinality(v_missing) = 0 then 'share' else 'access exclusive' end);
        perform set_config('rfqflow.locked_at', coalesce(nullif(current_setting('rfqflow.locked_at', true), ''), clock_timestamp()::text), false);
        foreach v_one in array v_statements loop
          execute v_one;
        end loop;
        exit;
      exception when lock_not_available then
        v_tries := v_tries + 1;
        if v_tries >= 600 then
          raise exception 'migrate could not lock % within 50 ms in % attempts', v_table, v_tries
            using errcode = 'lock_not_available',
                  hint = 'Another transaction holds a lock on it: see pg_stat_activity, then migrate again.';
        end if;
        perform pg_sleep(0.05 + 0.15 * random());
      end;
    end loop;
    perform set_config('lock_timeout', v_patience, true);
  end if;

  if v_absent or 'ai_status' = any (v_missing) then
    update ai.table_mapping m set marked = array(select v_relation::oid union select t.relid::oid from pg_partition_tree(v_relation) t);
  end if;

  if v_absent or v_missing && array['ai_status', 'ai_model'] then
    for v_one in
      select format('comment on column %s.%I is %L', v_table, a.attname, col_description(a.attrelid, a.attnum)
        || case a.attname when 'ai_status' then ' Null: the RFQ is older than the installation.' else '' end)
      from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%'
    loop
      execute v_one;
    end loop;
  end if;
end
$$;

-- Casts for columns of any type. The view ai.rfqs uses them; the next file creates it.
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
comment on function ai.inet_of(text) is 'Casts a text to inet; null if it is not an address. The application may store addresses in any form.';

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
comment on function ai.jsonb_of(text) is 'Casts a text to jsonb; null if it is not JSON, or too large for jsonb. The application may store metadata in any form.';

create or replace function ai.time_of(p_text text)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  -- PostgreSQL would sometimes read a lone number, such as seconds since 1970, as a day of the year 179598.
  return case when p_text !~ '^ *[-+]?[0-9]+[.]?[0-9]* *$' or p_text ~ '^[0-9]{8}$' then p_text::timestamptz end;
exception when data_exception then
  return null;
end
$$;
comment on function ai.time_of(text) is 'Casts a text to a time, in UTC if it names no zone; null if it is not a time. The application may store times in any form.';
