-- The read surface: the command, the console and /metrics read these and no table.

create or replace view ai.rfq_status as
select
  r.rfq_id,
  r.created_at,
  case
    when x.rfq_id is not null then 'failed'
    when o.rfq_id is not null then 'pending'
    when d.reason in ('retry', 'backfill') then 'pending'
    when d.rfq_id is not null then 'deferred'
    else r.ai_status
  end as ai_status,
  case
    when x.rfq_id is not null then x.reason
    when o.claim_id is not null then 'in_progress'
    when o.rfq_id is not null and mode.value <> '"on"' then 'paused'
    when o.rfq_id is not null then null
    when d.rfq_id is not null then d.reason
    else r.ai_reason
  end as ai_reason,
  coalesce(h.route, r.ai_route) as route,
  case when h.route is not null then 'override' when r.ai_route is not null then 'ai' end as route_source,
  coalesce(o.attempt, d.attempt, x.attempt, runs.attempt, 0)::integer as attempts,
  case
    when o.claim_id is not null then o.lease_expires_at
    when o.rfq_id is not null then o.enqueued_at
    else d.due_at
  end as next_attempt_at,
  runs.last_error_class,
  coalesce(runs.runs, 0) as runs,
  runs.cost_usd,
  r.ai_prompt_version as prompt_version,
  r.ai_model as model,
  r.ai_updated_at as updated_at
from ai.rfqs r
left join ai.outbox o on o.rfq_id = r.rfq_id
left join ai.outbox_deferred d on d.rfq_id = r.rfq_id
left join ai.outbox_dead x on x.rfq_id = r.rfq_id
left join ai.overrides h on h.rfq_id = r.rfq_id and h.withdrawn_at is null
cross join lateral (select p.value from ai.policy p where p.key = 'mode') mode
left join lateral (
  select
    count(*) as runs,
    sum(u.cost_usd) as cost_usd,
    (array_agg(u.attempt order by u.created_at desc, u.run_id desc))[1] as attempt,
    (array_agg(u.error_class order by u.created_at desc, u.run_id desc)
      filter (where u.error_class is not null))[1] as last_error_class
  from ai.rag_runs u where u.rfq_id = r.rfq_id
) runs on true;

comment on view ai.rfq_status is
  'One row per RFQ: where it stands, why, when it is tried next, by whom it was routed, and what it cost. Holds no message and no address.';
comment on column ai.rfq_status.rfq_id is 'The RFQ.';
comment on column ai.rfq_status.created_at is 'When it was submitted.';
comment on column ai.rfq_status.ai_status is 'pending, deferred, done, skipped or failed; null: older than the installation and never asked for.';
comment on column ai.rfq_status.ai_reason is 'Why, as a code; in_progress while a worker holds it, paused while workers claim nothing.';
comment on column ai.rfq_status.route is 'Where it goes: the standing override''s word, else the model''s.';
comment on column ai.rfq_status.route_source is 'Who says so: override or ai.';
comment on column ai.rfq_status.attempts is 'Attempts charged.';
comment on column ai.rfq_status.next_attempt_at is 'When it is tried (next); while in progress, when the lease ends.';
comment on column ai.rfq_status.last_error_class is 'What went wrong last.';
comment on column ai.rfq_status.runs is 'Rows in ai.rag_runs.';
comment on column ai.rfq_status.cost_usd is 'Sum of the known costs; null: none known.';
comment on column ai.rfq_status.prompt_version is 'Of the accepted answer.';
comment on column ai.rfq_status.model is 'Of the accepted answer.';
comment on column ai.rfq_status.updated_at is 'When rfqflow last wrote to it.';

