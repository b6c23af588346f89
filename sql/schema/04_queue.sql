-- The queue: due RFQs, deferred RFQs, dead letters, and RFQs that the trigger could not enqueue.

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
  -- Both indexes have only columns that never change. So a claim is a HOT update as long as the page has room.
  fillfactor = 50,
  autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000,
  -- Truncation by VACUUM takes an exclusive lock and would block inserts. VACUUM must never skip the clean-up of the index.
  vacuum_truncate = off, vacuum_index_cleanup = on
);

comment on table ai.outbox is
  'The queue: one row per RFQ that is due or claimed. rfqflow deletes the row when its RFQ finishes or is deferred.';
comment on column ai.outbox.id is 'Order of work: workers claim the lowest id first.';
comment on column ai.outbox.rfq_id is 'The RFQ. There is no foreign key, so that inserts take no lock on the RFQ, and the application can delete RFQs.';
comment on column ai.outbox.enqueued_at is 'When the RFQ became due, by the database''s clock.';
comment on column ai.outbox.lease_expires_at is 'When the claim expires; null: the row can be claimed.';
comment on column ai.outbox.claim_id is 'Random id that a worker makes for each claim. A finish with another id changes nothing.';
comment on column ai.outbox.worker is 'Id of the worker that holds the claim.';
comment on column ai.outbox.attempt is 'Number of charged attempts, including the present attempt.';
comment on column ai.outbox.forced is 'True: call the model even if an accepted answer for the same text and prompt version exists.';
comment on column ai.outbox.has_ended is 'True: the RFQ finished before, and totals have counted it. The run of that finish may be archived already.';
comment on column ai.outbox.claims is
  'Number of claims, up to 2. 0: the RFQ was just inserted and never claimed, so it has no runs. 3: attachments were inserted or deleted during the claim, which a finish with an older snapshot cannot see.';
comment on constraint outbox_one_row_per_rfq on ai.outbox is
  'Two workers never process an RFQ at the same time: an edit or a rerun updates the existing row.';
comment on constraint outbox_claimed_iff_leased on ai.outbox is 'A claimed row has a lease and a worker; an unclaimed row has neither.';

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

comment on table ai.outbox_deferred is 'Deferred RFQs, each with a reason and a time. Workers move them to ai.outbox when they are due.';
comment on column ai.outbox_deferred.rfq_id is 'The RFQ.';
comment on column ai.outbox_deferred.enqueued_at is
  'When the RFQ first became due. After several deferrals for the same reason, this is the time before the first deferral.';
comment on column ai.outbox_deferred.was_due_at is
  'When the RFQ became due before this deferral. The worker that deferred the RFQ had seen all changes of settings before that time.';
comment on column ai.outbox_deferred.deferred_at is 'When a worker deferred the RFQ.';
comment on column ai.outbox_deferred.due_at is 'When the RFQ becomes due and moves to ai.outbox.';
comment on column ai.outbox_deferred.attempt is 'Number of charged attempts.';
comment on column ai.outbox_deferred.deferrals is 'Number of deferrals that charged no attempt.';
comment on column ai.outbox_deferred.forced is 'Same as ai.outbox.forced.';
comment on column ai.outbox_deferred.has_ended is 'Same as ai.outbox.has_ended.';
comment on column ai.outbox_deferred.reason is 'retry (backoff after a failed attempt), backfill, or the reason why no attempt could be made.';
comment on column ai.outbox_deferred.error_class is 'Error class of the last attempt, if one failed.';
comment on column ai.outbox_deferred.waits_for is 'The original, if this RFQ is a duplicate. This RFQ becomes due when the original finishes.';
comment on constraint outbox_deferred_reason_is_a_word on ai.outbox_deferred is 'A code, never a message.';
comment on constraint outbox_deferred_error_class_is_a_word on ai.outbox_deferred is 'A code, never a message.';
comment on index ai.outbox_deferred_due is 'Used by ai.promote_deferred to find due rows, and by the heartbeat to find the next due time.';
comment on index ai.outbox_deferred_reason is 'Used by ai.health to count the RFQs that wait for a reason, and to find since when, without reading other rows.';
comment on index ai.outbox_deferred_waits_for is 'Used by each finish to find duplicates that wait for the finished RFQ. Nearly always empty.';

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

comment on table ai.outbox_dead is 'Dead letters: RFQs that rfqflow discarded, and about which a person must decide. ai.retry_discarded enqueues them again.';
comment on column ai.outbox_dead.rfq_id is 'The RFQ.';
comment on column ai.outbox_dead.enqueued_at is 'When the RFQ first became due.';
comment on column ai.outbox_dead.discarded_at is 'When rfqflow discarded the RFQ.';
comment on column ai.outbox_dead.attempt is 'Number of charged attempts.';
comment on column ai.outbox_dead.reason is 'Why rfqflow discarded the RFQ.';
comment on column ai.outbox_dead.error_class is 'Error class of the last attempt.';
comment on constraint outbox_dead_reason_is_a_word on ai.outbox_dead is 'A code, never a message.';
comment on constraint outbox_dead_error_class_is_a_word on ai.outbox_dead is 'A code, never a message.';

create table ai.outbox_missed (
  rfq_id   uuid not null,
  noted_at timestamptz not null default clock_timestamp(),
  sqlstate text not null,
  is_file  boolean not null default false
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, vacuum_truncate = off);

comment on table ai.outbox_missed is
  'RFQs that the trigger could not enqueue, because of a lock or a full disk. The table has no key, so that the trigger''s insert never conflicts. Workers enqueue its RFQs within 60 s.';
comment on column ai.outbox_missed.rfq_id is 'The RFQ.';
comment on column ai.outbox_missed.noted_at is 'When the trigger wrote the row.';
comment on column ai.outbox_missed.sqlstate is 'SQLSTATE of the error.';
comment on column ai.outbox_missed.is_file is 'True: an attachment of the RFQ was inserted or changed, and not the RFQ itself.';

-- If a publication covers all tables, PostgreSQL refuses updates and deletes of a table without replica identity.
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

comment on table ai.sweep_progress is 'Position of the sweep, which searches for RFQs that were never enqueued. The next step continues from this position.';
comment on column ai.sweep_progress.one is 'Always true, so that the table has one row.';
comment on column ai.sweep_progress.next_block is 'Block of the table at which the next step begins.';
comment on column ai.sweep_progress.pass is 'Number of complete passes.';
comment on column ai.sweep_progress.found is 'RFQs that the sweep has enqueued since the installation.';
comment on column ai.sweep_progress.older is 'Number of RFQs that are older than the installation and not backfilled: the count of the last complete pass, minus the RFQs backfilled since then.';
comment on column ai.sweep_progress.older_so_far is 'Number of such RFQs that the current pass has counted so far.';
comment on column ai.sweep_progress.stepped_at is 'When the last step ran.';
comment on column ai.sweep_progress.completed_at is 'When the last complete pass ended.';
comment on constraint sweep_is_one_row on ai.sweep_progress is 'The table has one row.';

create table ai.wake_requests (
  id        bigint generated always as identity primary key,
  reasons   text[] not null,
  asked_at  timestamptz not null default clock_timestamp()
);

comment on table ai.wake_requests is
  'Requests to wake more deferred RFQs than one statement can wake. Workers wake a batch each second. Nearly always empty.';
comment on column ai.wake_requests.id is 'Number of the request, in order.';
comment on column ai.wake_requests.reasons is 'Which RFQs to wake, by ai.outbox_deferred.reason.';
comment on column ai.wake_requests.asked_at is 'Only RFQs deferred before this time are woken.';
