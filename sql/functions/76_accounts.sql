-- Accounts of the console. A change of an account may end its sessions. No role is granted these functions: only the owner may read a hash
-- or begin a session.

create or replace function ai.has_admin()
returns boolean
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select exists (select from ai.accounts a where a.role = 'admin' and a.disabled_at is null);
$$;
comment on function ai.has_admin() is 'True if an administrator exists whose account is not disabled.';

create or replace function ai.account_named(p_key text)
returns ai.accounts
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found ai.accounts;
begin
  select * into v_found from ai.accounts a where a.key = p_key for update;
  if not found then
    raise exception 'account % not found', p_key using errcode = 'RF004', hint = 'List them: rfqflow account list';
  end if;
  return v_found;
end
$$;
comment on function ai.account_named(text) is 'Reads an account and locks it. Raises RF004 if the account does not exist.';

create or replace function ai.account_mark(p_account ai.accounts)
returns text
language sql stable
set search_path = pg_catalog, pg_temp
as $$
  select encode(sha256(convert_to(
    format('%s %s %s %s', (p_account).account_id, (p_account).role, (p_account).disabled_at is not null, (p_account).password), 'UTF8')), 'hex');
$$;
comment on function ai.account_mark(ai.accounts) is 'A mark that differs after each change of role, password or state. ai.change_account compares the mark, so that a person changes the account only in the state that they saw.';

create or replace function ai.add_account(p_name text, p_key text, p_role text, p_password text, p_actor text default null)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_account bigint;
begin
  insert into ai.accounts (name, key, role, password, password_at, created_by)
  values (p_name, p_key, p_role, p_password, case when p_password is not null then clock_timestamp() end, v_actor)
  on conflict on constraint accounts_key_is_one do nothing
  returning account_id into v_account;
  if v_account is null then
    raise exception 'account % already exists', p_name using errcode = 'RF005', hint = 'Names that differ only in case are the same account.';
  end if;
  perform ai.record_action(v_actor, 'account_add', null, jsonb_build_object('account', p_name, 'role', p_role));
  return v_account;
end
$$;
comment on function ai.add_account(text, text, text, text, text) is
  'Adds an account. p_key is the name in the form for comparison; p_password is an argon2id hash, or null. Audited. Raises RF005 if the account exists.';

create or replace function ai.end_sessions_of(p_account_id bigint, p_actor text)
returns integer
language sql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  with ended as (
    update ai.console_sessions s set ended_at = clock_timestamp(), ended_by = p_actor
    where s.account_id = p_account_id and s.ended_at is null and s.ends_at > clock_timestamp()
    returning 1
  )
  select count(*)::integer from ended;
$$;
comment on function ai.end_sessions_of(bigint, text) is 'Ends all sessions of an account. Returns the number of sessions.';

create or replace function ai.change_account(
  p_key text, p_role text default null, p_password text default null, p_disabled boolean default null, p_actor text default null,
  p_expected text default null)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_old ai.accounts;
begin
  -- Locks accounts in one order: if two administrators remove each other's role at the same time, only one must succeed.
  perform from ai.accounts a where a.role = 'admin' or a.key = p_key order by a.account_id for update;
  v_old := ai.account_named(p_key);
  if p_expected <> ai.account_mark(v_old) then
    raise exception 'account % changed meanwhile', v_old.name using errcode = 'RF011', hint = 'Read the account again, and repeat the change if it is still needed.';
  end if;
  if v_old.role = 'admin' and v_old.disabled_at is null and (coalesce(p_role, 'admin') <> 'admin' or coalesce(p_disabled, false))
    and not exists (
      select from ai.accounts a where a.role = 'admin' and a.disabled_at is null and a.account_id <> v_old.account_id)
  then
    raise exception '% is the only administrator', v_old.name
      using errcode = 'RF005', hint = 'Make another account an administrator first: rfqflow account role NAME admin';
  end if;
  update ai.accounts a
  set role = coalesce(p_role, a.role), password = coalesce(p_password, a.password),
      password_at = case when p_password is null then a.password_at else clock_timestamp() end,
      disabled_at = case when p_disabled is null then a.disabled_at when p_disabled then coalesce(a.disabled_at, clock_timestamp()) end,
      disabled_by = case when p_disabled is null then a.disabled_by when p_disabled then coalesce(a.disabled_by, v_actor) end
  where a.account_id = v_old.account_id;
  -- Invalidates older one-time links, which could set the password again.
  if p_password is not null or coalesce(p_disabled, false) then
    update ai.console_links l set used_at = clock_timestamp() where l.account_id = v_old.account_id and l.used_at is null;
  end if;
  perform ai.record_action(v_actor, d.action, null, jsonb_strip_nulls(jsonb_build_object('account', v_old.name, 'from', d.old, 'to', d.new)))
  from (values
    (p_role is not null and p_role <> v_old.role, 'account_role', v_old.role, p_role),
    (p_password is not null, 'account_password', null, null),
    (p_disabled is not null and p_disabled <> (v_old.disabled_at is not null),
     case when p_disabled then 'account_disable' else 'account_enable' end, null, null)) d (is_done, action, old, new)
  where d.is_done;
  if p_role is distinct from v_old.role and p_role is not null or p_password is not null or coalesce(p_disabled, false) then
    return ai.end_sessions_of(v_old.account_id, v_actor);
  end if;
  return 0;
