-- The queue: what waits, what waits for a time, what waits for a person, and what the trigger could not enqueue.

create table ai.outbox (
  id               bigint generated always as identity primary key,
  rfq_id           uuid not null,
  enqueued_at      timestamptz not null default clock_timestamp(),
  lease_expires_at timestamptz,
  claim_id         bigint,
  worker           integer,
  attempt          smallint not null default 0,
  forced           boolean not null default false,
  has_ended        boolean not null default false,
  claims           smallint not null default 1,
  constraint outbox_one_row_per_rfq unique (rfq_id),
  constraint outbox_claimed_iff_leased check (
    (claim_id is null) = (lease_expires_at is null) and (claim_id is null) = (worker is null))
) with (
  -- Both indexes hold columns that never change, so claiming is a HOT update as long as the page has room for it.
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000,
  -- Truncation takes an exclusive lock and would hold inserts up; index clean-up must never be skipped.
  vacuum_truncate = off, vacuum_index_cleanup = on
);

comment on table ai.outbox is
  'The live queue: one row per RFQ that is due or being worked on. A row leaves it when its RFQ ends or is deferred.';
comment on column ai.outbox.id is 'Order of work: the lowest claimable id is next.';
comment on column ai.outbox.rfq_id is 'The RFQ; no foreign key, so that an insert locks nothing and a deleted RFQ hinders nobody.';
comment on column ai.outbox.enqueued_at is 'When it became due, by the database''s clock.';
comment on column ai.outbox.lease_expires_at is 'Until when the claim is believed; null: claimable.';
comment on column ai.outbox.claim_id is 'The fence: random, made by the worker, new for each claim. A finish must name it.';
comment on column ai.outbox.worker is 'Number of the worker that holds the claim.';
comment on column ai.outbox.attempt is 'Claims charged so far, the present one included.';
comment on column ai.outbox.forced is 'Enrich again even where content and prompt version are those of the accepted answer.';
comment on column ai.outbox.has_ended is 'It finished before, and was counted then: the run that tells may have been archived.';
comment on column ai.outbox.claims is
  'zero: its RFQ was inserted just now and never claimed, so there is no run of it to look for, in however many weeks. Counted up to two.';
comment on constraint outbox_one_row_per_rfq on ai.outbox is
  'One RFQ is never worked on twice at once: an edit or a rerun is absorbed by the row that is there.';
comment on constraint outbox_claimed_iff_leased on ai.outbox is 'A claimed row has a lease and a worker. A row that is not claimed has neither.';

