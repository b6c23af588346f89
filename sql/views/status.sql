-- Views for reading. Commands, the console and /metrics read views, never the tables.

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
  'The state of each RFQ, one row per RFQ: status, reason, next attempt, route and cost. Contains no message and no address.';
comment on column ai.rfq_status.rfq_id is 'The RFQ.';
comment on column ai.rfq_status.created_at is 'When the RFQ was submitted.';
comment on column ai.rfq_status.ai_status is 'pending, deferred, done, skipped or failed; null: the RFQ is older than the installation and was never enqueued.';
comment on column ai.rfq_status.ai_reason is 'Code of the reason; in_progress while a worker holds the RFQ, and paused while workers are paused.';
comment on column ai.rfq_status.route is 'Route: the current override, else the model''s route.';
comment on column ai.rfq_status.route_source is 'Who set the route: override or ai.';
comment on column ai.rfq_status.attempts is 'Number of charged attempts.';
comment on column ai.rfq_status.next_attempt_at is 'When the next attempt is due; if ai_reason is in_progress, when the lease ends.';
comment on column ai.rfq_status.last_error_class is 'Error class of the last failure.';
comment on column ai.rfq_status.runs is 'Number of rows in ai.rag_runs.';
comment on column ai.rfq_status.cost_usd is 'Sum of the known costs; null: no cost is known.';
comment on column ai.rfq_status.prompt_version is 'Prompt version of the accepted answer.';
comment on column ai.rfq_status.model is 'Model of the accepted answer.';
comment on column ai.rfq_status.updated_at is 'When rfqflow last wrote to the RFQ.';

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

comment on view ai.queue_status is 'Totals of the queue, in one row.';
comment on column ai.queue_status.mode is 'on, paused or detached.';
comment on column ai.queue_status.claimable is 'RFQs that are due and not claimed.';
comment on column ai.queue_status.in_flight is 'RFQs that a worker holds under a valid lease.';
comment on column ai.queue_status.expired is 'Claimed RFQs whose lease has expired. The next claim takes them over.';
comment on column ai.queue_status.deferred is 'RFQs that were deferred without a charged attempt.';
comment on column ai.queue_status.retrying is 'RFQs in backoff after a failed attempt.';
comment on column ai.queue_status.dead is 'Dead letters that wait for a person.';
comment on column ai.queue_status.missed is 'RFQs that the trigger could not enqueue and that are not enqueued yet.';
comment on column ai.queue_status.oldest_claimable_seconds is 'Age of the oldest row that could be claimed. Alert on this number.';
comment on column ai.queue_status.next_due_at is 'When the next deferred RFQ is due.';
comment on column ai.queue_status.workers is 'Number of registered workers.';
comment on column ai.queue_status.depth is 'RFQs that are due or claimed: all rows of ai.outbox.';
comment on column ai.queue_status.backfill is 'Backfilled RFQs that wait for their turn: see ai.backfill_rfqs.';

create or replace view ai.queue_reasons as
select q.status, q.reason, q.rfqs, q.since, q.next_due_at
from (
  select 'pending' as status, case when o.claim_id is null then 'due' else 'in_progress' end as reason, count(*) as rfqs,
    min(o.enqueued_at) as since, null::timestamptz as next_due_at
  from ai.outbox o group by 2
  union all
  select case when d.reason in ('retry', 'backfill') then 'pending' else 'deferred' end, d.reason, count(*), min(d.enqueued_at), min(d.due_at)
  from ai.outbox_deferred d group by 1, 2
) q;

comment on view ai.queue_reasons is 'Waiting RFQs, one row per reason.';
comment on column ai.queue_reasons.status is 'pending or deferred, as ai.rfq_status shows it.';
comment on column ai.queue_reasons.reason is 'due, in_progress, or another code of ai.reasons.';
comment on column ai.queue_reasons.rfqs is 'Number of RFQs.';
comment on column ai.queue_reasons.since is 'Since when the oldest of these RFQs has been due, or has been deferred for this reason.';
comment on column ai.queue_reasons.next_due_at is 'When the first of these RFQs becomes due; null: now.';

create or replace view ai.dead_letters as
select x.rfq_id, ai.request_id_of(x.rfq_id) as request_id, x.reason, x.error_class, x.attempt as attempts, x.enqueued_at, x.discarded_at,
  u.provider, u.model, u.prompt_version
from ai.outbox_dead x
left join lateral (
  select r.provider, r.model, r.prompt_version
  from ai.rag_runs r
  -- The run was recorded in the same transaction, so this reads only the partition of that week.
  where r.rfq_id = x.rfq_id and r.created_at between x.discarded_at - interval '1 hour' and x.discarded_at + interval '1 hour'
  order by r.created_at desc, r.run_id desc limit 1) u on true;

