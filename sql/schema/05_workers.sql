-- Who works, and the locks that let one of a kind of work go on at a time.

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

comment on table ai.workers is 'The daemons: a number is never used twice, and its row goes when the daemon does.';
comment on column ai.workers.worker is 'The number claims and runs name.';
comment on column ai.workers.started_at is 'When this number was taken.';
comment on column ai.workers.beat_at is 'The last sign of life, each 5 s; for people, nothing depends on it while has_lock.';
comment on column ai.workers.host is 'Host name.';
comment on column ai.workers.pid is 'Process id on that host.';
comment on column ai.workers.version is 'Release of rfqflow.';
comment on column ai.workers.provider is 'Provider in use.';
comment on column ai.workers.model is 'Model in use.';
comment on column ai.workers.concurrency is 'Slots: calls it may have in flight.';
comment on column ai.workers.in_flight is 'Slots in use at the last beat.';
comment on column ai.workers.has_lock is
  'Holds a session advisory lock on its number, so that its death is seen at once; false behind a transaction pooler.';
comment on column ai.workers.claims_failing_since is 'Since when none of its claims has succeeded; null: the last one did.';
comment on column ai.workers.claims_sqlstate is 'What its last claim failed with, or a class of Python; null: the last one did not.';
comment on column ai.workers.answers_with is
  'The models that it asks, in their order: objects of provider, model and, where it calls a server, that one''s host.';
comment on column ai.workers.problems is
  'What was wrong with its settings and surroundings when it started: objects of code, source (variable, option or file), what and remedy. No value of a setting.';
comment on constraint workers_answers_with_is_a_list on ai.workers is 'Of objects, as ai.health and the console read it.';
comment on constraint workers_problems_are_a_list on ai.workers is 'Of objects, as ai.health and the console read it.';

-- Any role may take an advisory lock, and read in pg_locks which are wanted; these only rfqflow's functions can take.
create table ai.locks (
  name text primary key
);

comment on table ai.locks is
  'Rows that rfqflow''s functions lock for the length of a transaction (ai.take_lock), so that one of a kind of work goes on at a time. No other role has a right to them.';
comment on column ai.locks.name is 'What goes on under the lock.';

insert into ai.locks (name)
values ('archives'), ('backfill'), ('documents'), ('guards'), ('partitions'), ('prompts'), ('shadows');
