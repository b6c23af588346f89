-- What the benchmarks need besides rfqflow itself, in a scratch database.

create schema bench;

-- The application's table without rfqflow, and with triggers that write the outbox row and never or always notify.
create table bench.bare (like public.rfq_requests including all);
create table bench.silent (like public.rfq_requests including all);
create table bench.loud (like public.rfq_requests including all);
create table bench.outbox (like ai.outbox including all);
create table bench.runs (like ai.rag_runs including all) partition by range (created_at);
create table bench.runs_default partition of bench.runs default;

do $$
declare
  v_copy record;
begin
  -- LIKE does not copy the storage parameters, which decide whether an update is HOT.
  for v_copy in
    select c.oid::regclass as made, array_to_string(o.reloptions, ', ') as options
    from (values ('bench.bare', 'public.rfq_requests'), ('bench.silent', 'public.rfq_requests'),
      ('bench.loud', 'public.rfq_requests'), ('bench.outbox', 'ai.outbox')) as pair(made, of)
    join pg_class c on c.oid = pair.made::regclass
    join pg_class o on o.oid = pair.of::regclass
    where o.reloptions is not null
  loop
    execute format('alter table %s set (%s)', v_copy.made, v_copy.options);
  end loop;
end
$$;

-- A trigger function without the doorbell. It is made from the installed function, so that both stay the same.
do $$
declare
  v_source text := pg_get_functiondef('ai.enqueue_rfq()'::regprocedure);
  v_silent text := replace(replace(v_source, 'ai.outbox (', 'bench.outbox ('), 'ai.enqueue_rfq()', 'bench.enqueue_silent()');
  v_bell constant text := 'if found.*?end if;\s*return null;';
begin
  if v_source !~ v_bell then
    raise exception 'ai.enqueue_rfq() rings in a way this benchmark does not know';
  end if;
  execute regexp_replace(v_silent, v_bell, 'return null;');
  execute regexp_replace(replace(v_silent, 'bench.enqueue_silent()', 'bench.enqueue_loud()'), v_bell, 'notify bench_wake; return null;');
end
$$;

do $$
declare
  v_table text;
  v_guard text;
begin
  foreach v_table in array array['silent', 'loud'] loop
    select replace(pg_get_triggerdef(t.oid), 'public.rfq_requests', 'bench.' || v_table) into v_guard
    from pg_trigger t where t.tgrelid = 'public.rfq_requests'::regclass and t.tgname = 'rfqflow_guard_insert';
    execute v_guard;
    execute format(
      'create trigger enqueue after insert on bench.%I referencing new table as inserted '
      'for each statement execute function bench.enqueue_%s()', v_table, v_table);
  end loop;
end
$$;

create function bench.message()
returns text
language sql immutable
as $$
  select 'Dear sir or madam, we ask for your best price for 250 pcs of bracket, part number BR-4471 rev C, in 1.4301, '
    || 'laser cut and bent, 3 mm, tolerances to ISO 2768-mK, and for 40 pcs of flange DN 50 in S235JR, galvanized. '
    || 'Please quote in EUR, delivered DAP Rotterdam, with a 3.1 certificate. The drawings follow by separate mail. '
    || 'We need the parts by the end of next month at the latest, and would like to know your price for a second lot '
    || 'of the same size in spring, the lead time, and how long your offer is valid. For questions please call our '
    || 'purchasing department, Monday to Friday, 8 to 16 h. With kind regards';
$$;

create function bench.fill(p_rows integer)
returns void
language sql
as $$
  insert into public.rfq_requests (name, email, company, message)
  select 'A. Buyer', 'buyer' || g || '@example.com', 'Example Works', bench.message() || ' ' || g
  from generate_series(1, p_rows) g;
$$;

-- A flood of RFQs that the gates skip by their text alone.
create function bench.fill_spam(p_rows integer)
returns void
language sql
as $$
  insert into public.rfq_requests (name, email, message)
  select 'Growth Team', 'growth' || g || '@example.com',
    'Dear website owner, our SEO experts bring your site to page one of Google. We offer guest posts, quality backlinks and '
    || 'cheap web design, 500 backlinks for 99 USD, results guaranteed in 30 days. Visit https://bit.ly/offer' || g
    || ' and https://cheap-seo.example/now. Reply STOP to unsubscribe. Campaign ' || g
  from generate_series(1, p_rows) g;
$$;

create function bench.clear()
returns void
language sql
as $$
  truncate public.rfq_requests, ai.outbox, ai.outbox_deferred, ai.outbox_dead, ai.outbox_missed, ai.rag_runs,
    ai.duplicate_fingerprints, ai.holds, ai.related_due, ai.related_entries, ai.related_keys, ai.related, bench.bare, bench.silent, bench.loud, bench.outbox, bench.runs;
