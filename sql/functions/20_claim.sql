-- Step 4: registering workers, and claiming RFQs.

create or replace function ai.register_worker(
  p_host text, p_pid integer, p_version text, p_provider text, p_model text, p_concurrency integer, p_lock boolean,
  p_answers_with jsonb default '[]', p_problems jsonb default '[]')
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_worker integer;
begin
  if p_lock then
    -- A session lock lives as long as this connection, so other sessions see that a worker died when its lock is free. They see the row
    -- only after commit, and by then the worker holds the lock.
    for v_try in 0..20 loop
      insert into ai.workers as w (worker, host, pid, version, provider, model, concurrency, has_lock, answers_with, problems)
      overriding system value
      values (
        -- Any role could lock the ids of future workers, but not all possible ids. After one failed attempt, this draws a random id.
        case v_try when 0 then nextval(pg_get_serial_sequence('ai.workers', 'worker'))
          else 1000000000 + floor(random() * 1000000000) end,
        p_host, p_pid, p_version, p_provider, p_model, p_concurrency, true, p_answers_with, p_problems)
      on conflict (worker) do nothing
      returning w.worker into v_worker;
      if found then
        if pg_try_advisory_lock(ai.lock_key('worker'), v_worker) then
          return v_worker;
        end if;
        delete from ai.workers w where w.worker = v_worker;
      end if;
    end loop;
  end if;
  insert into ai.workers as w (host, pid, version, provider, model, concurrency, has_lock, answers_with, problems)
  values (p_host, p_pid, p_version, p_provider, p_model, p_concurrency, false, p_answers_with, p_problems)
  returning w.worker into v_worker;
  return v_worker;
end
$$;
comment on function ai.register_worker(text, integer, text, text, text, integer, boolean, jsonb, jsonb) is
  'Registers a worker under a new id. With p_lock, the calling session holds an advisory lock on the id. Does not wait for a lock. p_answers_with and p_problems are as in ai.workers. Returns the id.';

create or replace function ai.retire_worker(p_worker integer)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  delete from ai.workers w where w.worker = p_worker;
$$;
comment on function ai.retire_worker(integer) is 'Removes a worker that stops. The worker must have finished or released its claims before.';

create or replace function ai.note_claims(p_worker integer, p_failure text)
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  update ai.workers w
  set claims_failing_since = case when p_failure is not null then coalesce(w.claims_failing_since, clock_timestamp()) end,
      claims_sqlstate = p_failure
  where w.worker = p_worker;
$$;
comment on function ai.note_claims(integer, text) is
  'Records why a worker cannot claim RFQs: an SQLSTATE or an error class. Null: its claims succeed again.';

create or replace function ai.record_lost_claims(p_ids bigint[])
returns void
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_claim_ids bigint[];
begin
  insert into ai.rag_runs (
    rfq_id, claim_id, worker, attempt, status, reason, error_class, request_id, provider, model, cost_usd, cost_source,
    booked_usd, admitted_at)
  select o.rfq_id, o.claim_id, o.worker, o.attempt, 'lost',
    case when o.lease_expires_at < clock_timestamp() then 'lease_expired' else 'worker_died' end,
    'lease_lost', ai.request_id_of(o.rfq_id), h.provider, h.model,
    -- The provider may have received and billed the call, so the whole hold counts as spent.
    case when h.is_priced then h.amount_nano / 1e9 end,
    case when h.is_priced then 'assumed' when h.claim_id is not null then 'unknown' end,
    h.amount_nano / 1e9, h.admitted_at
  from ai.outbox o
  left join ai.holds h on h.claim_id = o.claim_id
  where o.id = any (p_ids) and o.claim_id is not null
    -- The worker may have recorded the run already, if its finish was refused, or if the reply was lost.
    and not exists (select from ai.rag_runs x where x.rfq_id = o.rfq_id and x.claim_id = o.claim_id);
  select array_agg(h.claim_id) into v_claim_ids
  from ai.outbox o join ai.holds h on h.claim_id = o.claim_id
  where o.id = any (p_ids);
  if v_claim_ids is not null then
    perform ai.settle_lost(v_claim_ids);
  end if;
end
$$;
comment on function ai.record_lost_claims(bigint[]) is
  'Records a lost run for each claim that ended without a result, and books its hold, since the provider may have billed the call. The caller must hold the locks on the rows of ai.outbox.';

