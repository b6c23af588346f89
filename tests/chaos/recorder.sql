-- What only the tests install: every movement of the queue and every write of the RFQs, as the database saw it.
-- Append-only and in the transaction that made the movement, so it is the history the checker reads. What is in double
-- brackets depends on the table that the run is about.

create schema chaos;

create table chaos.movements (
  seq          bigint generated always as identity primary key,
  at           timestamptz not null default clock_timestamp(),
  xid          xid8 not null default pg_current_xact_id(),
  place        text not null,
  op           text not null,
  rfq_id       uuid not null,
  claim_id     bigint,
  worker       integer,
  attempt      integer,
  forced       boolean,
  reason       text,
  old_claim_id bigint,
  old_worker   integer,
  old_lease    timestamptz
);

create table chaos.writes (
  seq        bigint generated always as identity primary key,
  at         timestamptz not null default clock_timestamp(),
  rfq_id     uuid not null,
  by_role    text not null,
  business   boolean not null
);

create table chaos.trigger_waits (at timestamptz not null default clock_timestamp(), ms double precision not null);
create table chaos.control (id bigint generated always as identity primary key, at timestamptz default clock_timestamp());

create index on chaos.movements (claim_id);
create function chaos.note_movement() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_table_name = 'outbox' then
    insert into chaos.movements (place, op, rfq_id, claim_id, worker, attempt, forced, old_claim_id, old_worker, old_lease)
    values (tg_table_name, tg_op, coalesce(new.rfq_id, old.rfq_id), new.claim_id, new.worker,
      coalesce(new.attempt, old.attempt), coalesce(new.forced, old.forced), old.claim_id, old.worker, old.lease_expires_at);
  else
    insert into chaos.movements (place, op, rfq_id, attempt, reason)
    values (tg_table_name, tg_op, coalesce(new.rfq_id, old.rfq_id), coalesce(new.attempt, old.attempt), coalesce(new.reason, old.reason));
  end if;
  return null;
end
$$;
create trigger chaos_note after insert or update or delete on ai.outbox for each row execute function chaos.note_movement();
create trigger chaos_note after insert or update or delete on ai.outbox_deferred for each row execute function chaos.note_movement();
create trigger chaos_note after insert or update or delete on ai.outbox_dead for each row execute function chaos.note_movement();

create table chaos.holds (
  seq         bigint generated always as identity primary key,
  at          timestamptz not null default clock_timestamp(),
  op          text not null,
  claim_id    bigint not null,
  model       text not null,
  amount_nano bigint not null,
  is_probe    boolean not null
);
create index on chaos.holds (claim_id);
create function chaos.note_hold() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into chaos.holds (op, claim_id, model, amount_nano, is_probe)
  select tg_op, h.claim_id, h.model, h.amount_nano, h.is_probe from (select (coalesce(new, old)).*) h;
  return null;
end
$$;
create trigger chaos_note after insert or delete on ai.holds for each row execute function chaos.note_hold();

-- A hold may never be granted beyond the cap, at no commit; a bill above its hold or a lowered cap may exceed it. A cap that
-- is lowered while leave to call is given counts from the next one on: the higher is in force for transactions under way.
create table chaos.overspent (at timestamptz not null default clock_timestamp(), scope text, period text, spent_nano_usd bigint, held_nano bigint, cap_nano bigint);
create function chaos.note_budget() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  v_cap bigint := 1000000000 * (
    select max(c.value::numeric)
    from (
      select p.value, p.key from ai.policy p
      union all
      select h.old_value, h.key from ai.policy_history h where h.changed_at > now() - interval '1 second'
    ) c
    where c.key = 'budget.' || new.scope || '.' || new.period);
begin
  if new.held_nano > old.held_nano and new.spent_nano_usd + new.held_nano > v_cap then
    insert into chaos.overspent (scope, period, spent_nano_usd, held_nano, cap_nano)
    values (new.scope, new.period, new.spent_nano_usd, new.held_nano, v_cap);
  end if;
  return null;
end
$$;
create trigger chaos_note after update on ai.budget_windows for each row execute function chaos.note_budget();

create function chaos.note_write() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into chaos.writes (rfq_id, by_role, business)
  values ([[rfq_id]], session_user, ([[new]]) is distinct from ([[old]]));
  return null;
end
$$;
create trigger chaos_note_write after update on [[table]] for each row execute function chaos.note_write();

-- These two fire right before and right after ours: triggers of one kind fire in the order of their names.
create function chaos.trigger_begins() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('chaos.began', extract(epoch from clock_timestamp())::text, true);
  return null;
end
$$;
create function chaos.trigger_ended() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  v_ms double precision := (extract(epoch from clock_timestamp()) - current_setting('chaos.began')::numeric) * 1000;
begin
  if v_ms > 20 then
    insert into chaos.trigger_waits (ms) values (v_ms);
  end if;
  return null;
end
$$;
create trigger rfqflow_before after insert on [[table]] for each statement execute function chaos.trigger_begins();
create trigger rfqflow_enqueue_zz after insert on [[table]] for each statement execute function chaos.trigger_ended();

create role chaos_app login;
grant insert on [[table]], [[files]] to chaos_app;
create role chaos_clerk login;
grant select, insert, update, delete on [[table]], [[files]] to chaos_clerk;
grant usage on schema chaos, [[schema]] to chaos_app;
grant usage on schema [[schema]] to chaos_clerk;
grant insert on chaos.control to chaos_app;
create role chaos_worker login in role rfqflow_worker;

select ai.set_policy('retry_base_seconds', '0.2'), ai.set_policy('retry_cap_seconds', '2'),
  ai.set_policy('defer_seconds', '0.5'), ai.set_policy('sweep_seconds', '0.5'), ai.set_policy('max_attempts', '10'),
  ai.set_policy('breaker_cooldown_seconds', '0.5'), ai.set_policy('breaker_cooldown_cap_seconds', '2'),
  ai.set_policy('breaker_window_seconds', '10'), ai.set_policy('recovery_ramp_seconds', '1'),
  ai.set_policy('attachment_quiet_seconds', '0.5');
select ai.set_budget('global', 'day', 100000, 'chaos');
insert into ai.model_prices (provider, model, input_usd_per_million, output_usd_per_million) values ('openai', 'chaos-1', 1, 4);
