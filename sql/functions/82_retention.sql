-- Retention: archiving old weeks of ai.rag_runs, and the state of each maintenance step.

create or replace function ai.record_maintenance(
  p_step text, p_rows bigint, p_took_ms real, p_next interval, p_sqlstate text default null)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.maintenance as m (step, ran_at, took_ms, rows, next_at, failed_at, sqlstate)
  values (
    p_step, case when p_sqlstate is null then clock_timestamp() end, p_took_ms, p_rows, coalesce(clock_timestamp() + p_next, '-infinity'),
    case when p_sqlstate is not null then clock_timestamp() end, p_sqlstate)
  on conflict (step) do update
  set ran_at = coalesce(excluded.ran_at, m.ran_at),
      took_ms = case when p_sqlstate is null then excluded.took_ms else m.took_ms end,
      rows = case when p_sqlstate is null then excluded.rows else m.rows end,
      next_at = excluded.next_at,
      failed_at = coalesce(excluded.failed_at, m.failed_at),
      sqlstate = coalesce(excluded.sqlstate, m.sqlstate);
$$;
comment on function ai.record_maintenance(text, bigint, real, interval, text) is
  'Records that a maintenance step ended, either with success or with an SQLSTATE, and when it is due again. With null, the step has no schedule, and is never late.';

create or replace function ai.try_claim_maintenance(p_step text, p_every interval)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ai.maintenance (step) values (p_step) on conflict (step) do nothing;
  update ai.maintenance m set next_at = clock_timestamp() + p_every
  where m.step = p_step and m.next_at <= clock_timestamp();
  return found;
end
$$;
comment on function ai.try_claim_maintenance(text, interval) is
  'Claims a maintenance step if it is due. Only one worker of the fleet gets true, and the step is not due again until p_every has passed.';

create or replace function ai.run_partitions()
returns table (name text, week_start timestamptz, week_end timestamptz)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
  select b.relname::text, b.bounds[1]::timestamptz, b.bounds[2]::timestamptz
  from (
    select c.relname,
      regexp_match(pg_get_expr(c.relpartbound, c.oid), 'FROM [(]''([^'']+)''[)] TO [(]''([^'']+)''[)]') as bounds
    from pg_catalog.pg_inherits i
    join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'ai.rag_runs'::regclass
  ) b
  where b.bounds is not null;
$$;
comment on function ai.run_partitions() is 'The partitions of ai.rag_runs with their bounds, without the default partition.';

create or replace function ai.is_archivable(p_week_end timestamptz)
returns boolean
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select p_week_end <= now() - (select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'retention_days')
    and p_week_end <= (select s.rolled_to from ai.rollup_progress s);
$$;
comment on function ai.is_archivable(timestamptz) is
  'True if a week that ended at p_week_end can be archived. It must be older than retention_days, and the daily totals, which stay, must include it.';

create or replace function ai.week_fingerprint(p_from timestamptz, p_to timestamptz)
returns table (runs bigint, fingerprint numeric, first_at timestamptz, last_at timestamptz)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  -- Leaves out nulls, so that a new column in a later release does not change the fingerprint.
  select count(*),
    coalesce(sum((('x' || left(encode(sha256(convert_to(
      jsonb_strip_nulls(to_jsonb(u))::text, 'UTF8')), 'hex'), 15))::bit(60))::bigint), 0),
    min(u.created_at), max(u.created_at)
  from ai.rag_runs u where u.created_at >= p_from and u.created_at < p_to;
$$;
comment on function ai.week_fingerprint(timestamptz, timestamptz) is 'The number of a week''s runs in the database, and a fingerprint of their values.';

create or replace function ai.lines_fingerprint(p_lines text[])
returns table (runs bigint, fingerprint numeric)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  select count(*),
    coalesce(sum((('x' || left(encode(sha256(convert_to(
      jsonb_strip_nulls(to_jsonb(u))::text, 'UTF8')), 'hex'), 15))::bit(60))::bigint), 0)
  from unnest(p_lines) l (line)
  cross join lateral jsonb_populate_record(null::ai.rag_runs, l.line::jsonb) u;
$$;
comment on function ai.lines_fingerprint(text[]) is 'The number of lines of an archive file, and a fingerprint of their values. The lines are read as runs, so an equal fingerprint means that a restore gives the same runs.';

create or replace function ai.archivable_weeks()
returns table (name text, week_start timestamptz, week_end timestamptz)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
begin
  -- Creates missing partitions first: runs in the default partition would never be archived.
  perform ai.create_week_partition(w.monday)
  from (
    select distinct date_trunc('week', u.created_at, 'UTC') as monday from ai.rag_runs_default u
    order by 1 limit 4
  ) w
  where ai.is_archivable(w.monday + interval '7 days');
  return query
  select w.name, w.week_start, w.week_end
  from ai.run_partitions() w
  where ai.is_archivable(w.week_end)
    and not exists (select from ai.archives a where a.week_start = w.week_start and a.dropped_at is not null)
  order by w.week_start;
