-- A stand-in for the view ai.rfqs while no table is attached. Each read of it raises an error: an empty view would make RFQs look deleted.
-- Functions and views are created against the stand-in, so that migrate locks the application's table last, and briefly. The stand-in names
-- no object of the application, so the application can change its table.

create or replace function ai.refuse_detached()
returns boolean
language plpgsql stable security definer  -- readers of the views have no rights on ai.table_mapping
set search_path = pg_catalog, pg_temp
as $$
declare
  v_table constant text := (select m.table_name from ai.table_mapping m where m.one);
begin
  raise exception 'rfqflow is detached from %', coalesce(v_table, 'every table')
    using errcode = 'RF008', hint = 'Run rfqflow migrate: it attaches rfqflow again, and enqueues RFQs inserted meanwhile.';
end
$$;
comment on function ai.refuse_detached() is 'Raises RF008: ai.rfqs calls it while rfqflow is detached from the application''s table.';

do $$
begin
  if to_regclass('ai.rfqs') is not null and current_setting('rfqflow.detach', true) is distinct from 'on'
    and not exists (select from ai.table_mapping m where m.state = 'detached')
  then
    return;
  end if;
  create or replace view ai.rfqs as
  select
    e.rfq_id,
    e.ctid as place,
    null::timestamptz as created_at,
    null::text as request_id,
    null::text as name,
    null::text as email,
    null::text as company,
    null::text as phone,
    null::inet as source_ip,
    null::text as message,
    null::jsonb as metadata,
    null::bytea as content_sha256,
    e.ai_status, e.ai_reason, e.ai_review, e.ai_summary, e.ai_tags, e.ai_route, e.ai_urgency, e.ai_confidence,
    e.ai_extracted, e.ai_content_sha256, e.ai_prompt_version, e.ai_model, e.ai_updated_at,
    e.rfq_number,
    e.tableoid as part
  from ai.enrichment e
  where ai.refuse_detached();
end
$$;
