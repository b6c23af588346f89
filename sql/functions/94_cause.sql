-- Explains the state of one RFQ: the sentence of ai.reasons with this RFQ's numbers. For a finding of ai.health, the words of that view.

create or replace function ai.cause_in_health(p_code text, out figures text, out remedy text, out is_critical boolean)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_code in ('no_live_worker', 'paused') then
    select string_agg(h.sentence, ' '), min(h.remedy), bool_or(h.severity = 'critical') into figures, remedy, is_critical
    from ai.health_of_workers() h where h.code = p_code;
  elsif p_code in ('breaker_open', 'unknown_price') then
    select string_agg(h.sentence, ' '), string_agg(h.remedy, '; '), bool_or(h.severity = 'critical') into figures, remedy, is_critical
    from ai.health_of_calls() h where h.code = p_code and (p_code = 'breaker_open' or h.severity = 'critical');
  elsif p_code in ('budget', 'sender_budget') then
    select string_agg(h.sentence, ' '), string_agg(h.remedy, '; '), bool_or(h.severity = 'critical') into figures, remedy, is_critical
    from ai.health_of_budgets() h
    where (h.sentence like 'The budget of each sender %') = (p_code = 'sender_budget') and h.sentence not like 'The budget of evaluations %';
  end if;
end
$$;
comment on function ai.cause_in_health(text) is
  'The finding of ai.health about the reason that an RFQ waits for, with its remedy, and whether it needs a person. Nulls if there is no such finding.';