create or replace function ai.release_unacknowledged(p_worker integer, p_claim_id bigint, p_limit integer)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_released integer;
begin
  update ai.outbox o
  set claim_id = null, worker = null, lease_expires_at = null, attempt = o.attempt - 1
  where o.id = any (array(
    select c.id
    from ai.outbox c
    where c.worker = p_worker and c.claim_id > p_claim_id and c.claim_id <= p_claim_id + p_limit
    for update skip locked));
  get diagnostics v_released = row_count;
  if v_released > 0 then
    perform ai.notify_workers();
  end if;
  return v_released;
end
$$;
comment on function ai.release_unacknowledged(integer, bigint, integer) is
  'Releases the claims of a call of ai.claim_outbox whose reply was lost, so that the worker does not know what it claimed. Takes the arguments of that call. The worker made no call to a model, so this charges no attempt and records no run. Reads the whole queue, once per lost reply. Returns the number of claims.';

create or replace function ai.is_of_one_row(p_sqlstate text)
returns boolean
language sql volatile  -- only definer functions call it
set search_path = pg_catalog, pg_temp
as $$
  -- Lost connections, locks, cancellations and a full server are not caused by one row. Any other error may come from the row's values, or
  -- from the application's code that reads the row.
  select left(p_sqlstate, 2) not in ('08', '25', '40', '53', '55', '57')
    or p_sqlstate = '53200' and not ai.is_of_server(p_sqlstate);
$$;
comment on function ai.is_of_one_row(text) is
  'True if an error may concern only one RFQ of a batch. Then the caller tries each RFQ alone.';

create or replace function ai.readable(p_text text)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  perform convert_to(p_text, 'UTF8');
  return p_text;
exception when character_not_in_repertoire or untranslatable_character then
  return regexp_replace(p_text, E'[^\x01-\x7f]', '?', 'g');
end
$$;
comment on function ai.readable(text) is
  'The text itself if it is valid UTF-8, else the text with a question mark for each byte beyond ASCII. A database with encoding SQL_ASCII accepts any bytes.';

create or replace function ai.cut_text(p_text text, p_characters integer)
returns text
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := p_text || '';  -- fetched and decompressed once
  v_length constant integer := char_length(v_text);
  v_marker text;
  v_room integer;
begin
  if v_length <= p_characters then
    return v_text;
  end if;
  -- Same rule as rfqflow.core.text.sanitize.clip.
  v_marker := format(E'\n[... %s characters and more left out ...]\n', v_length - p_characters);
  v_room := p_characters - char_length(v_marker);
  return left(v_text, v_room - v_room / 3) || v_marker || right(v_text, v_room / 3);
end
$$;
comment on function ai.cut_text(text, integer) is
  'Cuts a text to p_characters: two thirds from its start and one third from its end, with a marker between them.';

create or replace function ai.request_id_of(p_rfq_id uuid)
returns text
language plpgsql stable security definer  -- readers of the queue have no rights on the application's table
set search_path = pg_catalog, pg_temp
as $$
begin
  return ai.rfq_text(p_rfq_id, 'request_id');
exception when others or assert_failure then
  return null;  -- an unreadable request_id must not stop a report about its RFQ
end
$$;
comment on function ai.request_id_of(uuid) is 'The RFQ''s request_id, limited in length; null if the RFQ has none, or if it cannot be read.';

create or replace function ai.content_sha256_of(p_rfq_id uuid)
returns bytea
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  return (select r.content_sha256 from ai.rfqs r where r.rfq_id = p_rfq_id limit 1);
exception when others or assert_failure then
  if not ai.is_of_one_row(sqlstate) then
    raise;
  end if;
  return null;
end
$$;
comment on function ai.content_sha256_of(uuid) is
  'SHA-256 of an RFQ''s message; null if it cannot be read, so that a query over many RFQs continues.';

create or replace function ai.read_rfqs(p_rfq_ids uuid[], p_octets bigint default 33554432)
returns table (
  place bigint, rfq_id uuid, octets bigint, request_id text, name text, email text, company text, phone text,
  source_ip text, message text, is_cut boolean, metadata text, content_sha256 bytea, ai_status text,
  created_at timestamptz, unreadable text, attached bigint)
language plpgsql stable security definer  -- callers have no rights on the tables
rows 100
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_short constant bigint := 32768;
  v_read bigint := 0;
  v_octets bigint := 0;
  v_all boolean := false;
  v_one record;
  v_unreadable text;
  v_sha256 bytea;
