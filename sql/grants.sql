-- Who may do what; last, and again on each migrate. The application's own role needs INSERT on public.rfq_requests
-- and nothing of this.

revoke all on schema ai from public;

do $$
declare
  v_function regprocedure;
begin
  -- Only rfqflow's own: other tools' functions in this schema are none of our business. Named one by one, since a
  -- function's right to be executed is everybody's from its birth.
  for v_function in
    select p.oid::regprocedure
    from pg_proc p
    join pg_namespace n on n.oid = p.pronamespace
    where n.nspname = 'ai' and p.proname = any (array[
      'apply_notify', 'ring', 'enqueue_rfq', 'enqueue_edited_rfq', 'guard_rfq', 'register_rfq', 'identity_of_rfqs', 'log_policy', 'touch_route', 'rfq_uuid',
      'take_lock', 'trigger_patience', 'lock_documents', 'write_enrichment', 'forget_rfq', 'erase_texts', 'application_path', 'unsafe_triggers', 'is_trusted', 'exposed_rights',
      'rfq_text', 'rfq_metadata', 'rfq_contacts', 'rfqs_from', 'rfq_fields',
      'is_of_one_row', 'inet_of', 'readable', 'cut_text', 'request_id_of', 'read_rfqs', 'note_claims',
      'register_worker', 'retire_worker', 'lose_claims', 'release_unheard', 'claim_outbox', 'gate_facts', 'something_waits', 'beat', 'take_doorbell',
      'leave_doorbell', 'pass_baton', 'apply_finish', 'record_ends', 'record_run', 'record_apart', 'reap_claims', 'finish_outbox', 'finish_and_claim', 'renew_leases',
      'add_prompt', 'activate_prompt', 'rollback_prompt', 'keep_prompt', 'check_policy',
      'reclaim_worker', 'reclaim_dead', 'reclaim_expired', 'promote_deferred', 'enqueue_ids', 'drain_missed', 'sweep_rfqs', 'set_policy',
      'document_keys', 'count_terms', 'keep_document', 'add_documents', 'add_document', 'remove_document',
      'apply_trigrams', 'similar_titles', 'search_documents', 'find_context', 'pause', 'resume', 'rerun_rfq',
      'retry_discarded', 'make_partitions', 'sender_key', 'ip_key', 'accepted_run', 'admit', 'capped_scopes', 'open_windows',
      'spent_nano', 'utc_offset', 'clock_change', 'first_instant', 'budget_window', 'move_windows', 'is_refused_to_all', 'is_refused_alone', 'wake_deferred', 'wake_late', 'trip_breaker', 'settle_calls', 'forgive_outage', 'settle_lost', 'reap_holds',
      'open_breaker', 'close_breaker', 'reset_breaker', 'set_budget', 'follow_budget', 'reconcile_budget',
      'prune_guards', 'prune_dead', 'slice_of', 'vacuum_due', 'learn_dialect', 'known_dialects', 'override_rfq', 'withdraw_override', 'roll_up',
      'backfill_rfqs', 'rerun_rfqs', 'watch', 'watched', 'announce', 'note_action', 'hold_scope',
      'settle_evaluation', 'is_measured', 'start_trial', 'end_trial', 'follow_active_prompt', 'trial_rfqs',
      'trial_figures', 'running_trial', 'note_look', 'take_shadow', 'finish_shadow', 'make_week', 'note_maintenance',
      'take_maintenance', 'weeks', 'may_archive', 'week_print', 'lines_print', 'archivable_weeks', 'archive_lines',
      'record_archive', 'due_drops', 'drop_archived', 'drop_without_archive', 'restore_lines', 'erase_runs',
      'finish_erasures', 'erase_person', 'pending_erasures', 'record_erased_archive', 'note_ends', 'note_news',
      'claim_webhooks', 'settle_webhook', 'active_cases', 'start_evaluation', 'known_answers', 'record_answer',
      'finish_evaluation', 'request_evaluation', 'cancel_evaluation', 'take_evaluation', 'note_evaluation',
      'leave_evaluation', 'weekly_answers', 'note_drift'])
  loop
    execute format('revoke all on function %s from public', v_function);
  end loop;
  -- Whoever is to submit through it is granted it by name.
  if to_regprocedure('public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval)') is not null then
    revoke all on function public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval) from public;
  end if;
end
$$;

