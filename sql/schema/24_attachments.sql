-- Files that come with an RFQ: their changes, and the readings of their content. The files themselves are in
-- public.rfq_attachments, or in the table that the application has for them.

create table ai.attachment_changes (
  rfq_id     uuid not null,
  token      bigint not null default (random() * 4503599627370496)::bigint,
  is_removal boolean not null default false,
  began_at   timestamptz not null default now(),
  changed_at timestamptz not null default clock_timestamp()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000, vacuum_truncate = off);
create index attachment_changes_rfq_id on ai.attachment_changes (rfq_id);

comment on table ai.attachment_changes is
  'RFQs whose attachments were just inserted, changed or deleted, one row per transaction and RFQ. The table has no key, so that two inserts never wait for each other. ai.absorb_attachments moves the rows to ai.attachment_sets.';
comment on column ai.attachment_changes.rfq_id is 'The RFQ, which need not exist yet.';
comment on column ai.attachment_changes.token is 'A random number. The content hash of the RFQ includes the exclusive or of all tokens, so that each change of the attachments changes the hash.';
comment on column ai.attachment_changes.is_removal is 'True: a file was deleted. rfqflow does not enrich a finished RFQ again after a deletion.';
comment on column ai.attachment_changes.began_at is 'When the transaction began. An attachment is late if this time is after its RFQ was enqueued.';
comment on column ai.attachment_changes.changed_at is 'When the attachment was inserted, changed or deleted.';
comment on index ai.attachment_changes_rfq_id is 'Used by each claim and finish to find the changes of an RFQ.';

-- If a publication covers all tables, PostgreSQL refuses updates and deletes of a table without replica identity.
alter table ai.attachment_changes replica identity full;

create table ai.attachment_sets (
  rfq_id     uuid primary key,
  token      bigint not null,
  changes    bigint not null,
  changed_at timestamptz not null,
  seen       bigint[]
) with (fillfactor = 90);

comment on table ai.attachment_sets is 'RFQs that have, or had, attachments, with what the attachments add to the content hash.';
comment on column ai.attachment_sets.rfq_id is 'The RFQ.';
comment on column ai.attachment_sets.token is 'The exclusive or of the tokens of all changes so far.';
comment on column ai.attachment_sets.changes is 'Number of changes so far.';
comment on column ai.attachment_sets.changed_at is 'When the last change happened.';
comment on column ai.attachment_sets.seen is 'Hashes of key, name, size and address of the attachments that the last claim loaded. Null: no claim has loaded attachments.';

create table ai.attachment_readings (
  sha256           bytea not null,
  reader_version   text not null,
  state            text not null default 'reading',
  reason           text,
  kind             text,
  pages            integer,
  lines            jsonb,
  seconds          real,
  read_at          timestamptz,
  used_at          timestamptz not null default clock_timestamp(),
  lease_id         bigint,
  worker           integer,
  lease_expires_at timestamptz,
  attempt          smallint not null default 1,
  constraint attachment_readings_pkey primary key (sha256, reader_version),
  constraint reading_sha256_is_a_hash check (octet_length(sha256) = 32),
  constraint reading_state_is_known check (state in ('reading', 'read', 'unread', 'failed')),
  constraint reading_reason_is_known check (reason in (
    'no_reader', 'unknown_type', 'encrypted', 'too_large', 'too_long', 'timeout', 'memory', 'broken', 'image_only',
    'nested_too_deep', 'uri_refused', 'uri_unreachable')),
  constraint reading_kind_is_a_word check (kind ~ '^[a-z][a-z0-9_]{0,39}$'),
  constraint reading_leased_iff_reading check ((state = 'reading') = (lease_id is not null))
);

comment on table ai.attachment_readings is 'Readings of files, one per content hash, so that the fleet reads each file once.';
comment on column ai.attachment_readings.sha256 is 'Hash of the content, computed by the worker that read it.';
comment on column ai.attachment_readings.reader_version is 'Version of rfqflow''s file reader. A newer version may read more of a file.';
comment on column ai.attachment_readings.state is 'reading (a worker is reading the file), read, unread (not tried, or the file has nothing to read) or failed.';
comment on column ai.attachment_readings.reason is 'Code: why the file is unread or failed.';
comment on column ai.attachment_readings.kind is 'Kind of the file by its content, such as pdf.';
comment on column ai.attachment_readings.pages is 'Number of pages or sheets.';
comment on column ai.attachment_readings.lines is 'The reading, as rfqflow.core.attachments encodes it.';
comment on column ai.attachment_readings.seconds is 'How many seconds the reading took.';
comment on column ai.attachment_readings.read_at is 'When the reading ended.';
comment on column ai.attachment_readings.used_at is 'Day on which an RFQ last had this content. Maintenance deletes the row policy retention_days after that day.';
comment on column ai.attachment_readings.lease_id is 'Random id of the lease, new for each worker that takes it. Only the worker with this id can store the reading.';
comment on column ai.attachment_readings.worker is 'Id of the worker that reads the file.';
comment on column ai.attachment_readings.lease_expires_at is 'When the lease ends.';
comment on column ai.attachment_readings.attempt is 'How often a worker began to read the file. After several workers that died while they read it, the reading fails.';
comment on constraint attachment_readings_pkey on ai.attachment_readings is 'One reading per content and reader.';
comment on constraint reading_sha256_is_a_hash on ai.attachment_readings is 'The value must be a SHA-256 hash.';
comment on constraint reading_state_is_known on ai.attachment_readings is 'One of the allowed values.';
comment on constraint reading_reason_is_known on ai.attachment_readings is 'One of the allowed values.';
comment on constraint reading_kind_is_a_word on ai.attachment_readings is 'A code, never a name.';
comment on constraint reading_leased_iff_reading on ai.attachment_readings is 'Only a row with status reading has a lease.';

create table ai.attachment_uses (
  rfq_id        uuid not null,
  attachment_id text not null,
  sha256        bytea not null,
  used_at       timestamptz not null default clock_timestamp(),
  constraint attachment_uses_pkey primary key (rfq_id, attachment_id)
);
create index attachment_uses_sha256 on ai.attachment_uses (sha256);

comment on table ai.attachment_uses is 'Which attachment had which content when a worker read it. By this table, rfqflow finds and erases a person''s readings.';
comment on column ai.attachment_uses.rfq_id is 'The RFQ.';
comment on column ai.attachment_uses.attachment_id is 'Key of the attachment in its table, as text.';
comment on column ai.attachment_uses.sha256 is 'Hash of the content.';
comment on column ai.attachment_uses.used_at is 'When a worker last read the file or looked up its reading.';
comment on constraint attachment_uses_pkey on ai.attachment_uses is 'An attachment has one content, the latest.';
comment on index ai.attachment_uses_sha256 is 'Used by an erasure to find other attachments with the same content.';
