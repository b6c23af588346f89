-- Step 5: the facts that the gates decide by.

create or replace function ai.sender_key(p_email text)
returns bytea
language sql stable security definer  -- no role has rights on the salt
set search_path = pg_catalog, pg_temp
as $$
  select substring(sha256(s.salt || convert_to('email:' || lower(btrim(p_email)), 'UTF8')) for 16)
  from ai.hash_salt s
  where p_email like '%_@_%';
$$;
comment on function ai.sender_key(text) is 'Key of a sender in the tables of the gates: a salted hash of the e-mail address, 16 bytes. Null if the text is not an address.';

create or replace function ai.ip_key(p_ip inet)
returns bytea
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select substring(sha256(s.salt || convert_to(
    'ip:' || network(set_masklen(p_ip, case family(p_ip) when 4 then 32 else 64 end))::text, 'UTF8')) for 16)
  from ai.hash_salt s
  where p_ip is not null;
$$;
comment on function ai.ip_key(inet) is 'Key of an RFQ''s origin in the tables of the gates: a salted hash of the IPv4 address, or of the IPv6 network of 64 bits.';

create or replace function ai.accepted_run(p_rfq_id uuid, p_content_sha256 bytea)
returns setof ai.rag_runs
language plpgsql stable strict security definer  -- callers have no rights on the tables
rows 1
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
begin
  -- Sorts all rows: with LIMIT, the planner would scan the index on created_at.
  return query
    select (f.run).*
    from (
      select (array_agg(x order by x.created_at desc))[1] as run
      from ai.rag_runs x
      where x.rfq_id = p_rfq_id and x.status = 'succeeded' and x.content_sha256 = p_content_sha256) f
    where (f.run).run_id is not null;
end
$$;
comment on function ai.accepted_run(uuid, bytea) is
  'The latest run that succeeded with this text of an RFQ, if any. It reads each weekly partition of the runs, so call it only when needed.';

create or replace function ai.answered_parts(p_rfq_id uuid)
returns table (content_sha256 bytea, provider text, model text, prompt_version text, prompt_sha256 bytea, output text)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
  select x.content_sha256, x.provider, x.model, x.prompt_version, x.prompt_sha256, x.output::text
  from ai.rag_runs x
  where x.rfq_id = p_rfq_id and x.reason = 'part' and x.output is not null
    -- Only runs since the last accepted answer count.
    and x.created_at > coalesce((
      select max(a.created_at) from ai.rag_runs a where a.rfq_id = p_rfq_id and a.status = 'succeeded'), '-infinity')
  order by x.created_at, x.run_id;
$$;
comment on function ai.answered_parts(uuid) is
  'Models'' answers about the parts of a long list in this RFQ since its last accepted answer, earliest first. A part with unchanged text needs no second call.';

create or replace function ai.gate_facts(
  p_rfq_ids uuid[], p_fingerprints bytea[] default '{}', p_attempts smallint[] default '{}', p_paid boolean default false,
  p_new boolean[] default '{}')
returns table (
  rfq_id uuid, accepted_sha256 bytea, accepted_version text, sender text,
  paid_run_id bigint, paid_sha256 bytea, paid_version text,
  paid_provider text, paid_model text, paid_prompt_sha256 bytea, paid_output text,
  original_rfq_id uuid, original_run_id bigint, original_version text, original_provider text, original_model text,
  original_prompt_sha256 bytea, original_output text,
  same_text_senders integer, sender_over boolean, ip_over boolean, last_model text, last_error_class text,
  first_done boolean, paid_accepted boolean)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
set enable_bitmapscan = off
set plan_cache_mode = force_generic_plan
as $$
#variable_conflict use_column
declare
  v_now constant timestamptz := clock_timestamp();
  -- If the batch has only new RFQs, there are no runs, and no weekly partition is read.
  v_runs_from constant timestamptz := case
    when cardinality(p_new) = cardinality(p_rfq_ids) and true = all (p_new) then 'infinity' else '-infinity' end;
  v_salt constant bytea := (select s.salt from ai.hash_salt s);
  v_hours constant float8 := (select (p.value)::float8 from ai.policy p where p.key = 'duplicate_hours');
  -- Only RFQs that need a paid call count against a rate.
  v_per_sender constant float8 := case when p_paid then (select (p.value)::float8 from ai.policy p where p.key = 'sender_per_hour') else 0 end;
  v_per_ip constant float8 := case when p_paid then (select (p.value)::float8 from ai.policy p where p.key = 'ip_per_hour') else 0 end;
  -- The cheap model of the cascade, if there is one.
  v_first constant text := (
    select m.value #>> '{}' from ai.policy c join ai.policy m on m.key = 'cascade_model'
    where c.key = 'cascade' and c.value = '"model"');
  v_emails text[];
  v_ips inet[];
