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
