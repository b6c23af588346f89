-- Decides whether a provider refuses one text or the whole account. A firewall or filter may refuse a single text. The results of other
-- RFQs show which of the two it is.

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
  -- Leaves out a text that was refused before, while others were answered: its next refusal is no evidence against the account.
  where not exists (
    select from ai.rag_runs y
    where y.rfq_id = r.rfq_id and y.error_class = p_error_class and y.created_at <= p_answered_at);
  -- A refusal arrives sooner than an answer, so calls made before the first refusal may still be answered.
  return v_rfqs >= 3 and not exists (
    select from ai.holds h
    where h.provider = p_provider and (p_model = '*' or h.model = p_model)
      and h.admitted_at < v_first_at and h.admitted_at > clock_timestamp() - interval '1 minute');
end
$$;
comment on function ai.is_refused_to_all(text, text, text, timestamptz) is
  'True if the provider refuses the account or the model, and not only one text. It is true under two conditions. Calls for three or more RFQs ended in this error class, and none of these RFQs was refused before. Since p_answered_at, no call was answered, and no call in flight can still be answered.';

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
  -- If some calls were not for RFQs, or are not recorded yet, each call counts.
  if v_runs < p_failures then
    return false;
  end if;
  return v_rfqs < 3 or p_failures - (v_runs - v_rfqs) < p_share * (p_calls - (v_runs - v_rfqs));
end
$$;
comment on function ai.is_failing_for_few(text, text, integer, integer, float8, float8) is
  'True if the text of a few RFQs, and not an outage, explains p_failures failures of p_calls calls. It is true if repeated calls for one or two RFQs cause the failures. It is also true if the failures stay below p_share when each RFQ counts once.';

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
    -- Repeated failures of one RFQ are weaker evidence of an outage than failures of several RFQs. So RFQs that have not failed go first.
    v_until := v_until + least(v_base / 10, 3) * interval '1 second';
  elsif v_until <= v_state.changed_at + 1.11 * least(v_cap, v_base * 2 ^ least(v_state.trips - 1, 30)) * interval '1 second' then
    -- Earlier probes have doubled the cool-down, perhaps with texts that no model can answer, and the provider did not ask for such a long
    -- wait.
    v_until := least(v_until, v_state.changed_at + 1.11 * v_base * interval '1 second');
  end if;
  return extract(epoch from v_until - p_now) * 1000;
end
$$;
comment on function ai.wait_to_probe(text, text, uuid, timestamptz) is
  'Milliseconds that this RFQ must wait at an open breaker before it may be the probe. An RFQ that has not failed with this model goes first, and does not wait for cool-downs that the probes of other RFQs doubled.';

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
  -- Only calls of the same worker count: another host may have another key, or another network path to the provider.
  return exists (
    select from ai.rag_runs y
    where y.created_at > v_first_at and y.worker = p_worker and y.provider = p_provider and y.model = p_model
      and y.status in ('succeeded', 'superseded'));
end
$$;
comment on function ai.is_refused_alone(uuid, bytea, integer, text, text) is
  'True if the RFQ''s own text makes its calls fail, and not an outage or the account, so that waiting does not help. It is true if calls have deferred the RFQ max_attempts times, including this call, while the model answered other RFQs of the same worker. Only calls count that were refused, or that may have been billed.';
