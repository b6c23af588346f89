-- Findings of ai.health. Their sentences and remedies are only in this file, in 93_health_calls.sql, 94_health_settings.sql and
-- 95_health_console.sql. Indexes and limits bound each query, so a queue of a million RFQs costs as much as a queue of a thousand. A count
-- of 1001 means more than 1,000.

create or replace function ai.count_text(p_count bigint, p_one text, p_many text, p_begins boolean default false)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_count <= 1000 then p_count::text when p_begins then 'More than 1,000' else 'more than 1,000' end
    || ' ' || case p_count when 1 then p_one else p_many end;
$$;
comment on function ai.count_text(bigint, text, text, boolean) is 'A count with its noun, for a sentence: 1 RFQ waits, 5 RFQs wait, more than 1,000 RFQs wait.';

create or replace function ai.time_text(p_time timestamptz)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select to_char(p_time at time zone 'UTC', 'YYYY-MM-DD HH24:MI "UTC"');
$$;
comment on function ai.time_text(timestamptz) is 'A time for a sentence, always in UTC.';

create or replace function ai.usd_text(p_nano numeric)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when p_nano >= 1e6 or p_nano = 0
    then to_char(p_nano / 1e9, case when p_nano >= 1e9 or p_nano % 1e7 = 0 then 'FM999999999990.00' else 'FM0.0000' end)
    else rtrim(to_char(p_nano / 1e9, 'FM0.000000000'), '0') end;
$$;
comment on function ai.usd_text(numeric) is 'Nano-dollars as dollars for a sentence: with cents, and with more digits if cents would hide the amount.';

