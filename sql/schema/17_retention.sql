-- Where the runs went that are not kept here, whose text was erased, and when each step of the maintenance ran.

create table ai.archives (
  archive_id     bigint generated always as identity primary key,
  week_start     timestamptz not null,
  week_end       timestamptz not null,
  file           text,
  format         text not null,
  runs           bigint not null,
  sha256         bytea,
  fingerprint    numeric not null,
  first_at       timestamptz,
  last_at        timestamptz,
  schema_version text not null,
  rfq_ids        uuid[] not null,
  erase_pending  uuid[] not null default '{}',
  archived_at    timestamptz not null default clock_timestamp(),
  dropped_at     timestamptz,
  kept           bigint,
  restored_at    timestamptz,
  constraint archives_one_per_week unique (week_start),
  constraint archives_format_is_known check (format in ('jsonl.gz', 'parquet', 'none')),
  constraint archives_file_has_a_hash check ((format = 'none') = (file is null) and (file is null) = (sha256 is null)),
  constraint archives_file_is_a_name check (file ~ '^[A-Za-z0-9_][A-Za-z0-9_.-]*$'),
  constraint archives_week_is_a_week check (week_end > week_start)
);

comment on table ai.archives is
  'Index of archived weeks of ai.rag_runs: which file holds what, and which RFQs, so that a person can be erased there too.';
comment on column ai.archives.archive_id is 'Number of the archive.';
comment on column ai.archives.week_start is 'Runs from then on.';
comment on column ai.archives.week_end is 'Runs before then.';
comment on column ai.archives.file is 'Name in RFQFLOW_ARCHIVE_DIR; null: dropped without an archive, as a person asked for.';
comment on column ai.archives.format is 'jsonl.gz, parquet or none.';
comment on column ai.archives.runs is 'How many runs it holds.';
comment on column ai.archives.sha256 is 'Hash of the file.';
comment on column ai.archives.fingerprint is 'Sum of a hash per run: equal where the same runs are in the file and in the database, in any order.';
comment on column ai.archives.first_at is 'created_at of its oldest run.';
comment on column ai.archives.last_at is 'created_at of its youngest run.';
comment on column ai.archives.schema_version is 'Latest migration when it was written.';
comment on column ai.archives.rfq_ids is 'Ids of the RFQs whose runs the file holds, sorted.';
comment on column ai.archives.erase_pending is 'Of them, those that were erased and whose file has not been rewritten yet.';
comment on column ai.archives.archived_at is 'When it was written and verified.';
comment on column ai.archives.dropped_at is 'When its runs were dropped from the database; null: both exist.';
comment on column ai.archives.kept is 'Failed and lost runs that stay in the database for failed_retention_days.';
comment on column ai.archives.restored_at is 'When it was brought back; it stays for restored_retention_days.';
comment on constraint archives_one_per_week on ai.archives is 'A week is archived once; serves the look whether it is.';
comment on constraint archives_format_is_known on ai.archives is 'A closed set.';
comment on constraint archives_file_has_a_hash on ai.archives is 'A file without a hash proves nothing.';
comment on constraint archives_file_is_a_name on ai.archives is 'No path: a name leads nowhere else.';
comment on constraint archives_week_is_a_week on ai.archives is 'Forwards in time.';

create table ai.erasures (
  rfq_id    uuid primary key,
  erased_at timestamptz not null default clock_timestamp()
);

comment on table ai.erasures is
  'RFQs whose person was erased: what a worker still brings of them within a day is erased again. Ids only; pruned after a month.';
comment on column ai.erasures.rfq_id is 'The RFQ.';
comment on column ai.erasures.erased_at is 'When.';

create table ai.maintenance (
  step      text primary key,
  ran_at    timestamptz,
  took_ms   real,
  rows      bigint,
  next_at   timestamptz not null default '-infinity',
  failed_at timestamptz,
  sqlstate  text,
  constraint maintenance_step_is_a_word check (step ~ '^[a-z][a-z0-9_]{0,39}$')
);

comment on table ai.maintenance is 'When each step of the maintenance ran last, by a worker or by hand; read it through ai.maintenance_status.';
comment on column ai.maintenance.step is 'Name of the step.';
comment on column ai.maintenance.ran_at is 'When it last ended well.';
comment on column ai.maintenance.took_ms is 'How long that took.';
comment on column ai.maintenance.rows is 'How much it did.';
comment on column ai.maintenance.next_at is 'When it is due again.';
comment on column ai.maintenance.failed_at is 'When it last failed.';
comment on column ai.maintenance.sqlstate is 'With what: an SQLSTATE, or the name of an error.';
comment on constraint maintenance_step_is_a_word on ai.maintenance is 'A code, never a message.';