end
$$;
comment on function ai.archivable_weeks() is 'Weeks due for archiving and dropping, oldest first.';

create or replace function ai.archive_lines(
  p_from timestamptz, p_to timestamptz, p_after_at timestamptz, p_after_id bigint, p_limit integer default 2000)
returns table (created_at timestamptz, run_id bigint, line text)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
  select u.created_at, u.run_id, to_jsonb(u)::text
  from ai.rag_runs u
  where u.created_at >= p_from and u.created_at < p_to and (u.created_at, u.run_id) > (p_after_at, p_after_id)
    and ai.is_archivable(p_to)
  order by u.created_at, u.run_id limit p_limit;
$$;
comment on function ai.archive_lines(timestamptz, timestamptz, timestamptz, bigint, integer) is
  'The next runs of a week as JSON, in order of time; none if the week is not due for archiving.';

create or replace function ai.record_archive(p_manifest jsonb)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_from constant timestamptz := (p_manifest ->> 'week_start')::timestamptz;
  v_to constant timestamptz := (p_manifest ->> 'week_end')::timestamptz;
  v_now record;
  v_archive bigint;
begin
  -- Archiving, restoring, dropping and erasing run one at a time.
  perform ai.take_lock('archives');
  select * into v_now from ai.week_fingerprint(v_from, v_to);
  if not ai.is_archivable(v_to)
    or (v_now.runs, v_now.fingerprint) is distinct from ((p_manifest ->> 'runs')::bigint, (p_manifest ->> 'fingerprint')::numeric)
  then
    raise exception 'the archive of the week from % differs from the runs in the database', v_from
      using errcode = 'RF005', hint = 'The runs have changed since the archive was written, or the week is not due. rfqflow writes the archive again.';
  end if;
  insert into ai.archives as a (
    week_start, week_end, file, format, runs, sha256, fingerprint, first_at, last_at, schema_version, rfq_ids)
  values (
    v_from, v_to, p_manifest ->> 'file', p_manifest ->> 'format', v_now.runs, decode(p_manifest ->> 'sha256', 'hex'),
    v_now.fingerprint, v_now.first_at, v_now.last_at,
    (select coalesce(substring(max(m.name) from 'migrations/(.*)[.]sql'), '0001_baseline') from ai.rfqflow_migration m where m.name like 'migrations/%'),
    array(select distinct u.rfq_id from ai.rag_runs u where u.created_at >= v_from and u.created_at < v_to order by 1))
  on conflict (week_start) do update
  set file = excluded.file, format = excluded.format, runs = excluded.runs, sha256 = excluded.sha256,
      fingerprint = excluded.fingerprint, first_at = excluded.first_at, last_at = excluded.last_at,
      schema_version = excluded.schema_version, rfq_ids = excluded.rfq_ids, erase_pending = '{}',
      archived_at = clock_timestamp()
  where a.dropped_at is null
  returning a.archive_id into v_archive;
  return v_archive;
end
$$;
comment on function ai.record_archive(jsonb) is
  'Records a written and verified archive. Raises RF005 if it differs from the database. Returns the number of the archive; null if the week was already dropped.';

create or replace function ai.droppable_weeks()
returns table (archive_id bigint, file text, sha256 text)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select a.archive_id, a.file, encode(a.sha256, 'hex')
  from ai.archives a
  join ai.run_partitions() w on w.week_start = a.week_start and w.week_end = a.week_end
  where ai.is_archivable(a.week_end) and cardinality(a.erase_pending) = 0
    and case
      when a.restored_at is not null then a.restored_at <= now() - (
        select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'restored_retention_days')
      when a.dropped_at is not null then a.week_end <= now() - (
        select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'failed_retention_days')
      else true
    end
  order by a.week_start;
$$;
comment on function ai.droppable_weeks() is
  'Archives whose runs in the database are due for dropping: weeks just archived, weeks with only failed runs left that are older than failed_retention_days, and weeks restored longer ago than restored_retention_days.';

create or replace function ai.drop_archived(p_archive_id bigint)
returns table (dropped bigint, kept bigint)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set datestyle = 'ISO'
as $$
#variable_conflict use_column
declare
  v_archive ai.archives;
  v_name text;
  v_now record;
  v_rest text;
  v_keeps boolean;
  v_kept bigint := 0;
