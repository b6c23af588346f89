-- Findings of ai.health about the settings of workers: problems that each worker recorded when it registered.

create or replace function ai.problem_lines(p_code text, p_mended timestamptz)
returns table (sentence text, workers bigint, since timestamptz, remedy text)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select format('%s: %s (%s).', p.source, p.what, string_agg(format('worker %s, pid %s on %s', p.worker, p.pid, ai.short_text(p.host)), '; ' order by p.worker)),
    count(*), min(p.started_at), p.remedy
  from (
    select w.worker, w.pid, w.host, w.started_at, ai.short_text(x.source) as source,
      left(regexp_replace(x.what, '[[:cntrl:][:space:]]+', ' ', 'g'), 400) as what,
      left(regexp_replace(x.remedy, '[[:cntrl:][:space:]]+', ' ', 'g'), 400) as remedy
    from (select y.* from ai.workers y where y.problems <> '[]' and y.started_at > p_mended order by y.worker limit 100) w
    cross join lateral jsonb_to_recordset(w.problems) as x(code text, source text, what text, remedy text)
    where x.code = p_code
  ) p
  group by p.source, p.what, p.remedy
  order by p.source, p.what;
$$;
comment on function ai.problem_lines(text, timestamptz) is
  'Problems with this code that workers recorded at a start after p_mended, as sentences. Workers with the same problem share a sentence.';

create or replace function ai.health_of_settings()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_rules record;
  v_archive ai.maintenance;
  v_weeks bigint;
  v_who text;
begin
  select string_agg(format('worker %s (pid %s on %s)', w.worker, w.pid, ai.short_text(w.host)), ', ' order by w.worker) into v_who
  from (select x.* from ai.workers x where x.provider = 'rules' order by x.worker limit 3) w;
  -- Checks first whether the rules answer at all; the newest answers show it, even answers of a stopped worker.
  if v_who is not null or exists (
    select
    from (select r.provider, r.status, r.reason from ai.rag_runs r order by r.created_at desc limit 50) n
    where n.status = 'succeeded' and n.provider = 'rules' and n.reason is distinct from 'cascade')
  then
    select * into v_rules from ai.rules_instead_of_model();
    if v_rules.rfqs > 0 or v_rules.rfqs = 0 and v_who is not null then
      return query select 'warning', 'rules_instead_of_model',
        format('The built-in rules answer%s instead of %s (%s), which last answered at %s: %s.', coalesce(' on ' || v_who, 'ed'), ai.name_text(v_rules.model), ai.name_text(v_rules.provider),
          ai.time_text(v_rules.answered_at),
          case v_rules.rfqs when 0 then 'no RFQ so far' else ai.count_text(v_rules.rfqs, 'RFQ so far', 'RFQs so far') end),
        v_rules.rfqs::bigint, coalesce(v_rules.since, v_rules.answered_at),
        format('set the variables of %s (RFQFLOW_PROVIDER, key or base URL) again in the daemon''s environment, and restart the daemon. Then `rfqflow rerun --prompt-version %s` '
          || 'asks the model about RFQs that the rules answered. With RFQFLOW_REQUIRE_MODEL=true, a daemon refuses to start without a model', ai.name_text(v_rules.provider),
          coalesce((
            select r.prompt_version from ai.rag_runs r
            where r.created_at >= v_rules.since and r.provider = 'rules' and r.status = 'succeeded'
            order by r.created_at desc limit 1), 'VERSION'));
    end if;
  end if;

  return query
    select 'warning', 'provider_misconfigured', p.sentence, p.workers, p.since, p.remedy
    from ai.problem_lines('provider_misconfigured', '-infinity') p;

  -- The maintenance step checks the folder each time, so a repaired folder needs no restart.
  return query
    select 'warning', 'archive_folder', p.sentence, p.workers, p.since, p.remedy
    from ai.problem_lines('archive_folder', coalesce((
      select m.ran_at from ai.maintenance m
      where m.step = 'archive' and (m.failed_at is null or m.failed_at < m.ran_at)), '-infinity')) p;

  return query
    select 'warning', 'archive_folder',
      format('Old runs could not be archived at %s (%s), so they stay in the database.', ai.time_text(m.failed_at), ai.short_text(m.sqlstate)),
      1::bigint, coalesce(m.ran_at, m.failed_at),
      case when m.sqlstate in ('FileNotFoundError', 'FileExistsError', 'NotADirectoryError')
          then 'create the folder that RFQFLOW_ARCHIVE_DIR names (install -d -o USER FOLDER), or mount its volume'
        when m.sqlstate = 'PermissionError' then 'give the daemon''s user the right to write into the folder that RFQFLOW_ARCHIVE_DIR names'
        else 'check that the volume of the folder that RFQFLOW_ARCHIVE_DIR names is mounted, writable and not full' end
        || '; a daemon with that variable tries again within five minutes. To try now: `rfqflow maintain --archive --archive-dir FOLDER`'
    from ai.maintenance m
    where m.step = 'archive' and m.failed_at > v_now - interval '26 hours'  -- after that time without an attempt, the operator has stopped archiving
      and (m.ran_at is null or m.failed_at > m.ran_at)
      and m.sqlstate in ('FileNotFoundError', 'FileExistsError', 'NotADirectoryError', 'PermissionError', 'OSError')
      and not exists (select from ai.workers w where w.problems @> '[{"code": "archive_folder"}]');

  -- Workers archive each hour, and a scheduler each week. Archiving is late only once a week is old enough.
  select m.* into v_archive from ai.maintenance m
  where m.step = 'archive' and greatest(m.ran_at, m.failed_at) < v_now - interval '26 hours';
  if found then
    select count(*) into v_weeks
    from ai.run_partitions() w
    where ai.is_archivable(w.week_end + interval '8 days')
      and not exists (select from ai.archives a where a.week_start = w.week_start and a.dropped_at is not null);
    if v_weeks > 0 then
      return query select 'warning', 'archive_folder',
        format('Archiving has stopped: no daemon has tried since %s. The database still has %s older than %s days.',
          ai.time_text(greatest(v_archive.ran_at, v_archive.failed_at)), ai.count_text(v_weeks, 'week of runs', 'weeks of runs'),
          (select p.value #>> '{}' from ai.policy p where p.key = 'retention_days')),
        v_weeks, greatest(v_archive.ran_at, v_archive.failed_at),
        'set RFQFLOW_ARCHIVE_DIR again in a daemon''s environment and restart the daemon, or run `rfqflow maintain --archive --archive-dir FOLDER`. '
          || 'If you no longer keep archives: `rfqflow maintain --drop-without-archive` drops those weeks permanently';
    end if;
  end if;
end
$$;
comment on function ai.health_of_settings() is
  'The findings of ai.health about the settings of workers: rules_instead_of_model, provider_misconfigured, archive_folder.';