begin
  begin
    -- PostgreSQL builds all rows before it returns the first, so after an error no row is returned.
    return query
      select f.place, f.rfq_id, f.octets, f.request_id, f.name, f.email, f.company, f.phone, f.source_ip, f.message, f.is_cut,
        f.metadata, f.content_sha256, f.ai_status, f.created_at, null::text, f.attached
      from ai.rfq_fields(p_rfq_ids, v_short) f where f.octets is null or f.octets <= v_short;
    get diagnostics v_read = row_count;
    v_all := true;
  exception when others or assert_failure then
    if not ai.is_of_one_row(sqlstate) then
      raise;
    end if;
  end;
  if v_all and v_read = cardinality(p_rfq_ids) then
    return;
  end if;

  -- Some messages are long, or one cannot be read: read each row alone. Stop when the messages exceed p_octets, but return at least one.
  for v_one in
    select g.rfq_id, g.place from unnest(p_rfq_ids) with ordinality as g(rfq_id, place) order by g.place
  loop
    begin
      select f.octets into v_read from ai.rfq_fields(array[v_one.rfq_id], 0) f;
      if v_read > v_short then
        continue when v_octets > 0 and v_octets + v_read > p_octets;
        v_octets := v_octets + v_read;
      elsif v_all then
        continue;
      end if;
      return query
        select v_one.place, f.rfq_id, f.octets, f.request_id, f.name, f.email, f.company, f.phone, f.source_ip, f.message,
          f.is_cut, f.metadata, f.content_sha256, f.ai_status, f.created_at, null::text, f.attached
        from ai.rfq_fields(array[v_one.rfq_id], 9223372036854775807) f;
    exception when others or assert_failure then
      if not ai.is_of_one_row(sqlstate) then
        raise;
      end if;
      v_unreadable := sqlstate;
      -- An error that also occurs without any row, such as a missing table or right, would occur for every RFQ.
      perform from ai.rfq_fields(array['00000000-0000-0000-0000-000000000000'::uuid], 0);
      v_sha256 := ai.content_sha256_of(v_one.rfq_id);  -- by this hash, the finish sees whether the message was edited meanwhile
      return query
        select v_one.place, v_one.rfq_id, null::bigint, null::text, null::text, null::text, null::text, null::text, null::text,
          null::text, false, null::text, v_sha256, null::text, null::timestamptz, v_unreadable, null::bigint;
    end;
  end loop;
end
$$;
comment on function ai.read_rfqs(uuid[], bigint) is
  'Reads ai.rfq_fields of each RFQ. For an RFQ that cannot be read, it returns only the SQLSTATE (unreadable). It returns messages above 32 kB up to a total of p_octets bytes, but at least one; it leaves out the other long messages. Raises any error that no single row caused.';

create or replace function ai.claim_outbox(
  p_worker integer, p_claim_id bigint, p_limit integer, p_lease interval, p_from bigint default 0)
returns table (
  outbox_id bigint, rfq_id uuid, claim_id bigint, attempt smallint, forced boolean, queue_ms real,
  request_id text, name text, email text, company text, phone text, source_ip text, message text, metadata text,
  content_sha256 bytea, prompt_version text, age_ms real, out_of_turn boolean, is_new boolean, is_cut boolean, received date, unreadable text,
  is_attached boolean, late_ms real)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
-- These settings fix the plan, since the statistics of a queue go stale at once.
set enable_seqscan = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now timestamptz := clock_timestamp();
  -- With a backlog, an eighth of the rows comes from its newest end, so that a flood does not block all later RFQs. If p_limit is not a
  -- multiple of eight, the last two bytes of the claim id decide whether to round up.
  v_late constant integer := p_limit / 8 + case when 65535 - p_claim_id % 65536 < p_limit % 8 then 1 else 0 end;
  v_ids bigint[];
  v_rfq_ids uuid[];
  v_late_ids bigint[];
  v_late_rfq_ids uuid[];
  v_expired boolean;
  v_late_expired boolean;