begin
  perform ai.take_lock('archives');
  select a.* into v_archive from ai.archives a where a.archive_id = p_archive_id;
  select w.name into v_name from ai.run_partitions() w where w.week_start = v_archive.week_start and w.week_end = v_archive.week_end;
  if v_name is null or not ai.is_archivable(v_archive.week_end) then
    raise exception 'archive % has no week in the database to drop', coalesce(p_archive_id::text, 'null') using errcode = 'RF005';
  end if;
  select * into v_now from ai.week_fingerprint(v_archive.week_start, v_archive.week_end);
  if cardinality(v_archive.erase_pending) > 0
    or (v_now.runs, v_now.fingerprint) is distinct from (v_archive.runs, v_archive.fingerprint)
    -- An earlier drop left only the failed runs in the database. The archive contains them too.
    and not (v_archive.dropped_at is not null and v_now.runs = coalesce(v_archive.kept, 0) and not exists (
      select from ai.rag_runs u where u.created_at >= v_archive.week_start and u.created_at < v_archive.week_end
        and u.status not in ('failed', 'lost')))
  then
    raise exception 'archive % differs from the runs in the database of the week from %', p_archive_id, v_archive.week_start
      using errcode = 'RF005', hint = 'Nothing was dropped. Run rfqflow maintain to write the archive again.';
  end if;

  v_keeps := v_archive.week_end > now() - (
    select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'failed_retention_days');
  if v_keeps then
    v_rest := v_name || '_failed';
    -- A table's name cannot be a parameter; these names come from the catalogue.
    execute format('create table ai.%I (like ai.rag_runs including defaults including constraints including comments including indexes)', v_rest);
    execute format(
      'insert into ai.%I select u.* from ai.rag_runs u where u.created_at >= $1 and u.created_at < $2 and u.status in (''failed'', ''lost'')',
      v_rest) using v_archive.week_start, v_archive.week_end;
    get diagnostics v_kept = row_count;
  end if;
  -- PostgreSQL refuses DETACH CONCURRENTLY if there is a default partition, so this needs an exclusive lock. It asks for the lock after all
  -- other work, and waits at most 50 ms. So sessions that insert runs wait no longer than that, and sessions that insert RFQs never wait.
  set local lock_timeout = '50ms';
  lock table ai.rag_runs in access exclusive mode;
  execute format('alter table ai.rag_runs detach partition ai.%I', v_name);
  execute format('drop table ai.%I', v_name);
  if v_kept > 0 then
    execute format('alter table ai.%I rename to %I', v_rest, v_name);
    execute format('comment on table ai.%I is %L', v_name, 'Failed and lost runs of an archived week.');
    execute format('alter table ai.rag_runs attach partition ai.%I for values from (%L) to (%L)',
      v_name, v_archive.week_start, v_archive.week_end);
  elsif v_keeps then
    execute format('drop table ai.%I', v_rest);
  end if;
  update ai.archives a
  set dropped_at = clock_timestamp(), kept = v_kept, restored_at = null
  where a.archive_id = p_archive_id;
  return query select v_now.runs - v_kept, v_kept;
end
$$;
comment on function ai.drop_archived(bigint) is
  'Drops a week from the database, except failed runs younger than failed_retention_days. Raises RF005 if the archive differs from the database. Gives up after waiting 50 ms for a lock (55P03); then call it again.';

create or replace function ai.drop_without_archive(p_week_start timestamptz, p_actor text default null)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now record;
  v_archive bigint;
  v_dropped bigint;
begin
  perform ai.take_lock('archives');
  select * into v_now from ai.week_fingerprint(p_week_start, p_week_start + interval '168 hours');
  v_archive := ai.record_archive(jsonb_build_object(
    'week_start', p_week_start, 'week_end', p_week_start + interval '168 hours', 'format', 'none',
    'runs', v_now.runs, 'fingerprint', v_now.fingerprint));
  select d.dropped into v_dropped from ai.drop_archived(v_archive) d;
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), 'drop_without_archive', null,
    jsonb_build_object('week_start', p_week_start, 'runs', v_dropped));
  return v_dropped;
end
$$;
comment on function ai.drop_without_archive(timestamptz, text) is
  'Drops a week that is due permanently, without archiving it. Audited in ai.actions. Returns the number of runs.';

create or replace function ai.restore_lines(p_archive_id bigint, p_lines text[])
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
as $$
declare
  v_archive ai.archives;
  v_restored bigint;
begin
  perform ai.take_lock('archives');
  select a.* into v_archive from ai.archives a where a.archive_id = p_archive_id;
  perform ai.create_week_partition(v_archive.week_start);
  insert into ai.rag_runs
  select u.*
  from unnest(p_lines) l (line)
  cross join lateral jsonb_populate_record(null::ai.rag_runs, l.line::jsonb) u
  where u.created_at >= v_archive.week_start and u.created_at < v_archive.week_end
  on conflict (created_at, run_id) do nothing;
  get diagnostics v_restored = row_count;
  perform ai.erase_runs(v_archive.erase_pending);
  update ai.archives a set restored_at = clock_timestamp() where a.archive_id = p_archive_id;
  return v_restored;
end
$$;
comment on function ai.restore_lines(bigint, text[]) is
  'Restores the runs of an archive. Existing runs stay as they are, and the data of erased persons stays erased. Safe to repeat. Returns the number of runs.';