end
$$;
comment on function ai.change_account(text, text, text, boolean, text, text) is
  'Changes the role or password of an account, or disables or enables it; an argument of null changes nothing. p_expected is the ai.account_mark that the person saw; null: no check. Ends the sessions of the account, unless the call only enables it. Audited. Returns the number of ended sessions. Raises RF004: no such account; RF005: it is the only administrator; RF011: the account changed meanwhile.';

create or replace function ai.end_console_sessions(p_key text default null, p_session_id bigint default null, p_actor text default null)
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_account ai.accounts;
  v_ended integer;
begin
  if p_session_id is not null then
    update ai.console_sessions s set ended_at = clock_timestamp(), ended_by = v_actor
    where s.session_id = p_session_id and s.ended_at is null and s.ends_at > clock_timestamp();
    get diagnostics v_ended = row_count;
    return v_ended;
  end if;
  v_account := ai.account_named(p_key);
  v_ended := ai.end_sessions_of(v_account.account_id, v_actor);
  update ai.console_links l set used_at = clock_timestamp() where l.account_id = v_account.account_id and l.used_at is null;
  perform ai.record_action(v_actor, 'account_revoke', null, jsonb_build_object('account', v_account.name, 'sessions', v_ended));
  return v_ended;
end
$$;
comment on function ai.end_console_sessions(text, bigint, text) is
  'Ends one session (a logout), or all sessions of an account and its one-time links. Ending all is audited. Returns the number of sessions. Raises RF004: no such account.';

create or replace function ai.open_console_sessions()
returns table (session_id bigint, account_id bigint, account text, role text, via text, address text, created_at timestamptz, seen_at timestamptz, ends_at timestamptz)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select s.session_id, s.account_id, a.name, a.role, s.via, s.address, s.created_at, s.seen_at, s.ends_at
  from ai.console_sessions s join ai.accounts a on a.account_id = s.account_id
  where s.ended_at is null and s.ends_at > clock_timestamp() and a.disabled_at is null
    and s.seen_at > clock_timestamp() - interval '1 minute' * (select (p.value)::float8 from ai.policy p where p.key = 'console_idle_minutes')
  order by s.session_id;
$$;
comment on function ai.open_console_sessions() is 'Sessions that are valid now.';

create or replace function ai.list_accounts()
returns table (account_id bigint, name text, role text, has_password boolean, created_at timestamptz, created_by text, disabled_at timestamptz,
  disabled_by text, sessions bigint, seen_at timestamptz, mark text)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select a.account_id, a.name, a.role, a.password is not null, a.created_at, a.created_by, a.disabled_at, a.disabled_by,
    (select count(*) from ai.open_console_sessions() o where o.account_id = a.account_id),
    (select max(s.seen_at) from ai.console_sessions s where s.account_id = a.account_id),
    ai.account_mark(a)
  from ai.accounts a order by a.disabled_at is not null, a.key;
$$;
comment on function ai.list_accounts() is 'Accounts without their hashes, with the number of sessions and the time of the last request.';

create or replace function ai.prune_accounts()
returns integer
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_before constant timestamptz := clock_timestamp()
    - interval '1 day' * (select (p.value)::float8 from ai.policy p where p.key = 'login_days');
  v_pruned integer := 0;
  v_rows integer;
begin
  delete from ai.console_logins l where l.login_id = any (array(
    select x.login_id from ai.console_logins x where x.tried_at < v_before order by x.tried_at limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.console_sessions s where s.session_id = any (array(
    select x.session_id from ai.console_sessions x where coalesce(x.ended_at, x.ends_at) < v_before limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  delete from ai.console_links l where l.token_sha256 = any (array(
    select x.token_sha256 from ai.console_links x where x.ends_at < clock_timestamp() - interval '1 day' limit 5000 for update skip locked));
  get diagnostics v_rows = row_count;
  v_pruned := v_pruned + v_rows;
  -- After two hours without attempts, a bucket is full again, so its row is not needed.
  delete from ai.console_guesses g where (g.scope, g.key) in (
    select x.scope, x.key from ai.console_guesses x where x.filled_at < clock_timestamp() - interval '2 hours' limit 5000 for update skip locked);
  get diagnostics v_rows = row_count;
  return v_pruned + v_rows;
end
$$;
comment on function ai.prune_accounts() is
  'Deletes login attempts and ended sessions older than policy login_days, one-time links a day after they expire, and full buckets of attempts. At most 5,000 rows of each kind. Returns the number of rows.';