$$;

-- Whether a worker sleeps, which means that it holds the doorbell.
create function bench.somebody_sleeps()
returns boolean
language sql
as $$
  select exists (
    select from pg_locks l
    where l.locktype = 'advisory' and l.mode = 'ExclusiveLock' and l.granted and l.classid = ai.lock_key('doorbell')::oid
      and l.database = (select d.oid from pg_database d where d.datname = current_database()));
$$;

-- What a worker sends to finish its claims, as a text that the client sends back.
create function bench.finish_of(p_outbox_id bigint, p_rfq_id uuid, p_claim_id bigint, p_content_sha256 bytea, p_status text)
returns text
language sql stable  -- stable, so that it is inlined: an immutable function must not call stable functions
as $$
  select '{"outbox_id":' || p_outbox_id || ',"rfq_id":"' || p_rfq_id || '","claim_id":' || p_claim_id
    || ',"worker":1,"attempt":1,"request_id":"' || p_rfq_id || '","queue_ms":1234.5,"latency_ms":0.03125,"content_sha256":"\\x'
    || encode(p_content_sha256, 'hex') || '","email_hash":null,"verdict":"complete","status":' || p_status
    || ',"reason":null,"review":null,'
    || '"provider":"noop","model":"noop-1","prompt_version":"bench@1","prompt_sha256":"\\x' || repeat('5b', 32)
    || '","input_tokens":900,"cached_input_tokens":0,"output_tokens":120,"cost_usd":"0.000465","cost_source":"table",'
    || '"provider_request_id":"req_0123456789","summary":"Quote for 250 laser-cut brackets in 1.4301 and 40 galvanized '
    || 'flanges DN 50, delivered DAP Rotterdam with a 3.1 certificate.","tags":["laser-cutting","stainless-steel"],'
    || '"route":"general","urgency":"normal","confidence":0.82,'
    || '"extracted":{"schema_version":1,"language":"en","line_items":[{"description":"Bracket","quantity":"250","unit":'
    || '"pcs","part_number":"BR-4471"}]},"output":{"summary":"Quote for 250 laser-cut brackets in 1.4301 and 40 '
    || 'galvanized flanges DN 50, delivered DAP Rotterdam with a 3.1 certificate.","tags":["laser-cutting",'
    || '"stainless-steel"],"route":"general","urgency":"normal","confidence":0.82,"language":"en","line_items":'
    || '[{"description":"Bracket","quantity":"250","unit":"pcs","part_number":"BR-4471"}]}}';
$$;

create function bench.claim(p_limit integer, p_from bigint, p_status text default '"succeeded"',
  out finished text, out low_water bigint)
language sql
as $$
  select coalesce('[' || string_agg(bench.finish_of(c.outbox_id, c.rfq_id, c.claim_id, c.content_sha256, p_status), ',') || ']', '[]'),
    coalesce(max(c.outbox_id) filter (where not c.out_of_turn), p_from)
  from ai.claim_outbox(1, (random() * 1e15)::bigint, p_limit, '60 s', p_from) c;
$$;

create function bench.turn(p_finished text, p_limit integer, p_from bigint,
  out finished text, out low_water bigint)
language sql
as $$
  select coalesce('[' || string_agg(bench.finish_of(c.outbox_id, c.rfq_id, c.claim_id, c.content_sha256, '"succeeded"'), ',') || ']', '[]'),
    coalesce(max(c.outbox_id) filter (where not c.out_of_turn), p_from)
  from ai.finish_and_claim(p_finished::jsonb, 1, (random() * 1e15)::bigint, p_limit, '60 s', p_from) c
  where c.outcome is null;
$$;

-- Finishes claims that a gate has skipped, and claims the next rows.
create function bench.gated_turn(p_finished text, p_limit integer, p_from bigint, out finished text, out low_water bigint)
language sql
as $$
  select coalesce('[' || string_agg(
      '{"outbox_id":' || c.outbox_id || ',"rfq_id":"' || c.rfq_id || '","claim_id":' || c.claim_id
      || ',"worker":1,"attempt":1,"request_id":"' || c.rfq_id || '","queue_ms":1234.5,"latency_ms":0.0,"content_sha256":"\\x'
      || encode(c.content_sha256, 'hex') || '","email_hash":null,"verdict":"skip","status":"skipped","reason":"spam",'
      || '"signals":[{"signal":"seo_offer","weight":40},{"signal":"shortener","weight":25},{"signal":"nothing_asked_for","weight":30}]}',
      ',') || ']', '[]'),
    coalesce(max(c.outbox_id) filter (where not c.out_of_turn), p_from)
  from ai.finish_and_claim(p_finished::jsonb, 1, (random() * 1e15)::bigint, p_limit, '60 s', p_from) c
  where c.outcome is null;
$$;
