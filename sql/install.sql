-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.
-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`. A first installation is one
-- transaction: wherever it stops, it leaves nothing.
\set ON_ERROR_STOP on
\encoding UTF8
set session characteristics as transaction isolation level read committed, read write;
set session search_path = ''; set session standard_conforming_strings = on; select pg_catalog.set_config(s.name, p.value, false) from (values ('backslash_quote', 'safe_encoding'), ('escape_string_warning', 'off'), ('check_function_bodies', 'on'), ('default_table_access_method', 'heap'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('transform_null_equals', 'off'), ('array_nulls', 'on'), ('quote_all_identifiers', 'off'), ('xmloption', 'content'), ('row_security', 'on'), ('statement_timeout', '0'), ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('client_min_messages', 'warning')) as p(name, value) join pg_catalog.pg_settings s on pg_catalog.lower(s.name) = p.name \g /dev/null
set lock_timeout = '5s';
set rfqflow.made = '{"relations": ["actions", "archives", "breaker_status", "breaker_windows", "budget_status", "budget_windows", "calibrations", "calls_avoided", "cascade", "dead_letters", "document_terms", "documents", "duplicate_fingerprints", "enrichment", "erasures", "eval_calls", "eval_cases", "eval_requests", "eval_results", "eval_runs", "event_totals", "events", "failure_causes", "hash_salt", "holds", "latency", "latency_counts", "latency_days", "locks", "maintenance", "maintenance_status", "metrics", "metrics_daily", "model_dialects", "model_limits", "model_prices", "model_states", "outbox", "outbox_dead", "outbox_deferred", "outbox_missed", "override_agreement", "overrides", "policy", "policy_history", "prompts", "queue_status", "rag_runs", "rag_runs_default", "rag_runs_run_id_seq", "rate_limit_buckets", "refused_rows", "rfq_ids", "rfq_status", "rfqflow_migration", "rfqflow_object", "rfqs", "rollup_progress", "routes", "run_daily_counts", "run_days", "run_details", "run_measurements", "scorecard", "shadow_results", "submissions", "sweep_progress", "table_mapping", "trials", "webhook_outbox", "webhook_status", "webhooks", "worker_status", "workers"], "functions": [{"name": "accepted_run", "least": 2, "most": 2}, {"name": "acquire_doorbell", "least": 1, "most": 1}, {"name": "activate_prompt", "least": 1, "most": 4}, {"name": "active_budgets", "least": 3, "most": 3}, {"name": "active_cases", "least": 0, "most": 0}, {"name": "add_document", "least": 3, "most": 7}, {"name": "add_documents", "least": 1, "most": 2}, {"name": "add_prompt", "least": 4, "most": 7}, {"name": "admit", "least": 3, "most": 4}, {"name": "announce", "least": 2, "most": 2}, {"name": "application_path", "least": 0, "most": 0}, {"name": "apply_results", "least": 4, "most": 4}, {"name": "archivable_weeks", "least": 0, "most": 0}, {"name": "archive_lines", "least": 4, "most": 5}, {"name": "attachment", "least": 0, "most": 0}, {"name": "backfill_rfqs", "least": 0, "most": 4}, {"name": "budget_scope_of", "least": 1, "most": 1}, {"name": "budget_window", "least": 5, "most": 5}, {"name": "cancel_evaluation", "least": 0, "most": 1}, {"name": "check_policy", "least": 0, "most": 0}, {"name": "claim_evaluation", "least": 3, "most": 3}, {"name": "claim_outbox", "least": 4, "most": 5}, {"name": "claim_shadow", "least": 1, "most": 1}, {"name": "claim_webhooks", "least": 2, "most": 3}, {"name": "clock_change", "least": 3, "most": 3}, {"name": "close_breaker", "least": 3, "most": 4}, {"name": "count_terms", "least": 0, "most": 0}, {"name": "create_week_partition", "least": 1, "most": 1}, {"name": "cut_text", "least": 2, "most": 2}, {"name": "document_keys", "least": 1, "most": 1}, {"name": "drop_archived", "least": 1, "most": 1}, {"name": "drop_without_archive", "least": 1, "most": 2}, {"name": "droppable_weeks", "least": 0, "most": 0}, {"name": "end_trial", "least": 3, "most": 4}, {"name": "enqueue_edited_rfq", "least": 0, "most": 0}, {"name": "enqueue_missed", "least": 0, "most": 1}, {"name": "enqueue_rfq", "least": 0, "most": 0}, {"name": "enqueue_rfqs", "least": 1, "most": 2}, {"name": "ensure_budget_windows", "least": 5, "most": 5}, {"name": "erase_person", "least": 1, "most": 3}, {"name": "erase_runs", "least": 1, "most": 1}, {"name": "erase_texts", "least": 1, "most": 1}, {"name": "exposed_rights", "least": 0, "most": 0}, {"name": "find_context", "least": 2, "most": 2}, {"name": "find_unqueued_rfqs", "least": 0, "most": 0}, {"name": "finish_and_claim", "least": 5, "most": 6}, {"name": "finish_erasures", "least": 0, "most": 0}, {"name": "finish_evaluation", "least": 2, "most": 2}, {"name": "finish_outbox", "least": 1, "most": 1}, {"name": "finish_shadow", "least": 1, "most": 1}, {"name": "fire_constraints", "least": 0, "most": 0}, {"name": "first_instant", "least": 2, "most": 2}, {"name": "follow_active_prompt", "least": 0, "most": 0}, {"name": "follow_budget", "least": 0, "most": 0}, {"name": "forbid_document_change", "least": 0, "most": 0}, {"name": "forbid_prompt_change", "least": 0, "most": 0}, {"name": "forget_rfq", "least": 0, "most": 0}, {"name": "gate_facts", "least": 1, "most": 5}, {"name": "hand_off_doorbell", "least": 0, "most": 0}, {"name": "has_claimable_work", "least": 1, "most": 1}, {"name": "heartbeat", "least": 4, "most": 5}, {"name": "identity_of_rfqs", "least": 0, "most": 0}, {"name": "inet_of", "least": 1, "most": 1}, {"name": "ip_key", "least": 1, "most": 1}, {"name": "is_archivable", "least": 1, "most": 1}, {"name": "is_measured", "least": 1, "most": 1}, {"name": "is_of_one_row", "least": 1, "most": 1}, {"name": "is_of_server", "least": 1, "most": 1}, {"name": "is_refused_alone", "least": 5, "most": 5}, {"name": "is_refused_to_all", "least": 4, "most": 4}, {"name": "is_trusted", "least": 1, "most": 1}, {"name": "jsonb_of", "least": 1, "most": 1}, {"name": "judge_breaker", "least": 3, "most": 3}, {"name": "known_answers", "least": 4, "most": 4}, {"name": "known_dialects", "least": 2, "most": 2}, {"name": "learn_dialect", "least": 6, "most": 6}, {"name": "lines_fingerprint", "least": 1, "most": 1}, {"name": "lock_documents", "least": 0, "most": 0}, {"name": "log_policy", "least": 0, "most": 0}, {"name": "make_partitions", "least": 0, "most": 0}, {"name": "move_windows", "least": 1, "most": 1}, {"name": "note_attachment", "least": 0, "most": 0}, {"name": "note_claims", "least": 2, "most": 2}, {"name": "note_evaluation", "least": 7, "most": 7}, {"name": "notify_workers", "least": 0, "most": 0}, {"name": "open_breaker", "least": 3, "most": 4}, {"name": "override_rfq", "least": 2, "most": 4}, {"name": "pause", "least": 0, "most": 2}, {"name": "pending_erasures", "least": 0, "most": 0}, {"name": "promote_deferred", "least": 0, "most": 1}, {"name": "prune_dead", "least": 0, "most": 0}, {"name": "prune_guards", "least": 0, "most": 0}, {"name": "queue_end_webhooks", "least": 3, "most": 3}, {"name": "queue_event_webhooks", "least": 0, "most": 1}, {"name": "read_rfqs", "least": 1, "most": 2}, {"name": "readable", "least": 1, "most": 1}, {"name": "reap_claims", "least": 1, "most": 1}, {"name": "reap_holds", "least": 0, "most": 0}, {"name": "rebuild_notify_function", "least": 1, "most": 1}, {"name": "rebuild_title_search", "least": 0, "most": 0}, {"name": "reclaim_dead", "least": 1, "most": 1}, {"name": "reclaim_expired", "least": 0, "most": 0}, {"name": "reclaim_worker", "least": 1, "most": 1}, {"name": "reconcile_budget", "least": 0, "most": 1}, {"name": "record_action", "least": 2, "most": 4}, {"name": "record_answer", "least": 6, "most": 6}, {"name": "record_apart", "least": 3, "most": 3}, {"name": "record_archive", "least": 1, "most": 1}, {"name": "record_canary_check", "least": 2, "most": 2}, {"name": "record_drift", "least": 1, "most": 1}, {"name": "record_erased_archive", "least": 5, "most": 5}, {"name": "record_lost_claims", "least": 1, "most": 1}, {"name": "record_maintenance", "least": 4, "most": 5}, {"name": "record_run", "least": 1, "most": 1}, {"name": "refund_outage_attempts", "least": 0, "most": 0}, {"name": "refuse_detached", "least": 0, "most": 0}, {"name": "register_rfq", "least": 0, "most": 0}, {"name": "register_worker", "least": 7, "most": 7}, {"name": "release_doorbell", "least": 0, "most": 0}, {"name": "release_evaluation", "least": 2, "most": 3}, {"name": "release_unacknowledged", "least": 3, "most": 3}, {"name": "remove_document", "least": 1, "most": 2}, {"name": "renew_leases", "least": 3, "most": 3}, {"name": "request_evaluation", "least": 1, "most": 4}, {"name": "request_id_of", "least": 1, "most": 1}, {"name": "rerun_rfq", "least": 1, "most": 2}, {"name": "rerun_rfqs", "least": 1, "most": 2}, {"name": "reset_ai_columns", "least": 0, "most": 0}, {"name": "reset_breaker", "least": 3, "most": 4}, {"name": "restore_lines", "least": 2, "most": 2}, {"name": "resume", "least": 0, "most": 2}, {"name": "retire_worker", "least": 1, "most": 1}, {"name": "retry_discarded", "least": 0, "most": 2}, {"name": "rfq_contacts", "least": 1, "most": 1}, {"name": "rfq_fields", "least": 2, "most": 2}, {"name": "rfq_metadata", "least": 1, "most": 1}, {"name": "rfq_text", "least": 2, "most": 2}, {"name": "rfq_uuid", "least": 1, "most": 1}, {"name": "rfqs_from", "least": 1, "most": 1}, {"name": "roll_up", "least": 0, "most": 2}, {"name": "rollback_prompt", "least": 0, "most": 2}, {"name": "run_partitions", "least": 0, "most": 0}, {"name": "running_trial", "least": 1, "most": 1}, {"name": "sampled_block_range", "least": 3, "most": 3}, {"name": "search_documents", "least": 1, "most": 2}, {"name": "sender_key", "least": 1, "most": 1}, {"name": "set_budget", "least": 3, "most": 5}, {"name": "set_policy", "least": 2, "most": 4}, {"name": "set_route_updated_at", "least": 0, "most": 0}, {"name": "settle_calls", "least": 1, "most": 1}, {"name": "settle_evaluation", "least": 1, "most": 2}, {"name": "settle_lost", "least": 1, "most": 1}, {"name": "settle_webhook", "least": 3, "most": 5}, {"name": "similar_titles", "least": 1, "most": 1}, {"name": "spent_nano_usd", "least": 3, "most": 3}, {"name": "start_evaluation", "least": 7, "most": 8}, {"name": "start_trial", "least": 3, "most": 6}, {"name": "take_lock", "least": 1, "most": 2}, {"name": "trial_figures", "least": 1, "most": 1}, {"name": "trial_rfqs", "least": 1, "most": 1}, {"name": "trigger_patience", "least": 0, "most": 0}, {"name": "trip_breaker", "least": 3, "most": 5}, {"name": "try_claim_maintenance", "least": 2, "most": 2}, {"name": "unsafe_triggers", "least": 0, "most": 0}, {"name": "utc_offset", "least": 2, "most": 2}, {"name": "vacuum_due", "least": 0, "most": 1}, {"name": "wake_deferred", "least": 1, "most": 2}, {"name": "wake_missed_deferred", "least": 0, "most": 0}, {"name": "watch", "least": 0, "most": 0}, {"name": "watched", "least": 0, "most": 0}, {"name": "week_fingerprint", "least": 2, "most": 2}, {"name": "weekly_answers", "least": 1, "most": 1}, {"name": "withdraw_override", "least": 1, "most": 3}, {"name": "write_enrichment", "least": 0, "most": 0}, {"name": "write_results", "least": 3, "most": 3}]}';
select pg_advisory_lock(1380340045, 0) \g /dev/null

select to_regclass('ai.rfqflow_migration') is not null as installed \gset
\if :installed
do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' and name > 'migrations/0021_attachment.sql') then raise exception 'the database has been upgraded by a later release: use that one'; end if; end $$;
\endif

\ir attach/10_check.sql
select place = 'absent' as absent, place = 'attached' as attached, place = 'elsewhere' as elsewhere from (select current_setting('rfqflow.attach')::jsonb ->> 'place' as place) as found \gset
\if :absent
begin;
\endif

select to_regclass('ai.rfqflow_migration') is null as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0001_ledger_and_roles.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0001_ledger_and_roles.sql', '4d9a50a73ae86866607548e60ed5925bbeea3a6a8e355bf1956eb701ef298ea0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0001_ledger_and_roles.sql' and sha256 <> '4d9a50a73ae86866607548e60ed5925bbeea3a6a8e355bf1956eb701ef298ea0') then raise exception 'migrations/0001_ledger_and_roles.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0002_routes_and_policy.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0002_routes_and_policy.sql', '4d70a820270b84db2ecdcb23aba0c42e685ba281ebc10cdaa7235d2f71e531f3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql' and sha256 <> '4d70a820270b84db2ecdcb23aba0c42e685ba281ebc10cdaa7235d2f71e531f3') then raise exception 'migrations/0002_routes_and_policy.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0003_routes.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0003_routes.sql', 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql' and sha256 <> 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff') then raise exception 'migrations/0003_routes.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0004_queue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0004_queue.sql', 'c5850bde88a1ca7483c7f837dbef5c6ceb314903ff79d4b0b8960f945e50d443', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql' and sha256 <> 'c5850bde88a1ca7483c7f837dbef5c6ceb314903ff79d4b0b8960f945e50d443') then raise exception 'migrations/0004_queue.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0005_runs.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0005_runs.sql', '570a270089a3e1cd46c9fcb97ba410260835b3a6d0951a3da8d4ade544eed816', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql' and sha256 <> '570a270089a3e1cd46c9fcb97ba410260835b3a6d0951a3da8d4ade544eed816') then raise exception 'migrations/0005_runs.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0006_prompts_and_prices.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0006_prompts_and_prices.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0006_prompts_and_prices.sql', 'c3ed24e3852f49310e2cd720da3cb3aa0a3961a86fda31084b2a7d9ef42a9941', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0006_prompts_and_prices.sql' and sha256 <> 'c3ed24e3852f49310e2cd720da3cb3aa0a3961a86fda31084b2a7d9ef42a9941') then raise exception 'migrations/0006_prompts_and_prices.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0007_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0007_documents.sql', '24db68eba128813d7f29075600d17f7342b953dc5644fd31996875cedb9b3c20', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql' and sha256 <> '24db68eba128813d7f29075600d17f7342b953dc5644fd31996875cedb9b3c20') then raise exception 'migrations/0007_documents.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0008_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0008_guards.sql', '381067031a3dbae06305990ff4a0427e2a058ac6c641ea805cc3e5b4dac36d3b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql' and sha256 <> '381067031a3dbae06305990ff4a0427e2a058ac6c641ea805cc3e5b4dac36d3b') then raise exception 'migrations/0008_guards.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0009_overrides.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0009_overrides.sql', 'aa9e739d794a60457b5c92ef3f4296febb8d3e94edc44500a14f0abf605eb684', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql' and sha256 <> 'aa9e739d794a60457b5c92ef3f4296febb8d3e94edc44500a14f0abf605eb684') then raise exception 'migrations/0009_overrides.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0010_evaluation.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0010_evaluation.sql', '878da01a152d99c4707acd3f8af6a1c2f7b6b7616b7c0f4024040e391129f089', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql' and sha256 <> '878da01a152d99c4707acd3f8af6a1c2f7b6b7616b7c0f4024040e391129f089') then raise exception 'migrations/0010_evaluation.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0011_actions.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0011_actions.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0011_actions.sql', '8304169cc0fbc32e76ba60f424399adb9dbf468e6f462964315965ce64faf83d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0011_actions.sql' and sha256 <> '8304169cc0fbc32e76ba60f424399adb9dbf468e6f462964315965ce64faf83d') then raise exception 'migrations/0011_actions.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0012_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0012_retention.sql', '2c644331c57ed8f402c2fe82acf06404b7a9f47f3286f37be24abaf39b0d2714', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql' and sha256 <> '2c644331c57ed8f402c2fe82acf06404b7a9f47f3286f37be24abaf39b0d2714') then raise exception 'migrations/0012_retention.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0013_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0013_webhooks.sql', 'b230e7c6431770f35ea460ae299b4bfd4c45c13fc7b342a21d4c6905ada510b8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql' and sha256 <> 'b230e7c6431770f35ea460ae299b4bfd4c45c13fc7b342a21d4c6905ada510b8') then raise exception 'migrations/0013_webhooks.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0014_mapping.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0014_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0014_mapping.sql', '709239c47b83e97b429aca961d73b6476ff501b1ad6f12001c2d8e89be5f4709', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0014_mapping.sql' and sha256 <> '709239c47b83e97b429aca961d73b6476ff501b1ad6f12001c2d8e89be5f4709') then raise exception 'migrations/0014_mapping.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0015_reading.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0015_reading.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0015_reading.sql', '642b50c573889ae3704b5b365e73646bca420bc79a91f618b2895801f58c338f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0015_reading.sql' and sha256 <> '642b50c573889ae3704b5b365e73646bca420bc79a91f618b2895801f58c338f') then raise exception 'migrations/0015_reading.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0017_replica_identity.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0017_replica_identity.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0017_replica_identity.sql', '320fb638d11d6632f9976a3fcababa7ac663333d2113699dfe66c3196f71dbfa', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0017_replica_identity.sql' and sha256 <> '320fb638d11d6632f9976a3fcababa7ac663333d2113699dfe66c3196f71dbfa') then raise exception 'migrations/0017_replica_identity.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0018_accepted_answers.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0018_accepted_answers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0018_accepted_answers.sql', 'bfb89f4ad6f689cbf993cab44e07f72a20c85c1a82d29b0e18e6bd79e39e960e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0018_accepted_answers.sql' and sha256 <> 'bfb89f4ad6f689cbf993cab44e07f72a20c85c1a82d29b0e18e6bd79e39e960e') then raise exception 'migrations/0018_accepted_answers.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0019_locks.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0019_locks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0019_locks.sql', '200b704723edbbe7c2effc0305b9b41e9fba1cb1d1c077258252b37a1810426c', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0019_locks.sql' and sha256 <> '200b704723edbbe7c2effc0305b9b41e9fba1cb1d1c077258252b37a1810426c') then raise exception 'migrations/0019_locks.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0021_attachment.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0021_attachment.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0021_attachment.sql', 'adffd4fe1b6fa63fc4c317e9c9757f23a7cf9698dbc929d44b685afc23a67c32', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0021_attachment.sql' and sha256 <> 'adffd4fe1b6fa63fc4c317e9c9757f23a7cf9698dbc929d44b685afc23a67c32') then raise exception 'migrations/0021_attachment.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

\if :absent
\else
begin;
\endif

\ir attach/20_standin.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/20_standin.sql', 'c5fb84bd9f5c06a0c603977332462df5c96c73174f9f5510041a4332b0b26e83', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached

\ir attach/30_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/30_columns.sql', 'b6b482090cc3b23797017eb5ea0d9570581df3da95bdc138c0e4bc400567def3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/40_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/40_path.sql', '15a40d64a6e2cc618ddf9f646bea619ecaece6e926f7d2ae0d12e04c2e98613f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;
begin;
\endif

\ir functions/05_locks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/05_locks.sql', '958481339096abfeb839c9b554f3963e61da11db784bcf6500bf7cd78fe6cec2', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', '57b9248376641444fe6dbcdb04833f0eb718812a5051b6d16da5b1d4c2a2a5f8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/12_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/12_mapping.sql', 'f981a906b8c7e378523b4524c14c692dc34bcd3c771614bc6d453088bd9f9cef', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/13_attachment.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/13_attachment.sql', 'cefa6f933482b1ca0947b5cc4a260284d91ff42bce2958a1f76ffd5014fd79b7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/15_submit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/15_submit.sql', 'e25425b0b6f671fd2374c8032db190ba96937e9ed9acd7b002aeacd6563dc3c4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', '4e912491e61c55340723f983ed2919e400f669f929470793a6138a65603a3d1d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '7fccfaa7be5acab08a588716a641698193a4985b8ccf42177669d3f5c96678e7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/34_windows.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/34_windows.sql', '1028c48d257fb3309999312ace2e64bc522abd3cba249f8204ce3c5ef20f096e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', '56d7a5b788416dfca00257503ee5d01572c2e807129f39df35ca7885e16e04a1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/38_budgets.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/38_budgets.sql', '14b2c99a4c16f3f1f165ee7ee0adfc433ad3b1b2eb361fccac31144b77d1e9f3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', '8f2d38e952efef3f4b4d921ce22265fe06172885fa2e38e43b80f20dd7484c3e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/44_evidence.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/44_evidence.sql', '87b03522cc669d92b906e32b3a3a8db3560b5db278a567f601e33b61f35f759a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '98f409564a99d69e50042e6d585bde6ea1683eb194b461d62b67abd0df98e4aa', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/55_refused.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/55_refused.sql', 'b4ce1f383b8f71080528734e2c0af01c7c2637ebd79da775022ce133438dea55', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/55_settle.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/55_settle.sql', '910c57e63b9520269ac5122fad9152c96f3938fc630a2d44aeb142c4323be0d7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/57_breaker.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/57_breaker.sql', 'bb542e264af66d56409ba8e44d005add5f70f300b29a22934f53863c97aa7c6e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/58_wakeup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/58_wakeup.sql', 'aa6dc5385e24ab0e5cffc2495c4a1ab175562bed57c9ff07823b921988207a6f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', '2cbeb1811a94a4e501f8a2f21f718c599938e3e50bd39030ea1185de83782a05', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/65_override.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/65_override.sql', '4150689bfa3a1efef7e510ccdfd5130df8bae098315b888bf890c565d5bfef62', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/70_operate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/70_operate.sql', 'eae375461e7112146283668b5730b9c4f132a281d2795d413bf0a089057addfb', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/72_rerun.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/72_rerun.sql', 'a71d02e508b4fd3552f9fa47ceb61d920c2a901e55948b07cdb16897e96acc55', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/75_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', 'c4dba08ca986fa4acd1ac0c0439077acec417c2e69cd17e40a3201299e371dd4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', '21c00c963b0b3e568d3e014475f3fd86908c35181dd4c6ecddca850f01ca7f0b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/78_dialects.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/78_dialects.sql', 'fe67cb9873d45cca6d0175888e049308955fafa5d60343976dae2d151b0f4e91', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'df87d7132f47e3b2da65146e221bc4aa0097cc40195a7e2eee6557a1313d0451', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/82_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/82_retention.sql', 'ea8737313454914af9a908ba21977c0079ca8cae243290ac1ee39659aa83edc0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/83_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/83_webhooks.sql', '7c75e9e3fd144315b1c1b111d8a7991a743b0801213c47ee39b69d6c98759420', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/84_prune.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/84_prune.sql', 'cb094a3bc89f9115d6ab245b15fb3cd01e114ef37d0dc9cfd659a4e5d8f86f43', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '12ec7c7785e1acb736696067afcab483ba39348753ce98f44054cb5bc47bba67', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/86_erase.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/86_erase.sql', '560e10f7924f4997dbebbad1dfb70a3cece732d8557568ffc7b00f89026caf05', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/87_evaluate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/87_evaluate.sql', '29ead7b6d84fe0403a242b691a1b01bfe9de31004e7497caff68ce2148639785', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/88_eval_requests.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/88_eval_requests.sql', '715aa37847d4e7e89f715e6dde5e56a9ac6f53cb5461099eea965d9f72118fcf', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/89_drift.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/89_drift.sql', 'f960a785d2717d879a757092f50e66d75ade7f328ca48ba3ed78e323f0f3bc90', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/90_watch.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/90_watch.sql', '7c119beab50fe39d823a2a4f3b95011ba87a0c99fc27de593328aae2fcc95ad0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/guards.sql', '7ded4a36f5d24f0264e7467c5ea75f539b97e7781db2aade7c3e8b2684ee07b6', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', '17fbc52b7f4fbd7b9d4307225ddfb0a4178ade63bc6214ffa3a516d630f2851e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', 'bee4769b29378113905d3a2e000aeb5f27d9737c37d0fdfa05eb6087ae804c8d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', 'a2c977a60f1b9e2149616fff8ab3382e6dc3965630d54fa23c6781f1a13f9eb6', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/upkeep.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/upkeep.sql', '5f5742f3ffa14795674ca1b7ffb8078a9aaac4107923347d8c987372d181faf4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\if :elsewhere
commit;
begin;
\endif
\if :attached
\else

\ir attach/30_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/30_columns.sql', 'b6b482090cc3b23797017eb5ea0d9570581df3da95bdc138c0e4bc400567def3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/40_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/40_path.sql', '15a40d64a6e2cc618ddf9f646bea619ecaece6e926f7d2ae0d12e04c2e98613f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\endif

\ir attach/50_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/50_enqueue.sql', 'c530689664d8d558157c326f7d314d434ef9adc319ada6a1578f6810b5eaf4f1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/60_guard.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/60_guard.sql', 'eb252835c1cd0cb9d924ac6eb8848f0237af7ac9a7b849a932136772a62e00ab', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', 'a0e6179a3380a128d05c64730ed17f409ce32f8aae0a47f293909ebf2131fe57', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached
commit;
begin;
\endif

\ir attach/70_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/70_triggers.sql', '5ebfba39f2c2654413100769b4f0644ca8e17048a3e46800a590e9f15dc01e85', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
