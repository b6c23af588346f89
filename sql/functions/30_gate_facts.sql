-- Door 5: what the gates need to know. Facts only, no judgement.

create or replace function ai.gate_facts(p_rfq_ids uuid[])
returns table (
  rfq_id uuid, accepted_sha256 bytea, accepted_version text, paid_run_id bigint, paid_sha256 bytea, paid_version text,
  paid_provider text, paid_model text, paid_prompt_sha256 bytea, paid_output text,
  last_model text, last_error_class text)
language sql stable security definer  -- workers touch tables through functions only
set search_path = ''
set enable_seqscan = off
as $$
  select r.rfq_id, r.ai_content_sha256, r.ai_prompt_version,
    paid.run_id, paid.content_sha256, paid.prompt_version, paid.provider, paid.model, paid.prompt_sha256, paid.output::text,
    last.model, last.error_class
  from ai.rfqs r
  -- An answer that was paid for and could not be written (the RFQ's own trigger refused it): it need not be bought again.
  left join lateral (
    select x.run_id, x.content_sha256, x.prompt_version, x.provider, x.model, x.prompt_sha256, x.output
    from ai.rag_runs x
    where x.rfq_id = r.rfq_id and x.error_class = 'write_refused' and x.output is not null
    order by x.created_at desc
    limit 1
  ) paid on true
  -- What the last attempt at this very text came to: a model that could not do it is not asked the same again.
  left join lateral (
    select x.model, x.error_class
    from (
      select a.status, a.model, a.error_class
      from ai.rag_runs a
      where a.rfq_id = r.rfq_id and a.content_sha256 = r.content_sha256
        and (a.status in ('succeeded', 'failed') or a.error_class = 'model_not_found')
      order by a.created_at desc, a.run_id desc
      limit 1
    ) x
    where x.status <> 'succeeded'
  ) last on true
  where r.rfq_id = any (p_rfq_ids);
$$;
comment on function ai.gate_facts(uuid[]) is
  'Per RFQ: what its accepted answer is about (content, prompt version), the last answer that was paid for but could not be written, and model and error class of the last attempt at its content, where that failed.';
