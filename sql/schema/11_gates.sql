-- What the gates store about earlier RFQs: texts, senders and rates.

create table ai.hash_salt (
  one  boolean primary key default true,
  salt bytea not null default sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
  constraint salt_is_one_row check (one)
);
insert into ai.hash_salt default values;

comment on table ai.hash_salt is
  'Random salt of the installation for hashes of senders, so that a hash alone does not identify a person. rfqflow grants this table to no role.';
comment on column ai.hash_salt.one is 'Always true, so that the table has one row.';
comment on column ai.hash_salt.salt is 'Salt of the hashes of addresses. Never change it: otherwise every sender counts as new.';
comment on constraint salt_is_one_row on ai.hash_salt is 'The table has one row.';

create table ai.duplicate_fingerprints (
  fingerprint    bytea not null,
  sender         bytea not null,
  rfq_id         uuid not null,
  content_sha256 bytea not null,
  seen_at        timestamptz not null default clock_timestamp(),
  constraint originals_pkey primary key (fingerprint, sender)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

comment on table ai.duplicate_fingerprints is
  'The first RFQ of each text and sender. A later RFQ with the same text and sender within policy duplicate_hours reuses the answer of the first. Old rows are deleted.';
comment on column ai.duplicate_fingerprints.fingerprint is 'Hash of the normalised text (white space and case do not count), 16 bytes.';
comment on column ai.duplicate_fingerprints.sender is 'Hash of the sender''s address, 16 bytes.';
comment on column ai.duplicate_fingerprints.rfq_id is 'The first RFQ, which a model answers. Duplicates wait for this RFQ and copy its answer.';
comment on column ai.duplicate_fingerprints.content_sha256 is 'Hash of the exact text of that RFQ. After an edit, its answer is about another text.';
comment on column ai.duplicate_fingerprints.seen_at is 'When that RFQ became the original.';
comment on constraint originals_pkey on ai.duplicate_fingerprints is
  'Only one worker registers a text of a sender. The key begins with the fingerprint, so that rfqflow can count the senders of a text.';

create table ai.rate_limit_buckets (
  key       bytea primary key,
  tokens    float8 not null,
  filled_at timestamptz not null,
  granted   integer not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table ai.rate_limit_buckets is 'Token buckets of senders and IP addresses: how many more RFQs of each rfqflow may enrich now. A row is deleted when its bucket is full again.';
comment on column ai.rate_limit_buckets.key is 'Hash of an e-mail address, or of an IP address (IPv6: its /64).';
comment on column ai.rate_limit_buckets.tokens is 'Tokens left at filled_at.';
comment on column ai.rate_limit_buckets.filled_at is 'When the bucket was last refilled.';
comment on column ai.rate_limit_buckets.granted is 'Number of RFQs that the last request to this bucket was granted; the requesting statement reads it.';

create table ai.submissions (
  key        bytea primary key,
  rfq_id     uuid not null,
  created_at timestamptz not null default clock_timestamp()
);

comment on table ai.submissions is 'Submissions through public.submit_rfq. A repeated submission returns the same RFQ.';
comment on column ai.submissions.key is 'Hash of the idempotency key. Without such a key, the hash of sender, message and period.';
comment on column ai.submissions.rfq_id is 'The RFQ that the submission created.';
comment on column ai.submissions.created_at is 'When the RFQ was created. The row is deleted after a month.';
