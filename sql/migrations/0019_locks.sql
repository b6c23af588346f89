-- Locks that only rfqflow's functions can take. Any role may take an advisory lock, and read in pg_locks which are wanted.

create table ai.locks (
  name text primary key
);

comment on table ai.locks is
  'Rows that rfqflow''s functions lock for the length of a transaction (ai.take_lock), so that one of a kind of work goes on at a time. No other role has a right to them.';
comment on column ai.locks.name is 'What goes on under the lock.';

insert into ai.locks (name)
values ('archives'), ('backfill'), ('documents'), ('guards'), ('partitions'), ('prompts'), ('shadows');
