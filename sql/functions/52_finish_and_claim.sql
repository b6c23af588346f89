-- Steps 12 and 4 in one round trip.

create or replace function ai.finish_and_claim(
  p_finished jsonb, p_worker integer, p_claim_id bigint, p_limit integer, p_lease interval, p_from bigint default 0)
returns table (
  outbox_id bigint, outcome text, rfq_id uuid, claim_id bigint, attempt smallint, forced boolean, queue_ms real,
  request_id text, name text, email text, company text, phone text, source_ip text, message text, metadata text,
  content_sha256 bytea, prompt_version text, age_ms real, out_of_turn boolean, is_new boolean, is_cut boolean, received date, unreadable text,
  is_attached boolean, late_ms real)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
begin
  -- Two statements, and the finish is the first. A single statement could claim a row whose lease expired, and lose its result.
  return query
    select f.outbox_id, f.outcome, null::uuid, null::bigint, null::smallint, null::boolean, null::real, null::text,
      null::text, null::text, null::text, null::text, null::text, null::text, null::text, null::bytea, null::text,
      null::real, null::boolean, null::boolean, null::boolean, null::date, null::text, null::boolean, null::real
    from ai.finish_outbox(p_finished) f;
  return query
    select c.outbox_id, null::text, c.rfq_id, c.claim_id, c.attempt, c.forced, c.queue_ms, c.request_id,
      c.name, c.email, c.company, c.phone, c.source_ip, c.message, c.metadata, c.content_sha256,
      c.prompt_version, c.age_ms, c.out_of_turn, c.is_new, c.is_cut, c.received, c.unreadable, c.is_attached, c.late_ms
    from ai.claim_outbox(p_worker, p_claim_id, p_limit, p_lease, p_from) c;
end
$$;
comment on function ai.finish_and_claim(jsonb, integer, bigint, integer, interval, bigint) is
  'ai.finish_outbox, then ai.claim_outbox, in one round trip and one commit. Rows with an outcome come from the finish; the other rows are claims.';
