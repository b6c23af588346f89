-- Decides whether refusals concern one text or the whole account. A firewall or filter may refuse one text; other RFQs' results tell the
-- two apart.

create or replace function ai.is_refused_to_all(
  p_provider text, p_model text, p_error_class text, p_answered_at timestamptz)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_since constant timestamptz := greatest(p_answered_at, clock_timestamp() - interval '5 minutes');
  v_rfqs integer;
  v_first_at timestamptz;
begin
  select count(*), min(r.first_at) into v_rfqs, v_first_at
  from (
    select x.rfq_id, min(x.created_at) as first_at
    from ai.rag_runs x
    where x.created_at > v_since and x.provider = p_provider and (p_model = '*' or x.model = p_model)
      and x.error_class = p_error_class
    group by x.rfq_id
  ) r
  -- A text that was refused before others were answered, and is refused again, says nothing about the account.
  where not exists (
    select from ai.rag_runs y
    where y.rfq_id = r.rfq_id and y.error_class = p_error_class and y.created_at <= p_answered_at);
  -- A refusal comes at once, an answer takes longer: calls made before the first refusal may still be answered.
  return v_rfqs >= 3 and not exists (
    select from ai.holds h
    where h.provider = p_provider and (p_model = '*' or h.model = p_model)
      and h.admitted_at < v_first_at and h.admitted_at > clock_timestamp() - interval '1 minute');
end
$$;
comment on function ai.is_refused_to_all(text, text, text, timestamptz) is
  'Whether calls of three or more RFQs end in this class, RFQs not refused before. None was answered since p_answered_at, nor can still be. Then the account or the model is refused, not one text.';

create or replace function ai.is_failing_for_few(
  p_provider text, p_model text, p_calls integer, p_failures integer, p_seconds float8, p_share float8)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_runs integer;
  v_rfqs integer;
begin
  select count(*), count(distinct x.rfq_id) into v_runs, v_rfqs
  from ai.rag_runs x
  where x.created_at > clock_timestamp() - p_seconds * interval '1 second' and x.provider = p_provider and x.model = p_model
    and x.status in ('failed', 'deferred') and x.error_class in ('timeout', 'connection', 'provider_5xx');
  -- Some calls were not for RFQs, or are not recorded yet: then each call counts.
  if v_runs < p_failures then
    return false;
  end if;
  return v_rfqs < 3 or p_failures - (v_runs - v_rfqs) < p_share * (p_calls - (v_runs - v_rfqs));
end
$$;
comment on function ai.is_failing_for_few(text, text, integer, integer, float8, float8) is
  'Whether a text, not an outage, explains so many failures of so many calls. It does if one or two RFQs, tried again and again, cause them, or the share is not reached when each RFQ counts once.';

create or replace function ai.wait_to_probe(p_provider text, p_model text, p_rfq_id uuid, p_now timestamptz)
returns float8
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_state ai.model_states;
  v_base constant float8 := (select (p.value)::float8 from ai.policy p where p.key = 'breaker_cooldown_seconds');
  v_cap constant float8 := (select (p.value)::float8 from ai.policy p where p.key = 'breaker_cooldown_cap_seconds');
  v_until timestamptz;
begin
  select * into v_state from ai.model_states s where s.provider = p_provider and s.model = p_model;
  v_until := v_state.open_until;
  if exists (
    select from ai.rag_runs x
    where x.rfq_id = p_rfq_id and x.provider = p_provider and (p_model = '*' or x.model = p_model)
      and x.created_at > p_now - interval '1 day' and x.status in ('failed', 'deferred')
      and x.error_class in ('timeout', 'connection', 'provider_5xx', 'auth', 'quota', 'model_not_found', 'bad_request'))
  then
    -- Repeated failures of one RFQ are weaker evidence than failures of several, so RFQs that have not failed yet go first.
    v_until := v_until + least(v_base / 10, 3) * interval '1 second';
  elsif v_until <= v_state.changed_at + 1.11 * least(v_cap, v_base * 2 ^ least(v_state.trips - 1, 30)) * interval '1 second' then
    -- Probes have doubled the cool-down, perhaps with texts that no model can answer. The provider asked for less.
    v_until := least(v_until, v_state.changed_at + 1.11 * v_base * interval '1 second');
  end if;
  return extract(epoch from v_until - p_now) * 1000;
end
$$;
comment on function ai.wait_to_probe(text, text, uuid, timestamptz) is
  'Milliseconds that an open breaker makes this RFQ wait before it may be the probe. An RFQ that has not failed there goes first, and does not wait for cool-downs doubled by other RFQs'' probes.';

create or replace function ai.is_refused_alone(
  p_rfq_id uuid, p_content_sha256 bytea, p_worker integer, p_provider text, p_model text)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_refusals integer;
  v_first_at timestamptz;
begin
  select count(*), min(x.created_at) into v_refusals, v_first_at
  from ai.rag_runs x
  where x.rfq_id = p_rfq_id and x.content_sha256 = p_content_sha256 and x.status = 'deferred'
    and x.error_class in ('auth', 'quota', 'model_not_found', 'connection', 'provider_5xx')
    -- Runs from before a much later rerun do not count.
    and x.created_at > coalesce((
      select max(y.created_at) from ai.rag_runs y where y.rfq_id = p_rfq_id and y.status <> 'deferred'), '-infinity');
  if v_refusals + 1 < (select (p.value)::numeric from ai.policy p where p.key = 'max_attempts') then
    return false;
  end if;
  -- Only calls of the same worker: another host may have another key, or another way to the provider.
  return exists (
    select from ai.rag_runs y
    where y.created_at > v_first_at and y.worker = p_worker and y.provider = p_provider and y.model = p_model
      and y.status in ('succeeded', 'superseded'));
end
$$;
comment on function ai.is_refused_alone(uuid, bytea, integer, text, text) is
  'Whether an RFQ''s own text is the cause of its refusals, so that waiting does not help. It is if calls have deferred it max_attempts times, this one included, while the model answered other RFQs of the same worker. Only calls count that were refused, or may have been billed.';
