-- Findings of ai.health about the console: passwords sent in clear text, and requests for drafts that no worker claims.

create or replace function ai.health_of_console()
returns table (severity text, code text, sentence text, count bigint, since timestamptz, remedy text)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_live constant bigint := (select count(*) from ai.workers w where w.beat_at > v_now - interval '15 seconds');
  v_clear record;
  v_drafts record;
begin
  select sum(l.attempts) as attempts, min(l.tried_at) as first_at, max(l.tried_at) as last_at into v_clear
  from ai.console_logins l
  where l.in_clear and l.tried_at > v_now - interval '1 day';
  if v_clear.attempts > 0 then
    return query select 'warning', 'console_plain_http',
      format('%s to the console came over plain HTTP from another machine within a day, the last at %s: other people on the network can read passwords and sessions.',
        ai.count_text(v_clear.attempts, 'login', 'logins', true), ai.time_text(v_clear.last_at)),
      v_clear.attempts::bigint, v_clear.first_at,
      'put a proxy with TLS before the console and name its address in RFQFLOW_CONSOLE_PROXY_TRUSTED, or serve it to this machine alone: '
        || '`rfqflow console --http 127.0.0.1:8642`; then ask those people to set new passwords. The finding stays for a day after the last such login';
  end if;

  select count(*) as requests, min(d.waits_since) as first_at into v_drafts
  from (
    select greatest(q.requested_at, q.lease_expires_at) as waits_since
    from ai.draft_requests q
    where q.ended_at is null and (q.lease_expires_at is null or q.lease_expires_at < v_now)
    limit 1001) d
  -- Each worker writes one draft at a time.
  where d.waits_since < v_now - case when v_live = 0 then interval '1 minute' else interval '5 minutes' end;
  if v_drafts.requests > 0 then
    return query select 'warning', 'drafts_waiting',
      format('%s for a daemon, the oldest since %s: %s.', ai.count_text(v_drafts.requests, 'request for a draft waits', 'requests for drafts wait', true),
        ai.time_text(v_drafts.first_at),
        case v_live when 0 then 'no worker runs' else ai.count_text(v_live, 'worker runs', 'workers run') || ', but without a model or busy with other drafts' end),
      v_drafts.requests, v_drafts.first_at,
      'start a daemon with a model, or another one: `rfqflow run`; or withdraw the request at the RFQ, and write the draft by hand or from a template';
  end if;
end
$$;
comment on function ai.health_of_console() is
  'The findings of ai.health about the console: console_plain_http, drafts_waiting.';