create table ai.outbox_deferred (
  rfq_id         uuid primary key,
  enqueued_at    timestamptz not null,
  was_due_at     timestamptz not null default clock_timestamp(),
  deferred_at    timestamptz not null default clock_timestamp(),
  due_at         timestamptz not null,
  attempt        smallint not null,
  deferrals      integer not null default 0,
  forced         boolean not null default false,
  has_ended      boolean not null default false,
  reason         text not null,
  error_class    text,
  waits_for      uuid,
  constraint outbox_deferred_reason_is_a_word check (reason ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint outbox_deferred_error_class_is_a_word check (error_class ~ '^[a-z][a-z0-9_]{0,39}$')
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, vacuum_truncate = off);
create index outbox_deferred_due on ai.outbox_deferred (due_at);
create index outbox_deferred_reason on ai.outbox_deferred (reason, enqueued_at);
create index outbox_deferred_waits_for on ai.outbox_deferred (waits_for) where waits_for is not null;

comment on table ai.outbox_deferred is 'RFQs that wait, each with a reason and a time; promoted to ai.outbox when due.';
comment on column ai.outbox_deferred.rfq_id is 'The RFQ.';
comment on column ai.outbox_deferred.enqueued_at is
  'When it first became due; where it has been deferred again and again for this reason, when it first was.';
comment on column ai.outbox_deferred.was_due_at is
  'When it had become due before that: what has changed since then was known to the worker that deferred it.';
comment on column ai.outbox_deferred.deferred_at is 'When it was deferred.';
comment on column ai.outbox_deferred.due_at is 'When it is promoted.';
comment on column ai.outbox_deferred.attempt is 'Attempts charged so far.';
comment on column ai.outbox_deferred.deferrals is 'How often it was deferred without an attempt charged.';
comment on column ai.outbox_deferred.forced is 'As ai.outbox.forced.';
comment on column ai.outbox_deferred.has_ended is 'As ai.outbox.has_ended.';
comment on column ai.outbox_deferred.reason is 'retry (backoff after a failed attempt), backfill, or why no attempt could be made.';
comment on column ai.outbox_deferred.error_class is 'What the last attempt ended in, if one failed.';
comment on column ai.outbox_deferred.waits_for is 'The RFQ whose end makes this one due at once: the original of a duplicate.';
comment on constraint outbox_deferred_reason_is_a_word on ai.outbox_deferred is 'A code, never a message.';
comment on constraint outbox_deferred_error_class_is_a_word on ai.outbox_deferred is 'A code, never a message.';
comment on index ai.outbox_deferred_due is 'Serves promotion: what is due, and when the next is.';
comment on index ai.outbox_deferred_reason is 'Serves ai.health: how many wait for a reason, and since when, without a look at all others.';
comment on index ai.outbox_deferred_waits_for is 'Serves each finish: who waits for an RFQ that ends. Nearly always empty.';

create table ai.outbox_dead (
  rfq_id       uuid primary key,
  enqueued_at  timestamptz not null,
  discarded_at timestamptz not null default clock_timestamp(),
  attempt      smallint not null,
  reason       text not null,
  error_class  text,
  constraint outbox_dead_reason_is_a_word check (reason ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint outbox_dead_error_class_is_a_word check (error_class ~ '^[a-z][a-z0-9_]{0,39}$')
);

comment on table ai.outbox_dead is 'Dead letters: discarded RFQs, kept for a person. ai.retry_discarded brings one back.';
comment on column ai.outbox_dead.rfq_id is 'The RFQ.';
comment on column ai.outbox_dead.enqueued_at is 'When it first became due.';
comment on column ai.outbox_dead.discarded_at is 'When it was given up.';
comment on column ai.outbox_dead.attempt is 'Attempts charged.';
comment on column ai.outbox_dead.reason is 'Why it was given up.';
comment on column ai.outbox_dead.error_class is 'What the last attempt ended in.';
comment on constraint outbox_dead_reason_is_a_word on ai.outbox_dead is 'A code, never a message.';
comment on constraint outbox_dead_error_class_is_a_word on ai.outbox_dead is 'A code, never a message.';

create table ai.outbox_missed (
  rfq_id   uuid not null,
  noted_at timestamptz not null default clock_timestamp(),
  sqlstate text not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, vacuum_truncate = off);

comment on table ai.outbox_missed is
  'RFQs that the trigger could not enqueue (a lock, a full disk); no key, so that noting never conflicts. Drained within 60 s.';
comment on column ai.outbox_missed.rfq_id is 'The RFQ.';
comment on column ai.outbox_missed.noted_at is 'When it was noted.';
comment on column ai.outbox_missed.sqlstate is 'What stood in the way.';

-- Under a publication for all tables, what has no replica identity refuses each update and delete.
alter table ai.outbox_missed replica identity full;

create table ai.sweep_progress (
  one          boolean primary key default true,
  next_block   bigint not null default 0,
  pass         bigint not null default 0,
  found        bigint not null default 0,
  older        bigint not null default 0,
  older_so_far bigint not null default 0,
  stepped_at   timestamptz,
  completed_at timestamptz,
  constraint sweep_is_one_row check (one)
);
insert into ai.sweep_progress default values;

comment on table ai.sweep_progress is 'Where the sweep for RFQs that nobody enqueued stands; it resumes here.';
comment on column ai.sweep_progress.one is 'Always true: there is one row.';
comment on column ai.sweep_progress.next_block is 'The table''s block at which the next step begins.';
comment on column ai.sweep_progress.pass is 'Whole passes made.';
comment on column ai.sweep_progress.found is 'RFQs found and enqueued since the installation.';
comment on column ai.sweep_progress.older is 'RFQs older than the installation that nobody has asked for, as the last whole pass counted them, less those backfilled since.';
comment on column ai.sweep_progress.older_so_far is 'The same, of the pass that goes on.';
comment on column ai.sweep_progress.stepped_at is 'When the last step was made.';
comment on column ai.sweep_progress.completed_at is 'When the last whole pass ended.';
comment on constraint sweep_is_one_row on ai.sweep_progress is 'There is one sweep.';

create table ai.wake_requests (
  id        bigint generated always as identity primary key,
  reasons   text[] not null,
  asked_at  timestamptz not null default clock_timestamp()
);

comment on table ai.wake_requests is
  'RFQs that are to come back, since what they waited for is over: more than one statement should wake. Workers wake a batch each second; nearly always empty.';
comment on column ai.wake_requests.id is 'Rises with each request.';
comment on column ai.wake_requests.reasons is 'Who is meant: as ai.outbox_deferred.reason.';
comment on column ai.wake_requests.asked_at is 'Those that were deferred before are woken, from then on.';
