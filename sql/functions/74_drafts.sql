-- Draft replies: functions that store and change a draft, and request one from a model. Workers write the texts; these functions check,
-- fence and erase them.

create or replace function ai.put_draft(
  p_rfq_id uuid, p_language text, p_subject text, p_body text, p_source text, p_asks text[], p_why text, p_model text, p_actor text)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_subject constant text := regexp_replace(ai.without_controls(coalesce(p_subject, '')), '[[:space:]]+', ' ', 'g');  -- a subject is one line
  v_body constant text := ai.without_controls(p_body);
  v_revision bigint;
begin
  if length(v_subject) > 200 then
    perform ai.refuse_correction('a subject must have at most 200 characters', null);
  elsif length(v_body) > 8000 then
    perform ai.refuse_correction('a draft must have at most 8000 characters', null);
  elsif coalesce(v_body, '') = '' then
    perform ai.refuse_correction('a draft must not be empty', null);
  elsif coalesce(p_language !~ '^[a-z]{2,3}$', not exists (select from ai.drafts d where d.rfq_id = p_rfq_id)) then
    perform ai.refuse_correction('a draft''s language must be a code', 'For example de.');
  end if;
  insert into ai.drafts as d (rfq_id, language, subject, body, source, asks, why, model, updated_by)
  values (p_rfq_id, coalesce(p_language, (select d.language from ai.drafts d where d.rfq_id = p_rfq_id)), v_subject, v_body, p_source, coalesce(p_asks, '{}'), p_why, p_model, p_actor)
  on conflict (rfq_id) do update
  set language = excluded.language, subject = excluded.subject, body = excluded.body, source = excluded.source,
      asks = case when p_source = 'person' then d.asks else excluded.asks end,
      why = case when p_source = 'person' then d.why else excluded.why end,
      model = case when p_source = 'person' then d.model else excluded.model end,
      updated_by = excluded.updated_by, updated_at = clock_timestamp(), revision = d.revision + 1
  returning d.revision into v_revision;
  return v_revision;
end
$$;
comment on function ai.put_draft(uuid, text, text, text, text, text[], text, text, text) is
  'Writes an RFQ''s draft. Returns its revision. Raises RF012 if the draft is too long or empty.';

create or replace function ai.save_draft(
  p_rfq_id uuid, p_language text, p_subject text, p_body text, p_source text default 'person', p_asks text[] default null,
  p_why text default null, p_actor text default null, p_version text default null, p_revision bigint default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_is record;
begin
  if p_source not in ('template', 'person') then
    perform ai.refuse_correction('the source of a draft must be template or person', null);
  end if;
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'draft', case p_source when 'person' then 'changed' else 'by template' end, null);
  if p_revision is not null then
    select d.revision, d.updated_by, d.updated_at into v_is from ai.drafts d where d.rfq_id = p_rfq_id;
    if coalesce(v_is.revision, 0) <> p_revision then
      raise exception 'the draft changed meanwhile' using errcode = 'RF011',
        hint = 'Read ai.drafts again, and repeat the change with its revision if it is still needed.',
        detail = jsonb_build_object('by', v_is.updated_by, 'at', v_is.updated_at, 'what', 'draft',
          'version', (select a.version from ai.rfq_answer a where a.rfq_id = p_rfq_id))::text;
    end if;
  end if;
  perform ai.put_draft(p_rfq_id, p_language, p_subject, p_body, p_source, p_asks, p_why, null, v_actor);
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.save_draft(uuid, text, text, text, text, text[], text, text, text, bigint) is
  'Saves a draft reply that came from a template, or that a person changed. p_revision is the revision in ai.drafts that the change started from; 0: there was no draft. Returns the new version of the answer. Raises RF004, RF011, RF012.';

create or replace function ai.ask_back(p_rfq_id uuid, p_actor text default null, p_version text default null)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
begin
  perform ai.touch_desk(p_rfq_id, v_actor, p_version, 'ask', (
    select string_agg(split_part(x, ':', 1), ', ') from ai.drafts d, unnest(d.asks) x where d.rfq_id = p_rfq_id), null);
  update ai.drafts d set asked_by = v_actor, asked_at = clock_timestamp() where d.rfq_id = p_rfq_id;
  if not found then
    raise exception 'RFQ % has no draft reply', p_rfq_id using errcode = 'RF004', hint = 'Make a draft first: rfqflow draft';
  end if;
  return ai.end_touch(p_rfq_id);
