-- Attachments that were inserted, changed or deleted. The trigger (attach/55_attachments.sql) only notes the RFQ, so that an insert costs
-- one row and waits for no other session. The functions here update the queue once no attachment has arrived for a while.

create or replace function ai.rfq_number_of(p_rfq_id uuid)
returns bigint
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select coalesce(nullif(translate(ltrim(replace(p_rfq_id::text, '-', ''), '0'), 'f', '-'), ''), '0')::bigint
  where replace(p_rfq_id::text, '-', '') ~ '^0*f?[0-9]{1,19}$';
$$;
comment on function ai.rfq_number_of(uuid) is 'The number from which ai.rfq_uuid made this uuid; null for any other uuid.';

create or replace function ai.fold_attachment_changes(p_most integer default 100)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_folded integer;
begin
  with many as (
    select c.rfq_id from ai.attachment_changes c group by c.rfq_id having count(*) > p_most
  ),
  gone as (
    delete from ai.attachment_changes c
    where c.ctid = any (array(
      select x.ctid from ai.attachment_changes x join many m on m.rfq_id = x.rfq_id limit 50000 for update of x skip locked))
    returning c.*
  )
  insert into ai.attachment_changes (rfq_id, token, is_removal, began_at, changed_at)
  select g.rfq_id, bit_xor(g.token), bool_and(g.is_removal), max(g.began_at), max(g.changed_at)
  from gone g group by g.rfq_id;
  get diagnostics v_folded = row_count;
  return v_folded;
end
$$;
comment on function ai.fold_attachment_changes(integer) is
  'For each RFQ with more than p_most rows in ai.attachment_changes, replaces these rows by one, since each claim and finish reads all of them. Returns the number of RFQs.';

