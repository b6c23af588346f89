-- Support for tables other than public.rfq_requests: keys that are numbers, and answers in ai.enrichment.

create or replace function ai.rfq_uuid(p_number bigint)
returns uuid
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select lpad(translate(p_number::text, '-', 'f'), 32, '0')::uuid;
$$;
comment on function ai.rfq_uuid(bigint) is
  'Converts a numeric key to an rfq_id: 42 is 00000000-0000-0000-0000-000000000042. Negative keys have an f before the digits.';

create or replace function ai.write_enrichment()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ai.enrichment as e (
    rfq_id, rfq_number, ai_status, ai_reason, ai_review, ai_summary, ai_tags, ai_route, ai_urgency, ai_confidence,
    ai_extracted, ai_content_sha256, ai_prompt_version, ai_model, ai_updated_at)
  values (
    new.rfq_id, new.rfq_number, new.ai_status, new.ai_reason, new.ai_review, new.ai_summary, new.ai_tags, new.ai_route,
    new.ai_urgency, new.ai_confidence, new.ai_extracted, new.ai_content_sha256, new.ai_prompt_version, new.ai_model,
    new.ai_updated_at)
  on conflict (rfq_id) do update
  set (ai_status, ai_reason, ai_review, ai_summary, ai_tags, ai_route, ai_urgency, ai_confidence, ai_extracted,
      ai_content_sha256, ai_prompt_version, ai_model, ai_updated_at)
    = (excluded.ai_status, excluded.ai_reason, excluded.ai_review, excluded.ai_summary, excluded.ai_tags, excluded.ai_route,
      excluded.ai_urgency, excluded.ai_confidence, excluded.ai_extracted, excluded.ai_content_sha256,
      excluded.ai_prompt_version, excluded.ai_model, excluded.ai_updated_at);
  return new;
end
$$;
comment on function ai.write_enrichment() is
  'Trigger: an update of ai.rfqs writes the answer to ai.enrichment, and nothing to the application''s table. The caller holds the RFQ''s lock.';

comment on table ai.table_mapping is
  'The application''s table and its column names, as attach/10_check.sql found them in the last migrate. To change the mapping, run migrate with another one.';
