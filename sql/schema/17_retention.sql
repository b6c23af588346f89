-- Archives of runs, erased RFQs, and the state of each maintenance step.

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
  'Index of archived weeks of ai.rag_runs: file, contents and RFQs. By it, rfqflow finds the archives that it must rewrite after an erasure.';
comment on column ai.archives.archive_id is 'Number of the archive.';
comment on column ai.archives.week_start is 'Start of the week.';
comment on column ai.archives.week_end is 'End of the week, exclusive.';
comment on column ai.archives.file is 'File name in RFQFLOW_ARCHIVE_DIR; null: a person dropped the week without an archive.';
comment on column ai.archives.format is 'jsonl.gz, parquet or none.';
comment on column ai.archives.runs is 'Number of runs in the file.';
comment on column ai.archives.sha256 is 'SHA-256 of the file.';
comment on column ai.archives.fingerprint is 'Sum of a hash per run. If the file and the database have the same runs, in any order, they have the same sum.';
comment on column ai.archives.first_at is 'created_at of the oldest run in the file.';
comment on column ai.archives.last_at is 'created_at of the newest run in the file.';
comment on column ai.archives.schema_version is 'Latest migration when the file was written.';
comment on column ai.archives.rfq_ids is 'Ids of the RFQs with runs in the file, sorted.';
comment on column ai.archives.erase_pending is 'Erased RFQs whose data is still in the file until rfqflow rewrites it.';
comment on column ai.archives.archived_at is 'When rfqflow wrote and verified the file.';
comment on column ai.archives.dropped_at is 'When rfqflow dropped the runs from the database; null: database and file both have them.';
comment on column ai.archives.kept is 'Number of failed and lost runs that stay in the database for failed_retention_days.';
comment on column ai.archives.restored_at is 'When the week was restored. It stays in the database for policy restored_retention_days.';
comment on constraint archives_one_per_week on ai.archives is 'A week has one archive. The index is also used to look up a week.';
comment on constraint archives_format_is_known on ai.archives is 'One of the allowed values.';
comment on constraint archives_file_has_a_hash on ai.archives is 'A file has a hash: without it, rfqflow cannot verify the file.';
comment on constraint archives_file_is_a_name on ai.archives is 'A file name, not a path, so that it cannot point outside the directory.';
comment on constraint archives_week_is_a_week on ai.archives is 'A week ends after it starts.';

create table ai.erasures (
  rfq_id    uuid primary key,
  erased_at timestamptz not null default clock_timestamp()
);

comment on table ai.erasures is
  'RFQs of erased persons. rfqflow also erases results that a worker records within a day after the erasure. The table has only ids; rows are deleted after a month.';
comment on column ai.erasures.rfq_id is 'The RFQ.';
comment on column ai.erasures.erased_at is 'When the RFQ was erased.';

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

comment on table ai.maintenance is 'State of each maintenance step, which workers or an operator run. Read it through ai.maintenance_status.';
comment on column ai.maintenance.step is 'Name of the step.';
comment on column ai.maintenance.ran_at is 'When the step last succeeded.';
comment on column ai.maintenance.took_ms is 'Duration of that run.';
comment on column ai.maintenance.rows is 'Number of rows that the step processed.';
comment on column ai.maintenance.next_at is 'When the step is due again.';
comment on column ai.maintenance.failed_at is 'When the step last failed.';
comment on column ai.maintenance.sqlstate is 'SQLSTATE or name of the error at failed_at.';
comment on constraint maintenance_step_is_a_word on ai.maintenance is 'A code, never a message.';
