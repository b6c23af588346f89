-- Past work in bulk: what months of use leave behind, without the months. By ids that no trigger sees.

create table bench.grown (rfqs bigint not null);
insert into bench.grown values (0);

-- The weeks that past runs fall into; returns how many.
create function bench.make_past_weeks(p_weeks integer)
returns integer
language sql
as $$
  select count(*) filter (where ai.create_week_partition(w.monday))::integer
  from (
    select date_trunc('week', now(), 'UTC') - g * interval '7 days' as monday from generate_series(0, p_weeks) g
  ) w;
$$;

-- RFQs that are done, with one run each, spread evenly over the weeks before now; the newest thirty days' are known as
-- originals, as the gates have it.
create function bench.grow(p_rows integer, p_weeks integer)
returns void
language plpgsql
set session_replication_role = replica
as $$
declare
  v_template record;
begin
  select g.* into strict v_template from bench.sample g;
  with made as materialized (
    select gen_random_uuid() as rfq_id, now() - random() * p_weeks * interval '7 days' as at, g as number
    from generate_series(1, p_rows) g
  ),
  rfqs as (
    insert into public.rfq_requests (
      id, created_at, name, email, company, message, ai_status, ai_summary, ai_tags, ai_route, ai_urgency, ai_confidence,
      ai_extracted, ai_content_sha256, ai_prompt_version, ai_model, ai_updated_at)
    select m.rfq_id, m.at, 'A. Buyer', 'past' || m.number || '@example.com', 'Example Works', bench.message() || ' ' || m.rfq_id,
      'done', v_template.ai_summary, v_template.ai_tags, v_template.ai_route, v_template.ai_urgency, v_template.ai_confidence,
      v_template.ai_extracted, sha256(uuid_send(m.rfq_id)), v_template.ai_prompt_version, v_template.ai_model, m.at
    from made m
  ),
  originals as (
    insert into ai.duplicate_fingerprints (fingerprint, sender, rfq_id, content_sha256, seen_at)
    select sha256(uuid_send(m.rfq_id)), sha256(uuid_send(m.rfq_id)), m.rfq_id, sha256(uuid_send(m.rfq_id)), m.at
    from made m
    where m.at > now() - interval '30 days'
  )
  insert into ai.rag_runs (
    created_at, rfq_id, claim_id, worker, attempt, confidence, input_tokens, cached_input_tokens, output_tokens, queue_ms,
    latency_ms, request_id, status, provider, model, prompt_version, prompt_sha256, content_sha256, cost_usd, cost_source,
    output, end_status)
  select m.at, m.rfq_id, (random() * 1e15)::bigint, 1, 1, 0.82, 900, 0, 120, 12.5, 1000, m.rfq_id::text, 'succeeded', 'noop',
    'noop-1', 'bench@1', v_template.prompt_sha256, sha256(uuid_send(m.rfq_id)), 0.000465, 'table', v_template.output, 'done'
  from made m
  order by m.at;
  update bench.grown set rfqs = rfqs + p_rows;
end
$$;

-- One RFQ that a worker has finished here: what all the past ones are copied from.
create function bench.take_sample()
returns void
language sql
as $$
  create table bench.sample as
  select r.ai_summary, r.ai_tags, r.ai_route, r.ai_urgency, r.ai_confidence, r.ai_extracted, r.ai_prompt_version, r.ai_model,
    u.prompt_sha256, u.output
  from public.rfq_requests r join ai.rag_runs u on u.rfq_id = r.id
  where u.status = 'succeeded'
  limit 1;
$$;

-- The waiting RFQs become deferred ones that are due in a day.
create function bench.defer_all()
returns void
language sql
as $$
  with gone as (
    delete from ai.outbox o returning o.rfq_id, o.enqueued_at
  )
  insert into ai.outbox_deferred (rfq_id, enqueued_at, due_at, attempt, reason, error_class)
  select g.rfq_id, g.enqueued_at, now() + interval '1 day' + random() * interval '1 hour', 1, 'retry', 'timeout' from gone g;
$$;
