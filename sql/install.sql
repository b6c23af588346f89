-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.
-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`. A first installation is one
-- transaction: wherever it stops, it leaves nothing.
\set ON_ERROR_STOP on
\encoding UTF8
set session characteristics as transaction isolation level read committed, read write;
set session search_path = ''; set session standard_conforming_strings = on; select pg_catalog.set_config(s.name, p.value, false) from (values ('backslash_quote', 'safe_encoding'), ('escape_string_warning', 'off'), ('check_function_bodies', 'on'), ('default_table_access_method', 'heap'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('transform_null_equals', 'off'), ('array_nulls', 'on'), ('quote_all_identifiers', 'off'), ('xmloption', 'content'), ('row_security', 'on'), ('statement_timeout', '0'), ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('client_min_messages', 'warning')) as p(name, value) join pg_catalog.pg_settings s on pg_catalog.lower(s.name) = p.name \g /dev/null
set lock_timeout = '5s';
set rfqflow.made = '{"relations": ["actions", "archives", "breaker_slices", "breaker_status", "budget_status", "budget_windows", "calibrations", "calls_avoided", "cascade", "dead_letters", "document_terms", "documents", "enrichment", "erasures", "eval_calls", "eval_cases", "eval_requests", "eval_results", "eval_runs", "event_totals", "events", "failure_causes", "holds", "latency", "latency_counts", "latency_days", "locks", "maintenance", "maintenance_status", "mapping", "metrics", "metrics_daily", "model_dialects", "model_limits", "model_prices", "model_states", "originals", "outbox", "outbox_dead", "outbox_deferred", "outbox_missed", "override_agreement", "overrides", "policy", "policy_history", "prompts", "queue_status", "rag_runs", "rag_runs_default", "rag_runs_run_id_seq", "rate_buckets", "refused_rows", "rfq_ids", "rfq_status", "rfqflow_migration", "rfqflow_object", "rfqs", "rollup", "routes", "run_counts", "run_days", "run_facts", "run_measures", "salt", "scorecard", "shadow_results", "submissions", "sweep", "trials", "webhook_outbox", "webhook_status", "webhooks", "worker_status", "workers"], "functions": [{"name": "accepted_run", "least": 2, "most": 2}, {"name": "activate_prompt", "least": 1, "most": 4}, {"name": "active_cases", "least": 0, "most": 0}, {"name": "add_document", "least": 3, "most": 7}, {"name": "add_documents", "least": 1, "most": 2}, {"name": "add_prompt", "least": 4, "most": 7}, {"name": "admit", "least": 3, "most": 4}, {"name": "announce", "least": 2, "most": 2}, {"name": "application_path", "least": 0, "most": 0}, {"name": "apply_finish", "least": 3, "most": 3}, {"name": "apply_notify", "least": 1, "most": 1}, {"name": "apply_trigrams", "least": 0, "most": 0}, {"name": "archivable_weeks", "least": 0, "most": 0}, {"name": "archive_lines", "least": 4, "most": 5}, {"name": "attachment", "least": 0, "most": 0}, {"name": "backfill_rfqs", "least": 0, "most": 4}, {"name": "beat", "least": 4, "most": 5}, {"name": "budget_window", "least": 5, "most": 5}, {"name": "cancel_evaluation", "least": 0, "most": 1}, {"name": "capped_scopes", "least": 3, "most": 3}, {"name": "check_policy", "least": 0, "most": 0}, {"name": "claim_outbox", "least": 4, "most": 5}, {"name": "claim_webhooks", "least": 2, "most": 3}, {"name": "clock_change", "least": 3, "most": 3}, {"name": "close_breaker", "least": 3, "most": 4}, {"name": "count_terms", "least": 0, "most": 0}, {"name": "cut_text", "least": 2, "most": 2}, {"name": "document_keys", "least": 1, "most": 1}, {"name": "drain_missed", "least": 0, "most": 1}, {"name": "drop_archived", "least": 1, "most": 1}, {"name": "drop_without_archive", "least": 1, "most": 2}, {"name": "due_drops", "least": 0, "most": 0}, {"name": "end_trial", "least": 3, "most": 4}, {"name": "enqueue_edited_rfq", "least": 0, "most": 0}, {"name": "enqueue_ids", "least": 1, "most": 2}, {"name": "enqueue_rfq", "least": 0, "most": 0}, {"name": "erase_person", "least": 1, "most": 3}, {"name": "erase_runs", "least": 1, "most": 1}, {"name": "erase_texts", "least": 1, "most": 1}, {"name": "exposed_rights", "least": 0, "most": 0}, {"name": "find_context", "least": 2, "most": 2}, {"name": "finish_and_claim", "least": 5, "most": 6}, {"name": "finish_erasures", "least": 0, "most": 0}, {"name": "finish_evaluation", "least": 2, "most": 2}, {"name": "finish_outbox", "least": 1, "most": 1}, {"name": "finish_shadow", "least": 1, "most": 1}, {"name": "first_instant", "least": 2, "most": 2}, {"name": "follow_active_prompt", "least": 0, "most": 0}, {"name": "follow_budget", "least": 0, "most": 0}, {"name": "forget_rfq", "least": 0, "most": 0}, {"name": "forgive_outage", "least": 0, "most": 0}, {"name": "gate_facts", "least": 1, "most": 5}, {"name": "guard_rfq", "least": 0, "most": 0}, {"name": "hold_scope", "least": 1, "most": 1}, {"name": "identity_of_rfqs", "least": 0, "most": 0}, {"name": "inet_of", "least": 1, "most": 1}, {"name": "ip_key", "least": 1, "most": 1}, {"name": "is_measured", "least": 1, "most": 1}, {"name": "is_of_one_row", "least": 1, "most": 1}, {"name": "is_refused_alone", "least": 5, "most": 5}, {"name": "is_refused_to_all", "least": 4, "most": 4}, {"name": "is_trusted", "least": 1, "most": 1}, {"name": "keep_document", "least": 0, "most": 0}, {"name": "keep_prompt", "least": 0, "most": 0}, {"name": "known_answers", "least": 4, "most": 4}, {"name": "known_dialects", "least": 2, "most": 2}, {"name": "learn_dialect", "least": 6, "most": 6}, {"name": "leave_doorbell", "least": 0, "most": 0}, {"name": "leave_evaluation", "least": 2, "most": 3}, {"name": "lines_print", "least": 1, "most": 1}, {"name": "lock_documents", "least": 0, "most": 0}, {"name": "log_policy", "least": 0, "most": 0}, {"name": "lose_claims", "least": 1, "most": 1}, {"name": "make_partitions", "least": 0, "most": 0}, {"name": "make_week", "least": 1, "most": 1}, {"name": "may_archive", "least": 1, "most": 1}, {"name": "move_windows", "least": 1, "most": 1}, {"name": "note_action", "least": 2, "most": 4}, {"name": "note_attachment", "least": 0, "most": 0}, {"name": "note_claims", "least": 2, "most": 2}, {"name": "note_drift", "least": 1, "most": 1}, {"name": "note_ends", "least": 3, "most": 3}, {"name": "note_evaluation", "least": 7, "most": 7}, {"name": "note_look", "least": 2, "most": 2}, {"name": "note_maintenance", "least": 4, "most": 5}, {"name": "note_news", "least": 0, "most": 1}, {"name": "open_breaker", "least": 3, "most": 4}, {"name": "open_windows", "least": 5, "most": 5}, {"name": "override_rfq", "least": 2, "most": 4}, {"name": "pass_baton", "least": 0, "most": 0}, {"name": "pause", "least": 0, "most": 2}, {"name": "pending_erasures", "least": 0, "most": 0}, {"name": "promote_deferred", "least": 0, "most": 1}, {"name": "prune_dead", "least": 0, "most": 0}, {"name": "prune_guards", "least": 0, "most": 0}, {"name": "read_rfqs", "least": 1, "most": 2}, {"name": "readable", "least": 1, "most": 1}, {"name": "reap_claims", "least": 1, "most": 1}, {"name": "reap_holds", "least": 0, "most": 0}, {"name": "reclaim_dead", "least": 1, "most": 1}, {"name": "reclaim_expired", "least": 0, "most": 0}, {"name": "reclaim_worker", "least": 1, "most": 1}, {"name": "reconcile_budget", "least": 0, "most": 1}, {"name": "record_answer", "least": 6, "most": 6}, {"name": "record_apart", "least": 3, "most": 3}, {"name": "record_archive", "least": 1, "most": 1}, {"name": "record_ends", "least": 4, "most": 4}, {"name": "record_erased_archive", "least": 5, "most": 5}, {"name": "record_run", "least": 1, "most": 1}, {"name": "refuse_detached", "least": 0, "most": 0}, {"name": "register_rfq", "least": 0, "most": 0}, {"name": "register_worker", "least": 7, "most": 7}, {"name": "release_unheard", "least": 3, "most": 3}, {"name": "remove_document", "least": 1, "most": 2}, {"name": "renew_leases", "least": 3, "most": 3}, {"name": "request_evaluation", "least": 1, "most": 4}, {"name": "request_id_of", "least": 1, "most": 1}, {"name": "rerun_rfq", "least": 1, "most": 2}, {"name": "rerun_rfqs", "least": 1, "most": 2}, {"name": "reset_breaker", "least": 3, "most": 4}, {"name": "restore_lines", "least": 2, "most": 2}, {"name": "resume", "least": 0, "most": 2}, {"name": "retire_worker", "least": 1, "most": 1}, {"name": "retry_discarded", "least": 0, "most": 2}, {"name": "rfq_contacts", "least": 1, "most": 1}, {"name": "rfq_fields", "least": 2, "most": 2}, {"name": "rfq_metadata", "least": 1, "most": 1}, {"name": "rfq_text", "least": 2, "most": 2}, {"name": "rfq_uuid", "least": 1, "most": 1}, {"name": "rfqs_from", "least": 1, "most": 1}, {"name": "ring", "least": 0, "most": 0}, {"name": "roll_up", "least": 0, "most": 2}, {"name": "rollback_prompt", "least": 0, "most": 2}, {"name": "running_trial", "least": 1, "most": 1}, {"name": "search_documents", "least": 1, "most": 2}, {"name": "sender_key", "least": 1, "most": 1}, {"name": "set_budget", "least": 3, "most": 5}, {"name": "set_policy", "least": 2, "most": 4}, {"name": "settle_calls", "least": 1, "most": 1}, {"name": "settle_evaluation", "least": 1, "most": 2}, {"name": "settle_lost", "least": 1, "most": 1}, {"name": "settle_webhook", "least": 3, "most": 5}, {"name": "similar_titles", "least": 1, "most": 1}, {"name": "slice_of", "least": 3, "most": 3}, {"name": "something_waits", "least": 1, "most": 1}, {"name": "spent_nano", "least": 3, "most": 3}, {"name": "start_evaluation", "least": 7, "most": 8}, {"name": "start_trial", "least": 3, "most": 6}, {"name": "sweep_rfqs", "least": 0, "most": 0}, {"name": "take_doorbell", "least": 1, "most": 1}, {"name": "take_evaluation", "least": 3, "most": 3}, {"name": "take_lock", "least": 1, "most": 2}, {"name": "take_maintenance", "least": 2, "most": 2}, {"name": "take_shadow", "least": 1, "most": 1}, {"name": "touch_route", "least": 0, "most": 0}, {"name": "trial_figures", "least": 1, "most": 1}, {"name": "trial_rfqs", "least": 1, "most": 1}, {"name": "trigger_patience", "least": 0, "most": 0}, {"name": "trip_breaker", "least": 3, "most": 5}, {"name": "unsafe_triggers", "least": 0, "most": 0}, {"name": "utc_offset", "least": 2, "most": 2}, {"name": "vacuum_due", "least": 0, "most": 1}, {"name": "wake_deferred", "least": 1, "most": 2}, {"name": "wake_late", "least": 0, "most": 0}, {"name": "watch", "least": 0, "most": 0}, {"name": "watched", "least": 0, "most": 0}, {"name": "week_print", "least": 2, "most": 2}, {"name": "weekly_answers", "least": 1, "most": 1}, {"name": "weeks", "least": 0, "most": 0}, {"name": "withdraw_override", "least": 1, "most": 3}, {"name": "write_enrichment", "least": 0, "most": 0}]}';
select pg_advisory_lock(1380340045, 0) \g /dev/null

select to_regclass('ai.rfqflow_migration') is not null as installed \gset
\if :installed
do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' and name > 'migrations/0021_attachment.sql') then raise exception 'the database has been upgraded by a later release: use that one'; end if; end $$;
\endif

\ir rfq_check.sql
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0001_ledger_and_roles.sql' and sha256 <> '4d9a50a73ae86866607548e60ed5925bbeea3a6a8e355bf1956eb701ef298ea0') then raise exception 'migrations/0001_ledger_and_roles.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql' and sha256 <> '4d70a820270b84db2ecdcb23aba0c42e685ba281ebc10cdaa7235d2f71e531f3') then raise exception 'migrations/0002_routes_and_policy.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql' and sha256 <> 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff') then raise exception 'migrations/0003_routes.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0004_queue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0004_queue.sql', 'b4d4ddc5ba312468dc7740a1f71367609686a14318c2aec9eea6995f3023025d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql' and sha256 <> 'b4d4ddc5ba312468dc7740a1f71367609686a14318c2aec9eea6995f3023025d') then raise exception 'migrations/0004_queue.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql' and sha256 <> '570a270089a3e1cd46c9fcb97ba410260835b3a6d0951a3da8d4ade544eed816') then raise exception 'migrations/0005_runs.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0006_prompts_and_prices.sql' and sha256 <> 'c3ed24e3852f49310e2cd720da3cb3aa0a3961a86fda31084b2a7d9ef42a9941') then raise exception 'migrations/0006_prompts_and_prices.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql' and sha256 <> '24db68eba128813d7f29075600d17f7342b953dc5644fd31996875cedb9b3c20') then raise exception 'migrations/0007_documents.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0008_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0008_guards.sql', 'bfbc30725ab943d07b76e3536527f4049bbcdf9371941bab65504a57d4d13c10', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql' and sha256 <> 'bfbc30725ab943d07b76e3536527f4049bbcdf9371941bab65504a57d4d13c10') then raise exception 'migrations/0008_guards.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0009_overrides.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0009_overrides.sql', '2c245ca1c69d665e8197ee986e93185b84f7c460aeab63da3227f526c3624ffa', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql' and sha256 <> '2c245ca1c69d665e8197ee986e93185b84f7c460aeab63da3227f526c3624ffa') then raise exception 'migrations/0009_overrides.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql' and sha256 <> '878da01a152d99c4707acd3f8af6a1c2f7b6b7616b7c0f4024040e391129f089') then raise exception 'migrations/0010_evaluation.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0011_actions.sql' and sha256 <> '8304169cc0fbc32e76ba60f424399adb9dbf468e6f462964315965ce64faf83d') then raise exception 'migrations/0011_actions.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0012_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0012_retention.sql', 'd234d2bb43d031ca5957375058885a217b79d89b6e380fee2adff25068134e32', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql' and sha256 <> 'd234d2bb43d031ca5957375058885a217b79d89b6e380fee2adff25068134e32') then raise exception 'migrations/0012_retention.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql' and sha256 <> 'b230e7c6431770f35ea460ae299b4bfd4c45c13fc7b342a21d4c6905ada510b8') then raise exception 'migrations/0013_webhooks.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0014_mapping.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0014_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0014_mapping.sql', '40e3598ac09863c5d29ca7228b0756b6ac73fba361864c1f00515d5ce4a39fd4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0014_mapping.sql' and sha256 <> '40e3598ac09863c5d29ca7228b0756b6ac73fba361864c1f00515d5ce4a39fd4') then raise exception 'migrations/0014_mapping.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0015_reading.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0015_reading.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0015_reading.sql', '978399975ef7f7ff7a31ca4a842f6d876544107cf06b188306548c5dc58fc547', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0015_reading.sql' and sha256 <> '978399975ef7f7ff7a31ca4a842f6d876544107cf06b188306548c5dc58fc547') then raise exception 'migrations/0015_reading.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0017_replica_identity.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0017_replica_identity.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0017_replica_identity.sql', '68f8dd7b5318eeab6ccc9fbc3aaed4b6575d33236c641a8076607bd06f96e871', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0017_replica_identity.sql' and sha256 <> '68f8dd7b5318eeab6ccc9fbc3aaed4b6575d33236c641a8076607bd06f96e871') then raise exception 'migrations/0017_replica_identity.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0018_accepted_answers.sql' and sha256 <> 'bfb89f4ad6f689cbf993cab44e07f72a20c85c1a82d29b0e18e6bd79e39e960e') then raise exception 'migrations/0018_accepted_answers.sql has been applied in another version'; end if; end $$;
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
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0019_locks.sql' and sha256 <> '200b704723edbbe7c2effc0305b9b41e9fba1cb1d1c077258252b37a1810426c') then raise exception 'migrations/0019_locks.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0021_attachment.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir migrations/0021_attachment.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0021_attachment.sql', '46f5c8ee872848a95f85e17ca82e0825be65f502970b976c90708529321a3854', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0021_attachment.sql' and sha256 <> '46f5c8ee872848a95f85e17ca82e0825be65f502970b976c90708529321a3854') then raise exception 'migrations/0021_attachment.sql has been applied in another version'; end if; end $$;
\endif

\if :absent
\else
begin;
\endif

\ir rfq_standin.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_standin.sql', '134be72e67b0d1bc6169e18f4d9a12c1b925360d6b72722b02ace288eb42ac10', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached

\ir rfq_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_columns.sql', '5bbc9f62ceece2968f82fc7d9989618b26e59cd4da366f25485c10c345e4b56b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir rfq_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_path.sql', '4b8c595186f8cbfd59d2a43549411d0d8c457f2cd5313671c4c1ef3a84ba480e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;
begin;
\endif

\ir functions/05_locks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/05_locks.sql', '9b24ea6160eea32ad3fb032d18dc7fed6eff9b9a9c0d5d9539fd916d3b0254fd', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', 'b2798e1b52bc66a095a5f2de795b673c22dbf335f26f47d1224d109833c424ed', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/12_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/12_mapping.sql', 'd66aecc5a354e19eb76c2ea60fee32c7de692ef67cd38721e28eff1d7b979998', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/13_attachment.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/13_attachment.sql', 'a31db67f33d05b3512b2359f3b26c0df828d1c0c05f3785af555ca64072447a2', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/15_submit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/15_submit.sql', '28e73ab3496460502e88ae31868dccbe3cb8892e25370d4f317e36697f87718e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', 'f2bfe272c54f073874fbe8af2461010012db7f9c7dfcd4e172e089d5e86d6693', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '09870c0f79f7950a8d26f53d2cb6af5b56defa7ccf02ad1aa2f9d7d62d1ee3ae', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/34_windows.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/34_windows.sql', '1028c48d257fb3309999312ace2e64bc522abd3cba249f8204ce3c5ef20f096e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', '9bc40e02e9084f4c7c9bc5231c3b5a1c95cfe932e967be937bc9b103c69d4792', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', '4b6693d4e353a013439f802e4d3bb92ac87b13d6757909f4070fa85d141babca', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/44_evidence.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/44_evidence.sql', '87b03522cc669d92b906e32b3a3a8db3560b5db278a567f601e33b61f35f759a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/45_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/45_guards.sql', 'cf0379acbb88f812128d7b6314579535530629614f90b34a1d4acc8faea5435a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '062bb8f2b85580068ceebf23bebd7b81bfa2d382bc369d28b2a6ae7060d8a1b3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/55_refused.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/55_refused.sql', 'b1727f834934c5d515936b22829de005f970695fafb2368fa310ec98794640f1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', '86d3d8dbe8de73c2b7e46d8a480921b558fab6cd6730954ee234394c9f8b4f09', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/65_override.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/65_override.sql', '4150689bfa3a1efef7e510ccdfd5130df8bae098315b888bf890c565d5bfef62', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/70_operate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/70_operate.sql', '686798e0281644e9169b25e4310be64d81f197136b728dc8b5948cb13a64d446', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/72_rerun.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/72_rerun.sql', '8c888ad5897504a8b8960be6bbf8f93b8cd57cd31d7ee9de3baabd48038b7d49', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/75_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', '1092c2767a55ddd56b5635fafe306b824a0bf44874be29b4bdc78a23164df376', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', 'a7357a1a6dc3c77b9828d338fe9c21110848ae0d772f68d1f32e9c6dad049a0e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/78_dialects.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/78_dialects.sql', 'fe67cb9873d45cca6d0175888e049308955fafa5d60343976dae2d151b0f4e91', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'caeeb121e3a86c2ad0552700e79cdfb2cfd293422cb1232d33934e32ae40d384', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/82_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/82_retention.sql', 'afbd6fc5697d813705dfbb854ddf51973cfa4e33c659c042143f7839b1f886b8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/83_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/83_webhooks.sql', 'c0478adbaa3491389ae154ac03b0ceb87fe02edbb20967d34ccd1e488fae05f8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '00130257f3be20e13ee3895a8b44f7bf1f681ff5fbfbe3397302acf938e70919', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/87_evaluate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/87_evaluate.sql', '4a0911a0b52e24dfe9a8b096ee1df9b84687badd817a9ff6470ba4a8c495b4cc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/88_eval_requests.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/88_eval_requests.sql', '8e668e12a9359c6984e0bcf77b3152fdc5e5d7feef5bf75f8668e2802dfdb616', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/89_drift.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/89_drift.sql', '8ff598db60eb09971163d7d8dc6589d6f1f21bc71cb976bd2df288fdb9ca91fc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/90_watch.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/90_watch.sql', '596c485a69fc757c8992bc34b2207737edc90adc95d18778b53e357ecf238882', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/guards.sql', '488aeb4a9148d392f669385a549fb655abde58ce70efebb0d2a19e877dbd7e41', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', 'e6b9f65e8c6efdd0a3f2917c57f3dc9e6ac3cdf0036a17d35779d97fcfaeb57e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', 'bee4769b29378113905d3a2e000aeb5f27d9737c37d0fdfa05eb6087ae804c8d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', '19b427c96698173c8571d819fceeba9a5f5807693941f9aae3a472690e90aee5', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/upkeep.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/upkeep.sql', '5f5742f3ffa14795674ca1b7ffb8078a9aaac4107923347d8c987372d181faf4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\if :elsewhere
commit;
begin;
\endif
\if :attached
\else

\ir rfq_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_columns.sql', '5bbc9f62ceece2968f82fc7d9989618b26e59cd4da366f25485c10c345e4b56b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir rfq_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_path.sql', '4b8c595186f8cbfd59d2a43549411d0d8c457f2cd5313671c4c1ef3a84ba480e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\endif

\ir rfq_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_enqueue.sql', 'f986f855594a0c9fd3dcb2de8b6ed84a149cff9a54da853a596c3079dd88e826', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir rfq_guard.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_guard.sql', 'aea434aba432e563402b1e619bc8ba69fd0e98dac0976e12acfe03cb4118ce3d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', 'eca7ecb394f3c17e266b7545553e156f2d5a92f5fd1d358c4040594babdd7312', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached
commit;
begin;
\endif

\ir rfq_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_triggers.sql', '5189b79a027d9f82e1bdbaa40d95e052300d0fc506bae0a47e487e6af822f845', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
