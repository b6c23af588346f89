-- Rights of roles. Each migrate grants them, as its last step. The application's own role needs only INSERT on public.rfq_requests and on
-- public.rfq_attachments.

-- Other tools may have objects in this schema, so rights change only on rfqflow's objects. These are the objects that attach/10_check.sql
-- did not find before the migrate.
do $$
declare
  v_foreign constant jsonb := current_setting('rfqflow.foreign')::jsonb;
  v_object record;
  v_grantee record;
begin
  if not (v_foreign ->> 'schema')::boolean then
    revoke all on schema ai from public;
    insert into ai.rfqflow_object (kind, identity) values ('schema', 'ai') on conflict do nothing;
  end if;
  for v_object in
    with there as (
      select i.type as kind, i.identity, c.relkind::text as relkind, c.relacl as acl, c.relowner as owner, w.whole is not null as is_part,
        coalesce(w.whole, i.type || ' ' || i.identity) as whole
      from pg_class c
      cross join lateral pg_identify_object('pg_class'::regclass, c.oid, 0) i
      -- Partitions, and sequences of identity columns, are parts of a table.
      left join lateral (
        select x.type || ' ' || x.identity as whole
        from (
          select d.refobjid as relid from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i' and c.relkind = 'S'
          union all
          select h.inhparent from pg_inherits h where h.inhrelid = c.oid and c.relispartition) t
        cross join lateral pg_identify_object('pg_class'::regclass, t.relid, 0) x) w on true
      where c.relnamespace = 'ai'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
      union all
      select i.type, i.identity, null, p.proacl, p.proowner, false, i.type || ' ' || i.identity
      from pg_proc p cross join lateral pg_identify_object('pg_proc'::regclass, p.oid, 0) i
      where p.pronamespace = 'ai'::regnamespace
      union all
      select i.type, i.identity, null, p.proacl, p.proowner, false, i.type || ' ' || i.identity
      from pg_proc p cross join lateral pg_identify_object('pg_proc'::regclass, p.oid, 0) i
      where p.oid = to_regprocedure('public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval)')
    )
    select t.*, o.identity is null as is_new
    from there t left join ai.rfqflow_object o on o.kind = t.kind and o.identity = t.identity
    where not v_foreign -> 'objects' ? t.whole
  loop
    if v_object.is_new and not v_object.is_part then
      insert into ai.rfqflow_object (kind, identity) values (v_object.kind, v_object.identity);
    end if;
    -- PostgreSQL grants EXECUTE on a new function to PUBLIC. Other initial rights come from default privileges that another tool has set
    -- for its own objects. Rights that an operator grants later stay.
    for v_grantee in
      select distinct case when a.grantee = 0 then 'public' else a.grantee::regrole::text end as name
      from aclexplode(coalesce(v_object.acl, case when v_object.kind = 'function' then acldefault('f', v_object.owner) end)) a
      where a.grantee <> v_object.owner and (v_object.is_new or v_object.kind = 'function' and a.grantee = 0)
    loop
      execute format('revoke all on %s %s from %s',
        case when v_object.kind in ('function', 'procedure') then v_object.kind when v_object.relkind = 'S' then 'sequence' else 'table' end,
        v_object.identity, v_grantee.name);
    end loop;
  end loop;
end
$$;

