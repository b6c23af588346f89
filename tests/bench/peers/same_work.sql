-- What rfqflow does for an RFQ, for handlers of other queues: beside tables with the same columns and indexes.

create function bench.rfq_id(p_number integer)
returns uuid
language sql immutable
as $$ select md5(p_number::text)::uuid $$;

create function bench.fill_bare(p_rows integer)
returns void
language sql
as $$
  insert into bench.bare (id, name, email, company, message)
  select bench.rfq_id(g), 'A. Buyer', 'buyer' || g || '@example.com', 'Example Works', bench.message() || ' ' || g
  from generate_series(0, p_rows - 1) g;
$$;

create function bench.read_rfqs(p_numbers integer[])
returns table (number integer, name text, email text, company text, message text)
language sql stable
as $$
  select n.number, r.name, r.email, r.company, r.message
  from unnest(p_numbers) n(number) join bench.bare r on r.id = bench.rfq_id(n.number);
$$;

-- One run and one update for each answer, in the caller's one transaction.
create function bench.write_back(p_numbers integer[], p_answers text[])
returns bigint
language sql
as $$
  with done as materialized (
    select bench.rfq_id(n.number) as rfq_id, n.answer::jsonb as answer from unnest(p_numbers, p_answers) n(number, answer)
  ),
  runs as (
    insert into bench.runs (
      rfq_id, claim_id, worker, attempt, confidence, input_tokens, cached_input_tokens, output_tokens, queue_ms, latency_ms,
      request_id, status, provider, model, prompt_version, prompt_sha256, content_sha256, cost_usd, cost_source, output, end_status)
    select d.rfq_id, 1, 1, 1, (d.answer ->> 'confidence')::real, 900, 0, 120, 1234.5, 0.03125, d.rfq_id::text, 'succeeded', 'noop',
      'noop-1', 'bench@1', sha256('prompt'), sha256(uuid_send(d.rfq_id)), 0.000465, 'table', d.answer, 'done'
    from done d
  ),
  updated as (
    update bench.bare r
    set ai_status = 'done', ai_summary = d.answer ->> 'summary', ai_route = d.answer ->> 'route', ai_urgency = d.answer ->> 'urgency',
      ai_tags = array(select jsonb_array_elements_text(d.answer -> 'tags')), ai_confidence = (d.answer ->> 'confidence')::real,
      ai_extracted = jsonb_build_object('schema_version', 1, 'language', d.answer -> 'language', 'line_items', d.answer -> 'line_items'),
      ai_content_sha256 = sha256(uuid_send(d.rfq_id)), ai_prompt_version = 'bench@1', ai_model = 'noop-1', ai_updated_at = now()
    from done d
    where r.id = d.rfq_id
    returning 1
  )
  select count(*) from updated;
$$;
