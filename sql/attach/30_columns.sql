-- The application's table: created if absent; on one that exists the missing columns are added and nothing else is
-- touched, and of a table that is mapped only the columns ai_*. Columns are added without a default first, so that no
-- row is rewritten. The exclusive lock is asked for with a short timeout, again and again: while it waits, inserts queue
-- up behind it, so it never waits longer than 50 ms. Re-applied on each migrate; takes no lock when nothing is missing.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- attach/10_check.sql left it there
  v_table constant text := v_attach ->> 'table';
  v_absent constant boolean := to_regclass(v_table) is null;
  v_relation regclass;
  -- As attach/10_check.sql found them missing.
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
          raise exception '% could not be locked for 50 ms in % tries', v_table, v_tries
            using errcode = 'lock_not_available',
                  hint = 'A long transaction holds it: see pg_stat_activity, then migrate again.';
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
        || case a.attname when 'ai_status' then ' Null: older than the installation.' else '' end)
      from pg_attribute a where a.attrelid = 'ai.enrichment'::regclass and a.attname like 'ai\_%'
    loop
      execute v_one;
    end loop;
  end if;
end
$$;

-- What a column of any type is worth; ai.rfqs, which comes next, reads by them.
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
comment on function ai.jsonb_of(text) is 'The jsonb that a text is; null where it is none, or more than jsonb holds: the application may keep its metadata as it likes.';

create or replace function ai.time_of(p_text text)
returns timestamptz
language plpgsql stable
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  -- Of a lone number, such as seconds since 1970, PostgreSQL would sometimes make a day of the year 179598.
  return case when p_text !~ '^ *[-+]?[0-9]+[.]?[0-9]* *$' or p_text ~ '^[0-9]{8}$' then p_text::timestamptz end;
exception when data_exception then
  return null;
end
$$;
comment on function ai.time_of(text) is 'The time that a text is, in UTC where it names no zone; null where it is none: the application may keep its times as it likes.';
