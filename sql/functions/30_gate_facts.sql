-- Door 5: what the gates need to know. Facts only, no judgement.

create or replace function ai.sender_key(p_email text)
returns bytea
language sql stable security definer  -- the salt is granted to nobody
set search_path = ''
as $$
  select substring(sha256(s.salt || convert_to('email:' || lower(btrim(p_email)), 'UTF8')) for 16)
  from ai.salt s
  where p_email like '%_@_%';
$$;
comment on function ai.sender_key(text) is 'By what the guards know a sender: a salted hash of the address, 16 bytes; null for what is no address.';

create or replace function ai.ip_key(p_ip inet)
returns bytea
language sql stable security definer  -- as ai.sender_key
set search_path = ''
as $$
  select substring(sha256(s.salt || convert_to(
    'ip:' || network(set_masklen(p_ip, case family(p_ip) when 4 then 32 else 64 end))::text, 'UTF8')) for 16)
  from ai.salt s
  where p_ip is not null;
$$;
comment on function ai.ip_key(inet) is 'By what the guards know where an RFQ came from: a salted hash of the IPv4 address or the IPv6 /64.';

create or replace function ai.gate_facts(
  p_rfq_ids uuid[], p_fingerprints bytea[] default '{}', p_attempts smallint[] default '{}', p_paid boolean default false)
returns table (
  rfq_id uuid, accepted_sha256 bytea, accepted_version text, sender text,
  paid_run_id bigint, paid_sha256 bytea, paid_version text,
  paid_provider text, paid_model text, paid_prompt_sha256 bytea, paid_output text,
  original_rfq_id uuid, original_run_id bigint, original_version text, original_provider text, original_model text,
  original_prompt_sha256 bytea, original_output text,
  same_text_senders integer, sender_over boolean, ip_over boolean, last_model text, last_error_class text,
  first_done boolean)
language plpgsql volatile security definer  -- workers touch tables through functions only
set search_path = ''
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  v_salt constant bytea := (select s.salt from ai.salt s);
  v_hours constant float8 := (select (p.value)::float8 from ai.policy p where p.key = 'duplicate_hours');
  -- Only what would be paid for counts against a rate.
  v_per_sender constant float8 := case when p_paid then (select (p.value)::float8 from ai.policy p where p.key = 'sender_per_hour') else 0 end;
  v_per_ip constant float8 := case when p_paid then (select (p.value)::float8 from ai.policy p where p.key = 'ip_per_hour') else 0 end;
  -- The cheap model of the cascade, while there is one.
  v_first constant text := (
    select m.value #>> '{}' from ai.policy c join ai.policy m on m.key = 'cascade_model'
    where c.key = 'cascade' and c.value = '"model"');
