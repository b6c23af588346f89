-- What refusals are evidence of. One text can make somebody on the way refuse it (a firewall, a gateway's filter), and a
-- whole account can be refused: what other RFQs met tells the two apart.

create or replace function ai.is_refused_to_all(
  p_provider text, p_model text, p_error_class text, p_answered_at timestamptz)
returns boolean
language plpgsql volatile security definer  -- workers touch tables through functions only
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
  -- Who was refused before others were answered, and is again, says something of itself only.
  where not exists (
    select from ai.rag_runs y
    where y.rfq_id = r.rfq_id and y.error_class = p_error_class and y.created_at <= p_answered_at);
  -- A refusal comes at once, an answer takes its time: calls from before the first refusal may yet be answered.
  return v_rfqs >= 3 and not exists (
    select from ai.holds h
    where h.provider = p_provider and (p_model = '*' or h.model = p_model)
      and h.admitted_at < v_first_at and h.admitted_at > clock_timestamp() - interval '1 minute');
end
$$;
comment on function ai.is_refused_to_all(text, text, text, timestamptz) is
  'Whether calls end in this class for three RFQs or more that were not refused before, and none has been answered since p_answered_at, nor may be answered yet: a matter of the account or the model and not of one text.';

create or replace function ai.is_refused_alone(
  p_rfq_id uuid, p_content_sha256 bytea, p_worker integer, p_provider text, p_model text)
returns boolean
language plpgsql volatile security definer  -- as ai.is_refused_to_all
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
    -- What a rerun left behind it is another story.
    and x.created_at > coalesce((
      select max(y.created_at) from ai.rag_runs y where y.rfq_id = p_rfq_id and y.status <> 'deferred'), '-infinity');
  if v_refusals + 1 < (select (p.value)::numeric from ai.policy p where p.key = 'max_attempts') then
    return false;
  end if;
  -- By the same worker's calls: another host may have another key, or another way to the provider.
  return exists (
    select from ai.rag_runs y
    where y.created_at > v_first_at and y.worker = p_worker and y.provider = p_provider and y.model = p_model
      and y.status in ('succeeded', 'superseded'));
end
$$;
comment on function ai.is_refused_alone(uuid, bytea, integer, text, text) is
  'Whether an RFQ has been deferred max_attempts times, this one included, by calls that were refused or may have been billed, while the same model answered others to the same worker: its text is the reason, and it waits for nothing.';
