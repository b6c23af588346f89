-- One of a kind at a time. A row lock and no advisory one: those may be taken by any role, and kept.

create or replace function ai.take_lock(p_name text, p_wait boolean default true)
returns boolean
language plpgsql volatile security definer  -- nobody else may take these locks
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
    -- Somebody has it, or a dump was restored without this row.
    if v_try = 2 or exists (select from ai.locks l where l.name = p_name) then
      return false;
    end if;
    insert into ai.locks (name) values (p_name) on conflict (name) do nothing;
  end loop;
exception when lock_not_available then
  raise exception 'another session has held the lock % of rfqflow for 30 s', p_name
    using errcode = 'lock_not_available', hint = 'rfqflow doctor names transactions that are open for long.';
end
$$;
comment on function ai.take_lock(text, boolean) is
  'Takes a lock of ai.locks until the transaction ends, waiting at most 30 s (then 55P03) or, with p_wait false, not at all. Returns whether it was had.';

-- Advisory locks are for what a session holds, or what is only looked at. A role can take any of them.
create or replace function ai.lock_key(p_name text)
returns integer
language plpgsql immutable  -- called by definer functions only
set search_path = pg_catalog, pg_temp
as $$
begin
  case p_name  -- an unknown name is an error: a lock whose key is null would be had by everybody
    when 'doorbell' then return 1380340038;
    when 'migrate' then return 1380340045;
    when 'worker' then return 1380340055;
    when 'room' then return 1380340056;
  end case;
end
$$;
comment on function ai.lock_key(text) is
  'First number of our advisory locks: doorbell, migrate, worker (with the worker''s number; with 0: a session watches) and room (for one look whether the server has room for locks).';

create or replace function ai.is_of_server(p_sqlstate text)
returns boolean
language plpgsql volatile  -- called by definer functions only
set search_path = pg_catalog, pg_temp
as $$
declare
  -- More than a finish takes, whatever partitions and indexes there are.
  v_locks constant bigint := (
    select least(20000, 256 + 2 * count(*)) from pg_class c where c.relkind in ('r', 'p', 'i', 'I') and c.oid >= 16384);
begin
  if p_sqlstate <> '53200' then
    return left(p_sqlstate, 2) = '53' and p_sqlstate <> '53400';
  end if;
  -- The same code says that one value is too large for memory, and that the locks which all sessions share are used up:
  -- any role can do that.
  begin
    perform pg_try_advisory_xact_lock_shared(ai.lock_key('room'), g::integer) from generate_series(1, v_locks) g;
    raise exception using errcode = 'RF010';  -- gives them back
  exception
    when sqlstate 'RF010' then
      return false;
    when out_of_memory then
      return true;
  end;
end
$$;
comment on function ai.is_of_server(text) is
  'Whether an error is the whole server''s: a full disk, no connection left, no room for locks. It passes, and says nothing about a row.';