create or replace function ai.short_text(p_text text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select left(regexp_replace(p_text, '[[:cntrl:][:space:]]+', ' ', 'g'), 120);
$$;
comment on function ai.short_text(text) is 'A text that an operator or a worker wrote, for a sentence: cut to one short line.';

create or replace function ai.name_text(p_name text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select left(regexp_replace(regexp_replace(p_name, '[[:cntrl:][:space:]]+', ' ', 'g'),
    -- Matches an API key by its issuer's prefix, a long mix of letters and digits, an e-mail address, or the password in a URL.
    '[[:<:]](sk|pk|rk|gsk|hf|xai|ghp|gho|glpat|xox[abprs]|r8|pplx|AKIA|AIza)[-_]?[A-Za-z0-9_*-]{8,}|'
    || '[[:<:]](?=[A-Za-z]*[0-9])(?=[0-9]*[A-Za-z])[A-Za-z0-9]{24,}|'
    || '[^[:space:]@/:]+@[^[:space:]@/:]+[.][A-Za-z]{2,}|(?<=://)[^[:space:]/@]+@', '[masked]', 'g'), 120);
$$;
comment on function ai.name_text(text) is
  'The name of a model, provider or webhook, for a sentence: cut to one short line. If an operator entered a key or an address by mistake, it is masked.';

create or replace function ai.argument_text(p_name text, p_stands_for text)
returns text
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  select case when ai.name_text(p_name) is distinct from p_name then p_stands_for
    when p_name ~ '^[A-Za-z0-9_./:@+=,-]+$' then p_name
    else '''' || replace(p_name, '''', E'\'\\\'\'') || '''' end;
$$;
comment on function ai.argument_text(text, text) is
  'A name as an argument of a command that a person will type, quoted if a shell needs it. p_stands_for if the name cannot be shown.';

create or replace function ai.deferred_for(p_reason text, out rfqs bigint, out since timestamptz)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off  -- reads the index in order, so that the limit ends the scan even without statistics
set jit = off
as $$
begin
  select count(*), min(x.enqueued_at) into rfqs, since
  from (select d.enqueued_at from ai.outbox_deferred d where d.reason = p_reason order by d.enqueued_at limit 1001) x;
end
$$;
comment on function ai.deferred_for(text) is 'How many RFQs wait for this reason, counted up to 1001, and since when the oldest of them has waited.';

create or replace function ai.health_of_workers()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- readers of ai.health have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- reads the queue by its keys, since its statistics are stale
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_mode constant text := (select p.value #>> '{}' from ai.policy p where p.key = 'mode');
  -- Workers write a heartbeat every 5 s.
  v_live constant integer := (select count(*) from ai.workers w where w.beat_at > v_now - interval '15 seconds');
  v_slow constant interval := '5 minutes';
  v_waiting bigint;
  v_oldest timestamptz;
  v_last record;
begin
  -- Due RFQs, claimed or not, and deferred RFQs that a running worker would have moved to the queue.
  select count(*), min(q.since) into v_waiting, v_oldest
  from (
    (select o.enqueued_at as since from ai.outbox o order by o.id limit 1001)
    union all
    (select d.enqueued_at from ai.outbox_deferred d where d.due_at <= v_now order by d.due_at limit 1001)) q;
  v_waiting := least(v_waiting, 1001);

  if v_live = 0 and v_mode <> 'detached' then
    select w.worker, w.host, w.pid, w.beat_at into v_last from ai.workers w order by w.beat_at desc limit 1;
    return query select
      case when v_waiting > 0 then 'critical' else 'warning' end, 'no_live_worker',
      'No daemon is at work: '
        || case when v_waiting = 0 then 'new RFQs will wait.'
           else format('%s, the oldest since %s.', ai.count_text(v_waiting, 'RFQ waits', 'RFQs wait'), ai.time_text(v_oldest)) end
        || case when v_last.worker is null then '' else format(' The last sign of life, at %s, came from worker %s (pid %s on %s).',
             ai.time_text(v_last.beat_at), v_last.worker, v_last.pid, ai.short_text(v_last.host)) end,
      v_waiting, coalesce(v_last.beat_at, v_oldest),
      '`rfqflow run` starts one; if it stops again, see its last log line and run `rfqflow doctor`';
  end if;

  if v_mode = 'paused' then
    return query
      select case when v_waiting > 0 then 'critical' else 'warning' end, 'paused',
        format('Workers are paused%s%s%s: %s.', ' since ' || ai.time_text(h.changed_at), ' by ' || ai.short_text(h.actor),
          ' (' || ai.short_text(h.reason) || ')',
          case when v_waiting = 0 then 'new RFQs will wait' else ai.count_text(v_waiting, 'RFQ waits', 'RFQs wait') end),
        v_waiting, h.changed_at, '`rfqflow resume` ends the pause; workers wake at once'
      from (select 1) one
      left join lateral (
        select x.changed_at, x.actor, nullif(x.reason, '') as reason
        from ai.policy_history x where x.key = 'mode' and x.new_value = '"paused"' order by x.id desc limit 1) h on true;
  end if;

  return query
    select 'critical', 'claims_fail',
      format('Claims of worker %s (pid %s on %s) have failed since %s%s: %s.', w.worker, w.pid, ai.short_text(w.host),
        ai.time_text(w.claims_failing_since), ' with ' || ai.short_text(w.claims_sqlstate), ai.count_text(v_waiting, 'RFQ waits', 'RFQs wait')),
      v_waiting, w.claims_failing_since,
      case when w.claims_sqlstate in ('42P01', '42703')
        then 'Run `rfqflow migrate`: the schema does not match the daemon''s release. A restart does not help'
        else 'Search the PostgreSQL server''s log for this code, which has the whole error. A restart does not help' end
    from ai.workers w
    where w.claims_failing_since is not null and w.beat_at > v_now - interval '15 seconds'
    order by w.worker;

  if v_live > 0 and v_mode = 'on' then
    select o.enqueued_at into v_oldest from ai.outbox o where o.claim_id is null order by o.id limit 1;
    v_oldest := least(v_oldest, (select d.due_at from ai.outbox_deferred d order by d.due_at limit 1));
    if v_oldest < v_now - v_slow then
      return query select 'warning', 'oldest_waiting',
        format('%s for a free slot, the oldest since %s: %s, %s of %s slots are in use.',
          ai.count_text(x.rfqs, 'RFQ waits', 'RFQs wait', true), ai.time_text(v_oldest),
          ai.count_text(v_live, 'daemon is at work', 'daemons are at work'), w.in_flight, w.slots),
        x.rfqs, v_oldest,
        case when w.in_flight < w.slots * 0.9
          then 'Slots are free, so there is another cause: run `rfqflow doctor`, and check ai.model_limits and the daemons'' logs'
          else 'Start another daemon with `rfqflow run`, or raise RFQFLOW_CONCURRENCY for more slots' end
      from (select sum(w.in_flight) as in_flight, sum(w.concurrency) as slots from ai.workers w where w.beat_at > v_now - interval '15 seconds') w
      cross join (
        select least(1001, count(*)) as rfqs
        from (
          (select from ai.outbox o where o.claim_id is null order by o.id limit 1001)
          union all
          (select from ai.outbox_deferred d where d.due_at <= v_now order by d.due_at limit 1001)) q) x;
    end if;
  end if;
end
$$;
comment on function ai.health_of_workers() is 'The findings of ai.health about workers: no_live_worker, paused, claims_fail, oldest_waiting.';

create or replace function ai.health_of_rfqs()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_attached_at constant timestamptz := (select m.attached_at from ai.table_mapping m where m.one);
  v_blocks constant bigint := 8;  -- as many as this view reads before the first step of the sweep
  v_older bigint;
  v_is_least boolean;
  v_is_unswept boolean;
begin
  return query
    select 'critical', 'trigger_missing',
      case a.state
        when 'detached' then format('rfqflow is detached from %s: it does not see new RFQs.', a.table_name)
        when 'no_table' then format('Table %s no longer exists%s: rfqflow does not see new RFQs.', a.table_name, ' (it is ' || a.detail || ' now)')
        when 'other_table' then format('%s is not the table that rfqflow is attached to%s: rfqflow does not see new RFQs.',
          a.table_name, ' (which is ' || a.detail || ' now)')
        else format(case a.state when 'triggers_missing' then '%s lacks the trigger %s%s.' else 'On %s the trigger %s is disabled%s.' end,
          a.table_name, a.detail, case when a.detail ~ 'rfqflow_enqueue' then ': only the slow sweep finds new RFQs' else '' end) end,
      case when a.state in ('triggers_missing', 'triggers_disabled') then cardinality(string_to_array(a.detail, ', ')) else 1 end::bigint,
      case when m.state = a.state then m.state_since end,
      case a.state
        when 'detached' then '`rfqflow migrate` attaches it again; the sweep then finds RFQs inserted meanwhile'
        when 'triggers_missing' then '`rfqflow migrate` creates it again; the sweep then finds RFQs inserted meanwhile'
        when 'triggers_disabled' then (
          select string_agg(format('alter table %s enable trigger %s', a.table_name, t.name), '; ')
          from unnest(string_to_array(a.detail, ', ')) as t(name))
        else '`rfqflow migrate` attaches to the table of this name; use --map for another name' end
    from ai.attachment() a
    left join ai.table_mapping m on m.one
    where a.state <> 'attached';

  return query
    select 'warning', 'file_trigger_missing',
      case a.state when 'no_table' then format('Table %s no longer exists: rfqflow sees no attachment.', a.table_name)
        else format(case a.state when 'triggers_missing' then '%s lacks the trigger %s' else 'On %s the trigger %s is disabled' end,
          a.table_name, a.detail) || ': only the slow sweep finds attachments.' end,
      coalesce(cardinality(string_to_array(nullif(a.detail, ''), ', ')), 1)::bigint, null::timestamptz,
      case a.state
        when 'triggers_disabled' then (
          select string_agg(format('alter table %s enable trigger %s', a.table_name, t.name), '; ')
          from unnest(string_to_array(a.detail, ', ')) as t(name))
        when 'triggers_missing' then '`rfqflow migrate` creates it again; the sweep then finds attachments inserted meanwhile'
        else '`rfqflow migrate` creates it again; use --map for another table, or to turn attachments off' end
    from ai.file_triggers() a
    where a.state <> 'attached';

  return query
    select 'warning', 'enqueue_missed',
      format('%s outside the queue since %s: the trigger could not enqueue them (%s).',
        ai.count_text(x.rfqs, 'RFQ waits', 'RFQs wait', true), ai.time_text(x.since), x.sqlstates),
      x.rfqs, x.since,
      'A daemon enqueues them within 60 s; `rfqflow status` shows whether one runs. To enqueue them now: select ai.enqueue_missed()'
    from (
      select count(*) as rfqs, min(m.noted_at) as since, string_agg(distinct m.sqlstate, ', ') as sqlstates
      from (select y.noted_at, y.sqlstate from ai.outbox_missed y limit 1001) m
      -- Leaves out the newest: workers are still about to enqueue them.
      where m.noted_at < v_now - interval '15 seconds') x
    where x.rfqs > 0;

  return query
    select 'warning', 'dead_letters',
      format('%s for a person since %s: %s.', ai.count_text(least(x.rfqs, 1001), 'dead letter waits', 'dead letters wait', true), ai.time_text(x.since),
        coalesce(format('%s (%s)', rtrim(r.meaning, '.'), x.reason), x.reason) || coalesce(', the last attempt ended in ' || nullif(x.error_class, x.reason), '')),
      least(x.rfqs, 1001), x.since,
      coalesce(rtrim(replace(r.remedy, '`rfqflow rerun RFQ_ID`', '`rfqflow rerun --failed`'), '.'),
        '`rfqflow show RFQ_ID` shows the error of the last attempt. Fix its cause, then `rfqflow rerun --failed` retries all')
    from (
      select d.reason, d.error_class, count(*) as rfqs, min(d.discarded_at) as since
      from (select y.reason, y.error_class, y.discarded_at from ai.outbox_dead y limit 5000) d
      group by 1, 2
      order by 3 desc, 1, 2
      limit 10) x
    left join ai.reasons r on r.code = x.reason and r.kind = 'reason' and r.status = 'failed'
    order by x.rfqs desc, x.reason, x.error_class;

  select greatest(s.older, s.older_so_far), s.older_so_far >= s.older and s.next_block > 0, s.pass = 0 and s.next_block = 0
  into v_older, v_is_least, v_is_unswept
  from ai.sweep_progress s;
  if v_is_unswept then
    begin
      select count(*) into v_older
      from ai.rfqs_at(0, v_blocks) r
      where r.ai_status is null and not coalesce(r.created_at >= v_attached_at, false) and r.ai_content_sha256 is null
        and not exists (select from ai.outbox o where o.rfq_id = r.rfq_id)
        and not exists (select from ai.outbox_deferred d where d.rfq_id = r.rfq_id);
      v_is_least := exists (
        select from ai.table_mapping m
        cross join lateral (select to_regclass(m.table_name) as relid union all select p.relid from pg_partition_tree(to_regclass(m.table_name)) p) t
        where pg_relation_size(t.relid) > v_blocks * current_setting('block_size')::bigint);
    exception when others then
      null;  -- no table is attached, or it is locked: the sweep counts these RFQs later
    end;
  end if;
  if v_older > 0 then
    return query select 'info', 'older_rfqs',
      format('%s%s older than the installation (%s) and not enriched: rfqflow enriches them only on request.',
        case when v_is_least then 'At least ' else '' end,
        to_char(v_older, 'FM999,999,999,990') || case v_older when 1 then ' RFQ is' else ' RFQs are' end, ai.time_text(v_attached_at))
        || case when v_is_least then ' The sweep has not read the whole table yet.' else '' end,
      v_older, v_attached_at,
      'Nothing needs to be done. `rfqflow backfill` enqueues them in bounded batches';
  end if;
end
$$;
comment on function ai.health_of_rfqs() is
  'The findings of ai.health about RFQs that no worker receives: trigger_missing, file_trigger_missing, enqueue_missed, dead_letters (of the first 5,000), older_rfqs (as the sweep counts them).';

create or replace function ai.health_of_upkeep()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off  -- only few of the messages still wait
set jit = off
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
begin
  return query
    select 'warning', 'webhooks_failing',
      format('Webhook %s has accepted no message since %s: %s, %s.', ai.name_text(x.webhook), ai.time_text(x.since),
        ai.count_text(x.messages, 'message waits', 'messages wait'),
        coalesce('the last attempt ended with ' || x.last_status, 'none was attempted')),
      x.messages, x.since,
      case when x.last_status is null
        then format('Set its address in the environment of a daemon, RFQFLOW_WEBHOOK_URLS=%s=https://..., and restart the daemon', ai.argument_text(x.webhook, 'NAME'))
        else 'Check the receiver and its address in RFQFLOW_WEBHOOK_URLS. Daemons try each message 15 times within seven hours' end
    from (
      select o.webhook, count(*) as messages, min(o.happened_at) as since, (array_agg(o.last_status order by o.id desc)
        filter (where o.last_status is not null))[1] as last_status
      from (
        select y.id, y.webhook, y.happened_at, y.last_status from ai.webhook_outbox y
        where y.due_at is not null and y.happened_at < v_now - interval '5 minutes'
        order by y.due_at limit 1001) o
      group by 1) x
    join ai.webhooks w on w.name = x.webhook and w.is_active
    order by x.webhook;

  return query
    select 'warning', 'maintenance_late',
      format('The maintenance step %s has failed since %s with %s.', m.step, ai.time_text(coalesce(m.ran_at, m.failed_at)), ai.short_text(m.sqlstate)),
      1::bigint, coalesce(m.ran_at, m.failed_at),
      'Search the PostgreSQL server''s log for this code, which has the whole error. Daemons try the step again; other steps continue'
    from ai.maintenance_status m
    where m.is_failing
      -- Leaves out problems with the folder of archives, which have another finding.
      and not (m.step = 'archive' and m.sqlstate in ('FileNotFoundError', 'FileExistsError', 'NotADirectoryError', 'PermissionError', 'OSError'))
    order by m.step;

  return query
    select 'warning', 'maintenance_late',
      format('%s late, the first since %s: %s.', ai.count_text(x.steps, 'maintenance step is', 'maintenance steps are', true), ai.time_text(x.since), x.names),
      x.steps, x.since,
      'Start a daemon with `rfqflow run`, which runs these steps, or run `rfqflow maintain` from a scheduler'
    from (
      select count(*) as steps, min(m.next_at) as since, string_agg(m.step, ', ' order by m.step) as names
      from ai.maintenance_status m
      where m.is_late and not m.is_failing) x
    where x.steps > 0;
end
$$;
comment on function ai.health_of_upkeep() is 'The findings of ai.health about webhooks and maintenance: webhooks_failing, maintenance_late.';