do $$
begin
  if exists (select from pg_roles where rolname = 'rfqflow_worker') then
    grant usage on schema ai to rfqflow_worker;
    grant execute on function
      ai.register_worker(text, integer, text, text, text, integer, boolean),
      ai.retire_worker(integer),
      ai.release_unheard(integer, bigint, integer),
      ai.claim_outbox(integer, bigint, integer, interval, bigint),
      ai.request_id_of(uuid),
      ai.note_claims(integer, text),
      ai.gate_facts(uuid[], bytea[], smallint[], boolean, boolean[]),
      ai.admit(text, jsonb, interval, text),
      ai.reap_holds(),
      ai.budget_window(text, timestamptz, text),
      ai.prune_guards(),
      ai.vacuum_due(integer),
      ai.reclaim_dead(integer),
      ai.reclaim_expired(),
      ai.find_context(uuid[], integer),
      ai.learn_dialect(text, text, text, text, text, boolean),
      ai.known_dialects(text, text),
      ai.add_prompt(text, text, text, jsonb, text, text, integer),
      ai.beat(integer, integer, bigint, bigint, bigint),
      ai.take_doorbell(interval),
      ai.leave_doorbell(),
      ai.pass_baton(),
      ai.finish_outbox(jsonb),
      ai.finish_and_claim(jsonb, integer, bigint, integer, interval, bigint),
      ai.renew_leases(bigint[], bigint[], interval),
      ai.reclaim_worker(integer),
      ai.sweep_rfqs(),
      ai.watch(),
      ai.announce(uuid[], text[]),
      ai.make_partitions(),
      ai.roll_up(integer, interval),
      ai.settle_evaluation(jsonb, text),
      ai.running_trial(text),
      ai.trial_figures(bigint),
      ai.note_look(bigint, integer),
      ai.end_trial(text, text, text, jsonb),
      ai.take_shadow(integer),
      ai.finish_shadow(jsonb),
      ai.active_cases(),
      ai.start_evaluation(text, text, text, bytea, text, integer, integer, text),
      ai.known_answers(bytea[], bytea, text, text),
      ai.record_answer(bigint, bytea, bytea, text, text, jsonb),
      ai.finish_evaluation(bigint, jsonb),
      ai.take_evaluation(text, bigint, interval),
      ai.note_evaluation(bigint, bigint, interval, bigint, integer, integer, numeric),
      ai.leave_evaluation(bigint, bigint, text),
      ai.weekly_answers(integer),
      ai.note_drift(text[]),
      ai.note_maintenance(text, bigint, real, interval, text),
      ai.take_maintenance(text, interval),
      ai.week_print(timestamptz, timestamptz),
      ai.lines_print(text[]),
      ai.archivable_weeks(),
      ai.archive_lines(timestamptz, timestamptz, timestamptz, bigint, integer),
      ai.record_archive(jsonb),
      ai.due_drops(),
      ai.drop_archived(bigint),
      ai.finish_erasures(),
      ai.pending_erasures(),
      ai.record_erased_archive(bigint, uuid[], text, bigint, numeric),
      ai.note_ends(uuid[], bigint[], text[]),
      ai.note_news(integer),
      ai.claim_webhooks(text[], integer, interval),
      ai.settle_webhook(bigint, boolean, text, boolean, interval),
      ai.unsafe_triggers(),
      ai.exposed_rights(),
      ai.identity_of_rfqs(),
      ai.is_trusted(name)
    to rfqflow_worker;
    grant select on ai.rfqflow_migration, ai.mapping, ai.queue_status, ai.worker_status, ai.dead_letters, ai.rfq_status,
      ai.prompts, ai.model_prices, ai.metrics, ai.breaker_status, ai.budget_status, ai.maintenance_status to rfqflow_worker;
  end if;
  if exists (select from pg_roles where rolname = 'rfqflow_reader') then
    grant usage on schema ai to rfqflow_reader;
    grant select on ai.rfqflow_migration, ai.mapping, ai.queue_status, ai.worker_status, ai.dead_letters, ai.rfq_status,
      ai.routes, ai.policy, ai.policy_history, ai.prompts, ai.model_prices, ai.documents,
      ai.overrides, ai.override_agreement, ai.metrics_daily, ai.latency, ai.failure_causes, ai.scorecard, ai.metrics,
      ai.calls_avoided, ai.cascade, ai.breaker_status, ai.budget_status, ai.events, ai.model_limits,
      ai.run_counts, ai.latency_counts, ai.run_facts, ai.actions, ai.eval_runs, ai.eval_requests, ai.calibrations, ai.trials,
      ai.maintenance_status, ai.webhooks, ai.webhook_status to rfqflow_reader;
    grant execute on function ai.search_documents(text, integer), ai.budget_window(text, timestamptz, text), ai.watch(), ai.rfq_uuid(bigint), ai.request_id_of(uuid) to rfqflow_reader;
  end if;
end
$$;
