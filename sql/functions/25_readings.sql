-- Readings of files. One worker of the fleet reads each content, under a lease.

create or replace function ai.take_reading(
  p_sha256 bytea, p_reader_version text, p_worker integer, p_lease_id bigint, p_lease interval, p_most_attempts integer default 3)
returns table (
  taken boolean, state text, reason text, kind text, pages integer, lines text, seconds real, wait_ms float8)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_reading ai.attachment_readings;
begin
  insert into ai.attachment_readings as r (sha256, reader_version, lease_id, worker, lease_expires_at)
  values (p_sha256, p_reader_version, p_lease_id, p_worker, v_now + p_lease)
  on conflict (sha256, reader_version) do nothing;
  if found then
    return query select true, 'reading'::text, null::text, null::text, null::integer, null::text, null::real, 0::float8;
    return;
  end if;
  select * into v_reading from ai.attachment_readings r
  where r.sha256 = p_sha256 and r.reader_version = p_reader_version for update;
  if not found then  -- just pruned or erased
    return query select false, 'reading'::text, null::text, null::text, null::integer, null::text, null::real, 100::float8;
    return;
  end if;
  -- The lease of a dead worker counts as expired. If this worker already has the lease, the reply to its last call was lost.
  if v_reading.state = 'reading' and v_reading.lease_expires_at > v_now and v_reading.worker is distinct from p_worker
    and exists (select from ai.workers w where w.worker = v_reading.worker)
  then
    return query select false, v_reading.state, null::text, null::text, null::integer, null::text, null::real,
      extract(epoch from v_reading.lease_expires_at - v_now)::float8 * 1000;
    return;
  end if;
  if v_reading.state = 'reading' and v_reading.attempt < p_most_attempts then
    update ai.attachment_readings r
    set lease_id = p_lease_id, worker = p_worker, lease_expires_at = v_now + p_lease, attempt = r.attempt + 1
    where r.sha256 = p_sha256 and r.reader_version = p_reader_version;
    return query select true, 'reading'::text, null::text, null::text, null::integer, null::text, null::real, 0::float8;
    return;
  end if;
  update ai.attachment_readings r
  set state = case r.state when 'reading' then 'failed' else r.state end,
      reason = case r.state when 'reading' then 'broken' else r.reason end,
      lease_id = null, worker = null, lease_expires_at = null,
      read_at = coalesce(r.read_at, v_now), used_at = v_now
  where r.sha256 = p_sha256 and r.reader_version = p_reader_version
    and (r.state = 'reading' or r.used_at < v_now - interval '1 day')
  returning * into v_reading;
  if not found then
    select * into v_reading from ai.attachment_readings r where r.sha256 = p_sha256 and r.reader_version = p_reader_version;
  end if;
  return query select false, v_reading.state, v_reading.reason, v_reading.kind, v_reading.pages, v_reading.lines::text,
    v_reading.seconds, 0::float8;
end
$$;
comment on function ai.take_reading(bytea, text, integer, bigint, interval, integer) is
  'Assigns the reading of a content to one worker. If taken is true, the caller has the lease until p_lease has passed or it calls ai.save_reading. Otherwise it returns the stored reading, or state reading with the milliseconds until another worker''s lease ends. The lease of a dead worker ends at once. After p_most_attempts without a result, the reading fails with reason broken.';

create or replace function ai.save_reading(
  p_sha256 bytea, p_reader_version text, p_lease_id bigint, p_state text, p_reason text, p_kind text, p_pages integer,
  p_lines text, p_seconds real)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  -- An erasure may have deleted the file's last use meanwhile. The lock waits for an erasure that has not committed.
  perform from ai.attachment_uses u where u.sha256 = p_sha256 limit 1 for key share;
  if not found then
    return false;
  end if;
  update ai.attachment_readings r
  set state = p_state, reason = p_reason, kind = p_kind, pages = p_pages, lines = p_lines::jsonb, seconds = p_seconds,
      read_at = clock_timestamp(), used_at = clock_timestamp(), lease_id = null, worker = null, lease_expires_at = null
  where r.sha256 = p_sha256 and r.reader_version = p_reader_version and r.lease_id = p_lease_id;
  return found;
end
$$;
comment on function ai.save_reading(bytea, text, bigint, text, text, text, integer, text, real) is
  'Stores a reading under a lease of ai.take_reading. Returns false if another worker has the lease now, or if the reading was erased.';

create or replace function ai.release_reading(p_sha256 bytea, p_reader_version text, p_lease_id bigint)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  delete from ai.attachment_readings r
  where r.sha256 = p_sha256 and r.reader_version = p_reader_version and r.lease_id = p_lease_id;
  return found;
end
$$;
comment on function ai.release_reading(bytea, text, bigint) is 'Releases a lease of ai.take_reading without a result, when the worker stops. Returns false if the caller did not hold the lease any more.';

create or replace function ai.readings_of(p_sha256s bytea[], p_reader_version text)
returns table (sha256 bytea, state text, reason text, kind text, pages integer, lines text, seconds real)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select r.sha256, r.state, r.reason, r.kind, r.pages, r.lines::text, r.seconds
  from ai.attachment_readings r
  where r.sha256 = any (p_sha256s) and r.reader_version = p_reader_version and r.state <> 'reading';
$$;
comment on function ai.readings_of(bytea[], text) is 'The stored readings of these contents.';

create or replace function ai.record_attachment_use(p_rfq_id uuid, p_attachment_id text, p_sha256 bytea)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
as $$
begin
  -- An erasure of the person may have run while the worker had the file.
  if exists (select from ai.erasures e where e.rfq_id = p_rfq_id and e.erased_at > now() - interval '1 day') then
    return false;
  end if;
  insert into ai.attachment_uses as u (rfq_id, attachment_id, sha256) values (p_rfq_id, p_attachment_id, p_sha256)
  on conflict (rfq_id, attachment_id) do update set sha256 = excluded.sha256, used_at = clock_timestamp()
  where u.sha256 <> excluded.sha256 or u.used_at < now() - interval '1 day';
  return true;
end
$$;
comment on function ai.record_attachment_use(uuid, text, bytea) is
  'Records the content of an attachment before a worker reads it, so that an erasure finds the reading. Returns false if the person was erased within the last day; then the worker must not read the file.';

create or replace function ai.erase_readings(p_rfq_ids uuid[])
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_sha256s bytea[];
  v_erased bigint;
begin
  with gone as (
    delete from ai.attachment_uses u where u.rfq_id = any (p_rfq_ids) returning u.sha256
  )
  select array_agg(distinct g.sha256) into v_sha256s from gone g;
  delete from ai.attachment_readings r
  where r.sha256 = any (v_sha256s) and not exists (select from ai.attachment_uses u where u.sha256 = r.sha256);
  get diagnostics v_erased = row_count;
  return v_erased;
end
$$;
comment on function ai.erase_readings(uuid[]) is
  'Deletes the readings of these RFQs'' files, unless another RFQ has the same file. Returns the number of readings.';
