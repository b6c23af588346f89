-- Logging in to the console. Each attempt is counted before its password is checked. A session is found by the hash of its token.

create or replace function ai.take_guess(p_scope text, p_key text, p_most real, p_seconds real)
returns real
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_bucket ai.console_guesses;
  v_tokens real;
begin
  insert into ai.console_guesses (scope, key, tokens, filled_at) values (p_scope, p_key, p_most, v_now)
  on conflict on constraint console_guesses_pkey do nothing;
  -- The lock on the row makes simultaneous attempts count one after another.
  select * into v_bucket from ai.console_guesses g where g.scope = p_scope and g.key = p_key for update;
  v_tokens := least(p_most, v_bucket.tokens + greatest(0, extract(epoch from v_now - v_bucket.filled_at)) / p_seconds);
  update ai.console_guesses g set tokens = case when v_tokens >= 1 then v_tokens - 1 else v_tokens end, filled_at = v_now
  where g.scope = p_scope and g.key = p_key;
  return v_tokens;
end
$$;
comment on function ai.take_guess(text, text, real, real) is
  'Takes one attempt from a bucket that has room for p_most attempts and gains one every p_seconds. Returns the number of attempts before; if it is below 1, no attempt was taken.';

create or replace function ai.note_console_login(p_account text, p_address text, p_outcome text, p_via text, p_in_clear boolean default false)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_login bigint;
begin
  if p_outcome in ('limited', 'refused') then
    update ai.console_logins l set attempts = least(l.attempts, 1000000000) + 1, tried_at = clock_timestamp()
    where l.login_id = (
      select x.login_id from ai.console_logins x
      where x.address = p_address and x.outcome = p_outcome and x.outcome in ('limited', 'refused') and x.via = p_via
        and x.account is not distinct from p_account and x.in_clear = p_in_clear and x.tried_at > clock_timestamp() - interval '10 minutes'
      order by x.tried_at desc limit 1)
    returning l.login_id into v_login;
  end if;
  if v_login is null then
    insert into ai.console_logins (account, address, outcome, via, in_clear) values (p_account, p_address, p_outcome, p_via, p_in_clear)
    returning login_id into v_login;
  end if;
  return v_login;
end
$$;
comment on function ai.note_console_login(text, text, text, text, boolean) is
  'Records an attempt to log in. Limited or refused attempts from one address within ten minutes share a row, so that a flood does not fill the table. Returns the number of the row.';

create or replace function ai.try_console_login(
  p_key text, p_address text, p_network text, p_in_clear boolean default false,
  out login_id bigint, out account_id bigint, out password text, out wait_seconds real)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account ai.accounts;
  -- Treats unknown names like known names: a limit must not reveal which names exist.
  v_pair constant text := p_network || ' ' || hashtextextended(p_key, 0);
  v_known boolean;
  v_left real;
begin
  select * into v_account from ai.accounts a where a.key = p_key;
  v_known := v_account.account_id is not null and exists (
    select from ai.console_sessions s where s.account_id = v_account.account_id and s.address = p_address and s.via <> 'proxy');
  -- Checks the address first, so that invented names do not fill the table. The limit per address does not apply to an account that has
  -- logged in from this address before.
  if not v_known then
    v_left := ai.take_guess('address', p_network, 20, 15);
    wait_seconds := case when v_left < 1 then (1 - v_left) * 15 end;
  end if;
  if wait_seconds is null then
    v_left := ai.take_guess('pair', v_pair, 10, 60);
    if v_left < 1 then
      wait_seconds := (1 - v_left) * 60;
    -- After 50 attempts from any addresses, each address has only three, so that the account's owner can still log in from their own
    -- address.
    elsif not v_known and ai.take_guess('account', hashtextextended(p_key, 0)::text, 50, 60) < 1 and v_left < 8 then
      wait_seconds := (8 - v_left) * 60;
    end if;
    if wait_seconds is not null and not v_known then  -- guesses at one account do not limit other accounts of the same address
      update ai.console_guesses g set tokens = g.tokens + 1 where g.scope = 'address' and g.key = p_network;
    end if;
  end if;
  if wait_seconds is not null then
    login_id := ai.note_console_login(v_account.name, p_address, 'limited', 'password', p_in_clear);
    return;
  end if;
  login_id := ai.note_console_login(v_account.name, p_address, 'trying', 'password', p_in_clear);
  account_id := v_account.account_id;
  password := v_account.password;
end
$$;
comment on function ai.try_console_login(text, text, text, boolean) is
  'Counts an attempt to log in before the password is checked. If wait_seconds is not null, there were too many attempts: refuse the login until that time has passed. If it is null, check the password, and call ai.settle_console_login. p_network is the IPv4 address, or the IPv6 network of 64 bits, whose attempts are counted together. That limit does not apply to an account that has logged in from this address before.';

create or replace function ai.begin_console_session(
  p_account_id bigint, p_token_sha256 bytea, p_address text, p_via text, p_password text default null)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account ai.accounts;
  v_session bigint;
