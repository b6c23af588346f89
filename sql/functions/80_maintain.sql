-- Maintenance of partitions and tables. Workers run it automatically.

create or replace function ai.create_week_partition(p_monday timestamptz)
returns boolean
language plpgsql volatile security definer  -- only the owner may create tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
set timezone = 'UTC'  -- in UTC, a week has seven days of 24 hours; bounds are written and read in this zone
set datestyle = 'ISO'
as $$
declare
  v_name constant text := 'rag_runs_' || to_char(p_monday at time zone 'UTC', 'IYYY"w"IW');
  v_grantee text;
begin
  if to_regclass('ai.' || v_name) is not null then
    return false;
  end if;
  -- Needs dynamic SQL, since a table's name cannot be a parameter.
  -- ATTACH does not block readers and writers of other weeks, unlike PARTITION OF.
  execute format('create table ai.%I (like ai.rag_runs including defaults including constraints including comments)', v_name);
  -- Another tool may have set default privileges in this schema. They must not apply to a table with answers.
  for v_grantee in
    select case when a.grantee = 0 then 'public' else a.grantee::regrole::text end
    from pg_class c cross join lateral aclexplode(c.relacl) a
    where c.oid = to_regclass('ai.' || v_name) and a.grantee <> c.relowner group by 1
  loop
    execute format('revoke all on ai.%I from %s', v_name, v_grantee);
  end loop;
  execute format('comment on table ai.%I is %L', v_name,
    'Runs of the week from ' || to_char(p_monday at time zone 'UTC', 'YYYY-MM-DD') || ' (UTC).');
  lock table ai.rag_runs_default in access exclusive mode;
  execute format(
    'with moved as (delete from ai.rag_runs_default where created_at >= %L and created_at < %L returning *) '
    'insert into ai.%I select * from moved', p_monday, p_monday + interval '7 days', v_name);
  execute format(
    'alter table ai.rag_runs attach partition ai.%I for values from (%L) to (%L)',
    v_name, p_monday, p_monday + interval '7 days');
  return true;
end
$$;
comment on function ai.create_week_partition(timestamptz) is
  'Creates the partition of ai.rag_runs for the week that starts on p_monday, and moves that week''s runs there from the default partition. Returns false if the partition exists.';

create or replace function ai.make_partitions()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
set timezone = 'UTC'  -- the zone of ai.create_week_partition
as $$
declare
  v_ahead constant integer := (select (p.value)::integer from ai.policy p where p.key = 'partitions_ahead');
  v_made integer := 0;
begin
  if not ai.take_lock('partitions', false) then
    return 0;  -- another session runs this function
  end if;
  select count(*) filter (where ai.create_week_partition(w.monday)) into v_made
  from (
    select date_trunc('week', now(), 'UTC') + g * interval '7 days' as monday from generate_series(0, v_ahead) g
    order by 1
  ) w;
  return v_made;
end
$$;
comment on function ai.make_partitions() is
  'Creates the partitions of ai.rag_runs for this week and the next weeks (policy partitions_ahead), and moves their runs from the default partition. Gives up after waiting 200 ms for a lock; then call it again. Returns the number of partitions created.';

create or replace function ai.vacuum_due(p_least integer default 2000)
returns table (name text, dead bigint)
language plpgsql stable security definer  -- callers have no rights on ai.rollup_progress
set search_path = pg_catalog, pg_temp
as $$
declare
  -- All transactions that began before settled_to have ended (ai.roll_up), so a vacuum can remove rows that were dead at that time. If a
  -- vacuum ran after settled_to, another one would find nothing.
  v_settled constant timestamptz := (select r.settled_to from ai.rollup_progress r);
  v_role constant name := coalesce(nullif(current_setting('role'), 'none'), session_user::text);
  v_owns_database constant boolean := (
    select pg_has_role(v_role, d.datdba, 'usage') from pg_catalog.pg_database d where d.datname = current_database());
  v_table record;
begin
  for v_table in
    select s.relid, s.relname, s.n_dead_tup, c.relowner
    from pg_catalog.pg_stat_all_tables s
    join pg_catalog.pg_class c on c.oid = s.relid
    where s.schemaname = 'ai' and s.relname in ('outbox', 'outbox_deferred', 'holds')
      and s.n_dead_tup >= p_least
      and coalesce(greatest(s.last_vacuum, s.last_autovacuum), '-infinity') < v_settled
    order by s.relname
  loop
    if v_owns_database or pg_has_role(v_role, v_table.relowner, 'usage') then
      name := v_table.relname; dead := v_table.n_dead_tup;
      return next;
    elsif current_setting('server_version_num')::integer >= 170000 then
      if has_table_privilege(v_role, v_table.relid, 'maintain') then
        name := v_table.relname; dead := v_table.n_dead_tup;
        return next;
      end if;
    end if;
  end loop;
end
$$;
comment on function ai.vacuum_due(integer) is
  'Queue tables with at least p_least dead rows that a vacuum could remove, and that the caller may vacuum. The caller may vacuum a table if its role owns the table or the database, or from PostgreSQL 17 on has the right MAINTAIN. rfqflow grants MAINTAIN to no role, since it also allows locks. Autovacuum runs once a minute; a busy queue needs a vacuum sooner.';

select ai.make_partitions();
