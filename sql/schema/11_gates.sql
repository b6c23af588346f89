-- What the gates remember: who wrote what before, and how fast.

create table ai.hash_salt (
  one  boolean primary key default true,
  salt bytea not null default sha256(convert_to(gen_random_uuid()::text || gen_random_uuid()::text, 'UTF8')),
  constraint salt_is_one_row check (one)
);
insert into ai.hash_salt default values;

comment on table ai.hash_salt is
  'Drawn at the installation: senders are known to the guards by a hash that is of no use without it. Granted to nobody.';
comment on column ai.hash_salt.one is 'Always true: there is one row.';
comment on column ai.hash_salt.salt is 'Goes into the hashes of addresses; never changed, or every sender would be a new one.';
comment on constraint salt_is_one_row on ai.hash_salt is 'There is one salt.';

create table ai.duplicate_fingerprints (
  fingerprint    bytea not null,
  sender         bytea not null,
  rfq_id         uuid not null,
  content_sha256 bytea not null,
  seen_at        timestamptz not null default clock_timestamp(),
  constraint originals_pkey primary key (fingerprint, sender)
) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05);

comment on table ai.duplicate_fingerprints is
  'The first RFQ with a text by a sender: an RFQ with the same text and sender within policy duplicate_hours reuses its answer. Pruned by age.';
comment on column ai.duplicate_fingerprints.fingerprint is 'Hash of the normalised text (white space and case do not count), 16 bytes.';
comment on column ai.duplicate_fingerprints.sender is 'Hash of the sender''s address, 16 bytes.';
comment on column ai.duplicate_fingerprints.rfq_id is 'The RFQ that is answered; the others wait for it and copy.';
comment on column ai.duplicate_fingerprints.content_sha256 is 'Hash of its very text: once that is edited, its answer is about something else.';
comment on column ai.duplicate_fingerprints.seen_at is 'When it became the original.';
comment on constraint originals_pkey on ai.duplicate_fingerprints is
  'Single flight: of any number of workers one registers a text. By text first, which tells how many senders have used it.';

create table ai.rate_limit_buckets (
  key       bytea primary key,
  tokens    float8 not null,
  filled_at timestamptz not null,
  granted   integer not null
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.05);

comment on table ai.rate_limit_buckets is 'Token buckets of senders and addresses: how many RFQs each may still have enriched now. Pruned when full again.';
comment on column ai.rate_limit_buckets.key is 'Hash of an e-mail address, or of an IP address (IPv6: its /64).';
comment on column ai.rate_limit_buckets.tokens is 'Tokens left at filled_at.';
comment on column ai.rate_limit_buckets.filled_at is 'When they were counted last.';
comment on column ai.rate_limit_buckets.granted is 'How many the last to ask got: what its statement returns.';

create table ai.submissions (
  key        bytea primary key,
  rfq_id     uuid not null,
  created_at timestamptz not null default clock_timestamp()
);

comment on table ai.submissions is 'What public.submit_rfq was called with: the same submission gives the same RFQ.';
comment on column ai.submissions.key is 'Hash of the idempotency key or, without one, of sender, message and time bucket.';
comment on column ai.submissions.rfq_id is 'The RFQ it made.';
comment on column ai.submissions.created_at is 'When. Pruned after a month.';
