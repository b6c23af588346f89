-- Deletes rows that are no longer needed. Each call reads only a part of each large table.

create or replace function ai.sampled_block_range(p_table regclass, out from_row tid, out to_row tid)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_blocks constant bigint := pg_relation_size(p_table) / current_setting('block_size')::bigint;
  v_size constant bigint := greatest(1024, ceil(v_blocks / 60.0));
  v_minute constant bigint := floor(extract(epoch from clock_timestamp()) / 60);
  v_from constant bigint := v_size * (v_minute % greatest(1, ceil(v_blocks::numeric / v_size))::bigint);
begin
  from_row := ('(' || v_from || ',0)')::tid;
  to_row := ('(' || v_from + v_size || ',0)')::tid;
end
$$;
comment on function ai.sampled_block_range(regclass, out tid, out tid) is
  'The blocks of a table to search for old rows in this minute. It replaces an index that each insert would have to update. Returns all blocks of a small table (8 MB), and a sixtieth of a large table, so that an hour covers the whole table.';

create or replace function ai.prune_dead()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
-- Reads each RFQ by its key, and never scans the application's whole table.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_slice record;
  v_pruned integer;
begin
  -- Under row-level security, an existing RFQ may look deleted.
  if row_security_active((select to_regclass(m.table_name) from ai.table_mapping m where m.one)) then
    return 0;
  end if;
  select * into v_slice from ai.sampled_block_range('ai.outbox_dead');
  delete from ai.outbox_dead d where d.ctid = any (array(
    select x.ctid from ai.outbox_dead x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row
      and not exists (select from ai.rfqs r where r.rfq_id = x.rfq_id)
    limit 5000 for update of x skip locked));
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$$;
comment on function ai.prune_dead() is
  'Deletes dead letters whose RFQ was deleted, at most 5,000, in the part of the table that is due this minute (ai.sampled_block_range). Other dead letters wait for a person. Returns the number of rows.';

create or replace function ai.prune_guards()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_pruned integer := 0;
  v_rows integer;
  v_slice record;
begin
  if not ai.take_lock('guards', false) then
    return 0;  -- another session runs this function
  end if;
  select * into v_slice from ai.sampled_block_range('ai.duplicate_fingerprints');
  delete from ai.duplicate_fingerprints o where o.ctid = any (array(
    select x.ctid from ai.duplicate_fingerprints x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row
      and x.seen_at < v_now - interval '1 hour' * (select greatest(24, (p.value)::float8) from ai.policy p where p.key = 'duplicate_hours')
    limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- After an hour without RFQs, a bucket is full again, so its row is not needed.
  delete from ai.rate_limit_buckets b where b.ctid = any (array(
    select x.ctid from ai.rate_limit_buckets x where x.filled_at < v_now - interval '61 minutes' limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.breaker_windows b
  where b.slice < v_now - interval '1 second' * (select (p.value)::float8 from ai.policy p where p.key = 'breaker_window_seconds');
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.budget_windows w where w.ctid = any (array(
    select x.ctid from ai.budget_windows x
    where x.held_nano = 0 and (x.ends_at < v_now - interval '400 days' or x.scope like 'sender:%' and x.ends_at < v_now - interval '1 day')
    limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.eval_calls c where c.ctid = any (array(
    select x.ctid from ai.eval_calls x where x.admitted_at < v_now - interval '400 days' limit 5000));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- An ended experiment keeps its figures, so its single answers are no longer needed.
  delete from ai.shadow_results s where s.ctid = any (array(
    select x.ctid from ai.shadow_results x join ai.trials t on t.trial = x.trial
    where t.ended_at < v_now - interval '90 days' limit 5000));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  select * into v_slice from ai.sampled_block_range('ai.submissions');
  delete from ai.submissions s where s.ctid = any (array(
    select x.ctid from ai.submissions x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row and x.created_at < v_now - interval '31 days' limit 5000));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- Events of people stay. The statement that deletes the other events adds them to ai.event_totals, so that no total falls.
  with gone as (
    delete from ai.events e where e.ctid = any (array(
      select x.ctid from ai.events x
      where x.happened_at < v_now - interval '1 day' * (select (p.value)::float8 from ai.policy p where p.key = 'event_days')
        and x.actor is null
      order by x.happened_at limit 5000 for update skip locked))
    returning e.kind, e.provider, e.model, e.reason
  ),
  counted as (
    insert into ai.event_totals as t (kind, provider, model, reason, events)
    select g.kind, coalesce(g.provider, ''), coalesce(g.model, ''), coalesce(g.reason, ''), count(*)
    from gone g group by 1, 2, 3, 4 order by 1, 2, 3, 4
    on conflict on constraint event_totals_pkey do update set events = t.events + excluded.events
  )
  select count(*) into v_rows from gone;
  v_pruned := v_pruned + v_rows;
  v_pruned := v_pruned + ai.prune_dead() + ai.prune_drafts() + ai.prune_accounts() + ai.prune_attachments() + ai.prune_related();
  -- Erasures are not needed after a day; ai.actions keeps the ids.
  delete from ai.erasures e where e.ctid = any (array(
    select x.ctid from ai.erasures x where x.erased_at < v_now - interval '31 days' limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  return v_pruned + v_rows;
end
$$;
comment on function ai.prune_guards() is
  'Deletes rows that are no longer needed, at most 5,000 of each table. In a large table, it reads only the part that is due this minute (ai.sampled_block_range). It deletes fingerprints, full buckets, past budget windows, calls of evaluations, and answers of shadows that ended long ago. It deletes drafts older than draft_days, submissions and erasures after a month, and events older than event_days (counted in ai.event_totals). It also deletes dead letters of deleted RFQs, and calls ai.prune_accounts, ai.prune_attachments and ai.prune_related. Returns the number of rows.';
