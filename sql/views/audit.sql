-- All actions of people, from the tables that record them.

create or replace view ai.audit as
select o.created_at as at, 'override' as kind, 'override' as what, o.actor, null::text as object, o.rfq_id, o.ai_route as old, o.route as new,
  o.reason, 'override:' || o.override_id as entry
from ai.overrides o
union all
select o.withdrawn_at, 'override', 'withdraw', o.withdrawn_by, null, o.rfq_id, o.route, null, o.withdrawn_reason, 'withdrawn:' || o.override_id
from ai.overrides o
where o.withdrawn_at is not null and o.withdrawn_reason is distinct from 'overridden again'
union all
select c.created_at, 'correction', 'correct', c.actor, c.path, c.rfq_id, c.old #>> '{}', c.new #>> '{}', c.reason, 'correction:' || c.correction_id
from ai.corrections c
union all
select c.withdrawn_at, 'correction', 'withdraw', c.withdrawn_by, c.path, c.rfq_id, c.new #>> '{}', c.ai_value #>> '{}', c.withdrawn_reason,
  'corrected:' || c.correction_id
from ai.corrections c
where c.withdrawn_at is not null
union all
select h.created_at, 'desk', h.action, h.actor, null, h.rfq_id, null, h.what, h.reason, 'desk:' || h.entry_id
from ai.desk_history h
where h.action not in ('correct', 'withdraw', 'reassign')  -- these actions are listed above, with the earlier value
union all
select p.changed_at,
  case when p.key like 'budget.%' then 'budget' when p.key = 'mode' then 'pause' when p.key = 'active_prompt' then 'prompt' else 'policy' end,
  case when p.key = 'mode' then case p.new_value #>> '{}' when 'on' then 'resume' when 'paused' then 'pause' else p.new_value #>> '{}' end
    when p.key = 'active_prompt' then 'activate' when p.new_value is null then 'remove' else 'set' end,
  p.actor, p.key, null, p.old_value #>> '{}', p.new_value #>> '{}', p.reason, 'policy:' || p.id
from ai.policy_history p
where p.old_value is not null or p.key like 'budget.%'
union all
select s.changed_at, s.setting, case when s.old is null then 'add' when s.new is null then 'remove' else 'set' end, s.actor, s.object, null,
  s.old::text, s.new::text, s.reason, 'setting:' || s.entry_id
from ai.setting_history s
union all
select a.done_at,
  case when a.action in ('rerun', 'bulk_rerun', 'redrive', 'redrive_group', 'try_deferred', 'enqueue_missed', 'backfill') then 'rerun'
    when a.action in ('discard', 'bulk_discard', 'discard_group') then 'discard'
    when a.action = 'bulk_override' then 'override' when a.action in ('price_set', 'price_removed', 'assumed_corrected') then 'price'
    when a.action = 'erase' then 'erasure' when a.action = 'make_cases' then 'case' when a.action in ('test_webhook', 'retry_webhook', 'webhook_on', 'webhook_off') then 'webhook'
    when a.action = 'maintain' then 'maintenance' when a.action like 'account\_%' then 'account' else a.action end,
  a.action, a.actor,
  coalesce(concat_ws(' ', a.detail #>> '{is,provider}', a.detail #>> '{is,model}', nullif(a.detail #>> '{is,service_tier}', 'default')),
    '') || case when a.detail ? 'is' then '' when a.detail ? 'was' then concat_ws(' ', a.detail #>> '{was,provider}', a.detail #>> '{was,model}')
    else coalesce(a.detail ->> 'account', a.detail ->> 'webhook', a.detail ->> 'asked' || ' RFQs', a.detail ->> 'rfqs' || ' RFQs', '') end,
  a.rfq_id,
  coalesce(a.detail ->> 'from', concat_ws(' / ', a.detail #>> '{was,input_usd_per_million}', a.detail #>> '{was,output_usd_per_million}')),
  case when a.detail ? 'is' then concat_ws(' / ', a.detail #>> '{is,input_usd_per_million}', a.detail #>> '{is,output_usd_per_million}')
    when a.action like 'account\_%' then coalesce(a.detail ->> 'to', a.detail ->> 'role', a.detail ->> 'sessions' || ' sessions')
    else nullif((a.detail - array['reason', 'batch', 'rfq_ids', 'was', 'filter'])::text, '{}') end,
  a.detail ->> 'reason', 'action:' || a.id
from ai.actions a
union all
select e.happened_at, split_part(e.kind, '_', 1), e.kind, split_part(e.actor, ': ', 1), concat_ws(' ', e.provider, nullif(e.model, '*'), e.scope), null,
  null, e.amount_usd::text, coalesce(substring(e.actor from ': (.*)$'), e.reason), 'event:' || e.event_id
from ai.events e
where e.actor is not null
union all
select p.created_at, 'prompt', 'add', p.created_by, p.version, null, null, p.version, p.note, 'prompt:' || p.version
from ai.prompts p
union all
select t.started_at, 'trial', t.kind || '_start', t.started_by, t.prompt_version, null, null, t.percent::text || ' percent', null, 'trial:' || t.trial
from ai.trials t
union all
select t.ended_at, 'trial', t.kind || '_end', coalesce(t.ended_by, 'rfqflow'), t.prompt_version, null, t.percent::text || ' percent', null, t.end_reason,
  'trialend:' || t.trial
from ai.trials t where t.ended_at is not null
union all
select r.requested_at, 'evaluation', 'evaluate', r.requested_by, r.prompt_version, null, null, r.model, null, 'evaluation:' || r.request
from ai.eval_requests r
union all
select r.ended_at, 'evaluation', 'cancel', r.ended_by, r.prompt_version, null, r.model, null, r.end_reason, 'evaluationend:' || r.request
from ai.eval_requests r where r.ended_by is not null
union all
select l.tried_at, 'login', l.outcome, coalesce(l.account, 'no account'), l.address, null, null, l.via,
  case when l.attempts > 1 then l.attempts || ' attempts' end, 'login:' || l.login_id
from ai.console_logins l
union all
select s.ended_at, 'login', 'session_ended', s.ended_by, a.name, null, s.via, null, null, 'session:' || s.session_id
from ai.console_sessions s join ai.accounts a on a.account_id = s.account_id where s.ended_at is not null;

comment on view ai.audit is
  'All actions of people, one row each: overrides, corrections, desk actions, policies, budgets, prices and other settings, reruns, discards, erasures, pauses. Also breakers, prompts, trials, evaluations, accounts and login attempts. Order by at desc, entry desc. Contains personal data (corrected texts, reasons), so rfqflow grants it to no role.';
comment on column ai.audit.at is 'When the person acted.';
comment on column ai.audit.kind is 'Kind of the object: override, correction, desk, policy, budget, price, route, limit, parameter, webhook, maintenance, document, rerun, discard, erasure, pause, breaker, prompt, trial, evaluation, case, ...';
comment on column ai.audit.what is 'What the person did.';
comment on column ai.audit.actor is 'Who acted.';
comment on column ai.audit.object is 'The object: a policy, path, model, prompt or name.';
comment on column ai.audit.rfq_id is 'The RFQ, if the action concerned one.';
comment on column ai.audit.old is 'The value before the action.';
comment on column ai.audit.new is 'The value after, or the action''s arguments.';
comment on column ai.audit.reason is 'The reason that the person gave, if any.';
comment on column ai.audit.entry is 'The row that records the action; unique.';