begin
  select array_agg(c.email order by c.place), array_agg(ai.inet_of(c.source_ip) order by c.place)
  into v_emails, v_ips
  from ai.rfq_contacts(p_rfq_ids) c;

  return query
  with rfq as materialized (
    select g.place, r.rfq_id, g.fingerprint, r.content_sha256, r.ai_content_sha256, r.ai_prompt_version,
      -- Copies the bodies of ai.sender_key and ai.ip_key: calls of these functions would take half of the time.
      case when g.email like '%_@_%'
        then substring(sha256(v_salt || convert_to('email:' || lower(btrim(g.email)), 'UTF8')) for 16) end as sender,
      case when g.ip is not null then substring(sha256(v_salt || convert_to(
        'ip:' || network(set_masklen(g.ip, case family(g.ip) when 4 then 32 else 64 end))::text, 'UTF8')) for 16)
        end as ip,
      -- True at the first call for this text. After a wait, a crash, an unsure first answer or a part of a long list, the RFQ has been
      -- counted already.
      counted.is_fresh, own.first_done, own.paid,
      case when not counted.is_fresh and own.last_status <> 'succeeded' then own.last_model end as last_model,
      case when not counted.is_fresh and own.last_status <> 'succeeded' then own.last_error_class end as last_error_class
    from unnest(p_rfq_ids, p_fingerprints, p_attempts, p_new, v_emails, v_ips) with ordinality
      as g(rfq_id, fingerprint, attempt, is_new, email, ip, place)
    join ai.rfqs r on r.rfq_id = g.rfq_id
    -- Reads an RFQ's runs once, through the index by RFQ. Sorts all rows: with LIMIT, the planner would scan the index on created_at.
    cross join lateral (
      select
        -- A paid answer to this exact text that the RFQ lacks: the table refused it, or the row was restored without it.
        (array_agg(a.run order by a.created_at desc) filter (
          where a.is_this_text and (a.error_class = 'write_refused' or a.status = 'succeeded') and a.output is not null))[1] as paid,
        -- The result of the last attempt at this exact text: a model that failed at this text is not asked again.
        (array_agg(a.status order by a.created_at desc, a.run_id desc) filter (where a.is_answer))[1] as last_status,
        (array_agg(a.model order by a.created_at desc, a.run_id desc) filter (where a.is_answer))[1] as last_model,
        (array_agg(a.error_class order by a.created_at desc, a.run_id desc) filter (where a.is_answer))[1] as last_error_class,
        -- Only runs since the last accepted answer count.
        coalesce(max(a.created_at) filter (where a.is_first) >= coalesce(max(a.created_at) filter (where a.is_accepted), '-infinity'),
          false) as first_done,
        coalesce(bool_or(a.is_part), false) as in_parts
      from (
        select x as run, x.created_at, x.run_id, x.status, x.model, x.error_class, x.output,
          x.content_sha256 = r.content_sha256 as is_this_text,
          x.content_sha256 = r.content_sha256 and (x.status in ('succeeded', 'failed') or x.error_class = 'model_not_found')
            and x.reason is distinct from 'first_failed' as is_answer,  -- after the first model of a cascade fails, the next model is asked anyway
          x.content_sha256 = r.content_sha256 and x.model = v_first and x.reason in ('unsure', 'first_failed') as is_first,
          x.content_sha256 = r.content_sha256 and x.status = 'succeeded' as is_accepted,
          x.content_sha256 = r.content_sha256 and x.reason = 'part' as is_part
        from ai.rag_runs x
        -- New RFQs have no runs, so do not search the weekly partitions for them.
        where x.rfq_id = r.rfq_id and x.created_at >= v_runs_from and g.is_new is not true
      ) a
    ) own
    cross join lateral (
      select coalesce(g.attempt = 1 and r.ai_updated_at is null, false) and not own.first_done and not own.in_parts as is_fresh) counted
    where r.rfq_id = any (p_rfq_ids)
  ),
  registered as (
    insert into ai.duplicate_fingerprints as o (fingerprint, sender, rfq_id, content_sha256)
    select distinct on (q.fingerprint, q.sender) q.fingerprint, q.sender, q.rfq_id, q.content_sha256
    from rfq q
    where q.sender is not null and q.fingerprint is not null and v_hours > 0
    order by q.fingerprint, q.sender, q.place
    -- An RFQ stops being an original when it is too old, was edited, or finished without an answer.
    on conflict (fingerprint, sender) do update
    set (rfq_id, content_sha256, seen_at) = (
      select case when t.over then excluded.rfq_id else o.rfq_id end,
        case when t.over then excluded.content_sha256 else o.content_sha256 end,
        case when t.over then excluded.seen_at else o.seen_at end
      from (
        select o.seen_at < v_now - v_hours * interval '1 hour'
          or o.rfq_id = excluded.rfq_id
          -- If another worker registered the original while this statement waited, its snapshot does not show that RFQ. So a recent
          -- original counts without a check.
          or o.seen_at < v_now and not exists (
            select from ai.rfqs x
            where x.rfq_id = o.rfq_id and x.content_sha256 = o.content_sha256
              and (x.ai_content_sha256 = x.content_sha256 and exists (select from ai.accepted_run(x.rfq_id, x.content_sha256))
                or exists (select from ai.outbox w where w.rfq_id = x.rfq_id)
                or exists (select from ai.outbox_deferred w where w.rfq_id = x.rfq_id))) as over
      ) t)
    returning o.fingerprint, o.sender, o.rfq_id, o.content_sha256, o.seen_at
  ),
  -- A full join, although each row of `registered` has its partner. For an inner join, the planner expects one row and chooses a nested
  -- loop. Its 500 times 500 comparisons would take most of this function's time.
  seen as materialized (
    select q.*,
      case when g.rfq_id <> q.rfq_id then g.rfq_id end as original_rfq_id,
      case when g.rfq_id <> q.rfq_id then g.content_sha256 end as original_sha256
    from rfq q full join registered g on g.fingerprint = q.fingerprint and g.sender = q.sender
  ),
  asked as materialized (
    select k.key, k.capacity, q.place, row_number() over (partition by k.key order by q.place) as turn,
      count(*) over (partition by k.key) as asked
    from seen q
    cross join lateral (values (q.sender, v_per_sender), (q.ip, v_per_ip)) as k(key, capacity)
    where q.is_fresh and k.key is not null and k.capacity > 0
      -- An RFQ that waits for its original and copies its answer needs no call, so it does not count.
      and q.original_rfq_id is null
  ),
  taken as (
    insert into ai.rate_limit_buckets as b (key, tokens, filled_at, granted)
    select a.key, a.capacity - g.granted, v_now, g.granted
    from asked a
    cross join lateral (select least(a.asked, floor(a.capacity))::integer as granted) g
    where a.turn = 1
    order by a.key  -- all transactions lock the rows in this order
    on conflict (key) do update
    set (tokens, filled_at, granted) = (
      select t.tokens - g.granted, greatest(b.filled_at, v_now), g.granted
      from (
        select least(c.capacity,
          b.tokens + c.capacity * extract(epoch from greatest(v_now - b.filled_at, interval '0'))::float8 / 3600) as tokens
        from (select excluded.tokens + excluded.granted as capacity) c) t
      cross join lateral (select least(excluded.granted, floor(t.tokens))::integer as granted) g)
    returning b.key, b.granted
  ),
  over as materialized (
    -- A full join, as above; a condition on either side would make it an inner join.
    select a.key, a.place, a.turn > t.granted as is_over
    from asked a full join taken t on t.key = a.key
  )
  select q.rfq_id, q.ai_content_sha256, q.ai_prompt_version, encode(q.sender, 'hex'),
    paid.run_id, paid.content_sha256, paid.prompt_version, paid.provider, paid.model, paid.prompt_sha256, paid.output::text,
    q.original_rfq_id, first.run_id, first.prompt_version, first.provider, first.model, first.prompt_sha256, first.output::text,
    case when q.fingerprint is null then 0 else (
      select count(*) from (
        select from ai.duplicate_fingerprints x
        where x.fingerprint = q.fingerprint and x.sender is distinct from q.sender and x.seen_at > v_now - interval '24 hours'
        limit 20) s) end::integer,
    coalesce((q.place, q.sender) in (select o.place, o.key from over o where o.is_over), false),
    coalesce((q.place, q.ip) in (select o.place, o.key from over o where o.is_over), false),
    q.last_model, q.last_error_class, q.first_done, coalesce(paid.status = 'succeeded', false)
  from seen q
  left join lateral ai.accepted_run(q.original_rfq_id, q.original_sha256) first on true
  cross join lateral (select (q.paid).*) paid;
end
$$;
comment on function ai.gate_facts(uuid[], bytea[], smallint[], boolean, boolean[]) is
  'Facts for the gates, one row per RFQ of the batch. Each row has: the hash of the text that the accepted answer is about; a paid answer to the present text, and whether it could be written; the original (an earlier RFQ with the same fingerprint and sender), with its answer; how many other senders sent the text today; whether the sender or the IP address has used up its rate (only with p_paid); the result of the last attempt; whether the cascade''s cheap model has been asked. The function also registers new fingerprints, which the worker computes. A null fingerprint means no duplicate check. p_new is is_new of ai.claim_outbox: new RFQs have no runs.';
