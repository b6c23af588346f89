-- Related RFQs. A worker claims RFQs that are due, writes their keys, commits, and then reads which other RFQs have the same keys. So if
-- two workers do this at the same time, at least one of them sees the other's RFQ. rfqflow/core/related/ decides which RFQs are related.

create or replace function ai.related_facts(p_rfq_ids uuid[], p_text boolean)
returns table (rfq_id uuid, created_at timestamptz, facts jsonb)
language plpgsql stable security definer  -- callers have no rights on the tables
rows 50
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
begin
  return query
  select r.rfq_id, t.created_at,
    case when r.ai_reason is distinct from 'erased' then jsonb_build_object(
      'email', lower(btrim(c.email)), 'request_id', c.request_id, 'metadata', m.kept,
      'message', case when p_text then left(r.message, 20000) end,
      'answer', ai.corrected_answer(r.rfq_id, jsonb_build_object(
        'line_items', case when jsonb_typeof(x.line_items) = 'array' then jsonb_path_query_array(x.line_items, '$[0 to 299]') end,
        'due_date', x.due_date, 'due_date_derived', x.due_date_derived, 'quote_deadline', x.quote_deadline,
        'delivery_place', x.delivery_place, 'incoterm', x.incoterm, 'language', x.language)) - '{checks,corrections}'::text[]) end
  from ai.rfqs r
  join ai.rfq_contacts(p_rfq_ids) c on c.rfq_id = r.rfq_id
  left join ai.rfq_times(p_rfq_ids) t on t.rfq_id = r.rfq_id
  cross join lateral jsonb_to_record(case when jsonb_typeof(r.ai_extracted) = 'object' then r.ai_extracted else '{}' end) as x(
    line_items jsonb, due_date jsonb, due_date_derived jsonb, quote_deadline jsonb, delivery_place jsonb, incoterm jsonb, language jsonb)
  cross join lateral (select ai.rfq_metadata(r.rfq_id) as metadata offset 0) w
  cross join lateral (
    select jsonb_object_agg(k.key, case jsonb_typeof(w.metadata -> k.key)
        when 'string' then to_jsonb(left(w.metadata ->> k.key, 1000))
        when 'array' then jsonb_path_query_array(w.metadata -> k.key, '$[0 to 29]') end) as kept
    from unnest(array['message_id', 'in_reply_to', 'references', 'subject', 'reference']) k(key)
    where jsonb_typeof(w.metadata) = 'object' and octet_length((w.metadata -> k.key)::text) < 60000
  ) m
  where r.rfq_id = any (p_rfq_ids);
end
$$;
comment on function ai.related_facts(uuid[], boolean) is
  'The facts by which rfqflow finds and compares related RFQs, with people''s corrections applied. With p_text, also returns the beginning of the message. The facts are null if the RFQ was erased. Leaves out very large metadata.';

create or replace function ai.claim_related(p_limit integer default 50, p_rfq_id uuid default null)
returns table (rfq_id uuid, token bigint, facts jsonb)
language plpgsql volatile security definer  -- callers have no rights on the tables
rows 50
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_ids uuid[];
  v_gone uuid[];
begin
  with taken as (
    update ai.related_due d set taken_at = clock_timestamp(), attempts = d.attempts + 1
    where d.rfq_id = any (array(
      select x.rfq_id from ai.related_due x
      where (p_rfq_id is null or x.rfq_id = p_rfq_id) and x.attempts < 5
        and (x.taken_at is null or x.taken_at < clock_timestamp() - interval '2 minutes')
      order by x.token limit p_limit for update skip locked))
    returning d.rfq_id
  )
  select coalesce(array_agg(t.rfq_id), '{}') into v_ids from taken t;
  v_gone := array(select i from unnest(v_ids) i where not exists (
    select from ai.rfqs r where r.rfq_id = i and r.ai_reason is distinct from 'erased'));
  if v_gone <> '{}' then
    perform ai.forget_related(v_gone);
  end if;
  return query
    select d.rfq_id, d.token, f.facts
    from ai.related_facts(v_ids, true) f join ai.related_due d on d.rfq_id = f.rfq_id
    order by d.token;