end
$$;
comment on function ai.ask_back(uuid, text, text) is
  'Records that a person has sent the draft to the customer. It sends nothing, and the RFQ stays open. Returns the new version. Raises RF004, RF011.';

create or replace function ai.request_draft(p_rfq_id uuid, p_language text default null, p_actor text default null)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_request bigint;
begin
  if not exists (select from ai.rfqs r where r.rfq_id = p_rfq_id) then
    raise exception 'RFQ % not found', coalesce(p_rfq_id::text, 'null') using errcode = 'RF004';
  elsif p_language !~ '^[a-z]{2,3}$' then
    perform ai.refuse_correction('a language must be a code such as de', null);
  elsif length(p_actor) > 200 then
    perform ai.refuse_correction('an actor''s name must have at most 200 characters', null);
  end if;
  insert into ai.draft_requests (rfq_id, language, draft_revision, requested_by)
  values (p_rfq_id, p_language, coalesce((select d.revision from ai.drafts d where d.rfq_id = p_rfq_id), 0), ai.actor_or_role(p_actor))
  on conflict (rfq_id) where ended_at is null do nothing
  returning request into v_request;
  return coalesce(v_request, (select q.request from ai.draft_requests q where q.rfq_id = p_rfq_id and q.ended_at is null));
end
$$;
comment on function ai.request_draft(uuid, text, text) is
  'Requests a draft from a model; a worker with a model claims the request within seconds. Returns the number of the request; a second request for the same RFQ returns the number of the one that waits. Raises RF004, RF012.';

create or replace function ai.cancel_draft(p_rfq_id uuid)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.draft_requests q set ended_at = clock_timestamp(), outcome = 'cancelled' where q.rfq_id = p_rfq_id and q.ended_at is null;
  return found;
end
$$;
comment on function ai.cancel_draft(uuid) is 'Cancels the request for a draft, waiting or running. A call in flight continues, but its draft is not stored. Returns false if there is no request.';

create or replace function ai.claim_draft(p_claim_id bigint, p_lease interval)
returns table (
  request bigint, rfq_id uuid, language text, request_id text, message text, name text, company text, created_at timestamptz,
  answer text, injection_suspected boolean)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
  v_one ai.draft_requests;
begin
  -- Three workers ended while they had the request, so a fourth would probably end too. Give up.
  update ai.draft_requests q
  set ended_at = clock_timestamp(), outcome = 'given_up'
  where q.ended_at is null and q.lease_expires_at < clock_timestamp() and q.takes >= 3;
  update ai.draft_requests q
  set claim_id = p_claim_id, lease_expires_at = clock_timestamp() + p_lease, takes = q.takes + 1
  where q.request = (
    select x.request from ai.draft_requests x
    where x.ended_at is null and (x.lease_expires_at is null or x.lease_expires_at < clock_timestamp())
    order by x.request limit 1
    for update skip locked)
  returning q.* into v_one;
  if v_one.request is null then
    return;
  end if;
  begin
    return query
    select v_one.request, v_one.rfq_id, v_one.language, r.request_id, r.message, r.name, r.company, a.created_at,
      jsonb_build_object('language', a.language, 'missing', a.missing, 'items', a.items, 'checks', a.checks, 'due_date', a.due_date,
        'due_date_derived', a.due_date_derived, 'quote_deadline', a.quote_deadline, 'delivery_place', a.delivery_place,
        'incoterm', a.incoterm, 'certificates', a.certificates)::text,
      coalesce(r.ai_extracted ->> 'injection_suspected' = 'true', false)
    from ai.rfqs r join ai.rfq_answer a on a.rfq_id = r.rfq_id
    where r.rfq_id = v_one.rfq_id;
    if not found then
      update ai.draft_requests q set ended_at = clock_timestamp(), outcome = 'rfq_deleted' where q.request = v_one.request;
    end if;
  exception when others then
    -- An unreadable row must cost only its own draft, and not block all later requests.
    update ai.draft_requests q set ended_at = clock_timestamp(), outcome = 'unreadable' where q.request = v_one.request;
  end;
end
$$;
comment on function ai.claim_draft(bigint, interval) is
  'Claims the oldest request for a draft that waits, or whose lease expired. Returns the request with its RFQ, and the answer as people see it. No row if there is no request.';

