-- Facts about the database that a worker logs at its start, and a check whether the built-in rules answer instead of a model.

create or replace function ai.start_facts()
returns jsonb
language sql stable security definer  -- workers have no right to read policies and limits
set search_path = pg_catalog, pg_temp
as $$
  select jsonb_build_object(
    'database', current_database(),
    'schema', coalesce(
      (select max(m.name) from ai.rfqflow_migration m where m.name like 'migrations/%'),
      (select max(m.name) from ai.rfqflow_migration m where m.name like 'schema/%')),
    'table', t.table_name,
    'is_mapped', t.declared <> '{}',
    'answers_in', case t.ai_columns when 'enrichment' then 'ai.enrichment' else t.table_name end,
    'state', t.state,
    'policy', (
      select jsonb_object_agg(p.key, p.value) from ai.policy p
      where p.key in ('mode', 'notify', 'cascade', 'cascade_model', 'sender_per_hour', 'ip_per_hour') or p.key like 'budget.%'),
    'model_limits', (
      select coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(l) - 'note' - 'request_burst' - 'token_burst') order by l.provider, l.model), '[]')
      from ai.model_limits l))
  from ai.table_mapping t;
$$;
comment on function ai.start_facts() is
  'Facts that a worker logs at its start: database, table, newest file of the schema, budgets and limits.';

create or replace function ai.rules_instead_of_model(
  out provider text, out model text, out answered_at timestamptz, out rfqs bigint, out since timestamptz)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_day date;
begin
  -- Reads the newest runs, back to the last answer by a model. Runs of a cascade do not count: its rules answer in addition to a model.
  with newest as materialized (
    select r.created_at, r.rfq_id, r.provider, r.model
    from (
      select x.created_at, x.rfq_id, x.provider, x.model, x.status, x.reason from ai.rag_runs x order by x.created_at desc limit 2000) r
    where r.status = 'succeeded' and r.provider is not null and r.reason is distinct from 'cascade'
  ), last as (
    select n.created_at, n.provider, n.model from newest n where n.provider <> 'rules' order by n.created_at desc limit 1
  ), after as (
    select count(distinct n.rfq_id) as rfqs, min(n.created_at) as since
    from newest n where n.provider = 'rules' and n.created_at > coalesce((select l.created_at from last l), '-infinity')
  )
  select l.provider, l.model, l.created_at, a.rfqs, a.since into provider, model, answered_at, rfqs, since
  from after a left join last l on true;
  if answered_at is null then
    -- No model answered in the newest runs: read the totals by day for 30 days.
    select d.day, d.provider, d.model into v_day, provider, model
    from ai.run_days d
    where d.day > (now() at time zone 'UTC')::date - 30 and d.status = 'succeeded' and d.provider not in ('', 'rules')
    order by d.day desc, d.runs desc limit 1;
    answered_at := v_day::timestamp at time zone 'UTC';
    rfqs := greatest(rfqs, (
      select sum(d.runs) from ai.run_days d where d.day > v_day and d.status = 'succeeded' and d.provider = 'rules' and d.reason <> 'cascade'));
    since := case when rfqs > 0 then answered_at end;
  end if;
  rfqs := case when answered_at > now() - interval '30 days' then least(rfqs, 1001) end;
end
$$;
comment on function ai.rules_instead_of_model() is
  'The model that answered last, and when. Also returns how many RFQs the built-in rules have answered since (rfqs, counted up to 1001), and the time of the first such answer (since). rfqs is null if no model answered within 30 days.';
