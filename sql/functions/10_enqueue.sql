-- Doors 1 to 3: the insert, the trigger, the bell.

-- ai.ring() is made by ai.apply_notify(): its body is the policy, so that an insert reads no table for it.
create or replace function ai.apply_notify()
returns text
language plpgsql volatile security definer
set search_path = ''
as $$
declare
  v_notify text := (select p.value #>> '{}' from ai.policy p where p.key = 'notify');
begin
  if v_notify = 'doorbell' then
    create or replace function ai.ring()
    returns void
    language plpgsql volatile security definer
    set search_path = ''
    as $ring$
    begin
      -- A worker that sleeps, or is about to, holds this lock exclusively or waits for it: then, and only then, NOTIFY.
      -- Held shared until commit, so a worker gets it only after every inserter that did not ring has committed.
      if not pg_try_advisory_xact_lock_shared(1380340038, 0)
        -- A full notification queue fails the COMMIT, where no exception block helps.
        and pg_notification_queue_usage() < 0.5
      then
        notify rfqflow_wake;
      end if;
    end
    $ring$;
  elsif v_notify = 'always' then
    create or replace function ai.ring()
    returns void
    language plpgsql volatile security definer
    set search_path = ''
    as $ring$
    begin
      if pg_notification_queue_usage() < 0.5 then
        notify rfqflow_wake;
      end if;
    end
    $ring$;
  else
    create or replace function ai.ring()
    returns void
    language plpgsql volatile security definer
    set search_path = ''
    as $ring$
    begin
      return;
    end
    $ring$;
  end if;
  comment on function ai.ring() is
    'Wakes a sleeping worker at commit. Its body follows the policy notify (ai.apply_notify); workers poll in any case.';
  -- CREATE OR REPLACE keeps privileges, a first CREATE grants to everybody.
  revoke all on function ai.ring() from public;
  return v_notify;
end
$$;

comment on function ai.apply_notify() is
  'Makes ai.ring() say what the policy notify says; called by the trigger on ai.policy and by each migrate. Returns the policy.';

-- NOTIFY forbids PREPARE TRANSACTION: where the server allows two-phase commit and nobody has decided otherwise, it is off.
update ai.policy p
set value = '"off"'
where p.key = 'notify'
  and p.value <> '"off"'
  and current_setting('max_prepared_transactions')::integer > 0
  and not exists (select from ai.policy_history h where h.key = 'notify');

select ai.apply_notify();

create or replace function ai.enqueue_rfq()
returns trigger
language plpgsql volatile security definer  -- the application's role needs no right in this schema
set search_path = ''
set lock_timeout = '20ms'  -- per wait; there are at most three, so an insert never waits 100 ms for us
as $$
declare
  -- Set below for the rest of a transaction that has waited in vain: it does not wait again, neither with its next
  -- statement nor with the next row of an update.
  v_blocked constant text := coalesce(current_setting('rfqflow.blocked', true), '');
begin
  if v_blocked <> '' then
    raise lock_not_available;
  end if;
  insert into ai.outbox (rfq_id)
  select i.id from inserted i;
  if found then
    perform ai.ring();
  end if;
  return null;
exception when others then
  if sqlstate = '55P03' and v_blocked = '' then
    perform set_config('rfqflow.blocked', 'queue', true);
  end if;
  begin
    if v_blocked <> 'all' then
      insert into ai.outbox_missed (rfq_id, sqlstate)
      select i.id, sqlstate from inserted i;
    end if;
  exception
    when lock_not_available then
      perform set_config('rfqflow.blocked', 'all', true);
    when others then
      null;  -- the sweep finds them
  end;
  if v_blocked = '' then
    raise warning 'rfqflow: not enqueued now, will be later (%)', sqlstate;
  end if;
  return null;
end
$$;

comment on function ai.enqueue_rfq() is
  'Trigger: enqueues what one statement inserted and rings, and never fails or delays the insert. What it must skip goes to ai.outbox_missed.';

create or replace function ai.enqueue_edited_rfq()
returns trigger
language plpgsql volatile security definer  -- as ai.enqueue_rfq
set search_path = ''
set lock_timeout = '20ms'
as $$
declare
  v_blocked constant text := coalesce(current_setting('rfqflow.blocked', true), '');  -- as in ai.enqueue_rfq
begin
  if v_blocked <> '' then
    raise lock_not_available;
  end if;
  -- Absorbed by a row that waits; one that is being worked on is put back by its finish, which sees the new text.
  -- A finish locks the RFQ before it removes the row, and this update holds the RFQ: neither can slip past the other.
  update ai.outbox_deferred d
  set attempt = 0,
      due_at = case when d.reason = 'retry' then clock_timestamp() else d.due_at end
  where d.rfq_id = new.id;
  if not found then
    insert into ai.outbox (rfq_id, has_ended)
    values (new.id, coalesce(old.ai_status in ('done', 'skipped', 'failed'), false))
    on conflict (rfq_id) do nothing;
    delete from ai.outbox_dead x where x.rfq_id = new.id;
  end if;
  perform ai.ring();
  return null;
exception when others then
  if sqlstate = '55P03' and v_blocked = '' then
    perform set_config('rfqflow.blocked', 'queue', true);
  end if;
  begin
    if v_blocked <> 'all' then
      insert into ai.outbox_missed (rfq_id, sqlstate) values (new.id, sqlstate);
    end if;
  exception
    when lock_not_available then
      perform set_config('rfqflow.blocked', 'all', true);
    when others then
      null;
  end;
  if v_blocked = '' then
    raise warning 'rfqflow: not enqueued now, will be later (%)', sqlstate;
  end if;
  return null;
end
$$;

comment on function ai.enqueue_edited_rfq() is
  'Trigger: enqueues an RFQ whose message changed, or lets the row that waits absorb it; attempts count from nought for the new text.';

create or replace function ai.guard_rfq()
returns trigger
language plpgsql volatile security definer  -- as ai.enqueue_rfq
set search_path = ''
as $$
begin
  new.ai_status := 'pending';
  new.ai_reason := null;
  if tg_op = 'INSERT' then
    new.ai_review := null;
    new.ai_summary := null;
    new.ai_tags := null;
    new.ai_route := null;
    new.ai_urgency := null;
    new.ai_confidence := null;
    new.ai_extracted := null;
    new.ai_content_sha256 := null;
    new.ai_prompt_version := null;
    new.ai_model := null;
    new.ai_updated_at := null;
  end if;
  return new;
end
$$;

comment on function ai.guard_rfq() is
  'Trigger: makes an RFQ pending, and drops what an inserter wrote into ai_*. After an edit the old answer stays to be read until the new one.';

create or replace function ai.log_policy()
returns trigger
language plpgsql volatile security definer  -- replaces ai.ring(), which belongs to the schema's owner
set search_path = ''
as $$
begin
  insert into ai.policy_history (key, old_value, new_value, actor, reason)
  values (
    coalesce(new.key, old.key), old.value, new.value,
    coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text),
    nullif(current_setting('rfqflow.reason', true), ''));
  if new.key = 'notify' then
    perform ai.apply_notify();
  end if;
  perform ai.ring();
  return null;
end
$$;

comment on function ai.log_policy() is 'Trigger: audits a change of policy, applies notify, and wakes the workers.';

create or replace trigger rfqflow_log_policy after update of value on ai.policy
  for each row when (old.value is distinct from new.value)
  execute function ai.log_policy();
comment on trigger rfqflow_log_policy on ai.policy is 'Audits each change.';

create or replace trigger rfqflow_log_new_budget after insert on ai.policy
  for each row when (new.key like 'budget.%')
  execute function ai.log_policy();
comment on trigger rfqflow_log_new_budget on ai.policy is 'Audits a budget that is new; the other keys come with a migration.';

create or replace trigger rfqflow_log_old_budget after delete on ai.policy
  for each row when (old.key like 'budget.%')
  execute function ai.log_policy();
comment on trigger rfqflow_log_old_budget on ai.policy is 'Audits a budget that is taken away.';

create or replace function ai.touch_route()
returns trigger
language plpgsql volatile
set search_path = ''
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
comment on function ai.touch_route() is 'Trigger: stamps a changed route.';

create or replace trigger rfqflow_touch_route before insert or update on ai.routes
  for each row execute function ai.touch_route();
comment on trigger rfqflow_touch_route on ai.routes is 'Stamps each change.';
