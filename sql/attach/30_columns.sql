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
        else v_attach -> 'declared' = '{}' and not v_known end
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
