-- Counts answers by week, to compare this week's answers with the answers of the weeks before. The caller does the comparison.

create or replace function ai.weekly_answers(p_weeks integer)
returns table (age integer, route text, language text, band integer, rfqs bigint, overridden bigint)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select floor(extract(epoch from now() - x.created_at) / 604800)::integer,
    coalesce(x.output ->> 'route', '?'), coalesce(x.output ->> 'language', '?'),
    width_bucket(x.confidence::float8, array[0.35, 0.5, 0.65, 0.8, 0.9]), count(*), count(o.override_id)
  from ai.rag_runs x
  left join ai.overrides o on o.rfq_id = x.rfq_id and o.withdrawn_at is null and o.route <> o.ai_route
  where x.status = 'succeeded' and coalesce(x.reason not in ('reused', 'written_late'), true)
    and x.created_at > now() - make_interval(weeks => p_weeks)
  group by 1, 2, 3, 4;
$$;
comment on function ai.weekly_answers(integer) is
  'Accepted answers in periods of seven days (age 0: the latest period), by route, language and band of confidence. Also returns how many of them people have overridden.';

create or replace function ai.record_drift(p_moved text[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.events (kind, scope) select 'drift_moved', m.what from unnest(p_moved) as m(what);
$$;
comment on function ai.record_drift(text[]) is
  'Records that the distribution of answers differs from the weeks before, in route, language, confidence or overrides. Workers log the change.';