end
$$;
comment on function ai.claim_related(integer, uuid) is
  'Claims RFQs whose relations are due, the oldest first, or only p_rfq_id. Returns them with their facts. Deletes the relations of deleted or erased RFQs. After two minutes, another worker may claim the RFQs of a dead worker.';

create or replace function ai.related_key(p_text text)
returns bigint
language sql stable security definer  -- no role has rights on the salt
set search_path = pg_catalog, pg_temp
as $$
  select ('x' || encode(substring(sha256(s.salt || convert_to('related:' || p_text, 'UTF8')) for 8), 'hex'))::bit(64)::bigint
  from ai.hash_salt s;
$$;
comment on function ai.related_key(text) is 'Key of a text in ai.related_keys: a salted hash. No role may call this function, so no role can search for an address.';

create or replace function ai.related_digest(p_text text)
returns bytea
language sql stable security definer  -- no role has rights on the salt
set search_path = pg_catalog, pg_temp
as $$
  select sha256(s.salt || convert_to(p_text, 'UTF8')) from ai.hash_salt s;
$$;
comment on function ai.related_digest(text) is 'Salted hash of the facts by which an RFQ is compared, for ai.related_entries.digest.';

create or replace function ai.enter_related(p_entries jsonb)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_ids uuid[];
begin
  -- An RFQ that changed or was erased meanwhile has another token or none, and is left out. The lock makes an erasure wait, so that the
  -- erasure also deletes the keys written here.
  v_ids := array(
    select d.rfq_id
    from ai.related_due d
    join jsonb_to_recordset(p_entries) as p(rfq_id uuid, token bigint) on p.rfq_id = d.rfq_id and p.token = d.token
    order by d.rfq_id for update of d);
  insert into ai.related_entries as e (rfq_id, created_at)
  select i, coalesce(case when isfinite(t.created_at) then t.created_at end, now())
  from unnest(v_ids) i left join ai.rfq_times(v_ids) t on t.rfq_id = i
  order by i
  on conflict (rfq_id) do update set
    created_at = case when excluded.created_at = now() then e.created_at else excluded.created_at end, entered_at = clock_timestamp();
  delete from ai.related_keys k where k.rfq_id = any (v_ids);
  insert into ai.related_keys (key, created_at, rfq_id, kind)
  select distinct on (h.key, e.rfq_id) h.key, e.created_at, e.rfq_id, k.kind::"char"
  from jsonb_to_recordset(p_entries) as p(rfq_id uuid, keys jsonb)
  join ai.related_entries e on e.rfq_id = p.rfq_id
  cross join lateral (
    select left(t.text, 1) as kind, t.text from jsonb_array_elements_text(p.keys) t(text) limit 120) k
  cross join lateral (select ai.related_key(k.text) as key offset 0) h
  where p.rfq_id = any (v_ids);
  return cardinality(v_ids);
end
$$;
comment on function ai.enter_related(jsonb) is
  'Writes the keys of RFQs that ai.claim_related returned. Objects have rfq_id, token and keys; a key is a text that begins with its kind. Returns how many of the RFQs the caller still holds. Commit before you read candidates.';

create or replace function ai.related_candidates(p_rfq_id uuid, p_later boolean default false)
returns table (rfq_id uuid, kinds text)
language plpgsql stable security definer  -- callers have no rights on the tables
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_bitmapscan = off
set enable_sort = on
set jit = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_window constant interval := (select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'related_days');
begin
  -- Reads at most twelve index rows of each key, for any number of RFQs that share the key.
  if p_later then
    return query
      select f.rfq_id, string_agg(distinct o.kind::text, '')
      from ai.related_keys o
      cross join lateral (
        select k.rfq_id, k.created_at from ai.related_keys k
        where k.key = o.key and (k.created_at, k.rfq_id) > (o.created_at, o.rfq_id) and k.created_at <= o.created_at + v_window
        order by k.created_at, k.rfq_id limit 12) f
      where o.rfq_id = p_rfq_id
      group by f.rfq_id
      order by count(*) desc, min(f.created_at), f.rfq_id limit 20;
  else
    return query
      select f.rfq_id, string_agg(distinct o.kind::text, '')
      from ai.related_keys o
      cross join lateral (
        select k.rfq_id, k.created_at, count(*) over () as found from (
          select x.rfq_id, x.created_at from ai.related_keys x
          where x.key = o.key and (x.created_at, x.rfq_id) < (o.created_at, o.rfq_id) and x.created_at >= o.created_at - v_window
          order by x.created_at desc, x.rfq_id desc limit 12) k) f
      -- A part that so many RFQs ask for is from a catalogue, and does not identify a request.
      where o.rfq_id = p_rfq_id and (o.kind not in ('i', 'l', 'n') or f.found < 12)
      group by f.rfq_id
      order by count(*) desc, max(f.created_at) desc, f.rfq_id limit 20;
  end if;
