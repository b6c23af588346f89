-- A claim tells which RFQs it could not read, and a worker that it can not claim.

-- Their results have more columns, so they are made anew by the functions' own files.
drop function if exists ai.claim_outbox(integer, bigint, integer, interval, bigint);
drop function if exists ai.finish_and_claim(jsonb, integer, bigint, integer, interval, bigint);
drop function if exists ai.heartbeat(integer, integer, bigint, bigint, bigint);

alter table ai.workers
  add column claims_failing_since timestamptz,
  add column claims_sqlstate text;
comment on column ai.workers.claims_failing_since is 'Since when none of its claims has succeeded; null: the last one did.';
comment on column ai.workers.claims_sqlstate is 'What its last claim failed with, or a class of Python; null: the last one did not.';
