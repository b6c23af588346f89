-- Access to the console: accounts, sessions, one-time links and login attempts.

create table ai.accounts (
  account_id  bigint generated always as identity primary key,
  name        text not null,
  key         text not null,
  role        text not null,
  password    text,
  password_at timestamptz,
  created_at  timestamptz not null default clock_timestamp(),
  created_by  text not null,
  disabled_at timestamptz,
  disabled_by text,
  constraint accounts_key_is_one unique (key),
  constraint accounts_name_is_a_name check (name ~ '\S' and length(name) <= 80 and name !~ '[[:cntrl:]]'),
  constraint accounts_role_is_known check (role in ('viewer', 'desk', 'operator', 'admin')),
  constraint accounts_password_is_a_hash check (password ~ '^\$argon2id\$' and length(password) <= 500),
  constraint accounts_disabled_by_somebody check (num_nonnulls(disabled_at, disabled_by) in (0, 2))
);

comment on table ai.accounts is 'Accounts of the console. Only ai.add_account and ai.change_account write them. No role of rfqflow may read the password hashes.';
comment on column ai.accounts.account_id is 'Number of the account, in order.';
comment on column ai.accounts.name is 'Name as typed. The audit records actions under this name.';
comment on column ai.accounts.key is 'Normalised name, without case, for comparison.';
comment on column ai.accounts.role is 'viewer reads; desk works on answers; operator controls the fleet; admin manages accounts. Each role includes the ones before it.';
comment on column ai.accounts.password is 'Argon2id hash with its salt and parameters; null: no login by password.';
comment on column ai.accounts.password_at is 'When the password was set.';
comment on column ai.accounts.created_at is 'When the row was created.';
comment on column ai.accounts.created_by is 'Who created the row.';
comment on column ai.accounts.disabled_at is 'When the account was disabled, so that it cannot log in; null: the account can log in.';
comment on column ai.accounts.disabled_by is 'Who disabled the account.';
comment on constraint accounts_key_is_one on ai.accounts is 'Two names cannot differ only in case.';
comment on constraint accounts_name_is_a_name on ai.accounts is 'Limits names to those that the audit can record.';
comment on constraint accounts_role_is_known on ai.accounts is 'One of the four roles.';
comment on constraint accounts_password_is_a_hash on ai.accounts is 'The value must be a hash.';
comment on constraint accounts_disabled_by_somebody on ai.accounts is 'disabled_at and disabled_by are both set, or both null.';

create table ai.console_sessions (
  session_id   bigint generated always as identity primary key,
  account_id   bigint not null references ai.accounts,
  token_sha256 bytea not null,
  via          text not null,
  address      text,
  created_at   timestamptz not null default clock_timestamp(),
  seen_at      timestamptz not null default clock_timestamp(),
  ends_at      timestamptz not null,
  ended_at     timestamptz,
  ended_by     text,
  constraint console_sessions_token_is_one unique (token_sha256),
  constraint console_sessions_token_is_a_hash check (length(token_sha256) = 32),
  constraint console_sessions_via_is_known check (via in ('password', 'link', 'proxy')),
  constraint console_sessions_address_is_short check (length(address) <= 60),
  constraint console_sessions_ended_by_somebody check (num_nonnulls(ended_at, ended_by) in (0, 2))
);
create index console_sessions_account on ai.console_sessions (account_id);
create index console_sessions_ended_at on ai.console_sessions (ended_at) where ended_at is not null;

comment on table ai.console_sessions is
  'Sessions of the console, one per login. A session ends at ends_at, after policy console_idle_minutes without use, at logout, and with any change of its account. Rows stay for policy login_days.';
comment on column ai.console_sessions.session_id is 'Number of the session, in order.';
comment on column ai.console_sessions.account_id is 'The account.';
comment on column ai.console_sessions.token_sha256 is 'SHA-256 of the token in the browser''s cookie. The token itself is not stored.';
comment on column ai.console_sessions.via is 'password, link (a one-time link) or proxy (a header of a trusted proxy).';
comment on column ai.console_sessions.address is 'Network address from which the person logged in.';
comment on column ai.console_sessions.created_at is 'When the account logged in.';
comment on column ai.console_sessions.seen_at is 'Time of the last page or action, to the minute. Automatic refreshes of a page do not count.';
comment on column ai.console_sessions.ends_at is 'Latest possible end: policy console_session_hours after the login.';
comment on column ai.console_sessions.ended_at is 'When the session was ended early; null: it was not.';
comment on column ai.console_sessions.ended_by is 'Who ended the session; at a logout, the account itself.';
comment on constraint console_sessions_token_is_one on ai.console_sessions is 'A token has one session. The index is used by each request to find its session.';
comment on constraint console_sessions_token_is_a_hash on ai.console_sessions is 'The value must be a hash.';
comment on constraint console_sessions_via_is_known on ai.console_sessions is 'One of the three ways to log in.';
comment on constraint console_sessions_address_is_short on ai.console_sessions is 'Limits the length of the address.';
comment on constraint console_sessions_ended_by_somebody on ai.console_sessions is 'ended_at and ended_by are both set, or both null.';
comment on index ai.console_sessions_ended_at is 'Used by ai.audit.';
comment on constraint console_sessions_account_id_fkey on ai.console_sessions is 'A session belongs to an account.';
comment on index ai.console_sessions_account is 'Used to end an account''s sessions, and to find earlier logins from an address.';