end
$$;
comment on function ai.related_candidates(uuid, boolean) is
  'Up to 20 earlier RFQs (with p_later: later RFQs) within policy related_days that share a key, with the kinds of the shared keys. RFQs that share the most keys come first. Reads at most twelve index rows for each key.';

create or replace function ai.related_to_compare(p_rfq_id uuid)
returns table (related_id uuid, kinds text, facts jsonb)
language plpgsql stable security definer  -- callers have no rights on the tables
rows 20
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
#variable_conflict use_column
declare
  v_ids uuid[];
  v_kinds text[];
begin
  select coalesce(array_agg(c.rfq_id), '{}'), array_agg(c.kinds) into v_ids, v_kinds from ai.related_candidates(p_rfq_id) c;
  if v_ids <> '{}' then  -- most RFQs have no candidates
    return query
      select c.related_id, c.kinds, f.facts
      from unnest(v_ids, v_kinds) as c(related_id, kinds)
      join ai.related_entries e on e.rfq_id = c.related_id
      join ai.related_facts(v_ids, false) f on f.rfq_id = c.related_id
      order by e.created_at desc, c.related_id desc;
  end if;
end
$$;
comment on function ai.related_to_compare(uuid) is 'The candidates of an RFQ (ai.related_candidates) with their facts, the latest first.';

create or replace function ai.record_related(p_results jsonb)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_ids uuid[];
  v_later uuid[];
  v_recorded integer;
begin
  v_later := array(
    select distinct l.rfq_id
    from jsonb_to_recordset(p_results) as p(rfq_id uuid, digest text)
    join ai.related_entries e on e.rfq_id = p.rfq_id and e.digest is distinct from ai.related_digest(p.digest)
    cross join lateral ai.related_candidates(e.rfq_id, true) l
    -- The keys of these RFQs were written in one call, so each of them has seen the others.
    where l.rfq_id not in (select x.rfq_id from jsonb_to_recordset(p_results) as x(rfq_id uuid)));
  -- Each of two workers may have RFQs that are later than an RFQ of the other. So this takes all locks at once, in order of id.
  perform from ai.related_due d
  where d.rfq_id = any (v_later) or d.rfq_id in (select x.rfq_id from jsonb_to_recordset(p_results) as x(rfq_id uuid))
  order by d.rfq_id for update;
  v_ids := array(
    select d.rfq_id
    from ai.related_due d
    join jsonb_to_recordset(p_results) as p(rfq_id uuid, token bigint) on p.rfq_id = d.rfq_id and p.token = d.token);
  -- An erasure or a prune deletes an entry before its relations, so this first locks the entries of old and new relations. Without these
  -- locks, the foreign key would raise an error for a deleted entry.
  perform from ai.related_entries e
  where e.rfq_id = any (v_ids)
    or e.rfq_id in (select r.related_id from ai.related r where r.rfq_id = any (v_ids))
    or e.rfq_id in (
      select x.related_id from jsonb_to_recordset(p_results) as p(rfq_id uuid, relations jsonb)
      cross join lateral jsonb_to_recordset(p.relations) as x(related_id uuid) where p.rfq_id = any (v_ids))
  order by e.rfq_id for key share;
  delete from ai.related r where r.rfq_id = any (v_ids);
  insert into ai.related (rfq_id, related_id, kind, changes)
  select p.rfq_id, x.related_id, x.kind, coalesce(x.changes, '[]')
  from jsonb_to_recordset(p_results) as p(rfq_id uuid, relations jsonb)
  cross join lateral jsonb_to_recordset(p.relations) as x(related_id uuid, kind text, changes jsonb)
  join ai.related_entries e on e.rfq_id = x.related_id
  join ai.related_entries o on o.rfq_id = p.rfq_id
  where p.rfq_id = any (v_ids) and x.related_id <> p.rfq_id
  on conflict do nothing;
  get diagnostics v_recorded = row_count;
  update ai.related_entries e set digest = ai.related_digest(p.digest)
  from jsonb_to_recordset(p_results) as p(rfq_id uuid, digest text)
  where e.rfq_id = p.rfq_id and p.rfq_id = any (v_ids);
  delete from ai.related_due d where d.rfq_id = any (v_ids);
  perform ai.request_related(v_later);
  return v_recorded;
