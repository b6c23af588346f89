-- What a worker's turn is with no result to record: the fenced rows go, and the next are claimed, in one call and one commit.
create function bench.queue_turn(p_ids bigint[], p_claim_ids bigint[], p_claim_id bigint, p_limit integer, p_from bigint)
returns table (outbox_id bigint, rfq_id uuid, claim_id bigint, message text, out_of_turn boolean)
language plpgsql
as $$
#variable_conflict use_column
begin
  delete from ai.outbox o
  using unnest(p_ids, p_claim_ids) as done (id, claim_id)
  where o.id = done.id and o.claim_id = done.claim_id;
  return query
  select c.outbox_id, c.rfq_id, c.claim_id, c.message, c.out_of_turn
  from ai.claim_outbox(1, p_claim_id, p_limit, '60 s', p_from) c;
end
$$;
