-- Doors 1 to 3: the insert, the trigger, the bell.

-- ai.ring() is made by ai.apply_notify(): its body is the policy, so that an insert reads no table for it.
create or replace function ai.apply_notify()
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_notify text := (select p.value #>> '{}' from ai.policy p where p.key = 'notify');
begin
  if v_notify = 'doorbell' then
    create or replace function ai.ring()
    returns void
    language plpgsql volatile security definer
    set search_path = pg_catalog, pg_temp
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
    set search_path = pg_catalog, pg_temp
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
    set search_path = pg_catalog, pg_temp
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

-- ai.enqueue_rfq() and ai.enqueue_edited_rfq(), doors 2 and 3, name the RFQ's key: rfq_enqueue.sql makes them.

create or replace function ai.guard_rfq()
returns trigger
language plpgsql volatile security definer  -- as ai.enqueue_rfq
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
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
set search_path = pg_catalog, pg_temp
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