do $$
begin
  if exists (select from pg_roles where rolname = 'rfqflow_worker') then
    grant usage on schema ai to rfqflow_worker;
    grant execute on function
      ai.register_worker(text, integer, text, text, text, integer, boolean, jsonb, jsonb),
      ai.retire_worker(integer),
      ai.release_unacknowledged(integer, bigint, integer),
      ai.claim_outbox(integer, bigint, integer, interval, bigint),
      ai.request_id_of(uuid),
      ai.rfq_created_at(uuid),
      ai.note_claims(integer, text),
      ai.gate_facts(uuid[], bytea[], smallint[], boolean, boolean[]),
      ai.answered_parts(uuid),
      ai.load_attachments(uuid[], integer),
      ai.find_unnoted_attachments(integer),
      ai.attachment_content(text, bigint, integer),
      ai.take_reading(bytea, text, integer, bigint, interval, integer),
      ai.save_reading(bytea, text, bigint, text, text, text, integer, text, real),
      ai.release_reading(bytea, text, bigint),
      ai.readings_of(bytea[], text),
      ai.record_attachment_use(uuid, text, bytea),
      ai.admit(text, jsonb, interval, text),
      ai.reap_holds(),
      ai.budget_window(text, timestamptz, text),
      ai.prune_guards(),
      ai.vacuum_due(integer),
      ai.reclaim_dead(integer),
      ai.reclaim_expired(),
      ai.find_context(uuid[], integer),
      ai.learn_model_capabilities(text, text, text, text, text, text[]),
      ai.known_model_capabilities(text, text),
      ai.add_prompt(text, text, text, jsonb, text, text, integer),
      ai.heartbeat(integer, integer, bigint, bigint, bigint),
      ai.acquire_doorbell(interval),
      ai.release_doorbell(),
      ai.hand_off_doorbell(),
      ai.finish_outbox(jsonb),
      ai.finish_apart(jsonb),
      ai.finish_and_claim(jsonb, integer, bigint, integer, interval, bigint),
      ai.renew_leases(bigint[], bigint[], interval),
      ai.extend_holds(bigint[], bigint[]),
      ai.reclaim_worker(integer),
      ai.find_unqueued_rfqs(),
      ai.watch(),
      ai.announce(uuid[], text[]),
      ai.make_partitions(),
      ai.roll_up(integer, interval),
      ai.settle_evaluation(jsonb, text),
      ai.running_trial(text),
      ai.trial_figures(bigint),
      ai.record_canary_check(bigint, integer),
      ai.end_trial(text, text, text, jsonb),
      ai.claim_shadow(integer),
      ai.finish_shadow(jsonb),
      ai.active_cases(),
      ai.start_evaluation(text, text, text, bytea, text, integer, integer, text),
      ai.known_answers(bytea[], bytea, text, text),
      ai.record_answer(bigint, bytea, bytea, text, text, jsonb),
      ai.finish_evaluation(bigint, jsonb),
      ai.claim_evaluation(text, bigint, interval),
      ai.note_evaluation(bigint, bigint, interval, bigint, integer, integer, numeric),
      ai.release_evaluation(bigint, bigint, text),
      ai.claim_draft(bigint, interval),
      ai.release_draft(bigint, bigint),
      ai.finish_draft(bigint, bigint, text, jsonb, text, numeric, real),
      ai.weekly_answers(integer),
      ai.record_drift(text[]),
      ai.record_maintenance(text, bigint, real, interval, text),
      ai.try_claim_maintenance(text, interval),
      ai.week_fingerprint(timestamptz, timestamptz),
      ai.lines_fingerprint(text[]),
      ai.archivable_weeks(),
      ai.archive_lines(timestamptz, timestamptz, timestamptz, bigint, integer),
      ai.record_archive(jsonb),
      ai.droppable_weeks(),
      ai.drop_archived(bigint),
      ai.finish_erasures(),
      ai.refresh_desk(integer),
      ai.sweep_desk(integer),
      ai.claim_related(integer, uuid),
      ai.enter_related(jsonb),
      ai.related_to_compare(uuid),
      ai.record_related(jsonb),
      ai.pending_erasures(),
      ai.record_erased_archive(bigint, uuid[], text, bigint, numeric),
      ai.queue_end_webhooks(uuid[], bigint[], text[]),
      ai.queue_event_webhooks(integer),
      ai.claim_webhooks(text[], integer, interval),
      ai.settle_webhook(bigint, boolean, text, boolean, interval),
      ai.attachment(),
      ai.note_attachment(),
      ai.refuse_detached(),
      ai.cause_of(uuid),
      ai.unsafe_triggers(),
      ai.exposed_rights(),
      ai.identity_of_rfqs(),
      ai.is_trusted(name),
      ai.health_of_workers(), ai.health_of_rfqs(),
      ai.health_of_calls(), ai.health_of_budgets(), ai.health_of_upkeep(), ai.health_of_settings(), ai.health_of_console(),
      ai.start_facts(), ai.rules_instead_of_model(),
      ai.was_called(uuid, timestamptz)
    to rfqflow_worker;
    grant select on ai.rfqflow_migration, ai.rfqflow_object, ai.table_mapping, ai.queue_status, ai.worker_status, ai.dead_letters, ai.rfq_status, ai.reasons,
      ai.prompts, ai.model_prices, ai.model_parameters, ai.metrics, ai.breaker_status, ai.budget_status, ai.maintenance_status, ai.health, ai.edit_rates to rfqflow_worker;
  end if;
  if exists (select from pg_roles where rolname = 'rfqflow_reader') then
    grant usage on schema ai to rfqflow_reader;
    grant select on ai.rfqflow_migration, ai.rfqflow_object, ai.table_mapping, ai.queue_status, ai.worker_status, ai.dead_letters, ai.dead_letter_groups, ai.queue_reasons, ai.rfq_status, ai.reasons,
      ai.routes, ai.policy, ai.policy_history, ai.prompts, ai.model_prices, ai.model_parameters, ai.documents,
      ai.overrides, ai.override_agreement, ai.metrics_daily, ai.latency, ai.failure_causes, ai.scorecard, ai.metrics,
      ai.calls_avoided, ai.cascade, ai.breaker_status, ai.budget_status, ai.price_status, ai.events, ai.model_limits,
      ai.run_daily_counts, ai.latency_counts, ai.run_details, ai.actions, ai.eval_runs, ai.eval_requests, ai.draft_requests, ai.calibrations, ai.trials,
      ai.maintenance_status, ai.webhooks, ai.webhook_status, ai.health, ai.edited_answers, ai.edit_rates, ai.edit_rates_by_window, ai.scorecard_by_window to rfqflow_reader;
    grant execute on function ai.search_documents(text, integer), ai.budget_window(text, timestamptz, text), ai.watch(), ai.rfq_uuid(bigint),
      ai.request_id_of(uuid), ai.rfqs_by_reference(text, integer), ai.rfq_created_at(uuid), ai.attachment(), ai.refuse_detached(), ai.cause_of(uuid),
      ai.health_of_workers(), ai.health_of_rfqs(), ai.health_of_calls(), ai.health_of_budgets(), ai.health_of_upkeep(), ai.health_of_settings(), ai.health_of_console(),
      ai.refuses_unpriced(text, text), ai.was_called(uuid, timestamptz),
      ai.expected_call_usd() to rfqflow_reader;
  end if;
end
$$;