begin
  if v_per_sender > 0 or v_per_ip > 0 then
    insert into ai.rate_buckets (key, tokens, filled_at)
    select distinct k.key, k.capacity, v_now
    from ai.rfqs r
    cross join lateral (
      values (ai.sender_key(r.email), v_per_sender), (ai.ip_key(r.source_ip), v_per_ip)) as k(key, capacity)
    where r.rfq_id = any (p_rfq_ids) and k.key is not null and k.capacity > 0
      and not exists (select from ai.rate_buckets b where b.key = k.key)
    order by k.key
    on conflict do nothing;
  end if;

  return query
  with rfq as materialized (
    select g.place, r.rfq_id, g.fingerprint, r.content_sha256, r.ai_content_sha256, r.ai_prompt_version, r.created_at,
      -- ai.sender_key and ai.ip_key, written out: called, they would take half the time of all this.
      case when r.email like '%_@_%'
        then substring(sha256(v_salt || convert_to('email:' || lower(btrim(r.email)), 'UTF8')) for 16) end as sender,
      case when r.source_ip is not null then substring(sha256(v_salt || convert_to(
        'ip:' || network(set_masklen(r.source_ip, case family(r.source_ip) when 4 then 32 else 64 end))::text, 'UTF8')) for 16)
        end as ip,
      -- Counted once: not again when it comes back after a wait, a crash or a first answer that was not sure.
      coalesce(g.attempt = 1 and r.ai_updated_at is null, false) and not s.first_done as is_fresh, s.first_done
    from unnest(p_rfq_ids, p_fingerprints, p_attempts) with ordinality as g(rfq_id, fingerprint, attempt, place)
    join ai.rfqs r on r.rfq_id = g.rfq_id
    cross join lateral (
      select v_first is not null and exists (
        select from ai.rag_runs a
        where a.rfq_id = r.rfq_id and a.content_sha256 = r.content_sha256 and a.model = v_first
          and a.reason in ('unsure', 'first_failed')
          -- What has been answered since is a round of its own.
          and not exists (
            select from ai.rag_runs b
            where b.rfq_id = a.rfq_id and b.content_sha256 = a.content_sha256 and b.status = 'succeeded'
              and b.created_at > a.created_at)) as first_done) s
    where r.rfq_id = any (p_rfq_ids)
  ),
  registered as (
    insert into ai.originals as o (fingerprint, sender, rfq_id, content_sha256)
    select distinct on (q.fingerprint, q.sender) q.fingerprint, q.sender, q.rfq_id, q.content_sha256
    from rfq q
    where q.sender is not null and q.fingerprint is not null and v_hours > 0
    order by q.fingerprint, q.sender, q.place
    -- One that is too old, was edited, or ended without an answer is no original any more.
    on conflict (fingerprint, sender) do update
    set (rfq_id, content_sha256, seen_at) = (
      select case when t.over then excluded.rfq_id else o.rfq_id end,
        case when t.over then excluded.content_sha256 else o.content_sha256 end,
        case when t.over then excluded.seen_at else o.seen_at end
      from (
        select o.seen_at < v_now - v_hours * interval '1 hour'
          or o.rfq_id = excluded.rfq_id
          -- One that was registered while this waited is fresh, and younger than what this statement can see.
          or o.seen_at < v_now and not exists (
            select from ai.rfqs x
            where x.rfq_id = o.rfq_id and x.content_sha256 = o.content_sha256
              and (x.ai_content_sha256 = x.content_sha256 and exists (
                  select from ai.rag_runs a
                  where a.rfq_id = x.rfq_id and a.status = 'succeeded' and a.content_sha256 = x.content_sha256)
                or exists (select from ai.outbox w where w.rfq_id = x.rfq_id)
                or exists (select from ai.outbox_deferred w where w.rfq_id = x.rfq_id))) as over
      ) t)
    returning o.fingerprint, o.sender, o.rfq_id, o.content_sha256, o.seen_at
  ),
  asked as materialized (
    select k.key, k.capacity, q.place, row_number() over (partition by k.key order by q.place) as turn,
      count(*) over (partition by k.key) as asked
    from rfq q
    cross join lateral (values (q.sender, v_per_sender), (q.ip, v_per_ip)) as k(key, capacity)
    where q.is_fresh and k.key is not null and k.capacity > 0
      -- One that waits for its original and copies costs nothing.
      and not exists (
        select from registered g where g.fingerprint = q.fingerprint and g.sender = q.sender and g.rfq_id <> q.rfq_id)
  ),
  bucket as materialized (
    select b.key, b.tokens, b.filled_at
    from ai.rate_buckets b
    where b.key = any (array(select distinct a.key from asked a))
    order by b.key
    for update
  ),
  filled as materialized (
    select b.key, a.asked,
      least(a.capacity, b.tokens + a.capacity * extract(epoch from greatest(v_now - b.filled_at, interval '0'))::float8 / 3600) as tokens
    from bucket b
    join asked a on a.key = b.key and a.turn = 1
  ),
  taken as (
    update ai.rate_buckets b
    set tokens = f.tokens - least(f.asked, floor(f.tokens)), filled_at = v_now
    from filled f
    where b.key = f.key and b.key = any (array(select x.key from filled x))
  ),
  over as materialized (
    select a.key, a.place from asked a join filled f on f.key = a.key where a.turn > floor(f.tokens)
  )
  select q.rfq_id, q.ai_content_sha256, q.ai_prompt_version, encode(q.sender, 'hex'),
    paid.run_id, paid.content_sha256, paid.prompt_version, paid.provider, paid.model, paid.prompt_sha256, paid.output::text,
    g.rfq_id, first.run_id, first.prompt_version, first.provider, first.model, first.prompt_sha256, first.output::text,
    case when q.fingerprint is null then 0 else (
      select count(*) from (
        select from ai.originals x
        where x.fingerprint = q.fingerprint and x.sender is distinct from q.sender and x.seen_at > v_now - interval '24 hours'
        limit 20) s) end::integer,
    exists (select from over o where o.place = q.place and o.key = q.sender),
    exists (select from over o where o.place = q.place and o.key = q.ip),
    last.model, last.error_class, q.first_done
  from rfq q
  left join registered g
    on g.fingerprint = q.fingerprint and g.sender = q.sender and g.rfq_id <> q.rfq_id
  -- The latest of a few by sorting and not by LIMIT, for which the planner would walk along created_at: each is entered
  -- by its RFQ, however many runs there are.
  left join lateral (
    select (array_agg(x order by x.created_at desc))[1] as run
    from ai.rag_runs x
    where g.rfq_id is not null and x.rfq_id = g.rfq_id and x.status = 'succeeded' and x.content_sha256 = g.content_sha256
  ) f on true
  cross join lateral (select (f.run).*) first
  -- An answer that was paid for and could not be written (the RFQ's own trigger refused it): it need not be bought again.
  left join lateral (
    select (array_agg(x order by x.created_at desc))[1] as run
    from ai.rag_runs x
    where x.rfq_id = q.rfq_id and x.error_class = 'write_refused' and x.output is not null
  ) p on true
  cross join lateral (select (p.run).*) paid
  -- What the last attempt at this very text came to: a model that could not do it is not asked the same again.
  left join lateral (
    select (array_agg(a.status order by a.created_at desc, a.run_id desc))[1] as status,
      (array_agg(a.model order by a.created_at desc, a.run_id desc))[1] as model,
      (array_agg(a.error_class order by a.created_at desc, a.run_id desc))[1] as error_class
    from ai.rag_runs a
    where not q.is_fresh and a.rfq_id = q.rfq_id and a.content_sha256 = q.content_sha256
      and (a.status in ('succeeded', 'failed') or a.error_class = 'model_not_found')
      and a.reason is distinct from 'first_failed'  -- that one's successor is asked anyway
  ) last on last.status <> 'succeeded';
end
$$;
comment on function ai.gate_facts(uuid[], bytea[], smallint[], boolean) is
  'Per RFQ, for the whole batch at once: what its accepted answer is about, an answer that was paid for but could not be written, the original that it is an exact duplicate of (fingerprint and sender) with its answer if there is one, how many others sent this text today, whether its sender or address has used up its rate (p_paid: only then counted), what its last attempt ended in, and whether the cheap model of the cascade has had its turn. Registers what it sees; fingerprints as rfqflow computes them, null: no duplicate.';