begin
  if p_limit <= 0 or exists (select from ai.policy p where p.key = 'mode' and p.value <> '"on"') then
    return;
  end if;

  if v_late < p_limit then
    select array_agg(c.id), array_agg(c.rfq_id), bool_or(c.claim_id is not null)
    into v_ids, v_rfq_ids, v_expired
    from (
      select o.id, o.rfq_id, o.claim_id
      from ai.outbox o
      -- p_from is the caller's low-water mark. The scan skips the dead index entries below it, which an old snapshot may keep.
      where o.id >= p_from and (o.lease_expires_at is null or o.lease_expires_at < v_now)
      order by o.id
      limit p_limit - v_late
      for update skip locked
    ) c;
    if v_ids is null then
      return;
    end if;
  end if;
  if v_late > 0 and coalesce(cardinality(v_ids), 0) = p_limit - v_late then
    select array_agg(c.id), array_agg(c.rfq_id), bool_or(c.claim_id is not null)
    into v_late_ids, v_late_rfq_ids, v_late_expired
    from (
      select o.id, o.rfq_id, o.claim_id
      from ai.outbox o
      where o.id > coalesce(v_ids[p_limit - v_late], p_from - 1) and (o.lease_expires_at is null or o.lease_expires_at < v_now)
      order by o.id desc
      limit v_late
      for update skip locked
    ) c;
    v_ids := v_ids || v_late_ids;
    v_rfq_ids := v_rfq_ids || v_late_rfq_ids;
    v_expired := coalesce(v_expired, false) or coalesce(v_late_expired, false);
  end if;
  if v_ids is null then
    return;
  end if;
  if v_expired then
    perform ai.record_lost_claims(v_ids);
    update ai.outbox o set claim_id = null, worker = null, lease_expires_at = null
    where o.id = any (v_ids) and o.claim_id is not null;
  end if;

  return query
  with taken as (
    update ai.outbox o
    set claim_id = p_claim_id + r.place,
        worker = p_worker,
        attempt = o.attempt + 1,
        claims = least(o.claims + 1, 2),
        lease_expires_at = v_now + p_lease
    from ai.read_rfqs(v_rfq_ids) r
    where o.id = v_ids[r.place] and o.id = any (v_ids)
    returning o.id, o.rfq_id, o.claim_id, o.attempt, o.forced, o.enqueued_at, o.claims, r.request_id, r.name, r.email,
      r.company, r.phone, r.source_ip, r.message, r.metadata, r.content_sha256, r.ai_status, r.created_at, r.is_cut,
      r.unreadable, r.attached
  )
  select t.id, t.rfq_id, t.claim_id, t.attempt, t.forced,
    (extract(epoch from v_now - t.enqueued_at) * 1000)::real,
    t.request_id, t.name, t.email, t.company, t.phone, t.source_ip, t.message, t.metadata, t.content_sha256,
    -- The statement that claims the row also reads the policy, so a change applies from the next claim.
    case when mod(hashtextextended(t.rfq_id::text || (select p.value #>> '{}' from ai.policy p where p.key = 'canary_prompt'), 0)
        & 9223372036854775807, 10000) < 100 * (select (p.value)::numeric from ai.policy p where p.key = 'canary_percent')
      then (select p.value #>> '{}' from ai.policy p where p.key = 'canary_prompt')
      else (select p.value #>> '{}' from ai.policy p where p.key = 'active_prompt') end,
    -- As in ai.write_results: the age of an RFQ from a backfill or a rerun does not measure rfqflow's speed.
    case when t.ai_status in ('pending', 'deferred')
        -- The application may write any time into created_at, even infinity.
        and t.created_at between (select m.attached_at from ai.table_mapping m where m.one) and v_now + interval '1 day'
      then (extract(epoch from v_now - t.created_at) * 1000)::real end,
    t.claim_id > p_claim_id + p_limit - v_late,
    -- An RFQ much older than its row in the queue is not new: it was moved, or restored from a dump.
    t.claims = 1 and t.created_at > t.enqueued_at - interval '1 minute', t.is_cut,
    case when isfinite(t.created_at) then t.created_at::date end, t.unreadable,
    t.attached is not null,
    -- Attachments from the RFQ's own transaction, or from before, are complete. After later attachments, more may follow.
    case when t.attached is not null then (
      select (extract(epoch from v_now - max(c.changed_at)) * 1000)::real
      from ai.attachment_changes c
      where c.rfq_id = t.rfq_id and c.began_at > t.enqueued_at) end
  from taken t
  order by t.claim_id;
end
$$;
comment on function ai.claim_outbox(integer, bigint, integer, interval, bigint) is
  'Claims up to p_limit due rows in order, starting at id p_from, and skips rows that other sessions lock. With a backlog, an eighth of the rows is the newest (out_of_turn). Row n gets claim_id p_claim_id + n and is charged an attempt. A claim whose lease expired is taken over and recorded as lost. Claims only as many long messages as ai.read_rfqs returns, and nothing while paused. Returned columns: message is null if the RFQ was deleted. prompt_version is the active version, or the canary for its share of RFQs. age_ms counts from the insert; it is null if the RFQ finished before or is older than the installation. is_new: the RFQ was just inserted, and never claimed before. is_cut: message is only the start and the end of a long message. received is the day of the insert. unreadable is the SQLSTATE if the RFQ could not be read; then message is null. is_attached: the RFQ has, or had, attachments. late_ms is the time since the last attachment that arrived after the RFQ was enqueued.';