end
$$;
comment on function ai.record_related(jsonb) is
  'Replaces the relations of RFQs to earlier RFQs. Objects have rfq_id, token, digest and relations. If the digest of an RFQ changed, marks later RFQs with the same keys as due. The RFQs of one call must come from one call of ai.enter_related. Returns the number of recorded relations.';

create or replace function ai.request_related(p_rfq_ids uuid[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.related_due as d (rfq_id)
  select i from (select distinct u as i from unnest(p_rfq_ids) u) x order by i
  on conflict (rfq_id) do update set token = excluded.token, attempts = 0, taken_at = null;
$$;
comment on function ai.request_related(uuid[]) is 'Marks RFQs whose relations must be computed. If a worker is computing them already, its result is discarded.';

create or replace function ai.forget_related(p_rfq_ids uuid[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  -- Locks in order of id, as ai.record_related does.
  delete from ai.related_due d
  using (select x.rfq_id from ai.related_due x where x.rfq_id = any (p_rfq_ids) order by x.rfq_id for update) l
  where d.rfq_id = l.rfq_id;
  delete from ai.related_entries e
  using (select x.rfq_id from ai.related_entries x where x.rfq_id = any (p_rfq_ids) order by x.rfq_id for update) l
  where e.rfq_id = l.rfq_id;
$$;
comment on function ai.forget_related(uuid[]) is 'Deletes the keys and relations of these RFQs, in both directions.';

create or replace function ai.prune_related()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set enable_hashjoin = off
set enable_mergejoin = off
set jit = off
as $$
declare
  v_since constant timestamptz := clock_timestamp()
    - (select (p.value)::float8 * interval '1 day' from ai.policy p where p.key = 'related_days');
  -- Under row-level security, an existing RFQ may look deleted.
  v_sees_all constant boolean := not row_security_active((select to_regclass(m.table_name) from ai.table_mapping m where m.one));
  v_slice record;
  v_pruned integer;
  v_rows integer;
begin
  select * into v_slice from ai.sampled_block_range('ai.related_entries');
  delete from ai.related_entries e where e.ctid = any (array(
    select x.ctid from ai.related_entries x
    where x.ctid >= v_slice.from_row and x.ctid < v_slice.to_row
      and (x.entered_at < v_since or v_sees_all and not exists (select from ai.rfqs r where r.rfq_id = x.rfq_id))
    limit 2000 for update of x skip locked));
  get diagnostics v_pruned = row_count;
  delete from ai.related_due d where d.ctid = any (array(
    select x.ctid from ai.related_due x where x.attempts >= 5 and x.taken_at < clock_timestamp() - interval '1 day'
    order by x.token limit 500 for update skip locked));
  get diagnostics v_rows = row_count;
  return v_pruned + v_rows;
end
$$;
comment on function ai.prune_related() is
  'Deletes relations and keys of RFQs that were deleted, or unchanged for policy related_days, and of RFQs whose relations could not be computed. Reads the part of the table that is due this minute (ai.sampled_block_range), and deletes at most 2,000 rows. Returns the number of rows.';