create or replace view ai.queue_status as
select
  (select p.value #>> '{}' from ai.policy p where p.key = 'mode') as mode,
  q.claimable, q.in_flight, q.expired,
  d.deferred, d.retrying,
  (select count(*) from ai.outbox_dead) as dead,
  (select count(*) from ai.outbox_missed) as missed,
  q.oldest_claimable_seconds,
  d.next_due_at,
  (select count(*) from ai.workers) as workers,
  q.claimable + q.in_flight + q.expired as depth,
  d.backfill
from (
  select
    count(*) filter (where o.claim_id is null) as claimable,
    count(*) filter (where o.lease_expires_at >= clock_timestamp()) as in_flight,
    count(*) filter (where o.lease_expires_at < clock_timestamp()) as expired,
    extract(epoch from clock_timestamp() - min(o.enqueued_at) filter (where o.claim_id is null))::float8
      as oldest_claimable_seconds
  from ai.outbox o
) q
cross join (
  select
    count(*) filter (where x.reason not in ('retry', 'backfill')) as deferred,
    count(*) filter (where x.reason = 'retry') as retrying,
    count(*) filter (where x.reason = 'backfill') as backfill,
    min(x.due_at) as next_due_at
  from ai.outbox_deferred x
) d;

comment on view ai.queue_status is 'The queue at a glance: one row.';
comment on column ai.queue_status.mode is 'on or paused.';
comment on column ai.queue_status.claimable is 'Due and free.';
comment on column ai.queue_status.in_flight is 'Claimed, lease running.';
comment on column ai.queue_status.expired is 'Claimed, lease run out: taken over at the next claim.';
comment on column ai.queue_status.deferred is 'Put back without an attempt charged.';
comment on column ai.queue_status.retrying is 'In backoff after a failed attempt.';
comment on column ai.queue_status.dead is 'Discarded, waiting for a person.';
comment on column ai.queue_status.missed is 'Noted by the trigger, not yet enqueued.';
comment on column ai.queue_status.oldest_claimable_seconds is 'Age of the oldest row that could be claimed: the number to alarm on.';
comment on column ai.queue_status.next_due_at is 'When the next deferred one comes back.';
comment on column ai.queue_status.workers is 'Workers registered.';
comment on column ai.queue_status.depth is 'Due or being worked on: all of ai.outbox.';
comment on column ai.queue_status.backfill is 'RFQs older than the installation that wait for their turn: see ai.backfill_rfqs.';

create or replace view ai.dead_letters as
select x.rfq_id, ai.request_id_of(x.rfq_id) as request_id, x.reason, x.error_class, x.attempt as attempts, x.enqueued_at, x.discarded_at
from ai.outbox_dead x;

comment on view ai.dead_letters is 'What was given up and waits for a person; select ai.retry_discarded(array[rfq_id]) brings one back.';
comment on column ai.dead_letters.rfq_id is 'The RFQ.';
comment on column ai.dead_letters.request_id is 'Its request_id.';
comment on column ai.dead_letters.reason is 'Why it was given up.';
comment on column ai.dead_letters.error_class is 'What the last attempt ended in.';
comment on column ai.dead_letters.attempts is 'Attempts charged.';
comment on column ai.dead_letters.enqueued_at is 'When it became due.';
comment on column ai.dead_letters.discarded_at is 'When it was given up.';

create or replace view ai.worker_status as
select w.worker, w.host, w.pid, w.version, w.provider, w.model, w.concurrency, w.in_flight, w.has_lock,
  w.started_at, w.beat_at,
  extract(epoch from clock_timestamp() - w.beat_at)::float8 as silent_seconds,
  extract(epoch from clock_timestamp() - w.claims_failing_since)::float8 as claims_failing_seconds, w.claims_sqlstate,
  w.answers_with, w.problems
from ai.workers w;

comment on view ai.worker_status is 'The daemons that are registered.';
comment on column ai.worker_status.worker is 'Number that claims and runs name.';
comment on column ai.worker_status.host is 'Host name.';
comment on column ai.worker_status.pid is 'Process id there.';
comment on column ai.worker_status.version is 'Release of rfqflow.';
comment on column ai.worker_status.provider is 'Provider in use.';
comment on column ai.worker_status.model is 'Model in use.';
comment on column ai.worker_status.concurrency is 'Slots.';
comment on column ai.worker_status.in_flight is 'Slots in use at the last beat.';
comment on column ai.worker_status.has_lock is 'Its death is seen at once; else when its leases expire.';
comment on column ai.worker_status.started_at is 'When it took this number.';
comment on column ai.worker_status.beat_at is 'Its last sign of life.';
comment on column ai.worker_status.silent_seconds is 'How long ago that was; more than 15 is worth a look.';
comment on column ai.worker_status.claims_failing_seconds is 'How long none of its claims has succeeded; null: the last one did.';
comment on column ai.worker_status.claims_sqlstate is 'What they fail with.';
comment on column ai.worker_status.answers_with is 'The models that it asks, in their order: provider, model, host of the server.';
comment on column ai.worker_status.problems is 'What was wrong when it started: code, source, what, remedy.';
