-- The running workers, and the locks under which only one session at a time does a kind of work.

create table ai.workers (
  worker               integer generated always as identity primary key,
  started_at           timestamptz not null default clock_timestamp(),
  beat_at              timestamptz not null default clock_timestamp(),
  host                 text not null,
  pid                  integer not null,
  version              text not null,
  provider             text not null,
  model                text not null,
  concurrency          integer not null,
  in_flight            integer not null default 0,
  has_lock             boolean not null,
  claims_failing_since timestamptz,
  claims_sqlstate      text,
  answers_with         jsonb not null default '[]',
  problems             jsonb not null default '[]',
  constraint workers_answers_with_is_a_list check (
    jsonb_typeof(answers_with) = 'array' and not jsonb_path_exists(answers_with, 'strict $[*] ? (@.type() <> "object")')),
  constraint workers_problems_are_a_list check (
    jsonb_typeof(problems) = 'array' and not jsonb_path_exists(problems, 'strict $[*] ? (@.type() <> "object")'))
);

comment on table ai.workers is 'The running workers. A worker id is never used twice. A worker''s row is deleted when the worker stops.';
comment on column ai.workers.worker is 'Id of the worker, as in claims and runs.';
comment on column ai.workers.started_at is 'When the worker registered.';
comment on column ai.workers.beat_at is 'Time of the last heartbeat, written every 5 s. If has_lock is true, it is only for people, and no decision depends on it.';
comment on column ai.workers.host is 'Host name.';
comment on column ai.workers.pid is 'Process id of the worker on that host.';
comment on column ai.workers.version is 'Release of rfqflow.';
comment on column ai.workers.provider is 'Provider in use.';
comment on column ai.workers.model is 'Model in use.';
comment on column ai.workers.concurrency is 'Number of slots: calls that the worker may have in flight at once.';
comment on column ai.workers.in_flight is 'Slots in use at the last heartbeat.';
comment on column ai.workers.has_lock is
  'True: the worker holds an advisory lock on its id, so other workers notice its death at once. False behind a transaction pooler.';
comment on column ai.workers.claims_failing_since is 'Time of the first failed claim after the last successful claim; null: the last claim succeeded.';
comment on column ai.workers.claims_sqlstate is 'SQLSTATE or Python class of the error of the last claim; null: the last claim succeeded.';
comment on column ai.workers.answers_with is
  'Models that the worker asks, in order: objects with provider, model and, for a server of your own, its host.';
comment on column ai.workers.problems is
  'Problems of settings and environment at the worker''s start: objects with code, source (variable, option or file), what and remedy. They contain no value of a setting.';
comment on constraint workers_answers_with_is_a_list on ai.workers is 'A list of objects, which ai.health and the console read.';
comment on constraint workers_problems_are_a_list on ai.workers is 'A list of objects, which ai.health and the console read.';

-- Any role can take an advisory lock, and pg_locks shows which keys rfqflow uses. But only rfqflow's functions can lock these rows.
create table ai.locks (
  name text primary key
);

comment on table ai.locks is
  'Rows that ai.take_lock locks until the transaction ends, so that only one session at a time does a kind of work. Only the owner has rights on this table.';
comment on column ai.locks.name is 'Kind of work that the lock protects.';

insert into ai.locks (name)
values ('archives'), ('attachments'), ('backfill'), ('documents'), ('guards'), ('partitions'), ('prompts'), ('shadows');