create or replace function ai.absorb_attachments(p_limit integer default 1000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
set enable_seqscan = off
set jit = off
as $$
declare
  v_quiet constant interval := (
    select (p.value)::float8 * interval '1 second' from ai.policy p where p.key = 'attachment_quiet_seconds');
  v_ids uuid[];
  v_held uuid[];
  v_came uuid[];
  v_enqueued integer;
begin
  if not ai.take_lock('attachments', false) then
    return 0;  -- another session runs this function
  end if;
  perform ai.fold_attachment_changes();
  v_ids := array(
    select c.rfq_id from ai.attachment_changes c
    group by c.rfq_id having max(c.changed_at) <= clock_timestamp() - v_quiet
    order by max(c.changed_at) limit p_limit);
  if cardinality(v_ids) = 0 then
    return 0;
  end if;

  -- A finish may still run that read the content before the attachments were committed. Such a finish locks its row in the queue. Leave
  -- locked rows for the next heartbeat: a finish that starts later sees the attachments.
  v_held := array(
    select o.rfq_id from ai.outbox o
    where o.rfq_id = any (v_ids) and o.claim_id is not null for update skip locked);
  v_ids := array(
    select i from unnest(v_ids) i
    where i = any (v_held) or not exists (select from ai.outbox o where o.rfq_id = i and o.claim_id is not null));

  with moved as (
    delete from ai.attachment_changes c where c.rfq_id = any (v_ids)
    returning c.rfq_id, c.token, c.is_removal, c.began_at, c.changed_at
  ),
  marked as (
    update ai.outbox o set claims = 3
    from moved m
    -- Attachments of the RFQ's own transaction existed at the claim.
    where o.rfq_id = m.rfq_id and o.rfq_id = any (v_held) and o.claim_id is not null and m.began_at > o.enqueued_at
  ),
  kept as (
    insert into ai.attachment_sets as s (rfq_id, token, changes, changed_at)
    select m.rfq_id, bit_xor(m.token), count(*), max(m.changed_at) from moved m group by m.rfq_id
    on conflict (rfq_id) do update
    set token = s.token # excluded.token, changes = s.changes + excluded.changes, changed_at = greatest(s.changed_at, excluded.changed_at)
  )
  select array_agg(distinct m.rfq_id) into v_came from moved m where not m.is_removal;

  -- As after an edit, a waiting row absorbs the change, and its attempts start at zero.
  update ai.outbox_deferred d
  set attempt = 0, due_at = case when d.reason = 'retry' then clock_timestamp() else d.due_at end
  where d.rfq_id = any (v_came);

  with ended as materialized (
    select r.rfq_id, r.ai_status::text as ai_status, r.ai_content_sha256, ai.content_sha256_of(r.rfq_id) as content_sha256
    from ai.rfqs r
    where r.rfq_id = any (v_came)
      -- Leaves out RFQs older than the installation, which only a backfill may enqueue, and erased RFQs.
      and r.ai_status is not null and r.ai_reason is distinct from 'erased'
      and not exists (select from ai.outbox o where o.rfq_id = r.rfq_id)
      and not exists (select from ai.outbox_deferred d where d.rfq_id = r.rfq_id)
  ),
  enqueued as (
    insert into ai.outbox (rfq_id, has_ended)
    select e.rfq_id, e.ai_status in ('done', 'skipped', 'failed')
    from ended e
    -- Leaves out RFQs whose last attempt had these attachments already.
    where e.content_sha256 is not null and e.ai_content_sha256 is distinct from e.content_sha256
      and not (e.ai_status in ('skipped', 'failed') and exists (
        select from ai.rag_runs u where u.rfq_id = e.rfq_id and u.content_sha256 = e.content_sha256))
    on conflict (rfq_id) do nothing
    returning outbox.rfq_id
  ),
  revived as (
    delete from ai.outbox_dead x using enqueued q where x.rfq_id = q.rfq_id
  )
  select count(*) into v_enqueued from enqueued;
  if v_enqueued > 0 then
    perform ai.notify_workers();
  end if;
  return v_enqueued;
end
$$;
comment on function ai.absorb_attachments(integer) is
  'Moves notes of attachments to ai.attachment_sets, once no attachment of the RFQ has changed for policy attachment_quiet_seconds. A waiting or claimed RFQ absorbs the attachments. An RFQ that finished without them is enqueued again. Each heartbeat calls this function, and one worker at a time runs it. Returns the number of enqueued RFQs.';

create or replace function ai.note_older_attachments(p_rfq_ids uuid[])
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_noted integer;
begin
  insert into ai.attachment_sets (rfq_id, token, changes, changed_at)
  select distinct on (a.rfq_id) a.rfq_id, (random() * 4503599627370496)::bigint, 0, clock_timestamp()
  from ai.attachments_of(p_rfq_ids, 1) a
  on conflict (rfq_id) do nothing;
  get diagnostics v_noted = row_count;
  return v_noted;
end
$$;
comment on function ai.note_older_attachments(uuid[]) is
  'Notes attachments of RFQs that are about to be enqueued, if the trigger did not note them, for example because it did not exist yet. Returns the number of RFQs.';

create or replace function ai.load_attachments(p_rfq_ids uuid[], p_most integer)
returns table (rfq_id uuid, attachment_id text, file_name text, content_type text, octets bigint, uri text)
language plpgsql volatile security definer  -- callers have no rights on the tables
rows 100
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
set jit = off
as $$
#variable_conflict use_column
begin
  return query
    with files as materialized (
      select row_number() over () as place, a.* from ai.attachments_of(p_rfq_ids, p_most) a
    ),
    seen as (
      insert into ai.attachment_sets as s (rfq_id, token, changes, changed_at, seen)
      -- A token of zero changes no content hash.
      select f.rfq_id, 0, 0, clock_timestamp(), array_agg(ai.attachment_hash(f.attachment_id, f.file_name, f.octets, f.uri) order by f.place)
      from files f group by f.rfq_id order by f.rfq_id
      on conflict (rfq_id) do update set seen = excluded.seen where s.seen is distinct from excluded.seen
    )
    select f.rfq_id, f.attachment_id, f.file_name, f.content_type, f.octets, f.uri from files f order by f.place;
end
$$;
comment on function ai.load_attachments(uuid[], integer) is
  'ai.attachments_of for claimed RFQs. It also notes which attachments these RFQs have, so that ai.find_unnoted_attachments can find other attachments later.';

create or replace function ai.attachment_hash(p_attachment_id text, p_file_name text, p_octets bigint, p_uri text)
returns bigint
language sql immutable parallel safe
set search_path = pg_catalog, pg_temp
as $$
  select hashtextextended(jsonb_build_array(p_attachment_id, p_file_name, p_octets, p_uri)::text, 0);
$$;
comment on function ai.attachment_hash(text, text, bigint, text) is
  'Hash of an attachment that does not read its content: another content of the same size has the same hash.';

create or replace function ai.find_unnoted_attachments(p_limit integer default 1000)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set lock_timeout = '1s'
-- Looks up each RFQ by its key, and never scans a whole table.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_mapping constant ai.table_mapping := (select m from ai.table_mapping m where m.one);
  v_since constant timestamptz := (v_mapping.attachments ->> 'since')::timestamptz;
  v_table constant regclass := to_regclass(v_mapping.attachments ->> 'table');
  v_slice record;
  v_ids uuid[];
  v_found integer;
begin
  if v_table is null or v_mapping.state in ('detached', 'other_table', 'no_table') then
    return 0;
  end if;
  select * into v_slice from ai.sampled_block_range(v_table);
  v_ids := array(select i from ai.attached_rfqs_at(v_slice.from_row, v_slice.to_row) i);
  insert into ai.attachment_changes (rfq_id, began_at)
  select r.rfq_id, 'infinity'
  from ai.rfqs r
  left join ai.attachment_sets s on s.rfq_id = r.rfq_id
  where r.rfq_id = any (v_ids)
    and r.ai_status in ('done', 'skipped', 'failed') and r.ai_reason is distinct from 'erased'
    -- An RFQ that waits, or that has a note already, gets all its attachments at the next claim.
    and not exists (select from ai.outbox o where o.rfq_id = r.rfq_id)
    and not exists (select from ai.outbox_deferred d where d.rfq_id = r.rfq_id)
    and not exists (select from ai.attachment_changes c where c.rfq_id = r.rfq_id)
    and not exists (select from ai.outbox_missed x where x.rfq_id = r.rfq_id)
    and case
      -- Of RFQs without any note, only those submitted after rfqflow began to read attachments. Older RFQs keep their answers.
      when s.rfq_id is null then r.created_at >= v_since
      when s.seen is null then false
      else exists (
        select from ai.attachments_of(array[r.rfq_id], 50) f  -- as many as a claim loads
        where ai.attachment_hash(f.attachment_id, f.file_name, f.octets, f.uri) <> all (s.seen))
    end
  limit p_limit;
  get diagnostics v_found = row_count;
  return v_found;
end
$$;
comment on function ai.find_unnoted_attachments(integer) is
  'Notes attachments of finished RFQs that the trigger did not note, so that ai.absorb_attachments enqueues these RFQs. Each call reads the part of the table of attachments that is due this minute (ai.sampled_block_range). Does not notice a new content of the same size. Returns the number of RFQs.';

create or replace function ai.prune_attachments()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
-- Looks up each RFQ by its key, and never scans the application's table.
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_slice record;
  v_rows integer;
  v_pruned integer := 0;
  v_days constant interval := (
    select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'retention_days');
begin
  -- Under row-level security, an RFQ may exist and be invisible to this role.
  if not row_security_active((select to_regclass(m.table_name) from ai.table_mapping m where m.one)) then
    select * into v_slice from ai.sampled_block_range('ai.attachment_sets');
    with gone as (
      delete from ai.attachment_sets s where s.ctid = any (array(
        select x.ctid from ai.attachment_sets x
        where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row and x.changed_at < clock_timestamp() - interval '1 day'
          and not exists (select from ai.rfqs r where r.rfq_id = x.rfq_id)
          -- Files without an RFQ stay for retention_days, since the RFQ may be inserted after them.
          and (x.changed_at < clock_timestamp() - v_days or not exists (select from ai.attachments_of(array[x.rfq_id], 1))
            or exists (select from ai.rag_runs u where u.rfq_id = x.rfq_id))
        limit 1000 for update of x skip locked))
      returning s.rfq_id
    )
    select count(*) + coalesce(sum(ai.drop_attachments(array[g.rfq_id])), 0) into v_rows from gone g;
    v_pruned := v_pruned + v_rows;
  end if;
  select * into v_slice from ai.sampled_block_range('ai.attachment_uses');
  delete from ai.attachment_uses u where u.ctid = any (array(
    select x.ctid from ai.attachment_uses x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row and x.used_at < clock_timestamp() - v_days
    limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  select * into v_slice from ai.sampled_block_range('ai.attachment_readings');
  delete from ai.attachment_readings r where r.ctid = any (array(
    select x.ctid from ai.attachment_readings x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row
      and (x.used_at < clock_timestamp() - v_days
        or x.used_at < clock_timestamp() - interval '1 day' and not exists (select from ai.attachment_uses u where u.sha256 = x.sha256))
    limit 1000 for update skip locked));
  get diagnostics v_rows = row_count;
  return v_pruned + v_rows;
end
$$;
comment on function ai.prune_attachments() is
  'Deletes readings and their uses that are older than retention_days, or whose attachment was deleted. Also deletes rows that deleted RFQs left, and their files in public.rfq_attachments if rfqflow created that table. After retention_days, deletes files that never had an RFQ. Each minute it reads one part of each table. Returns the number of rows.';
