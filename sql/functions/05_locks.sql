-- Locks under which only one session at a time does a kind of work. They are row locks, since any role could take an advisory lock and keep
-- it.

create or replace function ai.take_lock(p_name text, p_wait boolean default true)
returns boolean
language plpgsql volatile security definer  -- no other role may take these locks
set search_path = pg_catalog, pg_temp
set lock_timeout = '30s'
as $$
begin
  for v_try in 1..2 loop
    if p_wait then
      perform from ai.locks l where l.name = p_name for update;
    else
      perform from ai.locks l where l.name = p_name for update skip locked;
    end if;
    if found then
      return true;
    end if;
    -- Another session holds the lock, or a dump was restored without this row.
    if v_try = 2 or exists (select from ai.locks l where l.name = p_name) then
      return false;
    end if;
    insert into ai.locks (name) values (p_name) on conflict (name) do nothing;
  end loop;
exception when lock_not_available then
  raise exception 'another session has held rfqflow''s lock % for more than 30 s', p_name
    using errcode = 'lock_not_available', hint = 'Run rfqflow doctor: it names transactions that have been open for a long time.';
end
$$;
comment on function ai.take_lock(text, boolean) is
  'Locks a row of ai.locks until the transaction ends. Waits at most 30 s, then raises 55P03; with p_wait false it does not wait. Returns true if it got the lock.';

-- An advisory lock only signals to other sessions, for example that a session lives. Any role can take such a lock.
create or replace function ai.lock_key(p_name text)
returns integer
language plpgsql immutable  -- only definer functions call it
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_name  -- An unknown name raises an error: without a key, every caller would get the lock.
    when 'doorbell' then return 1380340038;
    when 'migrate' then return 1380340045;
    when 'worker' then return 1380340055;
    when 'room' then return 1380340056;
  end case;
end
$$;
comment on function ai.lock_key(text) is
  'The first of the two keys of an advisory lock of rfqflow, by name: doorbell, migrate, worker or room. For worker, the second key is the worker id, or 0 for a session that waits for finished RFQs. room is only for a check for free lock slots.';

create or replace function ai.is_of_server(p_sqlstate text)
returns boolean
language plpgsql volatile  -- only definer functions call it
set search_path = pg_catalog, pg_temp
as $$
declare
  -- More locks than a finish takes, for any number of partitions and indexes.
  v_locks constant bigint := (
    select least(20000, 256 + 2 * count(*)) from pg_class c where c.relkind in ('r', 'p', 'i', 'I') and c.oid >= 16384);
begin
  if p_sqlstate <> '53200' then
    return left(p_sqlstate, 2) = '53' and p_sqlstate <> '53400';
  end if;
  -- Code 53200 means that one value is too large for memory, or that the server has no slot for another lock. Any role can use up the lock
  -- slots.
  begin
    perform pg_try_advisory_xact_lock_shared(ai.lock_key('room'), g::integer) from generate_series(1, v_locks) g;
    raise exception using errcode = 'RF010';  -- releases the locks taken here
  exception
    when sqlstate 'RF010' then
      return false;
    when out_of_memory then
      return true;
  end;
end
$$;
comment on function ai.is_of_server(text) is
  'True if an error concerns the whole server, such as a full disk, no free connection or no free lock slot. Such an error ends by itself, and is not caused by a row.';