comment on view ai.dead_letters is 'Dead letters: RFQs that rfqflow discarded, and about which a person must decide. select ai.retry_discarded(array[rfq_id]) enqueues one of them again; ai.redrive_dead_letters and ai.discard_dead_letters handle many.';
comment on column ai.dead_letters.rfq_id is 'The RFQ.';
comment on column ai.dead_letters.request_id is 'request_id of the RFQ.';
comment on column ai.dead_letters.reason is 'Why rfqflow discarded the RFQ.';
comment on column ai.dead_letters.error_class is 'Error class of the last attempt.';
comment on column ai.dead_letters.attempts is 'Number of charged attempts.';
comment on column ai.dead_letters.enqueued_at is 'When the RFQ first became due.';
comment on column ai.dead_letters.discarded_at is 'When rfqflow discarded the RFQ.';
comment on column ai.dead_letters.provider is 'Provider of the last attempt; null: no provider was called, or the run was dropped.';
comment on column ai.dead_letters.model is 'Model of the last attempt; null as for provider.';
comment on column ai.dead_letters.prompt_version is 'Prompt version of the last attempt; null as for provider.';

create or replace view ai.dead_letter_groups as
select d.reason, d.error_class, d.provider, d.model, d.prompt_version, d.rfqs, d.oldest, d.newest,
  (case when 'write_refused' in (d.reason, d.error_class) then 0 else d.rfqs * c.usd end)::numeric(14, 6) as redrive_usd
from (
  select x.reason, x.error_class, x.provider, x.model, x.prompt_version, count(*) as rfqs, min(x.discarded_at) as oldest, max(x.discarded_at) as newest
  from ai.dead_letters x
  group by 1, 2, 3, 4, 5
) d
cross join (select ai.expected_call_usd() as usd) c;

comment on view ai.dead_letter_groups is
  'Dead letters by cause: one row per cause, model and prompt. `rfqflow dead` and the console show these rows.';
comment on column ai.dead_letter_groups.reason is 'Why rfqflow discarded these RFQs.';
comment on column ai.dead_letter_groups.error_class is 'Error class of the last attempt.';
comment on column ai.dead_letter_groups.provider is 'Provider of the last attempt.';
comment on column ai.dead_letter_groups.model is 'Model of the last attempt.';
comment on column ai.dead_letter_groups.prompt_version is 'Prompt version of the last attempt.';
comment on column ai.dead_letter_groups.rfqs is 'Number of dead letters.';
comment on column ai.dead_letter_groups.oldest is 'When rfqflow discarded the first of these RFQs.';
comment on column ai.dead_letter_groups.newest is 'When rfqflow discarded the last of these RFQs.';
comment on column ai.dead_letter_groups.redrive_usd is 'Estimated cost of one more call for each of these RFQs, by ai.expected_call_usd. An RFQ with a paid answer that could not be written costs nothing. Null: no cost is known.';

create or replace view ai.worker_status as
select w.worker, w.host, w.pid, w.version, w.provider, w.model, w.concurrency, w.in_flight, w.has_lock,
  w.started_at, w.beat_at,
  extract(epoch from clock_timestamp() - w.beat_at)::float8 as silent_seconds,
  extract(epoch from clock_timestamp() - w.claims_failing_since)::float8 as claims_failing_seconds, w.claims_sqlstate,
  w.answers_with, w.problems
from ai.workers w;

comment on view ai.worker_status is 'The registered workers.';
comment on column ai.worker_status.worker is 'Id of the worker, as in claims and runs.';
comment on column ai.worker_status.host is 'Host name.';
comment on column ai.worker_status.pid is 'Process id on that host.';
comment on column ai.worker_status.version is 'Release of rfqflow.';
comment on column ai.worker_status.provider is 'Provider in use.';
comment on column ai.worker_status.model is 'Model in use.';
comment on column ai.worker_status.concurrency is 'Number of slots.';
comment on column ai.worker_status.in_flight is 'Slots in use at the last heartbeat.';
comment on column ai.worker_status.has_lock is 'True: other workers notice its death at once. False: they notice it when its leases expire.';
comment on column ai.worker_status.started_at is 'When the worker registered.';
comment on column ai.worker_status.beat_at is 'Time of the last heartbeat.';
comment on column ai.worker_status.silent_seconds is 'Seconds since the last heartbeat. If it is above 15, check the worker.';
comment on column ai.worker_status.claims_failing_seconds is 'Seconds since the worker''s claims began to fail; null: the last claim succeeded.';
comment on column ai.worker_status.claims_sqlstate is 'SQLSTATE or Python class of the error of the last claim.';
comment on column ai.worker_status.answers_with is 'Models that the worker asks, the first choice first. Each is an object with provider, model and, for a server of your own, its host.';
comment on column ai.worker_status.problems is 'Problems that the worker found at its start: code, source, what, remedy.';
