-- Related RFQs. A worker takes RFQs that are due, writes their keys, commits, and reads which others have the same keys. Of two RFQs at the
-- same time, at least one therefore sees the other. rfqflow/core/related/ decides.

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
  'The facts by which related RFQs are found and compared, with peoples corrections; with p_text also the beginning of the message. Null facts: the RFQ is erased. Metadata that the application makes huge is left out.';

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
  'Takes RFQs whose relations are due, the oldest first, or one alone, with their facts. A deleted or erased RFQ loses its relations. A worker that dies has them for two minutes.';

create or replace function ai.related_key(p_text text)
returns bigint
language sql stable security definer  -- no role has rights on the salt
set search_path = pg_catalog, pg_temp
as $$
  select ('x' || encode(substring(sha256(s.salt || convert_to('related:' || p_text, 'UTF8')) for 8), 'hex'))::bit(64)::bigint
  from ai.hash_salt s;
$$;
comment on function ai.related_key(text) is 'Key of a text in ai.related_keys: a salted hash. No role is granted it, so nobody can look for an address.';

create or replace function ai.related_digest(p_text text)
returns bytea
language sql stable security definer  -- no role has rights on the salt
set search_path = pg_catalog, pg_temp
as $$
  select sha256(s.salt || convert_to(p_text, 'UTF8')) from ai.hash_salt s;
$$;
comment on function ai.related_digest(text) is 'Salted hash of what an RFQ is compared by, as ai.related_entries keeps it.';

create or replace function ai.enter_related(p_entries jsonb)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_ids uuid[];
begin
  -- An RFQ that changed or was erased meanwhile has another token, or none. The lock makes an erasure wait, which then deletes all of it.
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
  'Writes the keys of RFQs that ai.claim_related gave: objects with rfq_id, token and keys, texts that begin with their kind. Returns how many are still the caller''s. Commit before you read candidates.';

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
  -- Twelve index rows of each key, however many RFQs share it.
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
      -- What so many RFQs ask for is from a catalogue, and identifies no request.
      where o.rfq_id = p_rfq_id and (o.kind not in ('i', 'l', 'n') or f.found < 12)
      group by f.rfq_id
      order by count(*) desc, max(f.created_at) desc, f.rfq_id limit 20;
  end if;
end
$$;
comment on function ai.related_candidates(uuid, boolean) is
  'Earlier (p_later: later) RFQs within policy related_days that share a key, most keys first, at most 20, with the kinds of the keys. It reads at most twelve index rows for each key.';

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
  if v_ids <> '{}' then  -- most RFQs have none
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
    -- The keys of one call were written together, so its RFQs have seen each other.
    where l.rfq_id not in (select x.rfq_id from jsonb_to_recordset(p_results) as x(rfq_id uuid)));
  -- Two workers may each have RFQs that are later than the other's: all locks are taken at once, in order of id.
  perform from ai.related_due d
  where d.rfq_id = any (v_later) or d.rfq_id in (select x.rfq_id from jsonb_to_recordset(p_results) as x(rfq_id uuid))
  order by d.rfq_id for update;
  v_ids := array(
    select d.rfq_id
    from ai.related_due d
    join jsonb_to_recordset(p_results) as p(rfq_id uuid, token bigint) on p.rfq_id = d.rfq_id and p.token = d.token);
  -- An erasure or a prune deletes an entry before its relations, so the entries of both old and new ones are locked first. The foreign
  -- key alone would raise an error for an entry that is gone.
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
  'Replaces the relations of RFQs to earlier ones: objects with rfq_id, token, digest and relations. If what others are compared with changed, the later RFQs with the same keys are due. RFQs of one call were passed to one call of ai.enter_related. Returns how many relations it recorded.';

create or replace function ai.request_related(p_rfq_ids uuid[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  insert into ai.related_due as d (rfq_id)
  select i from (select distinct u as i from unnest(p_rfq_ids) u) x order by i
  on conflict (rfq_id) do update set token = excluded.token, attempts = 0, taken_at = null;
$$;
comment on function ai.request_related(uuid[]) is 'Marks RFQs whose relations must be computed. What a worker computes at this moment is discarded.';

create or replace function ai.forget_related(p_rfq_ids uuid[])
returns void
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  -- In order of id, as ai.record_related takes its locks.
  delete from ai.related_due d
  using (select x.rfq_id from ai.related_due x where x.rfq_id = any (p_rfq_ids) order by x.rfq_id for update) l
  where d.rfq_id = l.rfq_id;
  delete from ai.related_entries e
  using (select x.rfq_id from ai.related_entries x where x.rfq_id = any (p_rfq_ids) order by x.rfq_id for update) l
  where e.rfq_id = l.rfq_id;
$$;
comment on function ai.forget_related(uuid[]) is 'Deletes all that is known of relations of these RFQs, in both directions.';

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
  -- Row-level security may hide an existing RFQ.
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
  'Deletes relations and keys of RFQs that were deleted, or unchanged for policy related_days, at most 2,000 in this minute''s part (ai.sampled_block_range). Also RFQs whose relations could not be computed. Returns how many.';