begin
  -- A session that disables the account or changes the password waits for this transaction, then ends the new session.
  select * into v_account from ai.accounts a where a.account_id = p_account_id for share;
  if v_account.disabled_at is null and (p_password is null or p_password = v_account.password) then
    insert into ai.console_sessions (account_id, token_sha256, via, address, ends_at)
    select p_account_id, p_token_sha256, p_via, p_address, clock_timestamp() + interval '1 hour' * (p.value)::float8
    from ai.policy p where p.key = 'console_session_hours' and v_account.account_id is not null
    returning session_id into v_session;
  end if;
  return v_session;
end
$$;
comment on function ai.begin_console_session(bigint, bytea, text, text, text) is
  'Begins a session. Returns null if the account is disabled, or its password is no longer the hash p_password.';

create or replace function ai.settle_console_login(
  p_login_id bigint, p_account_id bigint, p_password text, p_network text, p_token_sha256 bytea)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_session bigint;
  v_key text;
begin
  if p_token_sha256 is null then
    update ai.console_logins l set outcome = 'failed' where l.login_id = p_login_id and l.outcome = 'trying';
    return null;
  end if;
  v_session := ai.begin_console_session(p_account_id, p_token_sha256,
    (select l.address from ai.console_logins l where l.login_id = p_login_id and l.outcome = 'trying'), 'password', p_password);
  update ai.console_logins l set outcome = case when v_session is null then 'refused' else 'ok' end where l.login_id = p_login_id;
  if v_session is not null then
    -- After a success, earlier failures of this account no longer count. Locks the rows in the order in which attempts lock them.
    v_key := (select hashtextextended(a.key, 0)::text from ai.accounts a where a.account_id = p_account_id);
    update ai.console_guesses g set tokens = g.tokens + 1 where g.scope = 'address' and g.key = p_network;
    delete from ai.console_guesses g where g.scope = 'pair' and g.key = p_network || ' ' || v_key;
    update ai.console_guesses g set tokens = g.tokens + 1 where g.scope = 'account' and g.key = v_key;
  end if;
  return v_session;
end
$$;
comment on function ai.settle_console_login(bigint, bigint, text, text, bytea) is
  'Settles an attempt to log in. p_token_sha256 is set if the password was correct; then a session begins. Returns null if the account is disabled, or if its password has changed meanwhile. p_password is the hash that was checked.';

create or replace function ai.set_compared_password(
  p_login_id bigint, p_account_id bigint, p_compared text, p_password text, p_network text, p_token_sha256 bytea)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account ai.accounts;
begin
  -- Locks the accounts as ai.change_account does.
  perform from ai.accounts a where a.role = 'admin' or a.account_id = p_account_id order by a.account_id for update;
  select * into v_account from ai.accounts a where a.account_id = p_account_id;
  if v_account.disabled_at is not null or v_account.password is distinct from p_compared then
    update ai.console_logins l set outcome = 'refused' where l.login_id = p_login_id and l.outcome = 'trying';
    return null;
  end if;
  perform ai.change_account(v_account.key, p_password => p_password, p_actor => v_account.name);
  return ai.settle_console_login(p_login_id, p_account_id, p_password, p_network, p_token_sha256);
end
$$;
comment on function ai.set_compared_password(bigint, bigint, text, text, text, bytea) is
  'Sets the password that a person chose. p_compared is the hash that the old password matched. Ends all sessions of the account, and begins a new one. Returns null, and changes nothing, if the account has another hash now or is disabled.';

create or replace function ai.console_session(p_token_sha256 bytea, p_is_seen boolean)
returns table (session_id bigint, name text, role text, via text, ends_at timestamptz)
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_found record;
begin
  select s.session_id, s.seen_at, s.via, s.ends_at, a.name, a.role into v_found
  from ai.console_sessions s join ai.accounts a on a.account_id = s.account_id
  where s.token_sha256 = p_token_sha256 and s.ended_at is null and s.ends_at > clock_timestamp() and a.disabled_at is null
    and s.seen_at > clock_timestamp() - interval '1 minute' * (select (p.value)::float8 from ai.policy p where p.key = 'console_idle_minutes');
  if not found then
    return;
  end if;
  -- Updates the time at most once a minute, so that few page views write to the database.
  if p_is_seen and v_found.seen_at < clock_timestamp() - least(interval '1 minute',
    interval '10 seconds' * (select (p.value)::float8 from ai.policy p where p.key = 'console_idle_minutes'))
  then
    update ai.console_sessions s set seen_at = clock_timestamp() where s.session_id = v_found.session_id;
  end if;
  return query select v_found.session_id, v_found.name, v_found.role, v_found.via, v_found.ends_at;
end
$$;
comment on function ai.console_session(bytea, boolean) is
  'The valid session with this hash of a token. If p_is_seen is true, a person opened a page or did something, so the session counts as active.';

create or replace function ai.ended_console_sessions(p_session_ids bigint[])
returns setof bigint
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select i from unnest(p_session_ids) i where not exists (select from ai.open_console_sessions() o where o.session_id = i);
$$;
comment on function ai.ended_console_sessions(bigint[]) is 'Those of the given sessions that are no longer valid.';

create or replace function ai.enter_by_proxy(p_name text, p_key text, p_address text, p_token_sha256 bytea, p_in_clear boolean default false)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_account ai.accounts;
  v_session bigint;