create or replace function ai.release_draft(p_request bigint, p_claim_id bigint)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.draft_requests q set claim_id = null, lease_expires_at = null, takes = q.takes - 1
  where q.request = p_request and q.claim_id = p_claim_id and q.ended_at is null;
  return found;
end
$$;
comment on function ai.release_draft(bigint, bigint) is 'Releases a request when its worker stops, so that another worker can claim it at once. Returns false if the worker no longer held the request.';

create or replace function ai.finish_draft(
  p_request bigint, p_claim_id bigint, p_outcome text, p_draft jsonb, p_model text, p_cost_usd numeric, p_latency_ms real)
returns text
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_one ai.draft_requests;
  v_outcome text := p_outcome;
  v_actor text;
begin
  select q.* into v_one from ai.draft_requests q
  where q.request = p_request and q.claim_id = p_claim_id and q.ended_at is null for update;
  if v_one.request is null then
    return 'claim_lost';  -- the request was erased, cancelled or claimed by another worker: store nothing
  end if;
  if p_draft is not null and exists (select from ai.rfqs r where r.rfq_id = v_one.rfq_id) then
    v_actor := v_one.requested_by;
    insert into ai.desk (rfq_id, updated_by) values (v_one.rfq_id, v_actor) on conflict (rfq_id) do nothing;
    perform from ai.desk d where d.rfq_id = v_one.rfq_id for update;  -- as in ai.touch_desk, actions on one RFQ run one after another
    -- A draft that a person wrote meanwhile stays.
    if coalesce((select d.revision from ai.drafts d where d.rfq_id = v_one.rfq_id), 0) <> v_one.draft_revision then
      v_outcome := 'changed_meanwhile';
    elsif p_draft ->> 'source' = 'model' or v_one.draft_revision = 0 then
      perform ai.touch_desk(v_one.rfq_id, v_actor, null, 'draft', case p_draft ->> 'source' when 'model' then 'by a model' else 'by template' end, null);
      perform ai.put_draft(v_one.rfq_id, p_draft ->> 'language', p_draft ->> 'subject', p_draft ->> 'body', p_draft ->> 'source',
        array(select jsonb_array_elements_text(p_draft -> 'asks')), p_draft ->> 'why', p_draft ->> 'model', v_actor);
      perform ai.end_touch(v_one.rfq_id);
    end if;
  end if;
  update ai.draft_requests q
  set ended_at = clock_timestamp(), outcome = v_outcome, model = p_model, cost_usd = p_cost_usd, latency_ms = p_latency_ms
  where q.request = p_request;
  return v_outcome;
end
$$;
comment on function ai.finish_draft(bigint, bigint, text, jsonb, text, numeric, real) is
  'Finishes a request for a draft. Stores the model''s draft, unless a person has changed the draft meanwhile. Stores a draft from a template only if there was no draft. Fenced by the claim. Returns the outcome; claim_lost if the worker no longer holds the request.';

create or replace function ai.prune_drafts()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_days constant float8 := (select (p.value)::float8 from ai.policy p where p.key = 'draft_days');
  v_pruned integer;
  v_rows integer;
begin
  delete from ai.drafts d where d.ctid = any (array(
    select x.ctid from ai.drafts x where x.updated_at < clock_timestamp() - interval '1 day' * v_days
    order by x.updated_at limit 5000 for update skip locked));
  get diagnostics v_pruned = row_count;
  delete from ai.draft_requests q where q.request = any (array(
    select x.request from ai.draft_requests x
    where x.requested_at < clock_timestamp() - interval '400 days' order by x.request limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  return v_pruned + v_rows;
end
$$;
comment on function ai.prune_drafts() is 'Deletes drafts unchanged for policy draft_days, and requests older than a year. Returns the number of rows.';

create or replace function ai.erase_drafts(p_rfq_ids uuid[])
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erased integer;
begin
  -- Also deletes requests, so that a worker that already has the text cannot store its draft.
  delete from ai.draft_requests q where q.rfq_id = any (p_rfq_ids);
  delete from ai.drafts d where d.rfq_id = any (p_rfq_ids);
  get diagnostics v_erased = row_count;
  return v_erased;
end
$$;
comment on function ai.erase_drafts(uuid[]) is 'Deletes the draft replies to these RFQs and the requests for drafts. Returns the number of drafts.';