create table ai.console_links (
  token_sha256 bytea primary key,
  account_id   bigint references ai.accounts,
  created_at   timestamptz not null default clock_timestamp(),
  created_by   text not null,
  ends_at      timestamptz not null,
  used_at      timestamptz,
  constraint console_links_token_is_a_hash check (length(token_sha256) = 32)
);
create index console_links_account on ai.console_links (account_id);

comment on constraint console_links_account_id_fkey on ai.console_links is 'A link belongs to an account, or to no account if it creates the first administrator.';
comment on table ai.console_links is 'One-time links. A person who opens a link before it expires sets a password and is logged in. Rows are deleted a day after the link expires.';
comment on column ai.console_links.token_sha256 is 'SHA-256 of the token in the link.';
comment on column ai.console_links.account_id is 'Account whose password the link sets; null: the link creates the first administrator, if there is none.';
comment on column ai.console_links.created_at is 'When the row was created.';
comment on column ai.console_links.created_by is 'Who created the row.';
comment on column ai.console_links.ends_at is 'When the link expires.';
comment on column ai.console_links.used_at is 'When the link was used, or invalidated by a newer link; null: it can still be used.';
comment on constraint console_links_token_is_a_hash on ai.console_links is 'The value must be a hash.';
comment on index ai.console_links_account is 'Used to invalidate an account''s links.';

create table ai.console_logins (
  login_id bigint generated always as identity primary key,
  tried_at timestamptz not null default clock_timestamp(),
  account  text,
  address  text not null,
  outcome  text not null,
  via      text not null,
  attempts integer not null default 1,
  in_clear boolean not null default false,
  constraint console_logins_outcome_is_known check (outcome in ('trying', 'ok', 'failed', 'limited', 'refused')),
  constraint console_logins_via_is_known check (via in ('password', 'link', 'proxy')),
  constraint console_logins_address_is_short check (length(address) <= 60),
  constraint console_logins_account_is_a_name check (length(account) <= 80)
);
create index console_logins_tried_at on ai.console_logins (tried_at);
create index console_logins_in_clear on ai.console_logins (tried_at) where in_clear;
create index console_logins_counted on ai.console_logins (address, tried_at) where outcome in ('limited', 'refused');

comment on table ai.console_logins is 'Attempts to log in to the console, for the audit. Rows stay for policy login_days.';
comment on column ai.console_logins.login_id is 'Number of the attempt, in order, as in the log.';
comment on column ai.console_logins.tried_at is 'Time of the attempt, or of the last of several attempts.';
comment on column ai.console_logins.account is 'The account; null: no account has the given name. The given name is not stored, since people sometimes type a password there.';
comment on column ai.console_logins.address is 'Network address from which the person logged in.';
comment on column ai.console_logins.outcome is 'trying (not decided yet; counts as failed), ok, failed, limited or refused. limited: too many attempts, so the password was not checked. refused: the account is disabled, or the link is used or expired.';
comment on column ai.console_logins.via is 'How the person tried to log in: password, link or proxy.';
comment on column ai.console_logins.attempts is 'Number of attempts. Limited or refused attempts of one address within ten minutes share a row.';
comment on column ai.console_logins.in_clear is 'True: the password, or the session''s token, went over plain HTTP from another machine.';
comment on index ai.console_logins_in_clear is 'Used by ai.health.';
comment on constraint console_logins_outcome_is_known on ai.console_logins is 'One of the five outcomes.';
comment on constraint console_logins_via_is_known on ai.console_logins is 'One of the three ways to log in.';
comment on constraint console_logins_address_is_short on ai.console_logins is 'Limits the length of the address.';
comment on constraint console_logins_account_is_a_name on ai.console_logins is 'Same limit as for ai.accounts.name.';
comment on index ai.console_logins_tried_at is 'Used by ai.audit and by deletion of old rows.';
comment on index ai.console_logins_counted is 'Used to count attempts that were limited or refused.';

create table ai.console_guesses (
  scope     text not null,
  key       text not null,
  tokens    real not null,
  filled_at timestamptz not null,
  constraint console_guesses_pkey primary key (scope, key),
  constraint console_guesses_scope_is_known check (scope in ('address', 'pair', 'account'))
);

comment on table ai.console_guesses is 'Token buckets that limit login attempts. A row is deleted when its bucket is full again.';
comment on column ai.console_guesses.scope is 'address: one network address. pair: an address and an account. account: all addresses together.';
comment on column ai.console_guesses.key is 'The address (for IPv6, its /64 network), a hash of the account''s name, or both.';
comment on column ai.console_guesses.tokens is 'Attempts left at filled_at.';
comment on column ai.console_guesses.filled_at is 'When the bucket was last refilled.';
comment on constraint console_guesses_pkey on ai.console_guesses is 'One bucket per scope and key.';
comment on constraint console_guesses_scope_is_known on ai.console_guesses is 'One of the three kinds.';