create or replace function ai.cause_figures(p_code text, p_status text, p_rfq_id uuid)
returns text
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_now constant timestamptz := clock_timestamp();
  v_most constant text := (select p.value #>> '{}' from ai.policy p where p.key = 'max_attempts');
  v_policy constant text := (
    select format('Policy %s is %s.', p.key, p.value #>> '{}') from ai.policy p
    where p.key = case p_code when 'too_short' then 'min_characters' when 'sender_rate' then 'sender_per_hour' when 'ip_rate' then 'ip_per_hour'
      when 'spam' then 'spam_skip_score' when 'expired' then 'defer_limit_hours' end);
  v_run record;
  v_held record;
begin
  select x.provider, x.model, x.attempt, x.error_class, x.reason, x.signals into v_run
  from ai.rag_runs x where x.rfq_id = p_rfq_id and x.reason is distinct from 'edited' order by x.created_at desc, x.run_id desc limit 1;
  case
    when p_code = 'in_progress' then
      return (
        select format('Attempt %s of %s, by worker %s%s; its lease ends at %s.', o.attempt, v_most, o.worker,
          ' (pid ' || w.pid || ' on ' || ai.short_text(w.host) || ')', ai.time_text(o.lease_expires_at))
        from ai.outbox o left join ai.workers w on w.worker = o.worker where o.rfq_id = p_rfq_id);
    when p_code = 'due' then
      return (
        select format('%s before this one; %s running.', ai.count_text(q.before, 'RFQ is due', 'RFQs are due'), ai.count_text(q.live, 'worker is', 'workers are'))
        from (
          select
            (select count(*) from (select from ai.outbox y where y.id < o.id and y.claim_id is null limit 1001) b) as before,
            (select count(*) from ai.workers w where w.beat_at > v_now - interval '15 seconds') as live
          from ai.outbox o where o.rfq_id = p_rfq_id) q);
    when p_code = 'retry' then
      return (
        select format('Attempt %s of %s failed%s.', d.attempt, v_most, ' with ' || d.error_class || coalesce(' (' || ai.name_text(v_run.provider) || ' ' || ai.name_text(v_run.model) || ')', ''))
        from ai.outbox_deferred d where d.rfq_id = p_rfq_id);
    when p_code = 'duplicate_running' then
      return (select format('Waits for RFQ %s.', d.waits_for) from ai.outbox_deferred d where d.rfq_id = p_rfq_id);
    when p_code = 'attachments_arriving' then
      return (
        select format('The last file arrived at %s.', ai.time_text(max(c.changed_at)))
        from ai.attachment_changes c where c.rfq_id = p_rfq_id having count(*) > 0);
    when p_code = 'older' then
      return (select format('rfqflow was installed on %s.', ai.time_text(m.attached_at)) from ai.table_mapping m);
    when p_status in ('deferred', 'pending') then
      select * into v_held from ai.deferred_for(p_code);
      return concat_ws(' ',
        ai.count_text(v_held.rfqs, 'RFQ waits', 'RFQs wait') || ' for this reason since ' || ai.time_text(v_held.since) || '.',
        case when p_code = 'prompt_unusable'
          then 'The active prompt is ' || (select p.value #>> '{}' from ai.policy p where p.key = 'active_prompt') || '.'
          else 'The RFQ was sent to ' || ai.name_text(v_run.model) || ' (' || ai.name_text(v_run.provider) || ').' end,
        case when p_code = 'rate_limit' then (
          select string_agg(format('%s (%s) is not called before %s.', ai.name_text(s.model), ai.name_text(s.provider), ai.time_text(s.not_before)), ' ' order by s.model)
          from ai.model_states s where s.not_before > v_now) end,
        case when p_code = 'not_sent' then (
          select format('After %s hours, rfqflow skips the RFQ.', p.value #>> '{}') from ai.policy p where p.key = 'defer_limit_hours') end);
    when p_status = 'failed' then
      return (
        select format('%s of %s attempts were charged%s.', d.attempt, v_most,
          coalesce('; the last ended in ' || d.error_class || coalesce(' (' || ai.name_text(v_run.provider) || ' ' || ai.name_text(v_run.model) || ')', ''), ''))
        from ai.outbox_dead d where d.rfq_id = p_rfq_id);
    when p_code in ('budget', 'sender_budget') then
      return (
        select string_agg(format('Budget %s %s: %s of %s USD.', ai.name_text(b.scope), b.period, ai.usd_text(b.spent_usd * 1e9), ai.usd_text(b.cap_usd * 1e9)), ' ' order by b.scope, b.period)
        from ai.budget_status b where ai.budget_class(b.scope) = 'global' and (b.scope = 'sender') = (p_code = 'sender_budget'));
    when p_code = 'expired' then
      return concat_ws(' ', v_policy, (
        select 'The RFQ waited for ' || x.reason || '.' from ai.rag_runs x
        where x.rfq_id = p_rfq_id and x.status = 'deferred' order by x.created_at desc, x.run_id desc limit 1));
    when jsonb_typeof(v_run.signals) = 'array' then
      return concat_ws(' ', v_policy, (
        select 'Signals: ' || string_agg(concat_ws(' ', s ->> 'signal', s ->> 'weight'), ', ') || '.'
        from jsonb_array_elements(v_run.signals) s));
    else
      return v_policy;
  end case;
end
$$;
comment on function ai.cause_figures(text, text, uuid) is
  'The numbers that explain a code for one RFQ, as a sentence without a customer''s text; null if there are no numbers.';

create or replace function ai.cause_of(p_rfq_id uuid)
returns table (
  rfq_id uuid, ai_status text, code text, cause text, figures text, since timestamptz, until timestamptz, next_attempt_at timestamptz,
  remedy text, needs text)
language plpgsql stable security definer rows 1  -- readers of ai.rfq_status have no rights on the tables
set search_path = pg_catalog, pg_temp
set jit = off
as $$
#variable_conflict use_column
declare
  v_lives constant boolean := exists (select from ai.workers w where w.beat_at > clock_timestamp() - interval '15 seconds');
  v_rfq record;
  v_reason record;
  v_health record;
  v_code text;
  v_since timestamptz;
  v_until timestamptz;
begin
  select s.ai_status, s.ai_reason, s.next_attempt_at, s.updated_at into v_rfq from ai.rfq_status s where s.rfq_id = p_rfq_id;
  if not found then
    return;
  end if;
  v_code := coalesce(v_rfq.ai_reason, case
    when v_rfq.ai_status is null then 'older'
    when v_rfq.ai_status = 'pending' then case when v_lives then 'due' else 'no_live_worker' end end);
  select q.meaning, q.remedy, q.needs into v_reason
  from ai.reasons q where q.kind = 'reason' and q.code = v_code and q.status is not distinct from v_rfq.ai_status;
  if not found then
    return;  -- the RFQ has an answer
  end if;
  if v_rfq.ai_status in ('pending', 'deferred') then
    select h.figures, h.remedy, h.is_critical into v_health from ai.cause_in_health(v_code) h;
  else
    select null as figures, null as remedy, false as is_critical into v_health;
  end if;
  v_since := case
    when v_rfq.ai_status = 'failed' then (select x.discarded_at from ai.outbox_dead x where x.rfq_id = p_rfq_id)
    when v_rfq.ai_status = 'deferred' then coalesce(
      (select r.ai_updated_at from ai.rfqs r where r.rfq_id = p_rfq_id and (r.ai_status, r.ai_reason) = ('deferred', v_code)),
      (select d.deferred_at from ai.outbox_deferred d where d.rfq_id = p_rfq_id))
    when v_rfq.ai_status = 'pending' then coalesce(
      (select o.enqueued_at from ai.outbox o where o.rfq_id = p_rfq_id),
      (select d.deferred_at from ai.outbox_deferred d where d.rfq_id = p_rfq_id))
    else v_rfq.updated_at end;
  v_until := case
    when v_code = 'in_progress' then v_rfq.next_attempt_at
    when v_rfq.ai_status <> 'deferred' then null
    when v_code = 'breaker_open' then (select min(b.open_until) from ai.breaker_status b where b.state <> 'closed')
    when v_code = 'rate_limit' then (select max(b.not_before) from ai.breaker_status b)
    when v_code in ('budget', 'sender_budget') then (
      select max(b.window_end) from ai.budget_status b
      where ai.budget_class(b.scope) = 'global' and (b.scope = 'sender') = (v_code = 'sender_budget') and b.window_end <= v_rfq.next_attempt_at) end;
  return query select
    p_rfq_id, v_rfq.ai_status, v_code, v_reason.meaning,
    -- If no worker runs, every RFQ also waits for a worker.
    nullif(concat_ws(' ', coalesce(v_health.figures, ai.cause_figures(v_code, v_rfq.ai_status, p_rfq_id)),
      case when not v_lives and v_rfq.ai_status in ('pending', 'deferred') and v_code <> 'no_live_worker'
        then (select h.figures from ai.cause_in_health('no_live_worker') h) end), ''), v_since, v_until,
    case when v_code <> 'in_progress' and v_rfq.next_attempt_at > clock_timestamp() then v_rfq.next_attempt_at end,
    replace(coalesce(v_health.remedy, v_reason.remedy), 'RFQ_ID', p_rfq_id::text), 
    case when v_health.is_critical then 'operator' else v_reason.needs end;
end
$$;
comment on function ai.cause_of(uuid) is
  'Why an RFQ waits, failed or was skipped: the cause, its numbers, since and until when it applies, the next attempt, what to do, and who must act. No row if the RFQ has its answer, or does not exist.';
