-- Who may use the console: accounts, their sessions, one-time links, and what became of each attempt to log in.

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

comment on table ai.accounts is 'Who may use the console. Written by ai.add_account and ai.change_account only. No role of ours may read the hashes.';
comment on column ai.accounts.account_id is 'Rises with each account.';
comment on column ai.accounts.name is 'As people write it; what is done in the console bears it.';
comment on column ai.accounts.key is 'The name as it is compared: normalized, without case.';
comment on column ai.accounts.role is 'viewer looks, desk works on answers, operator steers, admin gives accounts; each may all that those before it may.';
comment on column ai.accounts.password is 'Hash by argon2id, with its salt and parameters; null: no login by password.';
comment on column ai.accounts.password_at is 'When it was set.';
comment on column ai.accounts.created_at is 'When.';
comment on column ai.accounts.created_by is 'By whom.';
comment on column ai.accounts.disabled_at is 'Since when it may not log in; null: it may.';
comment on column ai.accounts.disabled_by is 'By whom.';
comment on constraint accounts_key_is_one on ai.accounts is 'No two names differ in case only.';
comment on constraint accounts_name_is_a_name on ai.accounts is 'A name that fits the audit.';
comment on constraint accounts_role_is_known on ai.accounts is 'The four roles.';
comment on constraint accounts_password_is_a_hash on ai.accounts is 'Never a password.';
comment on constraint accounts_disabled_by_somebody on ai.accounts is 'Nobody disables namelessly.';

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
  'Successful logins to the console. A session ends at ends_at, after policy console_idle_minutes without a page, by a logout, and by any change of its account. Kept for policy login_days.';
comment on column ai.console_sessions.session_id is 'Rises with each session.';
comment on column ai.console_sessions.account_id is 'Whose.';
comment on column ai.console_sessions.token_sha256 is 'SHA-256 of the token in the browser''s cookie; the token is nowhere here.';
comment on column ai.console_sessions.via is 'password, link (a one-time link) or proxy (a header of a trusted proxy).';
comment on column ai.console_sessions.address is 'From where.';
comment on column ai.console_sessions.created_at is 'Login.';
comment on column ai.console_sessions.seen_at is 'Last page or action, to the minute; what keeps itself up to date does not count.';
comment on column ai.console_sessions.ends_at is 'When it ends at the latest: policy console_session_hours after the login.';
comment on column ai.console_sessions.ended_at is 'When it was ended before that; null: nobody did.';
comment on column ai.console_sessions.ended_by is 'By whom: the account itself at a logout.';
comment on constraint console_sessions_token_is_one on ai.console_sessions is 'Serves the look-up of each request.';
comment on constraint console_sessions_token_is_a_hash on ai.console_sessions is 'Never a token.';
comment on constraint console_sessions_via_is_known on ai.console_sessions is 'The three ways in.';
comment on constraint console_sessions_address_is_short on ai.console_sessions is 'An address, and no text.';
comment on constraint console_sessions_ended_by_somebody on ai.console_sessions is 'An end has a time and a name, or neither.';
comment on index ai.console_sessions_ended_at is 'Serves ai.audit.';
comment on constraint console_sessions_account_id_fkey on ai.console_sessions is 'A session is of an account.';
comment on index ai.console_sessions_account is 'Serves the ending of an account''s sessions, and whether it logged in from an address before.';

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

comment on constraint console_links_account_id_fkey on ai.console_links is 'A link is of an account, or of none yet.';
comment on table ai.console_links is 'One-time links: the person who opens one in time sets a password and is logged in. Gone a day after their end.';
comment on column ai.console_links.token_sha256 is 'SHA-256 of the token in the link.';
comment on column ai.console_links.account_id is 'Whose password it sets; null: it makes the first administrator, while there is none.';
comment on column ai.console_links.created_at is 'When.';
comment on column ai.console_links.created_by is 'By whom.';
comment on column ai.console_links.ends_at is 'From when on it is of no use.';
comment on column ai.console_links.used_at is 'When it was used; it works once.';
comment on constraint console_links_token_is_a_hash on ai.console_links is 'Never a token.';
comment on index ai.console_links_account is 'Serves the ending of an account''s links.';

create table ai.console_logins (
  login_id bigint generated always as identity primary key,
  tried_at timestamptz not null default clock_timestamp(),
  account  text,
  address  text not null,
  outcome  text not null,
  via      text not null,
  attempts integer not null default 1,
  constraint console_logins_outcome_is_known check (outcome in ('trying', 'ok', 'failed', 'limited', 'refused')),
  constraint console_logins_via_is_known check (via in ('password', 'link', 'proxy')),
  constraint console_logins_address_is_short check (length(address) <= 60),
  constraint console_logins_account_is_a_name check (length(account) <= 80)
);
create index console_logins_tried_at on ai.console_logins (tried_at);
create index console_logins_counted on ai.console_logins (address, tried_at) where outcome in ('limited', 'refused');

comment on table ai.console_logins is 'Attempts to log in to the console, for the audit. Kept for policy login_days.';
comment on column ai.console_logins.login_id is 'Rises; the log names an attempt by it.';
comment on column ai.console_logins.tried_at is 'When; of several, the last.';
comment on column ai.console_logins.account is 'The account; null: the name that was given is none''s. It is not kept, since people type passwords there.';
comment on column ai.console_logins.address is 'From where.';
comment on column ai.console_logins.outcome is 'trying: not settled, and counted as failed; ok; failed; limited: too many from there, the password was not looked at; refused: disabled, or a link that is used or late.';
comment on column ai.console_logins.via is 'password, link or proxy.';
comment on column ai.console_logins.attempts is 'How many: those of one address that were limited or refused within ten minutes are one row.';
comment on constraint console_logins_outcome_is_known on ai.console_logins is 'The five outcomes.';
comment on constraint console_logins_via_is_known on ai.console_logins is 'The three ways in.';
comment on constraint console_logins_address_is_short on ai.console_logins is 'An address, and no text.';
comment on constraint console_logins_account_is_a_name on ai.console_logins is 'As ai.accounts has it.';
comment on index ai.console_logins_tried_at is 'Serves ai.audit and the pruning.';
comment on index ai.console_logins_counted is 'Serves the count of attempts that were limited or refused.';

create table ai.console_guesses (
  scope     text not null,
  key       text not null,
  tokens    real not null,
  filled_at timestamptz not null,
  constraint console_guesses_pkey primary key (scope, key),
  constraint console_guesses_scope_is_known check (scope in ('address', 'pair', 'account'))
);

comment on table ai.console_guesses is 'Token buckets of attempts to log in. Pruned when full again.';
comment on column ai.console_guesses.scope is 'address: of one network address; pair: of an address and an account; account: of all addresses together.';
comment on column ai.console_guesses.key is 'Which: the address (of IPv6 its /64), or that and the account''s number.';
comment on column ai.console_guesses.tokens is 'Attempts that were left at filled_at.';
comment on column ai.console_guesses.filled_at is 'When.';
comment on constraint console_guesses_pkey on ai.console_guesses is 'One bucket each.';
comment on constraint console_guesses_scope_is_known on ai.console_guesses is 'The three kinds.';
