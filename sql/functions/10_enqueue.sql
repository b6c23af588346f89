-- Steps 2 and 3 of the journey: trigger and doorbell.

create or replace function ai.trigger_patience()
returns text
language sql stable  -- only definer functions call it
set search_path = pg_catalog, pg_temp
as $$
  -- A trigger waits at most three times. A quarter of the time for each wait leaves at least a quarter to the application.
  select greatest(1, least(20, floor(extract(epoch from least(
      case when current_setting('statement_timeout') <> '0'
        then statement_timestamp() + current_setting('statement_timeout')::interval end,
      case when current_setting('transaction_timeout', true) <> '0'
        then now() + current_setting('transaction_timeout')::interval end) - clock_timestamp()) * 250)))::integer || 'ms';
$$;
comment on function ai.trigger_patience() is
  'How long a trigger of rfqflow may wait for one lock: 20 ms, or a quarter of the time left by statement_timeout and transaction_timeout.';

drop function if exists ai.rebuild_notify_function();  -- of an earlier release

-- ai.rebuild_notify_function() writes ai.notify_workers(). Its body depends on the policy, so an insert reads no table.
create or replace function ai.rebuild_notify_function(p_decided boolean)
returns text
language plpgsql volatile security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_notify text := (select p.value #>> '{}' from ai.policy p where p.key = 'notify');
  v_before constant text := (select f.prosrc from pg_proc f where f.oid = to_regprocedure('ai.notify_workers()'));
  -- After NOTIFY, PostgreSQL refuses PREPARE TRANSACTION. True if an operator chose to notify although the server allows PREPARE
  -- TRANSACTION. Otherwise the function checks the setting each time, since a restart of the server may change it.
  v_means_it constant boolean := current_setting('max_prepared_transactions') <> '0'
    and coalesce(p_decided, v_before ~ 'notify rfqflow_wake' and v_before !~ 'max_prepared_transactions');
begin
  execute format(
    $make$
      create or replace function ai.notify_workers()
      returns void
      language plpgsql volatile security definer
      set search_path = pg_catalog, pg_temp
      as $ring$
      begin%s
      end
      $ring$
    $make$,
    case when v_notify in ('doorbell', 'always') then format(
      $body$
        if %s%s pg_notification_queue_usage() < 0.5 then
          notify rfqflow_wake;
        end if;$body$,
      case when not v_means_it then
        -- This condition comes first: a prepared transaction would hold the doorbell until it is committed.
        $two$current_setting('max_prepared_transactions') = '0'  -- else the server would refuse PREPARE TRANSACTION
          and $two$ else '' end,
      case v_notify when 'doorbell' then
        $try$-- A worker that sleeps, or is about to, holds this lock exclusively or waits for it: only then send NOTIFY.
          -- Inserts hold it shared until commit, so a worker gets it only after every insert that sent no NOTIFY.
          not pg_try_advisory_xact_lock_shared($try$ || ai.lock_key('doorbell') || $try$, 0)
          -- A full notification queue fails the COMMIT, and no exception block catches that.
          and $try$ else '' end)
    else '
        return;' end);
  comment on function ai.notify_workers() is
    'Wakes a sleeping worker at commit. ai.rebuild_notify_function writes its body by policy notify. Workers also poll.';
  -- CREATE OR REPLACE keeps privileges, but a first CREATE grants EXECUTE to PUBLIC.
  revoke all on function ai.notify_workers() from public;
  return v_notify;
end
$$;

comment on function ai.rebuild_notify_function(boolean) is
  'Rewrites ai.notify_workers() by policy notify. The trigger on ai.policy passes true (an operator decided); each migrate passes null. Returns the policy.';

-- After NOTIFY, PostgreSQL refuses PREPARE TRANSACTION. So notify is off by default if the server allows two-phase commit.
update ai.policy p
set value = '"off"'
where p.key = 'notify'
  and p.value <> '"off"'
  and current_setting('max_prepared_transactions')::integer > 0
  and not exists (select from ai.policy_history h where h.key = 'notify');

select ai.rebuild_notify_function(null);

-- attach/50_enqueue.sql creates ai.enqueue_rfq() and ai.enqueue_edited_rfq() for step 2, since both name the key of the application's
-- table. attach/60_guard.sql creates ai.reset_ai_columns() and ai.register_rfq(), which run before the insert.

create or replace function ai.log_policy()
returns trigger
language plpgsql volatile security definer  -- only the owner may replace ai.notify_workers()
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into ai.policy_history (key, old_value, new_value, actor, reason)
  values (
    coalesce(new.key, old.key), old.value, new.value,
    coalesce(nullif(current_setting('rfqflow.actor', true), ''), session_user::text),
    nullif(current_setting('rfqflow.reason', true), ''));
  if new.key = 'notify' then
    perform ai.rebuild_notify_function(true);
  end if;
  perform ai.notify_workers();
  return null;
end
$$;

comment on function ai.log_policy() is 'Trigger: records a change of a policy in ai.policy_history, applies policy notify, and wakes the workers.';

create or replace trigger rfqflow_log_policy after update of value on ai.policy
  for each row when (old.value is distinct from new.value)
  execute function ai.log_policy();
comment on trigger rfqflow_log_policy on ai.policy is 'Records each change.';

create or replace trigger rfqflow_log_new_budget after insert on ai.policy
  for each row when (new.key like 'budget.%')
  execute function ai.log_policy();
comment on trigger rfqflow_log_new_budget on ai.policy is 'Records a new budget. Only a migration adds other keys.';

create or replace trigger rfqflow_log_old_budget after delete on ai.policy
  for each row when (old.key like 'budget.%')
  execute function ai.log_policy();
comment on trigger rfqflow_log_old_budget on ai.policy is 'Records that a budget was removed.';

create or replace function ai.set_route_updated_at()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  new.updated_at := clock_timestamp();
  return new;
end
$$;
comment on function ai.set_route_updated_at() is 'Trigger: sets updated_at of a changed route.';

create or replace trigger rfqflow_touch_route before insert or update on ai.routes
  for each row execute function ai.set_route_updated_at();
comment on trigger rfqflow_touch_route on ai.routes is 'Sets updated_at.';