begin
  select * into v_account from ai.accounts a where a.key = p_key;
  if v_account.account_id is null
    and (select p.value #>> '{}' from ai.policy p where p.key = 'console_proxy_accounts') = 'viewer'
  then
    insert into ai.accounts (name, key, role, created_by) values (p_name, p_key, 'viewer', 'proxy')
    on conflict on constraint accounts_key_is_one do nothing;
    if found then
      perform ai.record_action('proxy', 'account_add', null, jsonb_build_object('account', p_name, 'role', 'viewer'));
    end if;
    select * into v_account from ai.accounts a where a.key = p_key;
  end if;
  v_session := ai.begin_console_session(v_account.account_id, p_token_sha256, p_address, 'proxy');
  perform ai.note_console_login(v_account.name, p_address, case when v_session is null then 'refused' else 'ok' end, 'proxy', p_in_clear);
  return v_session;
end
$$;
comment on function ai.enter_by_proxy(text, text, text, bytea, boolean) is
  'Begins a session for a person whom a trusted proxy has authenticated. Policy console_proxy_accounts decides whether a name without an account becomes a viewer. Returns null if there is no account, or if the account is disabled.';

create or replace function ai.make_console_link(p_token_sha256 bytea, p_key text, p_minutes real, p_actor text default null)
returns timestamptz
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_actor constant text := ai.actor_or_role(p_actor);
  v_account ai.accounts;
  v_ends constant timestamptz := clock_timestamp() + interval '1 minute' * p_minutes;
begin
  -- Locks accounts before links, as ai.change_account and ai.use_console_link do. Otherwise two of these functions could wait for each
  -- other.
  if p_key is null then
    lock table ai.accounts in share row exclusive mode;
  else
    v_account := ai.account_named(p_key);
    perform ai.record_action(v_actor, 'account_link', null, jsonb_build_object('account', v_account.name));
  end if;
  -- Only the newest link is valid.
  update ai.console_links l set used_at = clock_timestamp() where l.account_id is not distinct from v_account.account_id and l.used_at is null;
  insert into ai.console_links (token_sha256, account_id, created_by, ends_at) values (p_token_sha256, v_account.account_id, v_actor, v_ends);
  return v_ends;
end
$$;
comment on function ai.make_console_link(bytea, text, real, text) is
  'Creates a one-time link for an account to set its password or, if p_key is null, to create the first administrator. Returns the time when the link expires. Raises RF004: no such account.';

create or replace function ai.console_link(p_token_sha256 bytea, out name text, out is_open boolean)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select a.name, l.used_at is null and l.ends_at > clock_timestamp() and a.disabled_at is null
    and (l.account_id is not null or not ai.has_admin())
  from ai.console_links l left join ai.accounts a on a.account_id = l.account_id
  where l.token_sha256 = p_token_sha256;
$$;
comment on function ai.console_link(bytea) is 'The account whose password a link sets (null: the link creates the first administrator), and whether the link is valid.';

create or replace function ai.use_console_link(
  p_token_sha256 bytea, p_name text, p_key text, p_password text, p_address text, p_session_sha256 bytea,
  p_in_clear boolean default false)
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_link ai.console_links;
  v_account ai.accounts;
  v_session bigint;
begin
  select * into v_link from ai.console_links l where l.token_sha256 = p_token_sha256;  -- a link never changes its account
  -- Locks accounts before links, in the order of ai.change_account. Otherwise two of these functions could wait for each other.
  if v_link.account_id is null then
    lock table ai.accounts in share row exclusive mode;  -- only one first administrator can be created
  else
    perform from ai.accounts a where a.role = 'admin' or a.account_id = v_link.account_id order by a.account_id for update;
  end if;
  perform from ai.console_links l where l.token_sha256 = p_token_sha256 for update;
  if not coalesce((select l.is_open from ai.console_link(p_token_sha256) l), false) then
    perform ai.note_console_login(a.name, p_address, 'refused', 'link', p_in_clear)
    from (select v_link.account_id) x left join ai.accounts a on a.account_id = x.account_id;
    return null;
  end if;
  if v_link.account_id is null then
    v_link.account_id := ai.add_account(p_name, p_key, 'admin', p_password, p_name);
  else
    select * into v_account from ai.accounts a where a.account_id = v_link.account_id;
    perform ai.change_account(v_account.key, p_password => p_password, p_actor => v_account.name);
  end if;
  update ai.console_links l set used_at = clock_timestamp() where l.token_sha256 = p_token_sha256;
  select * into v_account from ai.accounts a where a.account_id = v_link.account_id;
  v_session := ai.begin_console_session(v_account.account_id, p_session_sha256, p_address, 'link');
  perform ai.note_console_login(v_account.name, p_address, 'ok', 'link', p_in_clear);
  return v_session;
end
$$;
comment on function ai.use_console_link(bytea, text, text, text, text, bytea, boolean) is
  'Uses a one-time link: sets the password, or creates the first administrator p_name, and begins a session. Returns null if the link was used, has expired or is unknown. Raises RF005: the name is taken.';
