-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.
-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`. A first installation is one
-- transaction: wherever it stops, it leaves nothing.
\set ON_ERROR_STOP on
\encoding UTF8
set session characteristics as transaction isolation level read committed, read write;
set session search_path = ''; set session standard_conforming_strings = on; select pg_catalog.set_config(s.name, p.value, false) from (values ('backslash_quote', 'safe_encoding'), ('escape_string_warning', 'off'), ('check_function_bodies', 'on'), ('default_table_access_method', 'heap'), ('datestyle', 'ISO, MDY'), ('intervalstyle', 'postgres'), ('timezone', 'UTC'), ('bytea_output', 'hex'), ('extra_float_digits', '1'), ('transform_null_equals', 'off'), ('array_nulls', 'on'), ('quote_all_identifiers', 'off'), ('xmloption', 'content'), ('row_security', 'on'), ('statement_timeout', '0'), ('transaction_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('client_min_messages', 'warning')) as p(name, value) join pg_catalog.pg_settings s on pg_catalog.lower(s.name) = p.name \g /dev/null
set lock_timeout = '5s';
set rfqflow.made = '{"relations": ["accounts", "actions", "archives", "attachment_changes", "attachment_readings", "attachment_sets", "attachment_uses", "audit", "breaker_status", "breaker_windows", "budget_status", "budget_windows", "calibrations", "calls_avoided", "cascade", "console_guesses", "console_links", "console_logins", "console_sessions", "corrections", "dead_letter_groups", "dead_letters", "desk", "desk_behind", "desk_entries", "desk_history", "desk_progress", "document_terms", "documents", "draft_requests", "drafts", "duplicate_fingerprints", "edit_rates", "edit_rates_by_window", "edited_answers", "enrichment", "erasures", "eval_calls", "eval_cases", "eval_requests", "eval_results", "eval_runs", "event_totals", "events", "failure_causes", "hash_salt", "health", "holds", "latency", "latency_counts", "latency_days", "locks", "maintenance", "maintenance_status", "metrics", "metrics_daily", "model_capabilities", "model_limits", "model_parameters", "model_prices", "model_states", "outbox", "outbox_dead", "outbox_deferred", "outbox_missed", "override_agreement", "overrides", "policy", "policy_history", "price_status", "prompts", "queue_reasons", "queue_status", "rag_runs", "rag_runs_default", "rag_runs_run_id_seq", "rate_limit_buckets", "reasons", "refused_rows", "related", "related_due", "related_entries", "related_keys", "rfq_answer", "rfq_ids", "rfq_status", "rfqflow_migration", "rfqflow_object", "rfqs", "rollup_progress", "routes", "run_daily_counts", "run_days", "run_details", "run_measurements", "scorecard", "scorecard_by_window", "setting_history", "shadow_results", "submissions", "sweep_progress", "table_mapping", "trials", "wake_requests", "webhook_outbox", "webhook_status", "webhooks", "worker_status", "workers"], "functions": [{"name": "absorb_attachments", "least": 0, "most": 1}, {"name": "accepted_run", "least": 2, "most": 2}, {"name": "account_mark", "least": 1, "most": 1}, {"name": "account_named", "least": 1, "most": 1}, {"name": "acquire_doorbell", "least": 1, "most": 1}, {"name": "activate_prompt", "least": 1, "most": 4}, {"name": "active_budgets", "least": 3, "most": 3}, {"name": "active_cases", "least": 0, "most": 0}, {"name": "actor_or_role", "least": 1, "most": 1}, {"name": "add_account", "least": 4, "most": 5}, {"name": "add_document", "least": 3, "most": 7}, {"name": "add_documents", "least": 1, "most": 2}, {"name": "add_prompt", "least": 4, "most": 7}, {"name": "admit", "least": 3, "most": 4}, {"name": "announce", "least": 2, "most": 2}, {"name": "answer_part", "least": 9, "most": 9}, {"name": "answered_parts", "least": 1, "most": 1}, {"name": "application_path", "least": 0, "most": 0}, {"name": "apply_results", "least": 4, "most": 4}, {"name": "archivable_weeks", "least": 0, "most": 0}, {"name": "archive_lines", "least": 4, "most": 5}, {"name": "argument_text", "least": 2, "most": 2}, {"name": "ask_back", "least": 1, "most": 3}, {"name": "assign_rfq", "least": 2, "most": 4}, {"name": "assumed_nano_usd", "least": 3, "most": 3}, {"name": "attached_rfqs_at", "least": 2, "most": 2}, {"name": "attachment", "least": 0, "most": 0}, {"name": "attachment_content", "least": 3, "most": 3}, {"name": "attachment_hash", "least": 4, "most": 4}, {"name": "attachments_of", "least": 2, "most": 2}, {"name": "backfill_rfqs", "least": 0, "most": 4}, {"name": "begin_console_session", "least": 4, "most": 5}, {"name": "budget_class", "least": 1, "most": 1}, {"name": "budget_key", "least": 2, "most": 2}, {"name": "budget_scope_of", "least": 1, "most": 1}, {"name": "budget_window", "least": 5, "most": 5}, {"name": "cancel_draft", "least": 1, "most": 1}, {"name": "cancel_evaluation", "least": 0, "most": 1}, {"name": "cause_figures", "least": 3, "most": 3}, {"name": "cause_in_health", "least": 4, "most": 4}, {"name": "cause_of", "least": 1, "most": 1}, {"name": "change_account", "least": 1, "most": 6}, {"name": "check_policy", "least": 0, "most": 0}, {"name": "checked_correction", "least": 3, "most": 3}, {"name": "choose_dead_letters", "least": 1, "most": 1}, {"name": "claim_draft", "least": 2, "most": 2}, {"name": "claim_evaluation", "least": 3, "most": 3}, {"name": "claim_outbox", "least": 4, "most": 5}, {"name": "claim_related", "least": 0, "most": 2}, {"name": "claim_shadow", "least": 1, "most": 1}, {"name": "claim_webhooks", "least": 2, "most": 3}, {"name": "clear_review", "least": 1, "most": 3}, {"name": "clock_change", "least": 3, "most": 3}, {"name": "close_breaker", "least": 3, "most": 4}, {"name": "confirm_rfq", "least": 1, "most": 3}, {"name": "console_link", "least": 3, "most": 3}, {"name": "console_session", "least": 2, "most": 2}, {"name": "correct_added", "least": 8, "most": 8}, {"name": "correct_assumed", "least": 0, "most": 1}, {"name": "correct_field", "least": 10, "most": 10}, {"name": "correct_line", "least": 9, "most": 9}, {"name": "correct_rfq", "least": 2, "most": 5}, {"name": "corrected_answer", "least": 2, "most": 2}, {"name": "count_terms", "least": 0, "most": 0}, {"name": "count_text", "least": 3, "most": 4}, {"name": "create_week_partition", "least": 1, "most": 1}, {"name": "cut_text", "least": 2, "most": 2}, {"name": "date_of", "least": 1, "most": 1}, {"name": "deferred_for", "least": 3, "most": 3}, {"name": "discard_dead_letters", "least": 3, "most": 6}, {"name": "discard_rfqs", "least": 1, "most": 4}, {"name": "document_keys", "least": 1, "most": 1}, {"name": "drop_archived", "least": 1, "most": 1}, {"name": "drop_attachments", "least": 1, "most": 1}, {"name": "drop_without_archive", "least": 1, "most": 2}, {"name": "droppable_weeks", "least": 0, "most": 0}, {"name": "empty_desk", "least": 1, "most": 1}, {"name": "end_console_sessions", "least": 0, "most": 3}, {"name": "end_sessions_of", "least": 2, "most": 2}, {"name": "end_touch", "least": 1, "most": 1}, {"name": "end_trial", "least": 3, "most": 4}, {"name": "ended_console_sessions", "least": 1, "most": 1}, {"name": "enqueue_edited_rfq", "least": 0, "most": 0}, {"name": "enqueue_missed", "least": 0, "most": 1}, {"name": "enqueue_rfq", "least": 0, "most": 0}, {"name": "enqueue_rfqs", "least": 1, "most": 2}, {"name": "ensure_budget_windows", "least": 5, "most": 5}, {"name": "enter_by_proxy", "least": 4, "most": 5}, {"name": "enter_desk", "least": 1, "most": 3}, {"name": "enter_desk_or_put_by", "least": 1, "most": 3}, {"name": "enter_related", "least": 1, "most": 1}, {"name": "enter_waiting", "least": 1, "most": 1}, {"name": "erase_attachments", "least": 1, "most": 1}, {"name": "erase_drafts", "least": 1, "most": 1}, {"name": "erase_person", "least": 1, "most": 3}, {"name": "erase_readings", "least": 1, "most": 1}, {"name": "erase_refused", "least": 2, "most": 2}, {"name": "erase_runs", "least": 1, "most": 1}, {"name": "erase_texts", "least": 1, "most": 1}, {"name": "expected_call_usd", "least": 0, "most": 0}, {"name": "exposed_rights", "least": 0, "most": 0}, {"name": "extend_holds", "least": 2, "most": 2}, {"name": "file_triggers", "least": 0, "most": 0}, {"name": "find_context", "least": 2, "most": 2}, {"name": "find_unnoted_attachments", "least": 0, "most": 1}, {"name": "find_unqueued_rfqs", "least": 0, "most": 0}, {"name": "finish_and_claim", "least": 5, "most": 6}, {"name": "finish_apart", "least": 1, "most": 1}, {"name": "finish_draft", "least": 7, "most": 7}, {"name": "finish_erasures", "least": 0, "most": 0}, {"name": "finish_evaluation", "least": 2, "most": 2}, {"name": "finish_outbox", "least": 1, "most": 1}, {"name": "finish_shadow", "least": 1, "most": 1}, {"name": "fire_constraints", "least": 0, "most": 0}, {"name": "first_instant", "least": 2, "most": 2}, {"name": "fold_attachment_changes", "least": 0, "most": 1}, {"name": "follow_active_prompt", "least": 0, "most": 0}, {"name": "follow_budget", "least": 0, "most": 0}, {"name": "follow_override", "least": 0, "most": 0}, {"name": "follow_parameters", "least": 0, "most": 0}, {"name": "follow_policy", "least": 0, "most": 0}, {"name": "follow_price", "least": 0, "most": 0}, {"name": "follow_prices", "least": 0, "most": 0}, {"name": "forbid_document_change", "least": 0, "most": 0}, {"name": "forbid_prompt_change", "least": 0, "most": 0}, {"name": "forget_predecessors", "least": 1, "most": 1}, {"name": "forget_refusals", "least": 0, "most": 0}, {"name": "forget_related", "least": 1, "most": 1}, {"name": "forget_rfq", "least": 0, "most": 0}, {"name": "gate_facts", "least": 1, "most": 5}, {"name": "grant_calls", "least": 34, "most": 34}, {"name": "hand_off_doorbell", "least": 0, "most": 0}, {"name": "handle_rfq", "least": 1, "most": 3}, {"name": "has_admin", "least": 0, "most": 0}, {"name": "has_claimable_work", "least": 1, "most": 1}, {"name": "health_of_budgets", "least": 0, "most": 0}, {"name": "health_of_calls", "least": 0, "most": 0}, {"name": "health_of_console", "least": 0, "most": 0}, {"name": "health_of_rfqs", "least": 0, "most": 0}, {"name": "health_of_settings", "least": 0, "most": 0}, {"name": "health_of_upkeep", "least": 0, "most": 0}, {"name": "health_of_workers", "least": 0, "most": 0}, {"name": "heartbeat", "least": 4, "most": 5}, {"name": "held_nano_usd", "least": 3, "most": 3}, {"name": "identity_of_rfqs", "least": 0, "most": 0}, {"name": "inet_of", "least": 1, "most": 1}, {"name": "ip_key", "least": 1, "most": 1}, {"name": "is_archivable", "least": 1, "most": 1}, {"name": "is_failing_for_few", "least": 6, "most": 6}, {"name": "is_measured", "least": 1, "most": 1}, {"name": "is_of_one_row", "least": 1, "most": 1}, {"name": "is_of_server", "least": 1, "most": 1}, {"name": "is_refused_alone", "least": 5, "most": 5}, {"name": "is_refused_to_all", "least": 4, "most": 4}, {"name": "is_trusted", "least": 1, "most": 1}, {"name": "jsonb_of", "least": 1, "most": 1}, {"name": "judge_breaker", "least": 3, "most": 3}, {"name": "judge_results", "least": 4, "most": 4}, {"name": "known_answers", "least": 4, "most": 4}, {"name": "known_model_capabilities", "least": 2, "most": 2}, {"name": "learn_model_capabilities", "least": 6, "most": 6}, {"name": "lines_fingerprint", "least": 1, "most": 1}, {"name": "lines_of", "least": 1, "most": 1}, {"name": "list_accounts", "least": 0, "most": 0}, {"name": "load_attachments", "least": 2, "most": 2}, {"name": "lock_budgets", "least": 10, "most": 10}, {"name": "lock_documents", "least": 0, "most": 0}, {"name": "lock_key", "least": 1, "most": 1}, {"name": "lock_models", "least": 16, "most": 16}, {"name": "log_policy", "least": 0, "most": 0}, {"name": "log_setting", "least": 0, "most": 0}, {"name": "make_console_link", "least": 3, "most": 4}, {"name": "make_partitions", "least": 0, "most": 0}, {"name": "move_windows", "least": 1, "most": 1}, {"name": "name_text", "least": 1, "most": 1}, {"name": "note_attached_file", "least": 0, "most": 0}, {"name": "note_attachment", "least": 0, "most": 0}, {"name": "note_claims", "least": 2, "most": 2}, {"name": "note_console_login", "least": 4, "most": 5}, {"name": "note_evaluation", "least": 7, "most": 7}, {"name": "note_older_attachments", "least": 1, "most": 1}, {"name": "note_rfq", "least": 2, "most": 4}, {"name": "notify_workers", "least": 0, "most": 0}, {"name": "open_breaker", "least": 3, "most": 4}, {"name": "open_console_sessions", "least": 0, "most": 0}, {"name": "outcomes", "least": 0, "most": 0}, {"name": "override_rfq", "least": 2, "most": 4}, {"name": "override_seen", "least": 5, "most": 5}, {"name": "pause", "least": 0, "most": 2}, {"name": "pending_erasures", "least": 0, "most": 0}, {"name": "person_found", "least": 1, "most": 1}, {"name": "preview_budget", "least": 3, "most": 3}, {"name": "price_in_force", "least": 3, "most": 3}, {"name": "price_runs", "least": 2, "most": 2}, {"name": "problem_lines", "least": 2, "most": 2}, {"name": "promote_deferred", "least": 0, "most": 1}, {"name": "prune_accounts", "least": 0, "most": 0}, {"name": "prune_attachments", "least": 0, "most": 0}, {"name": "prune_dead", "least": 0, "most": 0}, {"name": "prune_drafts", "least": 0, "most": 0}, {"name": "prune_guards", "least": 0, "most": 0}, {"name": "prune_related", "least": 0, "most": 0}, {"name": "put_draft", "least": 9, "most": 9}, {"name": "queue_end_webhooks", "least": 3, "most": 3}, {"name": "queue_event_webhooks", "least": 0, "most": 1}, {"name": "read_rfqs", "least": 1, "most": 2}, {"name": "readable", "least": 1, "most": 1}, {"name": "readings_of", "least": 2, "most": 2}, {"name": "reap_claims", "least": 1, "most": 1}, {"name": "reap_holds", "least": 0, "most": 0}, {"name": "reassign_rfq", "least": 2, "most": 5}, {"name": "rebuild_notify_function", "least": 1, "most": 1}, {"name": "rebuild_title_search", "least": 0, "most": 0}, {"name": "reclaim_dead", "least": 1, "most": 1}, {"name": "reclaim_expired", "least": 0, "most": 0}, {"name": "reclaim_worker", "least": 1, "most": 1}, {"name": "reconcile_budget", "least": 0, "most": 1}, {"name": "record_action", "least": 2, "most": 4}, {"name": "record_answer", "least": 6, "most": 6}, {"name": "record_apart", "least": 3, "most": 3}, {"name": "record_archive", "least": 1, "most": 1}, {"name": "record_attachment_use", "least": 3, "most": 3}, {"name": "record_canary_check", "least": 2, "most": 2}, {"name": "record_drift", "least": 1, "most": 1}, {"name": "record_erased_archive", "least": 5, "most": 5}, {"name": "record_lost_claims", "least": 1, "most": 1}, {"name": "record_maintenance", "least": 4, "most": 5}, {"name": "record_related", "least": 1, "most": 1}, {"name": "record_run", "least": 1, "most": 1}, {"name": "redrive_dead_letters", "least": 3, "most": 6}, {"name": "refresh_desk", "least": 0, "most": 1}, {"name": "refund_outage_attempts", "least": 0, "most": 0}, {"name": "refuse_correction", "least": 2, "most": 2}, {"name": "refuse_detached", "least": 0, "most": 0}, {"name": "refused_from", "least": 2, "most": 2}, {"name": "refuses_unpriced", "least": 2, "most": 2}, {"name": "register_rfq", "least": 0, "most": 0}, {"name": "register_worker", "least": 7, "most": 9}, {"name": "related_candidates", "least": 1, "most": 2}, {"name": "related_digest", "least": 1, "most": 1}, {"name": "related_facts", "least": 2, "most": 2}, {"name": "related_key", "least": 1, "most": 1}, {"name": "related_to_compare", "least": 1, "most": 1}, {"name": "release_doorbell", "least": 0, "most": 0}, {"name": "release_draft", "least": 2, "most": 2}, {"name": "release_evaluation", "least": 2, "most": 3}, {"name": "release_reading", "least": 3, "most": 3}, {"name": "release_unacknowledged", "least": 3, "most": 3}, {"name": "remove_document", "least": 1, "most": 2}, {"name": "renew_leases", "least": 3, "most": 3}, {"name": "reopen_rfq", "least": 1, "most": 3}, {"name": "request_draft", "least": 1, "most": 3}, {"name": "request_evaluation", "least": 1, "most": 4}, {"name": "request_id_of", "least": 1, "most": 1}, {"name": "request_related", "least": 1, "most": 1}, {"name": "rerun_rfq", "least": 1, "most": 2}, {"name": "rerun_rfqs", "least": 1, "most": 2}, {"name": "reset_ai_columns", "least": 0, "most": 0}, {"name": "reset_breaker", "least": 3, "most": 4}, {"name": "restore_lines", "least": 2, "most": 2}, {"name": "resume", "least": 0, "most": 2}, {"name": "retire_worker", "least": 1, "most": 1}, {"name": "retry_discarded", "least": 0, "most": 2}, {"name": "retry_webhook", "least": 1, "most": 3}, {"name": "rfq_contacts", "least": 1, "most": 1}, {"name": "rfq_created_at", "least": 1, "most": 1}, {"name": "rfq_fields", "least": 2, "most": 2}, {"name": "rfq_metadata", "least": 1, "most": 1}, {"name": "rfq_number_of", "least": 1, "most": 1}, {"name": "rfq_text", "least": 2, "most": 2}, {"name": "rfq_times", "least": 1, "most": 1}, {"name": "rfq_uuid", "least": 1, "most": 1}, {"name": "rfqs_at", "least": 2, "most": 2}, {"name": "rfqs_by_reference", "least": 1, "most": 2}, {"name": "rfqs_by_time", "least": 4, "most": 4}, {"name": "rfqs_from", "least": 1, "most": 1}, {"name": "roll_up", "least": 0, "most": 2}, {"name": "rollback_prompt", "least": 0, "most": 2}, {"name": "rules_instead_of_model", "least": 5, "most": 5}, {"name": "run_partitions", "least": 0, "most": 0}, {"name": "running_trial", "least": 1, "most": 1}, {"name": "sampled_block_range", "least": 3, "most": 3}, {"name": "save_draft", "least": 4, "most": 10}, {"name": "save_reading", "least": 9, "most": 9}, {"name": "search_documents", "least": 1, "most": 2}, {"name": "sender_key", "least": 1, "most": 1}, {"name": "set_budget", "least": 3, "most": 5}, {"name": "set_compared_password", "least": 6, "most": 6}, {"name": "set_policy", "least": 2, "most": 4}, {"name": "set_price", "least": 4, "most": 9}, {"name": "set_route_updated_at", "least": 0, "most": 0}, {"name": "set_webhook_active", "least": 2, "most": 4}, {"name": "settle_calls", "least": 1, "most": 1}, {"name": "settle_console_login", "least": 5, "most": 5}, {"name": "settle_evaluation", "least": 1, "most": 2}, {"name": "settle_lost", "least": 1, "most": 1}, {"name": "settle_webhook", "least": 3, "most": 5}, {"name": "short_text", "least": 1, "most": 1}, {"name": "similar_titles", "least": 1, "most": 1}, {"name": "spent_nano_usd", "least": 3, "most": 3}, {"name": "stamp_price", "least": 0, "most": 0}, {"name": "standing_corrections", "least": 2, "most": 2}, {"name": "start_evaluation", "least": 7, "most": 8}, {"name": "start_facts", "least": 0, "most": 0}, {"name": "start_trial", "least": 3, "most": 6}, {"name": "sweep_desk", "least": 0, "most": 1}, {"name": "take_guess", "least": 4, "most": 4}, {"name": "take_lock", "least": 1, "most": 2}, {"name": "take_reading", "least": 5, "most": 6}, {"name": "test_webhook", "least": 1, "most": 2}, {"name": "time_of", "least": 1, "most": 1}, {"name": "time_text", "least": 1, "most": 1}, {"name": "tokens_nano_usd", "least": 6, "most": 6}, {"name": "touch_desk", "least": 6, "most": 6}, {"name": "trial_answers", "least": 2, "most": 2}, {"name": "trial_figures", "least": 1, "most": 1}, {"name": "trial_rfqs", "least": 1, "most": 1}, {"name": "trigger_patience", "least": 0, "most": 0}, {"name": "trip_breaker", "least": 3, "most": 5}, {"name": "try_claim_maintenance", "least": 2, "most": 2}, {"name": "try_console_login", "least": 7, "most": 8}, {"name": "try_deferred", "least": 1, "most": 3}, {"name": "unpriced_calls", "least": 1, "most": 1}, {"name": "unsafe_triggers", "least": 0, "most": 0}, {"name": "usd_text", "least": 1, "most": 1}, {"name": "use_console_link", "least": 6, "most": 7}, {"name": "utc_offset", "least": 2, "most": 2}, {"name": "vacuum_due", "least": 0, "most": 1}, {"name": "wait_to_probe", "least": 4, "most": 4}, {"name": "wake_deferred", "least": 1, "most": 2}, {"name": "wake_missed_deferred", "least": 0, "most": 0}, {"name": "wake_waiting", "least": 1, "most": 1}, {"name": "was_called", "least": 2, "most": 2}, {"name": "watch", "least": 0, "most": 0}, {"name": "watched", "least": 0, "most": 0}, {"name": "week_fingerprint", "least": 2, "most": 2}, {"name": "weekly_answers", "least": 1, "most": 1}, {"name": "withdraw_correction", "least": 2, "most": 5}, {"name": "withdraw_override", "least": 1, "most": 3}, {"name": "without_controls", "least": 1, "most": 1}, {"name": "write_enrichment", "least": 0, "most": 0}, {"name": "write_results", "least": 3, "most": 3}]}';
select pg_advisory_lock(1380340045, 0) \g /dev/null

select to_regclass('ai.rfqflow_migration') is not null as installed \gset
\if :installed
do $$ begin if exists (select from ai.rfqflow_migration) and not exists (select from ai.rfqflow_migration where name like 'schema/%') then raise exception 'the database was made by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' and name <> all ('{}')) then raise exception 'the database has been upgraded by a later release: use that one'; end if; end $$;
\endif

\ir attach/10_check.sql
\ir attach/15_check_attachments.sql
select place = 'absent' as absent, place = 'attached' as attached, place = 'elsewhere' as elsewhere, (current_setting('rfqflow.attach')::jsonb ->> 'is_unswept')::boolean as is_unswept from (select current_setting('rfqflow.attach')::jsonb ->> 'place' as place) as found \gset
\if :absent
begin;
\endif

select to_regclass('ai.rfqflow_migration') is null as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/01_ledger_and_roles.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/01_ledger_and_roles.sql', '87979e4256cc6e6920e8ee4e699fddc075d2f8511e0e38b2a7755fc0062ee88a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/01_ledger_and_roles.sql' and sha256 <> '87979e4256cc6e6920e8ee4e699fddc075d2f8511e0e38b2a7755fc0062ee88a') then raise exception 'schema/01_ledger_and_roles.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/02_policy.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/02_policy.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/02_policy.sql', 'bc3f965e91f1067ff3f011529af589a863ab091c376259fea7dd6019b73aca78', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/02_policy.sql' and sha256 <> 'bc3f965e91f1067ff3f011529af589a863ab091c376259fea7dd6019b73aca78') then raise exception 'schema/02_policy.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/03_routes.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/03_routes.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/03_routes.sql', '87357a7182433a53b15fbcbd1ee2ced2410bef4d41472711e28bdc90917cbe82', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/03_routes.sql' and sha256 <> '87357a7182433a53b15fbcbd1ee2ced2410bef4d41472711e28bdc90917cbe82') then raise exception 'schema/03_routes.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/04_queue.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/04_queue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/04_queue.sql', '72f7b5ce3463803f23180f17f7bf9f075fc054ff41f303f0922009f60d8cd68b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/04_queue.sql' and sha256 <> '72f7b5ce3463803f23180f17f7bf9f075fc054ff41f303f0922009f60d8cd68b') then raise exception 'schema/04_queue.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/05_workers.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/05_workers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/05_workers.sql', '8a47b775da90b52100b013b9dca6b27574be1b7f07af78b99d6e43f9c3dc0b85', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/05_workers.sql' and sha256 <> '8a47b775da90b52100b013b9dca6b27574be1b7f07af78b99d6e43f9c3dc0b85') then raise exception 'schema/05_workers.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/06_runs.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/06_runs.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/06_runs.sql', 'b0a2b9f8d03149cbfc6e98a2eefd1a0ef5fc3254e7c8071a6c792bd23883262b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/06_runs.sql' and sha256 <> 'b0a2b9f8d03149cbfc6e98a2eefd1a0ef5fc3254e7c8071a6c792bd23883262b') then raise exception 'schema/06_runs.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/07_prompts.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/07_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/07_prompts.sql', '94e690ab12685ca746b57de71380eeef070e9f4619b5d6fa2ce5514afbd493a5', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/07_prompts.sql' and sha256 <> '94e690ab12685ca746b57de71380eeef070e9f4619b5d6fa2ce5514afbd493a5') then raise exception 'schema/07_prompts.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/08_documents.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/08_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/08_documents.sql', 'ecf66dbf84c67f49ad114a60c4050b28dff1fe006d4a144183f4e2f9d215e310', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/08_documents.sql' and sha256 <> 'ecf66dbf84c67f49ad114a60c4050b28dff1fe006d4a144183f4e2f9d215e310') then raise exception 'schema/08_documents.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/09_models.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/09_models.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/09_models.sql', '191e20136046d7881062eca2af645fbbc0df3846168d227cb92ecfd1302246ca', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/09_models.sql' and sha256 <> '191e20136046d7881062eca2af645fbbc0df3846168d227cb92ecfd1302246ca') then raise exception 'schema/09_models.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/10_admission.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/10_admission.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/10_admission.sql', 'cfdfb2b6716da310d19064690663e19bf37a4ff8ce19a7784607104f197dd99c', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/10_admission.sql' and sha256 <> 'cfdfb2b6716da310d19064690663e19bf37a4ff8ce19a7784607104f197dd99c') then raise exception 'schema/10_admission.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/11_gates.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/11_gates.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/11_gates.sql', '760e2bea4740eb328186c46e9f9cefd96ee72335cf7d3d9e0bc19b1b19d4a8f0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/11_gates.sql' and sha256 <> '760e2bea4740eb328186c46e9f9cefd96ee72335cf7d3d9e0bc19b1b19d4a8f0') then raise exception 'schema/11_gates.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/12_events.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/12_events.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/12_events.sql', '7ac06877c9514b9caa0ed2d3a70c29cb4d7220707aa78b33395d3eca38c16af8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/12_events.sql' and sha256 <> '7ac06877c9514b9caa0ed2d3a70c29cb4d7220707aa78b33395d3eca38c16af8') then raise exception 'schema/12_events.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/13_overrides.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/13_overrides.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/13_overrides.sql', 'f437ba46fe7f7804598cc7b25071dc02ea97fb0cc631b1ad9b5f99a20b08e28d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/13_overrides.sql' and sha256 <> 'f437ba46fe7f7804598cc7b25071dc02ea97fb0cc631b1ad9b5f99a20b08e28d') then raise exception 'schema/13_overrides.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/14_figures.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/14_figures.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/14_figures.sql', 'ce000acb18617e9edc648c84cf2e7a7405cf4025c3a0465de85a8c647b3f6ce1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/14_figures.sql' and sha256 <> 'ce000acb18617e9edc648c84cf2e7a7405cf4025c3a0465de85a8c647b3f6ce1') then raise exception 'schema/14_figures.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/15_evaluation.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/15_evaluation.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/15_evaluation.sql', '5d749139d2d4c44fd93f0538a900e6e673b78a58dc189e4e9f645d738a8df8df', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/15_evaluation.sql' and sha256 <> '5d749139d2d4c44fd93f0538a900e6e673b78a58dc189e4e9f645d738a8df8df') then raise exception 'schema/15_evaluation.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/16_trials.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/16_trials.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/16_trials.sql', 'bc880640fc06fa5c73e6fd1c87ace8b18687c5df9170d1ff01d2bc1b20383a2a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/16_trials.sql' and sha256 <> 'bc880640fc06fa5c73e6fd1c87ace8b18687c5df9170d1ff01d2bc1b20383a2a') then raise exception 'schema/16_trials.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/17_retention.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/17_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/17_retention.sql', '945059e77e61753a40e9f66282870a3133ee6f8c98c59735f236404bba909fd0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/17_retention.sql' and sha256 <> '945059e77e61753a40e9f66282870a3133ee6f8c98c59735f236404bba909fd0') then raise exception 'schema/17_retention.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/18_webhooks.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/18_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/18_webhooks.sql', '23985ac764bcf1a65f935e1dab7ceae070dcdabb66051efd0bb9bdcc5be982c9', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/18_webhooks.sql' and sha256 <> '23985ac764bcf1a65f935e1dab7ceae070dcdabb66051efd0bb9bdcc5be982c9') then raise exception 'schema/18_webhooks.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/19_mapping.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/19_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/19_mapping.sql', '1cded13d14d57d2b46e12f4add2c7bebd2885cae894436be2b84af8d43fd4780', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/19_mapping.sql' and sha256 <> '1cded13d14d57d2b46e12f4add2c7bebd2885cae894436be2b84af8d43fd4780') then raise exception 'schema/19_mapping.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/20_desk.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/20_desk.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/20_desk.sql', '76270fb2767a63fee55cac390dae192ed91b0f55fac0973619ad8e603fb3e23d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/20_desk.sql' and sha256 <> '76270fb2767a63fee55cac390dae192ed91b0f55fac0973619ad8e603fb3e23d') then raise exception 'schema/20_desk.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/21_accounts.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/21_accounts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/21_accounts.sql', 'c76ba451469e371b5e269b4067de8d781e905cf191fe1b7a8f5e38db176bad68', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/21_accounts.sql' and sha256 <> 'c76ba451469e371b5e269b4067de8d781e905cf191fe1b7a8f5e38db176bad68') then raise exception 'schema/21_accounts.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/22_drafts.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/22_drafts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/22_drafts.sql', 'cbc04c7a22e375c086e6bed4217974c98af9fe6b76c0cfb1b236badf22ba6b44', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/22_drafts.sql' and sha256 <> 'cbc04c7a22e375c086e6bed4217974c98af9fe6b76c0cfb1b236badf22ba6b44') then raise exception 'schema/22_drafts.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/23_audit.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/23_audit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/23_audit.sql', 'c1a85ebd27b3d45d6c89bc7a49d0d2ca16fd471e82bdaa15097ffefd1fcff825', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/23_audit.sql' and sha256 <> 'c1a85ebd27b3d45d6c89bc7a49d0d2ca16fd471e82bdaa15097ffefd1fcff825') then raise exception 'schema/23_audit.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/24_attachments.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/24_attachments.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/24_attachments.sql', 'ccc39b237c21d9f52c0761bb8dfd25641889fe0751b42f4f36b338ac7df43bd7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/24_attachments.sql' and sha256 <> 'ccc39b237c21d9f52c0761bb8dfd25641889fe0751b42f4f36b338ac7df43bd7') then raise exception 'schema/24_attachments.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'schema/25_related.sql') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
\ir schema/25_related.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('schema/25_related.sql', '95fc7b1e57dfb0cfad02692cbd56b19acffb49c65cd4fdeba040b0ef8e8e91da', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'schema/25_related.sql' and sha256 <> '95fc7b1e57dfb0cfad02692cbd56b19acffb49c65cd4fdeba040b0ef8e8e91da') then raise exception 'schema/25_related.sql has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'seed/routes.toml') as todo \gset
\if :todo
\if :absent
\else
begin;
\endif
insert into ai.routes (slug, description, keywords, is_fallback) values
('mechanical', 'Parts made to drawing and machine elements: machining, sheet metal, welding^0.8, castings, forgings, mouldings, tooling, gears, bearings, springs, hydraulic cylinders.', array[
 'machined^2', 'machining^2', 'cnc^1.5', 'milling^1.5', 'milled^2', 'turned^2', 'turning^1.5', 'lathe^1.5', 'turned part^2', 'machined part^2',
 '5-axis^2', '3-axis', 'swiss type', 'grinding', 'ground shaft', 'honing^1.5', 'broaching^2', 'edm^1.5', 'wire erosion^2', 'deburr*^1.5',
 'knurl*^1.5', 'thread*^0.5', 'tapped hole^1.5', 'tolerance', 'h7^1.5', 'h6^1.5', 'iso 2768^2', 'surface finish', 'concentricity^1.5', 'flatness',
 'perpendicularity', 'gd&t^2', 'first article^1.5', 'fai', 'ppap^1.5', 'step file^1.5', 'stp file^1.5', 'stp', 'dxf^1.5', 'iges', 'solidworks',
 'drawing no', 'drawing number', 'dwg', 'prototype part', 'batch size', 'sheet metal^2', 'bending', 'bent part', 'press brake^2', 'laser cut*^1.5',
 'lasercut^1.5', 'waterjet cut*^1.5', 'punching', 'stamping^1.5', 'stamped part^2', 'deep drawn^2', 'deep drawing^2', 'progressive die^2',
 'metal spinning', 'weldment^2', 'welded frame^2', 'welded assembl*^2', 'welding^0.8', 'tig^0.5', 'mig weld*', 'fabricated part', 'enclosure^0.5',
 'bracket^1.5', 'chassis', 'housing^0.5', 'flange^0.3', 'clevis^2', 'yoke', 'casting^1.5', 'die casting^2', 'die cast^2', 'sand casting^2',
 'investment casting^2', 'foundry^1.5', 'forging^1.5', 'forged^1.5', 'sintered^1.5', 'powder metallurgy^2', 'machined casting^2',
 'injection mould*^2', 'injection mold*^2', 'moulded part^2', 'molded part^2', 'overmould*^2', 'thermoform*^1.5', 'vacuum form*^1.5', 'mould tool^2',
 'mold tooling^2', 'tooling^1.5', 'jig^1.5', 'fixture^1.5', 'die set^1.5', '3d print*^1.5', 'additive manufactur*^1.5', 'sls', 'rapid prototyp*^1.5',
 'extruded profile', 'cnc turned', 'bushing^1.5', 'bush^1.5', 'sleeve', 'spacer^1.5', 'shim^1.5', 'pin^0.5', 'dowel^1.5', 'shaft^1.5', 'spindle^1.5',
 'axle^1.5', 'hub', 'roller^1.5', 'pulley^1.5', 'sprocket^1.5', 'gear^1.5', 'gears^1.5', 'gearbox^1.5', 'gearwheel^2', 'pinion^2',
 'rack and pinion^2', 'worm gear^2', 'spline^1.5', 'cam', 'crankshaft^2', 'coupling', 'ball bearing^2', 'bearing^1.5', 'roller bearing^2',
 'plain bearing^2', 'linear guide^1.5', 'ball screw^1.5', 'lead screw^1.5', 'compression torsion leaf stud^0.5', 'rivet', 'socket head^1.5',
 'threaded insert^1.5', 'circlip^1.5', 'retaining ring^1.5', 'o-ring^0.5', 'oil seal', 'chain^0.5', 'roller chain^1.5', 'v-belt', 'timing belt',
 'hydraulic cylinder^2', 'hydraulic power*', 'hydraulic hose', 'pneumatic cylinder^1.5', 'piston^1.5', 'piston rod^2', 'impeller^0.5', 'wear part',
 'crusher', 'excavator', 'bucket teeth', 'knife', 'blades', 'cutting tool', 'end mill^1.5', 'drill bit', 'anodis*', 'anodiz*', 'black oxide^1.5',
 'powder coat*', 'zinc plat*', 'nickel plat*', 'heat treat*', 'hardened', 'case harden*^1.5', 'nitrid*^1.5', 'drehteil*^2', 'frästeil*^2',
 'dreh- und frästeil*^2', 'fräsen^1.5', 'gefräst^2', 'gedreht^1.5', 'zerspan*^2', 'schleifen', 'spanend*^2', 'blechteil*^2', 'blech^0.5', 'kanten',
 'abkant*^2', 'laserteil*^2', 'laserschneid*^1.5', 'lasern^1.5', 'biegeteil*^2', 'stanzteil*^2', 'stanz*^1.5', 'tiefzieh*^2', 'schweißbaugruppe*^2',
 'schweißen', 'schweißkonstruktion^1.5', 'halterung*^1.5', 'haltewinkel^1.5', 'konsole', 'gehäuse', 'gussteil*^2', 'gießerei^1.5', 'druckguss^2',
 'feinguss^2', 'schmied*^1.5', 'schmiedeteil*^2', 'spritzguss^2', 'spritzgießen^2', 'kunststoffteil^1.5', 'werkzeugbau^1.5', 'vorrichtung^1.5',
 'welle^1.5', 'wellen^1.5', 'buchse^1.5', 'distanzhülse^2', 'bolzen', 'zahnrad^2', 'zahnräder^2', 'getriebe^1.5', 'ritzel^2', 'kugellager^2',
 'wälzlager^2', 'gleitlager^2', 'lagerbock^1.5', 'feder^1.5', 'druckfeder^2', 'schraube', 'mutter^0.5', 'scheibe^0.5', 'passung^1.5', 'toleranz',
 'eloxier*', 'verzinkt^0.5', 'pulverbeschicht*', 'gehärtet', 'hydraulikzylinder^2', 'zeichnungsteil*^2', 'einzelteil*', 'baugruppe*', 'zeichnung^0.5',
 'usinage^2', 'pièce usinée^2', 'pièces mécaniques^2', 'tournage^1.5', 'fraisage^1.5', 'décolletage^2', 'tôlerie^2', 'pliage^1.5',
 'découpe laser^1.5', 'mécano-soudé*^2', 'mecanosoude*^2', 'soudure', 'emboutissage^2', 'fonderie^1.5', 'moulage', 'injection plastique^2',
 'pièces moulées^1.5', 'moule^1.5', 'arbre^1.5', 'bague^1.5', 'entretoise^2', 'engrenage^2', 'pignon^2', 'réducteur^1.5', 'roulement^1.5',
 'palier^1.5', 'ressort^1.5', 'écrou', 'rondelle^1.5', 'vérin^1.5', 'traitement de surface', 'anodisation', 'tolérance', 'mecanizado^2',
 'mecanizada^2', 'piezas mecanizadas^2', 'torneado^2', 'fresado^2', 'chapa plegada^2', 'plegado^1.5', 'corte láser^1.5', 'calderería^1.5',
 'soldadura', 'fundición^1.5', 'forja^1.5', 'estampación^1.5', 'inyección de plástico^2', 'molde^1.5', 'utillaje^1.5', 'casquillo^2', 'eje^1.5',
 'engranaje^2', 'piñón^2', 'reductor^1.5', 'rodamiento^2', 'cojinete^2', 'muelle^1.5', 'resorte^1.5', 'arandela^1.5', 'cilindro hidráulico^2',
 'soporte', 'según plano', 'plano adjunto', 'anodizado', 'lavorazioni meccaniche^2', 'tornitura^2', 'torniti^2', 'fresatura^2',
 'particolari meccanici^2', 'a disegno^1.5', 'carpenteria^1', 'lamiera', 'piegatura^1.5', 'taglio laser^1.5', 'saldatura', 'stampaggio^1.5',
 'fusione^1.5', 'pressofusione^2', 'stampo^1.5', 'albero^1.5', 'boccola^2', 'bussola^1.5', 'distanziale^2', 'ingranaggio^2', 'pignone^2',
 'riduttore^1.5', 'cuscinetto^2', 'molla^1.5', 'rondella^1.5', 'cilindro idraulico^2', 'staffe di fissaggio^1.5', 'disegno', 'tolleranza',
 'draaiwerk^2', 'freeswerk^2', 'draaien', 'frezen^1.5', 'verspan*^2', 'plaatwerk^2', 'zetten', 'lasersnijden^1.5', 'laswerk^1.5', 'lassen',
 'lasconstructie^1.5', 'gietstuk*^2', 'gieterij^1.5', 'smeed*^1.5', 'spuitgiet*^2', 'matrijs^1.5', 'asje', 'tandwiel^2', 'lager^0.5', 'kogellager^2',
 'tekening', 'beugel^1.5', 'steun', 'onderdelen', 'obróbk*^2', 'toczeni*^2', 'toczon*^2', 'frezowan*^2', 'cięcie laserowe^1.5', 'gięci*^1.5',
 'spawani*', 'spawan*', 'odlew*^1.5', 'kute', 'odkuwk*^2', 'formy wtryskowe^2', 'wtrysk*^1.5', 'wałek^1.5', 'wałki^1.5', 'tulej*^2', 'koło zębate^2',
 'koła zębate^2', 'zębat*^2', 'przekładni*^1.5', 'łożysk*^2', 'sprężyn*^1.5', 'siłownik*', 'uchwyt*', 'wspornik*^1.5', 'rysun*', 'tolerancj*',
 'usinagem^2', 'usinad*^2', 'torneamento^2', 'tornead*^1.5', 'fresagem^2', 'fresad*^1.5', 'chapa dobrada^1.5', 'quinagem^2', 'corte a laser^1.5',
 'soldagem', 'fundição^1.5', 'forjad*^1.5', 'injeção plástica^2', 'eixo^1.5', 'bucha^2', 'engrenagem^2', 'engrenagens^2', 'redutor^1.5',
 'rolamento^2', 'mancal^2', 'mola^1.5', 'parafuso', 'porca', 'arruela^1.5', 'suporte', 'desenho', 'tolerância', 'svarvning^2', 'svarvad*^2',
 'fräsning^2', 'fräst^1.5', 'skärande bearbetning^2', 'bearbetning', 'plåtdetalj*^2', 'kantpress*^1.5', 'laserskär*^1.5', 'svetsning', 'svetsad*',
 'gjutgods^2', 'gjutning^1.5', 'smide^1.5', 'formsprut*^2', 'axel', 'bussning^2', 'kugghjul^2', 'växellåda^1.5', 'kullager^2', 'fjäder^1.5', 'bult',
 'skruv', 'fäste^1.5', 'ritning', 'detaljer', 'talaşlı^2', 'torna^1.5', 'tornalama^2', 'freze^1.5', 'frezeleme^2', 'sac^0.5', 'büküm^1.5',
 'lazer kesim^1.5', 'kaynak*', 'döküm^1.5', 'dövme^1.5', 'enjeksiyon^1.5', 'kalıp^1.5', 'kalıbı^1.5', 'şaft^1.5', 'burç^2', 'dişli^2', 'redüktör^1.5',
 'rulman*^2', 'yay^1.5', 'cıvata', 'somun', 'braket^1.5', 'teknik resim', 'tolerans', 'obráběn*^2', 'soustružen*^2', 'frézov*^2', 'svařov*',
 'svařen*', 'odlit*^1.5', 'výkovk*^2', 'vstřikov*^1.5', 'hřídel*^1.5', 'pouzdr*^1.5', 'ozuben*^2', 'převodovk*^1.5', 'ložisk*^2', 'pružin*^1.5',
 'výkres*', 'plechov*^1.5', 'ohýb*^1.5', 'držák*^1.5', 'dílec', 'dílů', '机加工^2', '加工', '车削^2', '铣削^2', '数控^2', '钣金^2', '冲压^2', '焊接', '铸件^2', '压铸^2',
 '锻件^2', '注塑^2', '模具^2', '齿轮^2', '轴承^2', '轴套^2', '弹簧^2', '螺栓^1.5', '螺丝', '法兰^0.5', '支架^1.5', '图纸', '公差^1.5', '零件', '阳极氧化', '切削加工^2', '機械加工^2', '旋盤^2',
 'フライス^2', '板金^2', 'プレス加工^2', '溶接', '鋳物^2', '鍛造^2', '射出成形^2', '金型^2', '歯車^2', 'ギア^1.5', 'ベアリング^2', '軸受^2', 'シャフト^2', 'ブッシュ^2', 'ばね^1.5', 'ボルト', '図面',
 '部品', 'ブラケット^2', '가공^1.5', '선반', '기어^1.5', '베어링^2', '금형^2', '도면', '주조^1.5', '볼트', 'تشغيل', 'مخرطة^2', 'محامل', 'تروس^2', 'مسامير', 'fabrication^0.8',
 'fabricated^1.2', 'fabricator^1.5', 'machine shop^2', 'machine guarding^1.5', 'mesh guarding^1.5', 'pedestal^0.9', 'base frame^2', 'frame^0.5',
 'welded^0.8', 'weld procedure^1.5', 'wps^1', 'iso 15614^1.5', 'iso 9606^1.5', 'iso 13920^2', 'en 15085^1.5', 'dimensional report^1.5',
 'parallelism^1.5', 'perpendicular^1', 'runout^1.5', 'true position^1.5', 'bore^1', 'bores^1', 'keyway^2', 'chamfer^1.5', 'counterbore^2',
 'blind hole^1.5', 'press fit^1.5', 'ra 0.8^1.5', 'ra 1.6^1.5', 'laser-cut^1.5', 'laser and bend^2', 'bent^1', 'folded^1', 'tumbled', 'deburred^1.5',
 'passivat*^1', 'zinc flake^1', 'wet paint^0.7', 'machined flat^2', 'sheave^2', 'sheaves^2', 'rope sheave^2', 'crane wheel^2', 'wheel^0.7',
 'wheels^0.7', 'casing^1', 'castings^2', 'cast part^2', 'ductile iron^1.5', 'grey iron^1.5', 'gjs^1.5', 'pattern equipment^2', 'matchplate^2',
 'core box^2', 'gravity cast*^2', 'forgings^2', 'draw hook^2', 'hook^0.7', 'bushings^1.5', 'hinge^1', 'latch^1', 'handle^0.5', 'knob^0.7',
 'nozzle^0.7', 'manifold^1.2', 'adapter^0.7', 'tie rod^1.5', 'ring gear^2', 'cutter^1', 'blade^0.7', 'mould insert^2', 'cavity^1', 'flywheel^2',
 'turntable^1', 'hydraulic press^1', 'press tool^2', 'spare part to drawing^2', 'as per drawing^1', 'as per sample^1.2', 'per drawing^1',
 'per print^1.5', 'prototype^0.7', 'pre-series^1', 'annual volume^0.7', 'piece price^1', 'tooling cost^1.5', 'nach zeichnung^1.5',
 'laut zeichnung^1.5', 'gemäß zeichnung^1.5', 'schweißgestell^2', 'maschinengestell^2', 'gestell^1', 'rahmen^0.7', 'seilrolle^2', 'laufrad^1.5',
 'laufräder^1.5', 'gewinde^1', 'bohrung^1', 'bohrungen^1', 'kunststoffteile^1.5', 'drehmaschine^0.5', 'cnc-teile^2', 'prototypen^0.7', 'serie^0.3',
 'einzelfertigung^1.5', 'lohnfertigung^2', 'lohnarbeit^1', 'gussrohling^2', 'rohling^1', 'schmiedestück^2', 'federn^1.5', 'normteil^0.5',
 'pressteil^1.5', 'blechgehäuse^2', 'abdeckung^0.7', 'flansch^0.5', 'zylinder^0.7', 'kolben^1.5', 'kolbenstange^2', 'hydraulik^1', 'selon plan^1.5',
 'suivant plan^1.5', 'plans joints^1', 'chaudronnerie^1.5', 'châssis^1.5', 'bâti^1.5', 'carter^1.5', 'pièces forgées^2', 'pièces de fonderie^2',
 'pièces tournées^2', 'pièces fraisées^2', 'alésage^1.5', 'filetage^1', 'soudé^1', 'mécanosoudé^2', 'roue^0.7', 'poulie^1.5', 'crochet^1',
 'lames^0.7', 'ressorts^1.5', 'outillage^1.5', 'según planos^1.5', 'bastidor^2', 'bancada^2', 'piezas^0.5', 'pieza torneada^2', 'piezas fundidas^2',
 'soldado^1', 'polea^2', 'rueda^0.7', 'cuchilla^1', 'gancho^1', 'carcasa^1', 'brida^0.5', 'acabado^0.5', 'troquel^2', 'matriz^1.5', 'matricería^2',
 'secondo disegno^1.5', 'come da disegno^1.5', 'telaio^1.5', 'basamento^1.5', 'puleggia^2', 'ruota^0.7', 'gancio^1', 'lame^0.7', 'fucinat*^2',
 'fusioni^1.5', 'particolari^1', 'particolari torniti^2', 'saldato^1', 'minuteria^1.5', 'filettatura^1', 'alesaggio^1.5', 'molle^1.5', 'ingranaggi^2',
 'alberi^1.5', 'cuscinetti^2', 'volgens tekening^1.5', 'onderstel^1.5', 'behuizing^1.5', 'behuizingen^1.5', 'poelie^1.5', 'wiel^0.7', 'haak^1',
 'gelast^1', 'gefreesd^2', 'gedraaid^1.5', 'gezet^1', 'assen^1', 'plaatdelen^2', 'według rysunku^1.5', 'wg rysunku^1.5', 'zgodnie z rysunkiem^1.5',
 'rama^1', 'ramy^1', 'korpus*^1.5', 'obudow*^1', 'kół^0.5', 'krążk*^1.5', 'detal*^1.5', 'części^0.7', 'prototyp*^0.7', 'gwint*^1', 'spoin*^1',
 'matryc*^1.5', 'tłok*^1', 'conforme desenho^1.5', 'peças usinadas^2', 'peças^0.5', 'chassi^1.5', 'carcaça^1.5', 'polia^2', 'roda^0.7',
 'ferramentaria^2', 'molde de injeção^2', 'estampad*^1.5', 'estampagem^1.5', 'soldad*^1', 'caldeiraria^1.5', 'enligt ritning^1.5', 'svetsat^1',
 'hjul^0.7', 'remskiva^1.5', 'krok^1', 'verktyg^0.7', 'gjutna^1.5', 'legoarbete^2', 'lego tillverkning^2', 'resme göre^1.5', 'çizime göre^1.5',
 'şase^1.5', 'gövde^1', 'makara^1.5', 'tekerlek^1', 'kanca^1', 'kaynaklı^1.5', 'saç parça^1.5', 'yedek parça^1', 'imalat^0.5', 'dişliler^2',
 'miller^1.5', 'aparat^1', 'dle výkresu^1.5', 'rámu^1', 'rámy^1', 'svařenec^2', 'svařence^2', 'odlitky^2', 'kladk*^1.5', 'kolo^0.7', 'hák^1',
 'skříň^0.5', 'kryt^0.7', 'dílů dle^1', 'strojní díl*^2', 'cnc obrábění^2', '丝杠^1.5', '导轨^1', '外壳^1', '夹具^2', '工装^2', '治具^2', '试制^1', '样件^1', 'ナット',
 '加工品^2', '試作^1', '架台^1.5', '용접^1', '브라켓^2', '하우징^1', '볼베어링^2', 'قطع غيار^0.7', 'لحام^1', 'صب^1', 'صب المعادن^2', 'tapped^1.5', 'drilled^1.5',
 'drill and tap^2', 'faced^1', 'chamfered^1.5', 'reamed^1.5', 'countersunk hole*^1.5', 'counterbore*^1.5', 'keyway*^2', 'bored^1', 'guide rod*^2',
 'guide rail*^1', 'to drawing^1.5', 'to our drawing^1.5', 'to your sample^1', 'to sample^1.5', 'attached step^2', 'step model^2',
 'cad model attached^1', 'part drawing*^1.5', 'sketch^1', 'dimension*^0.5', 'spare part*^0.5', 'jaw plate*^2', 'wear plate*^1', 'toggle^1',
 'regrind*^1.5', 'recoat*^1', 'tool room^1.5', 'toolroom^1.5', 'worm wheel^2', 'worm shaft^2', 'bevel gear^2', 'coupling hub^2', 'heatsink^1',
 'heat sink^1', 'two-cavity^2', 'gasket punch*^1', 'perçage^1.5', 'taraudage^1.5', 'oxycoupage^1.5', 'rectification^1.5', 'flasque*^1.5',
 'sur plan^1.5', 'clavette*^1.5', 'crémaillère^2', 'nach muster^1.5', 'bohrung*^1.5', 'passfeder*^2', 'nut^0.5', 'zahnstange*^2', 'kettenrad^2',
 'kettenräder^2', 'induktiv gehärtet^2', 'drehen^1.5', 'taladrad*^1.5', 'roscad*^1.5', 'rectificad*^1.5', 'chavetero^2', 'troquel*^1.5', 'forat*^1',
 'filettat*^1.5', 'rettific*^1.5', 'stampi^1.5', 'tulejk*^2', 'frezowani*^2', 'draadgat*^1.5', 'tandwiel*^2', 'teknik resim*^1', 'dişli*^1.5',
 'burç*^1.5', 'podle výkresu^1.5', 'soustruž*^2', '切削^1.5', '가공품^2', '절삭^1.5', 'muelles de compresión^2.5', 'resortes de compresión^2.5',
 'molle a compressione^2.5', 'ressorts de compression^2.5', 'replacement blade*^2', 'granulator blade*^2.5', 'knives^1.5', 'kurvenscheibe*^2',
 'jib crane^2', 'chain hoist^2.5', 'chain hoists^2.5', 'hoist^1.5', 'lift table^2', 'scissor lift^2', 'castor^1.5', 'caster^1.5', 'trolley^1',
 'stillage^2', 'gas strut^2', 'gas shock absorber^2', 'vibration damper^2', 'anti-vibration mount^2', 'wear strip^2', 'scraper^1.5',
 'conveyor roller^2.5', 'idler^1.5', 'sprockets^2', 'drive belt^1.5', 'wedge belt^2', 'v-belts^2', 'toothed belt^2', 'gasket set^1', 'shaft seal^1.5',
 'lip seal^1.5', 'mechanical seal^1', 'thrust pillow block^2', 'plummer block^2', 'bearing housing^0.5', 'flange bearing^2.5', 'bearing unit^2',
 'cam follower^2', 'rod end^2', 'spherical bearing^2', 'guide rod^2', 'guide rail^1', 'linear rail^2', 'leadscrew^2', 'ballscrew^2', 'clutch^1.5',
 'brake disc^1.5', 'key steel^1', 'flatbar bracket^1.5', 'cleat^1', 'anode^1', 'propeller^0.9', 'cover plate^1.5', 'mounting plate^1.5',
 'base plate^1', 'machine frame^2', 'welding table^2', 'hydraulic ram^2.5', 'hydraulic pump^1', 'hydraulic motor^2', 'air cylinder^2.5', 'gripper^1',
 'ejector pin^2', 'punch and die^2', 'spare blade^1.5', 'circular knife^2', 'saw blade^1', 'hammer mill^1', 'screw flight^2', 'auger^1.5', 'cage^0.5',
 'clevis pin^2', 'machine part^1.5', 'issue c^0.3', 'hubtisch*^2', 'lenkrolle*^2', 'bockrolle*^2', 'laufrolle*^2', 'kettenzug^2', 'kettenzüge^2',
 'schwenkkran^2', 'scharnier*^1.5', 'gasdruckfeder*^2', 'stoßdämpfer^2', 'keilriemen^2', 'zahnriemen^2', 'riemenscheibe*^2', 'führungsschiene*^1.5',
 'linearführung*^2', 'gelenkkopf^2', 'gelenkköpfe^2', 'wellendichtring*^2', 'lager gehäuse^1.5', 'flanschlager^2', 'stehlager^2',
 'pneumatikzylinder^2.5', 'förderrolle*^2', 'schneckenrad^2', 'kegelrad^2', 'auffahrrampe*^1.5', 'flanschwelle*^2.5', 'sicherungsring*^2',
 'ersatzmesser^1.5', 'spannhülse*^1.5', 'dichtring*^1', 'dichtungen^0.7', 'hubwagen^1.5', 'pleuel^1.5', 'kupplung*^0.7', 'palan^2', 'palans^2',
 'charnière*^1.5', 'roulette*^1', 'courroie*^2', 'poulie*^2', 'bride^0.5', 'axe^1', 'axes^1', 'goupille*^1.5', 'table élévatrice^2',
 'amortisseur*^1.5', 'joint spi^1.5', 'vérin pneumatique^2.5', 'chaîne à rouleaux^2', 'polipasto*^2', 'bisagra*^1.5', 'correa*^1.5', 'polea*^2',
 'cilindro neumático^2.5', 'amortiguador*^1.5', 'rueda dentada^2', 'ruedas^1', 'retén^1', 'retenes^1.5', 'paranco^2', 'paranchi^2', 'cerniera^1.5',
 'cerniere^1.5', 'cinghia^1.5', 'cinghie^1.5', 'pulegge^2', 'cilindri pneumatici^3', 'cilindro pneumatico^3', 'giunti^0.7', 'ammortizzatore^1.5',
 'boccole^2', 'takel^1.5', 'scharnieren^1.5', 'zwenkwiel*^2', 'kettingtakel^2', 'riem^1', 'riemen^1.5', 'veren^1.5', 'heftafel*^2', 'lagerblok^1.5',
 'wciągnik*^2', 'zawias*^1.5', 'pasek klinowy^2', 'pas* klinow*^2', 'obejm*^1.5', 'siłownik* pneumatyczn*^2.5', 'siłownik* hydrauliczn*^2.5',
 'koł* zębat*^2', 'st* spawalnicz*^2', 'wózk* paletow*^3', 'wał^1.5', 'wały^1.5', 'wałków^1.5', 'talha*^1.5', 'dobradiça*^1.5', 'correia*^1.5',
 'polia*^2', 'buchas^2', 'molas^1.5', 'amortecedor*^1.5', 'telfer^1.5', 'gångjärn*^1.5', 'kilrem*^2', 'glidlager^2.5', 'lager brons^1', 'fjädrar^1.5',
 'axlar^1.5', 'rulle^0.5', 'menteşe^1.5', 'kayış^1.5', 'kasnak^2', 'vinç^1.5', 'rulman^2', 'mil^0.3', 'řemen*^2', 'řemenic*^2.5', 'pant*^0.5',
 'kladkostroj^2', 'lejer^1.5', 'lejre^1.5', 'leje^1.5', 'kugleleje*^2', 'kulelager^2', 'aksel^1.5', 'aksler^1.5', 'tandhjul^2', 'tannhjul^2',
 'fjeder^1.5', 'fjedre^1.5', 'fjær^1.5', 'remskive^2', 'kilerem*^2', 'bøsning*^2', 'drejede^1.5', 'dreiede^1.5', 'fræsede^1.5', 'freste^1.5',
 'emner^0.7', 'maskinering^2', 'maskinerte^2', 'cylinder^0.7', 'hængsel^1.5', 'hængsler^1.5', 'hengsler^1.5', 'talje^1.5', 'beslag^1.5', 'svejst^1.5',
 'sveiste^1.5', 'støbegods^2', 'støpegods^2', 'laakeri*^2', 'laippalaaker*^2.5', 'akseli*^1.5', 'hammaspyör*^2', 'ketjupyör*^2', 'jousi^1.5',
 'jouset^1.5', 'jousta^1.5', 'hihn*^1.5', 'hihnapyör*^2', 'holkki^1.5', 'holkkia^1.5', 'koneist*^2', 'sorvat*^2', 'jyrsi*^1.5', 'hitsat*^1.5',
 'sylinteri^1.5', 'sylinterei*^1.5', 'valu^1', 'kannake^1.5', 'kannakke*^1.5', 'laser leikat*^1.5', 'saran*^1', 'csapágy*^2', 'tengely*^2',
 'fogaskerék*^2', 'rugó*^1.5', 'ékszíj*^2', 'persely*^1.5', 'esztergál*^2', 'marás^1', 'mart^0.3', 'forgácsol*^2', 'hegeszt*^1.5', 'öntvény*^2',
 'munkahenger*^2', 'tartókonzol^1.5', 'konzol*^1', 'láncker*^2', 'szíjtárcs*^2', 'rulment*^2', 'arbore^1.5', 'arbori^1.5', 'roată dințată^2',
 'roti dintate^2', 'arc^0.7', 'arcuri^1.5', 'curea^1.5', 'curele^1.5', 'bucșă^1.5', 'bucșe^1.5', 'prelucrare mecanică^2', 'strunj*^2', 'frezat*^1.5',
 'sudat*^1', 'turnat*^1', 'cilindru hidraulic^2', 'cilindri hidraulici^2', 'suport^0.7', 'suporți^1', 'balama^1.5', 'piese prelucrate^2',
 'подшипник*^2', 'вал^1.5', 'валы^1.5', 'валов^1.5', 'шестерн*^2', 'зубчат*^2', 'пружин*^1.5', 'ремен*^1', 'ремни^1.5', 'ремней^1.5', 'втулк*^2',
 'звездочк*^1.5', 'редуктор*^2', 'механическ* обработк*^2', 'токарн*^2', 'фрезер*^2', 'отливк*^2', 'литье^1.5', 'поковк*^2', 'гидроцилиндр*^2',
 'кронштейн*^1.5', 'шкив*^2', 'муфт*^1', 'петл*^1.5', 'сварн* конструкц*^1.5', 'по чертеж*^1.5', 'детал*^1.5', 'лагер*^1.5', 'зъбн*^2', 'ремъц*^1.5',
 'вал по^1', 'опружн*^1.5', 'лежај*^2', 'зупчаник*^2', 'вратил*^2', 'осовин*^1.5', 'підшипник*^2', 'шестірн*^2', 'вали^1.5', 'валів^1.5',
 'деталей^1.5', 'креслення*^1', 'пас* клинов*^2', 'ležaj*^2', 'zupčani*^2', 'vratil*^1.5', 'opruga^1.5', 'opruge^1.5', 'remen^1', 'čahur*^1.5',
 'tokaren*^2', 'glodan*^2', 'odljev*^2', 'zavaren*^1.5', 'vzmet*^2', 'gred^1.5', 'gredi^1.5', 'zobnik*^2', 'puša^1.5', 'puše^1.5', 'jermen*^1.5',
 'struže*^2', 'pruži*^1', 'hriadeľ*^2', 'remene^1.5', 'sústruž*^2', 'frézova*^2', 'odliat*^2', 'guol*^1.5', 'veleno^1.5', 'velenai^1.5',
 'krumpliarat*^2', 'dantrat*^2', 'spyruokl*^2', 'diržas^1.5', 'diržai^1.5', 'įvor*^1.5', 'tekin*^1.5', 'frezuot*^2', 'gultn*^2', 'vārpst*^2',
 'zobrat*^2', 'atsper*^2', 'siksn*^1.5', 'bukse^1.5', 'laagr*^2', 'võll^1.5', 'võlli^1.5', 'hammasrat*^2', 'vedru^1.5', 'vedrud^1.5', 'rihm^1',
 'puks^1.5', 'treitud^2', 'freesitud^2', 'ρουλεμάν^2', 'άξονα*^1.5', 'άξονε*^1.5', 'γρανάζι*^2', 'ελατήρι*^2', 'ιμάντα*^1.5', 'ιμάντε*^1.5',
 'τροχαλί*^2', 'μεντεσέ*^1.5', 'μηχανουργικ*^2', 'κατεργασί*^1.5', 'χυτ*^1', 'κύλινδρ* υδραυλ*^2', 'έμβολ*^1', 'מסב^1.5', 'מסבים^2', 'מיסב^2',
 'מיסבים^2', 'גלגלי שיניים^2', 'קפיץ^1.5', 'קפיצים^1.5', 'ציר^0.7', 'צירים^1', 'עיבוד שבבי^2', 'חריטה^2', 'כרסום^2', 'יציקה^1.5', 'רצועות^1',
 'תותב^1.5', 'בוכנה^1.5', 'בוכנות^1.5', 'צילינדר^1.5', 'رولمان^2', 'بيلية^1.5', 'ترس^1.5', 'عمود دوران^1.5', 'نوابض^1.5', 'سيور^1.5', 'جلب^0.7',
 'خراطة^2', 'تفريز^1.5', 'تشغيل معادن^1.5', 'مسبوكات^2', 'اسطوانات هيدروليك^2', 'بلبرینگ^2', 'یاتاقان^2', 'چرخ دنده^2', 'شفت^1.5', 'فنر^1.5',
 'تسمه^1', 'تراشکاری^2', 'قطعات^0.7', 'बेयरिंग^2', 'बियरिंग^2', 'गियर^1.5', 'शाफ्ट^1.5', 'स्प्रिंग^1.5', 'बेल्ट^1', 'पुली^1.5', 'बुश^1', 'मशीनिंग^2',
 'ब्रैकेट^1.5', 'ตลับลูกปืน^2', 'แบริ่ง^2', 'เฟือง^2', 'เพลา^1.5', 'สปริง^1.5', 'สายพาน^1', 'มู่เล่^1.5', 'บูช^1', 'งานกลึง^2', 'งานกัด^1.5',
 'ชิ้นงาน^1', 'กระบอกสูบ^2', 'กระบอกไฮดรอลิก^2', 'vòng bi^2', 'bạc đạn^2', 'bánh răng^2', 'lò xo^2', 'trục^1', 'dây curoa^2', 'gia công^1.5',
 'gia công cnc^2', 'tiện phay^2', 'xi lanh^2', 'xy lanh^2', 'khuôn^1', 'bản vẽ^0.7', 'bantalan^1.5', 'roda gigi^2', 'poros^1.5', 'pegas^1.5',
 'sabuk^1', 'puli^1.5', 'bubut^1.5', 'galas^1.5', 'aci^0.3', '축^0.5', '샤프트^2', '스프링^1.5', '벨트^1', '풀리^2', '부싱^2', '주물^2', '단조^2', '유압 실린더^2',
 '실린더^1.5', '감속기^2', '롤러^1.5', '스프로킷^2', '경첩^1.5', '리니어 가이드^2', '볼스크류^2', 'スプリング^1.5', 'ベルト^1', 'プーリ^2', 'シリンダ^2', '減速機^2', 'ローラ^1', 'スプロケット^2',
 '直動ガイド^2.5', 'リニアガイド^2.5', 'ボールねじ^2', '蝶番^1.5', '台車^1', '皮带^1', '皮带轮^2', '链轮^2', '加工件^2', '液压缸^2', '油缸^1.5', '气缸^2', '减速机^2', '减速器^2', '滚筒^1.5',
 '铰链^1.5', '按图纸^1', '按图^1', 'spacers^1.5', 'collar^1', 'collars^1', 'bolster^1', 'flap^0.7', 'guard plate^1.5', 'winch^1.5', 'winches^1.5',
 'tow bar^1', 'plain bearings^2', 'needle roller^2', 'thrust bearing^2', 'housings^1', 'shaft coupling^2', 'jaw coupling^2', 'turnbuckle^1',
 'spigot^1.5', 'gland^0.7', 'seat ring^1.5', 'wear plate^1.5', 'liner plate^2', 'sieve^1', 'screen deck^1.5', 'perforated screen^1', 'rotor^1',
 'pump shaft^2', 'valve body^1', 'die casting tool^2', 'tool insert^2', 'workholding^2', 'clamp^1', 'clamps^1', 'toggle clamp^2', 'lever^0.5',
 'handles^0.6', 'handwheel^1.5', 'weldments^2', 'hinges^1.5', 'machining of^2', 'turning of^1.5', 'milling of^1.5', 'laser cutting^2',
 'ladder hoist^1', 'lift truck^1', 'pallet truck^2', 'pallet trucks^2', 'hand truck^1.5', 'drum lifter^2', 'tipping skip^1.5', 'welding bench^2',
 'workbench^1', 'vice^1', 'press brake tooling^2', 'nachdrehen^1.5', 'seilrollen^2', 'spannelement*^1.5', 'griffe^1', 'hebel^1', 'handrad^1.5',
 'handräder^2', 'gleitleiste*^2', 'abstreifer^1.5', 'schieber^0.5', 'stifte^1', 'zylinderstift*^2', 'distanzring*^2', 'anschlagpuffer^1.5',
 'gehäusedeckel^2', 'deckel^1', 'seilwinde*^2', 'greifer^1', 'manivelle^1.5', 'levier^1', 'poignée*^1.5', 'axe réf^2', 'manchon^0.7',
 'support soudé^2', 'châssis soudé^2', 'treuil*^2', 'engranajes^2', 'manivela^1.5', 'palanca^1', 'tirador*^1', 'cabrestante^2', 'maniglia^1',
 'maniglie^1.5', 'leva^1', 'perni^1.5', 'perno^1', 'staffa', 'staffe^1.5', 'argano^2', 'handgreep^1.5', 'handgrepen^1.5', 'hefboom^1', 'beugels^1.5',
 'lier^1.5', 'as^0.3', 'bussen^1.5', 'dźwigni*^1', 'wciągark*^2', 'alça*^1', 'alavanca^1', 'suportes^1.5', 'guincho^2', 'eixos^1.5', 'fästen^1.5',
 'handtag^1.5', 'vinsch^2', 'bussning*^2', 'braket*^1.5', 'páka^1', 'naviják^2', 'čep^0.7', 'čepy^1.5', 'coixinet*^2', 'molles^1.5', 'errodamendu*^2',
 'kushinet*^2', 'sustë^1.5', 'susta^1.5', 'rulmen*^2', 'yastıq*^1', 'podshipnik*^2', 'legur^1.5', 'legu^1', 'gorm^1.5', 'gormar^1.5', 'laer^1',
 'laers^2', 'fani^0.5', 'bering^1.5', 'berrings^1.5', 'বিয়ারিং^2', 'গিয়ার^1.5', 'স্প্রিং^1.5', 'بیرنگ^2', 'گیئر^1.5', 'ბალიშ^1', 'საკისარ^2',
 'подшипник^2', 'мойынтірек^2', 'առանցքակալ^2', 'தாங்கி^2', 'పుల్లీ^1.5', 'équerres^1.5', 'sprzęg*^1.5', 'sprzęgi*^1.5', 'telfrar^1.5', 'nostin*^1.5',
 'puzdr*^1.5', 'puzdie*^1.5', 'čapov^1.5', 'balama*^1.5', 'fittings JIC^2', 'conveyor belts^2', 'cast steel bollards^2', 'anchor plates^2',
 'hose reels^2', 'shackles^1.5', 'bushing*^1.5', 'acoplamient*^1.5', 'accouplement*^1.5', 'giunti elastici^2', 'giunto^1', 'kopplingar^1',
 'koppelingen^1', 'kupplungen^1', 'spojk*^1.5', 'sprzęg*^2', 'rollen^0.7', 'rullar^1', 'rulli^1.5', 'rodillo*^1.5', 'rouleaux^1', 'rolki^1',
 'cilindr*^1', 'cylindrar^1', 'cilinders^1', 'cilindros^1', 'válce^1', 'valce^1', 'panty^1', 'lagers^1.5', 'puzdier^1.5', 'čapy^1', 'čapů^1.5',
 'équerre*^1.5', 'shackle*^1', 'hydraulic hose*^2', 'hydraulic fitting*^2', 'jic^1.5', 'conveyor belt*^1.5', 'bollard to drawing^1', 'anode*^0.7',
 'toothed belt*^2', 'knife set*^2', 'baler^1.5', 'wheel*^0.5', 'balam*^1.5', 'cilindru^1', 'cuplaj*^1.5', 'kytkin^0.5', 'nostin*^1', 'rulla*^0.7',
 'lay shaft^2', 'slide valve*^1.5', 'pivot pin^2', 'stub axle^2', 'half shaft^2', 'rack gear^2', 'pillow block*^2', 'plummer block*^2',
 'bearing block*^2', 'conveyor roller*^1.5', 'idler roller*^1.5', 'lift ram^2', 'seal kit*^1.2', 'cutting blade*^1.5', 'knife set^1.5', 'mandrel*^2',
 'collet*^1.5', 'hex nut insert*', 'cold formed^2', 'turned part*^2', 'machined from^2', 'made from a sample', 'from the pieces', 'no drawing but',
 'spare made', 'laut skizze^1.5', 'drehen und fräsen^2', 'gesenkschmied*^2', 'kurbelwelle*^2', 'nockenwelle*^2', 'stirnrad*^2', 'schneckenrad*^2',
 'kettenrad*^2', 'zahnriemen*^2', 'gelenkwelle*^2', 'selon échantillon^1.5', 'axe cannelé^2', 'arbre cannelé^2', 'roue dentée^2', 'chape*',
 'pièces sur plan^2', 'presse plieuse^1.5', 'tourné*^1.5', 'fraisé*^1.5', 'según muestra^1.5', 'tornillo sin fin^2', 'tornillos sin fin^2',
 'rectificado^1.5', 'chaveta*^1.5', 'bulón^2', 'bulones^2', 'segun dibujo^1.5', 'secondo campione^1.5', 'vite senza fine^2', 'chiavetta*^1.5',
 'cinghia*^1.5', 'puleggia*^1.5', 'ruota dentata^2', 'rettifica^1.5', 'tandriem*^2', 'riemschijf*^2', 'krukas^2', 'assen draaien^2', 'matrijzen^2',
 'spuitgietmatrijs*^2', 'volgens monster^1.5', 'wałka^2', 'koło pasowe^2', 'wpust*^1.2', 'nierdzewki wałk*', 'sworz*^2', 'forma wtryskow*^2',
 'tłocz*^1.5', 'veio^1.5', 'roda dentada^2', 'parafuso sem fim^2', 'conforme amostra^1.5', 'ozubené kol*^2', 'ozubeného kola^2', 'obrábě*^2',
 'výkov*^2', 'frézovan*^2', 'zvarenec^2', 'podľa výkresu^1.5', 'rajz szerint^1.5', 'fröccsöntő szerszám*^2', 'hegesztett^1', 'ax cu^1', 'arbore*^1.5',
 'frezar*^2', 'arc elicoidal^1.5', 'turnate^1', 'conform desen*^1.5', 'matriță^2', 'matrite^2', 'вала^1.5', 'пресс-форм*^2', 'пресс форм*^2',
 'штамп*^1.5', 'по образцу^1.5', 'вал-шестерн*^2', 'гильз*^1.5', 'вісь^1.5', 'втулок^2', 'шестерня^2', 'токарні^2', 'лиття^1.5', 'кресленик*^1.5',
 'за кресленням^1.5', 'прес форми^2', 'прес форм*^2', 'прес-форм*^2', 'втулка^2', 'втулки^2', 'струговане^2', 'фрезоване^2', 'отливки^2',
 'по чертеж^1.5', 'по мостра^1.5', 'матрица^1.5', 'osovin*^2', 'zupčanik*^2', 'opruga*^1.5', 'odliv*^2', 'po nacrtu^1.5', 'kalup*^1.5', 'struženj*^2',
 'rezkanj*^2', 'άξονες^2', 'έδρανο*^2', 'τορν*^2', 'φρεζ*^2', 'κατεργασία^1', 'χυτά^1.5', 'καλούπι*^2', 'σύμφωνα με σχέδιο^1.5', 'sorvau*^2',
 'sorvatt*^2', 'jyrsin*^1.5', 'jousia^1.5', 'valukappale*^2', 'holkki*^1.5', 'piirustuksen mukaan^1.5', 'muotti*^1.5', 'särmät*^1.5', 'svarva*^2',
 'lager till^0.8', 'formverktyg^2', 'bockad*^1.5', 'drejet^2', 'drejning^2', 'fræset^2', 'efter tegning^1.5', 'dreide^2', 'etter tegning^1.5',
 'torna*^2', 'döküm*^1.5', 'kalıp*^1.5', 'teknik resme göre^1.5', 'numuneye göre^1.5', 'talaşlı imalat^2', 'بوش*^2', 'جلبة^2', 'قوالب حقن^2',
 'قالب حقن^2', 'حسب الرسم^1.5', 'حسب العينة^1.5', 'بوش برنزی^2', 'فرزکاری^2', 'ریخته‌گری^2', 'قالب^1.5', 'طبق نقشه^1.5', 'طبق نمونه^1.5',
 'גלגל שיניים^2', 'מיסב*^2', 'תותב*^2', 'לפי שרטוט^1.2', 'תבנית הזרקה^2', 'कास्टिंग^1.5', 'ड्राइंग के अनुसार^1.5', 'ลูกปืน^2', 'กลึง^1.5',
 'งานหล่อ^1.5', 'แม่พิมพ์^2', 'ตามแบบ^1', 'bạc lót^2', 'tiện cnc^2', 'phay^1.5', 'theo bản vẽ^1.5', 'đúc^1', 'pengecoran^1.5', 'cetakan^1.5',
 'sesuai gambar^1.5', 'suku cadang^1', '선반 가공^2', '밀링^2', '도면대로^1.5', '図面支給^1.5', 'ピン^1', '来图^1.5'
], false),
('electrical', 'Electrical and electronic goods: cables, harnesses, switchgear, transformers, motors, generators, lighting, batteries, solar, circuit boards and components.', array[
 'electrical^1.5', 'electric^0.5', 'cable^1.5', 'cabling^1.5', 'wire harness^2', 'wiring harness^2', 'cable assembl*^2', 'cable tray^1.5',
 'cable gland^2', 'cable lug^2', 'power cable^2', 'armoured cable^2', 'xlpe^2', 'swa^1.5', 'conductor^1.5', 'copper wire', 'busbar^2', 'bus duct^2',
 'busduct^2', 'conduit', 'wiring^1.5', 'switchgear^2', 'switchboard^2', 'distribution board^2', 'panelboard^2', 'mcc^1.5', 'motor control cent*^1.5',
 'circuit breaker^2', 'mccb^2', 'mcb^2', 'rccb^2', 'rcd^1.5', 'acb^1.5', 'vcb^1.5', 'contactor^2', 'fuse^1.5', 'fuses^1.5', 'relay^1.5', 'isolator',
 'surge protect*^2', 'lightning protect*^2', 'earthing^2', 'grounding^1.5', 'ring main unit^2', 'rmu^1.5', 'substation^2', 'transformer^2',
 'dry type transformer^2', 'kva^2', 'mva^2', 'kv^1.5', 'low voltage^1.5', 'medium voltage^2', 'high voltage^1.5', 'voltage^0.7', '400v', '230v',
 'three-phase', 'amp', 'ampere', 'amps', 'generator^1.5', 'genset^2', 'diesel generator^2', 'ups^0.7', 'uninterruptible^2', 'rectifier^1.5',
 'inverter^1.5', 'power supply^1.5', 'psu', 'charger^1.5', 'ev charg*^2', 'charging station^2', 'battery^1.5', 'batteries^1.5', 'lithium^0.7',
 'li-ion^1', 'lifepo4^1.5', 'battery pack^2', 'photovoltaic^2', 'solar panel^2', 'solar module^2', 'pv module^2', 'kwp^2', 'electric motor^1.5',
 'induction motor^1.5', 'motor rewind*^1.5', 'ie3^1', 'luminaire^2', 'lighting^1.5', 'led^1', 'floodlight^2', 'street light^1.5', 'high bay^2',
 'lamp', 'emergency light*^1.5', 'socket outlet^1.5', 'light switch', 'atex^0.3', 'ip65^0.5', 'enclosure^0.5', 'junction box^1.5', 'terminal block^2',
 'din rail^1.5', 'connector^1.5', 'crimp*^1.5', 'heat shrink^1.5', 'm12 connector', 'pcb^2', 'pcba^2', 'printed circuit^2', 'circuit board^2',
 'smt^1.5', 'gerber^2', 'bom^0.7', 'pick and place^0.7', 'ipc-a-610^2', 'ipc class^2', 'fr4^2', 'stencil', 'solder*^1', 'microcontroller^2',
 'mcu^1.5', 'stm32^2', 'resistor^2', 'capacitor^2', 'mlcc^2', 'inductor^2', 'diode^2', 'transistor^2', 'mosfet^2', 'igbt^2', 'integrated circuit^2',
 'semiconductor^1.5', 'mpn^1.5', 'date code^1.5', 'rohs^0.5', 'crystal oscillator', 'electronic*^1', 'electronic component^2', 'display module^1.5',
 'antenna^1', 'fibre optic^1.5', 'fiber optic^1.5', 'patch panel^1', 'ethernet cable^1', 'cat6^1.5', 'cat 6', 'cat6a^1.5', 'elektrisch*^0.7',
 'elektro^1', 'elektrotechnik^1.5', 'kabel^1.5', 'kabelbaum^2', 'kabelbäume^2', 'kabelkonfektion*^2', 'leitung^0.7', 'erdkabel^2', 'nyy^1.5',
 'kabelrinne^1.5', 'kabelverschraubung^2', 'schaltschrank^1', 'schaltanlage^2', 'verteiler^1', 'niederspannung*^2', 'mittelspannung*^2',
 'leistungsschalter^2', 'schütz^1.5', 'sicherung^1', 'trafo^2', 'transformator^2', 'stromschiene^2', 'elektromotor^1.5', 'notstrom*^1.5',
 'netzteil^1.5', 'akku^1.5', 'batterie^1.5', 'wechselrichter^2', 'photovoltaik^2', 'solarmodul^2', 'ladestation^2', 'wallbox^2', 'leuchte^1.5',
 'beleuchtung^1.5', 'strahler', 'leiterplatte^2', 'leiterplatten^2', 'bestückung^2', 'platine^2', 'widerstand', 'kondensator^1.5', 'steckverbinder^2',
 'elektronik^1.5', 'elektronische bauteile^2', 'blitzschutz^2', 'électrique^1', 'électricité^1.5', 'câble^1.5', 'câblage^1.5', 'faisceau*^1.5',
 'chemin de câbles^2', 'armoire électrique^1.5', 'tableau électrique^2', 'tgbt^2', 'disjoncteur^2', 'contacteur^2', 'fusible^1.5', 'transformateur^2',
 'moteur électrique^1.5', 'moteur asynchrone^1.5', 'groupe électrogène^2', 'onduleur^1.5', 'panneau solaire^2', 'photovoltaïque^2',
 'borne de recharge^2', 'éclairage^1.5', 'projecteur', 'carte électronique^2', 'circuit imprimé^2', 'composants électroniques^2', 'connecteur^1.5',
 'résistance', 'condensateur^1.5', 'basse tension^2', 'haute tension^1.5', 'eléctrico^1', 'eléctrica^1', 'cableado^1.5', 'mazo de cables^2',
 'bandeja portacable^2', 'cuadro eléctrico^2', 'tablero eléctrico^2', 'interruptor^1.5', 'disyuntor^2', 'transformador^2', 'motor eléctrico^1.5',
 'generador^1.5', 'grupo electrógeno^2', 'inversor^1.5', 'batería^1.5', 'panel solar^2', 'paneles solares^2', 'fotovoltaic*^2', 'luminaria^2',
 'iluminación^1.5', 'placa electrónica^2', 'circuito impreso^2', 'componentes electrónicos^2', 'conector^1.5', 'baja tensión^2', 'media tensión^2',
 'elettrico^1', 'elettrica^1', 'cavo^1.5', 'cavi^1.5', 'cablaggio^2', 'canalina^1.5', 'quadro elettrico^2', 'quadri elettrici^2', 'interruttore^1.5',
 'contattore^2', 'fusibile^1.5', 'trasformatore^2', 'motore elettrico^1.5', 'gruppo elettrogeno^2', 'batteria^1.5', 'pannello fotovoltaico^2',
 'illuminazione^1.5', 'apparecchi illuminanti^2', 'scheda elettronica^2', 'schede elettroniche^2', 'circuito stampato^2', 'componenti elettronici^2',
 'connettore^1.5', 'bassa tensione^2', 'media tensione^2', 'elektrische', 'kabelboom^2', 'kabelgoot^2', 'grondkabel^2', 'schakelkast^1',
 'verdeelkast^2', 'schakelaar^1', 'laagspanning^2', 'middenspanning^2', 'zekering^1.5', 'noodstroom^1.5', 'accu^1.5', 'omvormer^1.5', 'zonnepane*^2',
 'laadpa*^2', 'verlichting^1.5', 'armaturen^1.5', 'printplaat^2', 'printplaten^2', 'elektronica^1.5', 'stekker^1', 'elektryczn*^1', 'kabel*^1.5',
 'przewód^1', 'przewod*^1', 'wiązk*^1.5', 'rozdzielni*^2', 'wyłącznik*^1.5', 'stycznik*^2', 'bezpiecznik*^1.5', 'transformator*^2',
 'silnik elektryczn*^1.5', 'agregat prądotwórcz*^2', 'akumulator*^1.5', 'bateri*^1.5', 'fotowoltai*^2', 'falownik*^1', 'oświetleni*^1.5',
 'oprawy oświetleniowe^2', 'opraw*^1', 'płytk* drukowan*^2', 'elektroni*^1', 'złącz*^0.7', 'niskiego napięcia^2', 'elétrico^1', 'elétrica^1',
 'cabos^1.5', 'cabo^1.5', 'cablagem^1.5', 'chicote^2', 'quadro elétrico^2', 'painel elétrico^2', 'disjuntor^2', 'contator^2', 'fusível^1.5',
 'motor elétrico^1.5', 'gerador^1.5', 'bateria^1.5', 'painel solar^2', 'luminária^2', 'iluminação^1.5', 'placa eletrônica^2', 'circuito impresso^2',
 'componentes eletrônicos^2', 'baixa tensão^2', 'média tensão^2', 'kablar^1.5', 'kablage^2', 'kabelstege^2', 'ställverk^2', 'elcentral^2',
 'brytare^1', 'säkring^1.5', 'elmotor^1.5', 'reservkraft^2', 'batteri^1.5', 'solcell*^2', 'laddstolp*^2', 'belysning^1.5', 'armatur', 'kretskort^2',
 'lågspänning^2', 'elektrik*^1', 'kablo*^1.5', 'kablo demeti^2', 'kablo kanal*^1.5', 'pano^1', 'dağıtım panosu^2', 'şalter^1.5', 'kontaktör^2',
 'sigorta^1', 'trafo*^2', 'transformatör^2', 'elektrik motoru^1.5', 'jeneratör^2', 'akü*^1.5', 'batarya^1.5', 'güneş panel*^2', 'aydınlatma^1.5',
 'armatür^1.5', 'baskılı devre^2', 'devre kart*^2', 'konnektör^1.5', 'alçak gerilim^2', 'orta gerilim^2', 'elektrick*^1', 'kabelov*^1.5',
 'rozvaděč*^2', 'jistič*^2', 'stykač*^2', 'pojist*^1', 'transformátor*^2', 'elektromotor*^1.5', 'baterie^1.5', 'fotovolta*^2', 'osvětlen*^1.5',
 'svítidl*^2', 'desk* plošných spojů^2', 'plošn* spoj*^2', 'nízké napětí^2', 'konektor*^1.5', 'vodič*^1', '电缆^2', '电线^2', '线束^2', '变压器^2', '开关柜^2',
 '配电^2', '断路器^2', '电机^1.5', '电动机^1.5', '发电机^2', '电池^2', '锂电池^2', '逆变器^1.5', '光伏^2', '太阳能^1.5', '照明^1.5', '灯具^2', '电路板^2', '线路板^2', '贴片^2', '元器件^2',
 '电阻^1.5', '电容^1.5', '连接器^1.5', '芯片^2', '低压', '高压^0.5', 'ケーブル^2', '電線^2', 'ハーネス^2', '変圧器^2', '分電盤^2', '配電盤^2', '遮断器^2', 'ブレーカ^1.5', 'モーター^1', '発電機^2',
 'バッテリー^1.5', '電池^1.5', '太陽光^2', '基板^2', '実装^1.5', '電子部品^2', '抵抗', 'コンデンサ^2', 'コネクタ^2', '半導体^1.5', '케이블^2', '변압기^2', '배전^2', '전동기^1.5', '조명^1.5',
 '배터리^1.5', '기판^2', 'كابل*^2', 'كابلات^2', 'محول^1.5', 'محولات^2', 'مولد^2', 'بطاريات^2', 'إنارة^1.5', 'كهربائ*^1.5', 'soft starter^1.5', 'tefc^2',
 'hp motor^1.5', 'kw motor^1.5', 'motor^0.7', 'motors^0.7', 'squirrel cage^2', 'frame size^1', '460 v^1', '480v^1', '480 v^1', '415 v^1', '400 v^1',
 '690 v^1', '11 kv^2', '33 kv^2', '3 phase^1', '3-phase^1', '3 ph^1', 'kvar^2', 'power factor^2', 'capacitor bank^2', 'insulator^1.5',
 'overhead line^1.5', 'cable reel^1.5', 'cable drum^1.5', 'energy meter^1.5', 'kwh meter^1.5', 'ct ratio^1.5', 'current transformer^2', 'lsig^1.5',
 'ka^0.5', 'kaic^2', 'feeder^0.7', 'feeders^0.7', 'one-line diagram^2', 'single line diagram^2', 'wiring diagram^1', 'pad-mount^2', 'load bank^1.5',
 'ats^1.5', 'transfer switch^2', 'pdu^1.5', 'rack pdu^1.5', 'data cable^1.5', 'control cable^1.5', 'instrument cable^1', 'flexible cable^1.5',
 'rubber cable^1', 'h07rn-f^2', 'n2xh^2', 'awg^1.5', 'mm2 copper^1', 'lugs^0.7', 'ferrules^1.5', 'plugs^0.7', 'sockets^0.7', 'switches^0.7',
 'dimmer^1.5', 'driver^0.5', 'led driver^2', 'leds^1.5', 'downlight^2', 'flood light^2', 'streetlight^2', 'pole light^1.5', 'exit sign^1.5',
 'heater^0.7', 'heating element^1', 'heat tracing^1.5', 'trace heating^1.5', 'electric vehicle charg*^2', 'energy storage^1.5', 'bess^2', 'mppt^1.5',
 'pv^1.5', 'string inverter^2', 'solar^1.5', 'hybrid inverter^2', 'wind turbine^0.7', 'alternator^2', 'avr^1', 'starter motor^1.5', 'brushes^0.7',
 'coil winding^2', 'winding^0.7', 'toroid^1.5', 'choke^1', 'filter capacitor^1.5', 'pcb assembly^2', 'bare board^2', '4-layer^1.5', '6-layer^1.5',
 '2-layer^1.5', 'hasl^2', 'enig^2', 'soldermask^2', 'solder mask^2', 'through-hole^1.5', 'tht^1.5', 'box build^1.5', 'bga^1.5', 'conformal coating^2',
 'firmware^1', 'esp32^2', 'arduino^1.5', 'raspberry pi^1.5', 'fpga^2', 'microprocessor^1.5', 'eeprom^2', 'reels of^0.3', 'smd^2', '0402^1.5',
 '0603^1.5', '0805^1.5', 'relays^1.5', 'thermistor^1.5', 'optocoupler^2', 'wire^0.5', 'wires^0.7', 'loom^1.5', 'harness^1.5', 'overmoulded cable^2',
 'usb cable^1.5', 'hdmi^1.5', 'rf cable^1.5', 'coaxial^1.5', 'network cable^1.5', 'data centre^0.5', 'telecom^1', 'junction boxes^1.5', 'ex e^1.5',
 'ex d^1.5', 'zone 1^0.7', 'trockentransformator^2', 'ortsnetzstation^2', 'trafostation^2', 'nshv^2', 'hauptverteilung^2', 'unterverteilung^2',
 'motorschutz*^1.5', 'asynchronmotor^1.5', 'drehstrommotor^1.5', 'getriebemotor^1', 'sanftanlauf*^1.5', 'kabeltrommel^1.5', 'kabelschuh*^2',
 'steuerleitung^1.5', 'litze^1.5', 'stromkabel^2', 'leuchten^1.5', 'led-leuchte^2', 'hallenstrahler^2', 'notbeleuchtung^2', 'stromversorgung^1.5',
 'usv^1.5', 'usv-anlage^2', 'batteriespeicher^2', 'speicher^0.7', 'pv-anlage^2', 'pv-module^2', 'smd-bestückung^2', 'baugruppenfertigung^1',
 'relais^1.5', 'klemmen^1', 'reihenklemme*^2', 'stecker^1.5', 'buchsenleiste^2', 'schalter^1', 'câbles^1.5', 'câble électrique^2', 'transfo^2',
 'moteur^0.7', 'moteurs^0.7', 'démarreur^1.5', 'variateur^0.5', 'presse-étoupe^2', 'goulotte^1.5', 'cosses^1.5', 'bornier^2', 'luminaires^2',
 'éclairage led^2', 'onduleurs^1.5', 'panneaux photovoltaïques^2', 'cartes électroniques^2', 'coffret^1', 'coffret électrique^2', 'armoire^0.7',
 'cables^1.5', 'cableado eléctrico^2', 'transformadores^2', 'celdas de media tensión^2', 'motores^0.7', 'arrancador^1.5', 'prensaestopas^2',
 'bandeja^0.7', 'bornas^1.5', 'luminarias^2', 'farolas^2', 'grupos electrógenos^2', 'generadores^1.5', 'baterías^1.5', 'inversores^1.5',
 'placas solares^2', 'sistema sai^2', 'conectores^1.5', 'relés^1.5', 'tarjeta electrónica^2', 'caja de conexiones^1.5', 'trasformatori^2',
 'cabina elettrica^2', 'motori elettrici^1.5', 'motore^0.7', 'avviatore^1.5', 'pressacavi^2', 'morsetti^1.5', 'morsettiera^2', 'lampade^1.5',
 'corpi illuminanti^2', 'gruppo di continuità^2', 'pannelli solari^2', 'inverter fotovoltaico^2', 'connettori^1.5', 'cassetta di derivazione^1.5',
 'passerella portacavi^2', 'kabels^1.5', 'kabelladder^2', 'kabelgoten^2', 'aansluitkast*^1.5', 'wartel*^1.5', 'transformatoren^2', 'trafohuis^2',
 'motoren^0.7', 'softstarter^1.5', 'lampen^1.5', 'led-verlichting^2', 'noodverlichting^2', 'aggregaat^1.5', 'zonnepanelen^2', 'laadpalen^2',
 'batterijen^1.5', 'connectoren^1.5', 'hoofdverdeler^2', 'transformatory^2', 'stacja transformatorowa^2', 'silnik^0.7', 'silniki^0.7',
 'softstart*^1.5', 'koryta kablowe^2', 'dławnic*^1.5', 'lamp*^1.5', 'oprawa led^2', 'zasilacz*^1.5', 'panele fotowoltaiczne^2', 'stacja ładowania^2',
 'listw* zacisk*^2', 'przekaźnik*^1.5', 'żył*^0.5', 'agregat^1.5', 'chave de partida^1.5', 'eletrocalha^2', 'eletroduto^2', 'prensa-cabos^2',
 'luminárias^2', 'refletor^1', 'nobreak^2', 'painéis solares^2', 'gerador diesel^2', 'bornes^1.5', 'fios^1', 'fiação^1.5', 'chicotes^2',
 'transformatorer^2', 'motorer^0.7', 'mjukstart*^1.5', 'kabelränna^2', 'kabelförskruvning*^2', 'lampor^1.5', 'led-armatur*^2', 'solpaneler^2',
 'växelriktare^2', 'batterier^1.5', 'laddbox*^2', 'kopplingsplint*^2', 'reläer^1.5', 'mönsterkort^2', 'trafolar^2', 'kuru tip trafo^2',
 'motorlar^0.7', 'yumuşak yolverici^1.5', 'kablo tavası^2', 'rakor^0.5', 'lamba^1.5', 'led armatür^2', 'projektör^1', 'kesintisiz güç^2',
 'fotovoltaik^2', 'şarj istasyonu^2', 'klemens^1.5', 'röle^1.5', 'elektronik kart^2', 'transformátory^2', 'motory^0.7', 'softstartér^1.5',
 'kabely^1.5', 'kabelové žlaby^2', 'průchodk*^1', 'svorkovnic*^2', 'led svítidl*^2', 'záložní zdroj^2', 'dieselagregát^2', 'solární panel*^2',
 'nabíjecí stanic*^2', 'relé^1.5', 'desky plošných^2', '电动^0.5', '电气^1', '端子^1', '软启动^1.5', '充电桩^2', '储能^2', '电源^1', '开关^1', '继电器^2', '模组', '变频电机^1',
 '配線^1.5', '電源^1', '端子台^2', 'リレー^2', '充電^1', '蓄電池^2', '電気^1', '変圧^1', 'モータ^1', '모터^0.7', '발전기^2', '태양광^2', '전선^2', '차단기^2', '배전반^2', '콘덴서^1.5',
 'محرك كهربائي^1.5', 'لوحة كهربائية^2', 'لوحات كهربائية^2', 'قواطع^1.5', 'أسلاك^1', 'طاقة شمسية^2', 'ألواح شمسية^2', 'charge point*^2', 'wallbox*^2',
 'forklift batter*^2', 'traction batter*^2', 'emergency lighting^1.5', 'led driver*^1.5', 'dali^1', 'bypass panel^1.5', 'gland^0.5',
 'cable gland*^1.5', 'cable lug*^1.5', 'antriebsbatterie*^2', 'ladestation*^2', 'hallenstrahler*^2', 'notlicht*^1.5', 'onduleur*^1.5', 'batería*^1.5',
 'luminaria*^2', 'farola*^1.5', 'armatur*^0.7', 'oprawa*^1.5', 'latarni*^1.5', 'laadpaal^2', 'motor control panel*^2.5', 'pump panel*^2.5',
 'control gear^1.5', 'motor starter*^2', 'soft starter*^2', 'star delta^2', 'star-delta^2', 'across the line^2', 'nema^1', '690v^1.5', 'hp^0.5',
 'phase monitor*^2', 'overload relay*^2', 'contactor*^2', 'lightning arrest*^2', 'surge arrest*^2', 'incomer*^2', 'busbar*^2', 'feeder pillar*^2',
 'panel board*^1.5', 'panelboard*^2', 'distribution board*^2', 'switchboard*^2', 'ring main*^2', 'sternschütz*^1', 'motorstarter*^2',
 'moyenne tension^2', 'rozdzielnic*^2', 'średnie napięcie^2', 'cargador*^1.5', 'ladegerät*^2', 'chargeur*^1.5', 'caricabatteri*^2',
 'battery charger*^2', 'prostownik*^1.5', 'gate operator^2', 'motor starter^2', 'circuit breakers^2', 'rcbo^2', 'contactors^2', 'busbar trunking^2',
 'distribution boards^2', 'cable trays^2', 'cable glands^2', 'light fitting^2', 'lamp post^1.5', 'heater band^1.5', 'band heater^1.5',
 'thermocouple^0.5', 'isolating transformer^2', 'control transformer^2', 'inverter solar^1.5', 'solar panels^2', 'ev charger^2', 'geared motor^1',
 'servo motor^0.7', 'slip ring^1.5', 'crimp terminal^2', 'solenoid^0.7', 'roller shutter motor^3', 'roller shutters motors^3',
 'motorschutzschalter^2', 'hauptschalter^2', 'hilfskontakt*^1.5', 'leitungsschutzschalter^2', 'unterverteil*^2', 'niederspannungs*^2',
 'kabelrinne*^2', 'kabelverschraubung*^2', 'heizband^2', 'heizbänder^2', 'heizpatrone*^2', 'notleuchte*^2', 'drehstrommotor*^2', 'trafos^2',
 'steckdose*^1.5', 'netzteil*^1.5', 'schaltschränke^2.5', 'fehlerstrom*^2', 'quadri di distribuzione^3', 'quadro di distribuzione^3',
 'interruttor*^1.5', 'cavi elettrici^2', 'plafoniere^2', 'trasformator*^2', 'gruppi elettrogeni^2', 'tableaux électriques^2', 'disjoncteur*^2',
 'groupes électrogènes^2', 'cuadros eléctricos^2', 'interruptor*^1.5', 'disyuntor*^2', 'transformador*^2', 'verdeelkast*^2', 'oświetlen*^1.5',
 'agregat prądotwórczy^2', 'quadros elétricos^2', 'disjuntor*^2', 'gerador*^1.5', 'elskåp^2', 'kablo^1.5', 'svítid*^2', 'rozvodnic*^2', 'kabelů^1.5',
 'kabler^1.5', 'lamper^1.5', 'arbejdslamp*^1.5', 'eltavle*^2', 'tavle^1', 'elmotor*^2', 'lysarmatur*^2', 'led-lamp*^1.5', 'sikring*^1.5',
 'forlængerledning*^1.5', 'skjøteledning*^1.5', 'generator*^1', 'sähkömoottor*^2', 'moottor*^1', 'kaapel*^1.5', 'valaisi*^2', 'muuntaj*^2',
 'sähkökesku*^2', 'keskus^0.7', 'kytkin^1.5', 'kytkimiä^1.5', 'akut^1.5', 'pistorasi*^1.5', 'aggregaat*^1.5', 'invertteri*^1', 'villanymotor*^2',
 'villanymotorok^2', 'világítótest*^2', 'transzformátor*^2', 'kapcsoló*^1.5', 'elosztó*^1.5', 'áramfejlesztő*^2', 'akkumulátor*^1.5', 'megszakító*^2',
 'cablu*^1', 'cabluri^1.5', 'corpuri de iluminat^2', 'lămpi^1.5', 'transformatoare^2', 'tablou electric^2', 'tablouri electrice^2',
 'întrerupătoare^2', 'motor electric^2', 'motoare electrice^2', 'generatoare^1.5', 'baterii^1', 'кабел*^1.5', 'трансформатор*^2',
 'электродвигател*^2', 'светильник*^2', 'светодиод*^1.5', 'щит^1', 'щиты^1.5', 'щитов^1.5', 'автоматическ* выключател*^2', 'контактор*^2',
 'генератор*^1.5', 'аккумулятор*^1.5', 'розет*^1.5', 'двигател*^1', 'лампа^1.5', 'лампы^1.5', 'прожектор*^2', 'осветител*^2', 'осветлени*^1.5',
 'шкаф*^0.7', 'прекъсвач*^2', 'електродвигател*^2', 'електромотор*^2', 'расвет*^2', 'светиљк*^2', 'каблов*^1.5', 'склопк*^2', 'двигун*^1.5',
 'світильник*^2', 'щитів^1.5', 'електрощит*^2', 'svjetilj*^2', 'razdjelni*^1.5', 'sklopk*^2', 'kablov*^1.5', 'kabela^1.5', 'svetilk*^2',
 'stikal*^1.5', 'kablov^1.5', 'svietid*^2', 'istič*^1.5', 'rozvádzač*^2', 'káble^1.5', 'švietuv*^2', 'šviestuv*^2', 'varikl*^1.5',
 'transformatori*^2', 'skydas^1', 'skydai^1.5', 'jungikl*^1.5', 'gaismekl*^2', 'slēdž*^1.5', 'kaabel*^1.5', 'valgusti*^2', 'mootor*^1', 'lülit*^1.5',
 'elektrikilp*^2', 'ηλεκτροκινητήρ*^2', 'κινητήρ*^1.5', 'καλώδι*^1.5', 'μετασχηματιστ*^2', 'φωτιστικ*^2', 'φωτισμ*^1.5', 'ηλεκτρικ* πίνακ*^2',
 'πίνακ*^1', 'διακόπτ*^1.5', 'γεννήτρι*^2', 'μπαταρί*^1.5', 'προβολεί*^1.5', 'מנוע^1.5', 'מנועים^1.5', 'כבל^1.5', 'כבלים^1.5', 'תאורה^2',
 'גופי תאורה^2.5', 'שנאי^2', 'שנאים^2', 'לוח חשמל^2', 'לוחות חשמל^2', 'ממסר^1.5', 'ממסרות^1.5', 'גנרטור^2', 'מצבר^1.5', 'מפסק^1.5', 'מפסקים^1.5',
 'סוללות^1.5', 'كابل^1.5', 'كيبل^1.5', 'مولدات^2', 'مصباح^1.5', 'مصابيح^1.5', 'قاطع^1', 'لوحة توزيع^2', 'لوحات توزيع^2', 'محركات^1.5', 'بطارية^1.5',
 'کابل^1.5', 'ترانسفورماتور^2', 'ترانس^1', 'الکتروموتور^2', 'تابلو برق^2', 'چراغ^1.5', 'ژنراتور^2', 'کلید^0.7', 'باتری^1.5', 'मोटर^1.5', 'केबल^1.5',
 'ट्रांसफार्मर^2', 'लाइट^1.5', 'एलईडी^1.5', 'पैनल^1', 'जनरेटर^2', 'बैटरी^1.5', 'स्विच^1', 'तार^0.7', 'สายไฟ^2', 'สายเคเบิล^2', 'หลอดไฟ^2', 'โคมไฟ^2',
 'หม้อแปลง^2', 'มอเตอร์^1.5', 'ตู้ไฟ^2', 'เบรกเกอร์^2', 'เครื่องกำเนิดไฟฟ้า^2', 'แบตเตอรี่^1.5', 'ปลั๊ก^1', 'หางปลา^1', 'đèn led^2',
 'bóng bóng đèn^2', 'bộ đèn^2', 'đèn led^2', 'đèn pha^2', 'bộ bóng đèn^2', 'bộ đèn^2', 'đèn led^2', 'đèn pha^2', 'bóng đèn^2', 'bộ đèn^2',
 'đèn led^2', 'đèn pha^2', 'tủ điện^2', 'cáp điện^2', 'dây điện^2', 'dây cáp^1.5', 'máy biến áp^2', 'động cơ^1.5', 'động cơ điện^2',
 'máy phát điện^2', 'aptomat^2', 'ắc quy^2', 'công tắc^1.5', 'lampu^1.5', 'kabel listrik^2', 'panel listrik^2', 'motor listrik^2', 'saklar^1.5',
 'aki^1', 'baterai^1.5', 'lampu led^2', 'kabel elektrik^2', 'pemutus litar^2', '조명등^2', '램프^1.5', '분전반^2', '콘센트^1.5', '커넥터^1.5', 'トランス^1.5',
 'ランプ^1.5', '電動機^2', 'バッテリ^1.5', '電纜^2', '灯^1', '防爆灯^2.5', '投光燈^2', '配电柜^2', '配电箱^2', '蓄电池^2', '接触器^2', 'rewire^1.5', 'lights^1', 'lamps^1.5',
 'bulbs^1.5', 'led lights^2', 'led panel^2', 'swa cable^2', 'lightning protection^2', 'transformers^2', 'generators^2', 'electric motors^2',
 'stator^1.5', 'heater elements^1.5', 'circuit board*^2', 'resistors^2', 'capacitors^2', 'enclosures ip65^1.5', 'leitungen^1', 'kabelsatz^2',
 'sicherungen^1.5', 'schütze^1.5', 'akkus^1.5', 'erdung^1.5', 'widerstände^1.5', 'platinen^2', 'ampoules^1.5', 'câbles électriques^2', 'fusible*^1.5',
 'prises^1', 'moteurs électriques^2', 'faisceaux^1.5', 'bornier*^2', 'transformateur*^2', 'motores eléctricos^2', 'fusibles^1.5', 'enchufes^1.5',
 'bombillas^2', 'lámparas^1.5', 'contactores^2', 'fusibili^2', 'prese^1', 'fari^1', 'faretti^2', 'contattori^2', 'elektromotoren^2', 'zekeringen^2',
 'stopcontacten^2', 'accu''s^1.5', 'schakelaars^1.5', 'aansluitklemmen^2', 'silnik*^1', 'silniki elektryczne^2', 'bezpieczniki^2', 'gniazd*^1',
 'kabl*^1', 'motores elétricos^2', 'fusíveis^2', 'tomadas^1.5', 'lâmpadas^2', 'contatores^2', 'cabos elétricos^2', 'cabos de^1', 'elmotorer^2',
 'säkringar^2', 'uttag^1', 'kontaktorer^2', 'priz^1.5', 'akü^1.5', 'elektromotory^2', 'pojistky^2', 'zásuvky^1.5', 'lampy^1.5', 'llums^1',
 'llumener*^1.5', 'cables elèctrics^2', 'kableak^1.5', 'kabllo^1.5', 'kabell^1.5', 'ndriçues^1.5', 'elektrik mühərrik*^2', 'işıqlandırma^1.5',
 'kaplar^1', 'kapall^1', 'lampar^1', 'ljós^1', 'ligte^1.5', 'taa^0.3', 'nyaya^1.5', 'kawad^0.7', 'ilaw^1.5', 'কেবল^1.5', 'মোটর^1.5', 'বাতি^1.5',
 'ট্রান্সফরমার^2', 'کیبل^1.5', 'موٹر^1.5', 'بلب^1.5', 'ლამპ^1', 'კაბელ^1.5', 'ძრავ^1', 'кабель^1.5', 'шам^0.3', 'շարժիչ^1.5', 'மோட்டார்^1.5',
 'కేబుల్^1.5', 'Sicherungsautomaten^1.5', 'Stromerzeuger^1.5', 'Scheinwerfer^1.5', 'panneaux solaires^2', 'interrupteurs^1.5',
 'colonnine di ricarica^2', 'zekeringautomaten^1.5', 'groepenkast^1.5', 'naświetlac*^1.5', 'armaturer^1.5', 'elverk^1.5', 'stikkontakter^1.5',
 'ladestandere^1.5', 'printplader^1.5', 'tavler^1.5', 'ladestasjoner^1.5', 'johdonsuojakatkaisij*^1.5', 'generaattor*^1.5', 'akkua^1.5',
 'aurinkopaneel*^1.5', 'sulaket*^1.5', 'latausasem*^1.5', 'piirilev*^1.5', 'elektrocentrá*^1.5', 'poistk*^1.5', 'napele*^1.5', 'dugal*^1.5',
 'biztosít*^1.5', 'töltőállom*^1.5', 'reflektor*^1.2', 'nyomtato* áramkö*^2', 'disjunctoa*^1.5', 'contactoa*^1.5', 'siguran*^1.5',
 'stați* de încărca*^2', 'батери*^1.5', 'соларн* панел*^2', 'предпазите*^1.5', 'prekida*^1.5', 'osigura*^1.5', 'sklopni*^1.5', 'rasvjet* tijel*^2',
 'razvod* ormar*^2', 'utični*^1.5', 'saulė* moduli*^2', 'saugikli*^1.5', 'kištukini* lizda*^2', 'automātslēd*^1.5', 'saule* paneļ*^2',
 'drošinātā*^1.5', 'kaabli*^1.5', 'generaat*^1.5', 'päikesepaneel*^1.5', 'pistikupes*^1.5', 'baskı devre^2', 'ασφάλει*^1.5', 'φωτοβολταϊ*^1.5',
 'πρίζε*^1.5', 'солнечн* панел*^2', 'предохраните*^1.5', 'зарядн* станци*^2', 'печатн* платы^2', 'автоматичн* вимикач*^2', 'акумулято*^1.5',
 'сонячн* панел*^2', 'щити розподіль*^2', 'запобіжни*^1.5', 'פאנלים סולאריים^2', 'ארונות חשמל^2', 'שקעים^1.5', 'נתיכים^1.5', 'كشافات^1.5',
 'مقابس^1.5', 'فيوزات^1.5', 'لامپ^1.5', 'پنل خورشیدی^2', 'پریز^1.5', 'فیوز^1.5', 'رله^1.5', 'एमसीबी^1.5', 'सॉकेट^1.5', 'फ्यूज^1.5', 'แมกเนติก^1.5',
 'เครื่องปั่นไฟ^1.5', 'แผงโซลาร์^1.5', 'ฟิวส์^1.5', 'รีเลย์^1.5', 'tấm pin^2', 'ổ cắm^2', 'cầu chì^2', 'panel surya^2', 'stop kontak^2',
 'sekering^1.5', '插座^1.5', '熔断器^1.5', '桥架^1.5', 'コンセント^1.5', 'ヒューズ^1.5', '投光器^1.5', '전자접촉기^1.5', '퓨즈^1.5', '릴레이^1.5', '가로등^1.5', 'trunking^1.5',
 'extension leads^2', 'motori^0.7', 'motoare^1', 'моторы^1', '모타^1', 'мотор*^1', 'elektrocentrál*^2', 'napelem*^2', 'fénycső^1.5', 'reflektor*^1',
 'biztosíték*^1.5', 'dugalj*^1.5', 'konnektor*^1', 'kismegszakító*^2', 'вимикач*^2', 'выключател*^1.5', 'prekidač*^1.5', 'osigurač*^1.5',
 'sklopnik*^2', 'utičnic*^1.5', 'razvodni ormar*^2', 'rasvjetn* tijel*^2', 'светилник*^2', 'extension lead*^2', 'extension cord*^2', 'rozet*^1',
 'rozetk*^1.5', 'розетк*^1.5', 'реле^1', 'relæ*^1', 'rele^1', 'ρελέ^1', 'rơ le^1.5', 'kaapeli*^1.5', 'kaabel^1.5', 'kilp^1', 'pistikupesa*^1.5',
 'gaismek*^1.5', 'saugikl*^1.5', 'headlight*^1', 'projecteur*^1', 'projektor*^0.7', 'carregador*^0.7', 'ladowark*^0.7', 'ładowark*^1', 'nabíječk*^1',
 'plaques électroniques^1.5', 'wall socket*^1.5', 'socket outlet*^2', 'heizband*^2', 'cartridge heater^2', 'heater cartridge^2', 'thermoelement*^0.5',
 'iec lead*^2', 'mains lead*^2', 'power lead*^2', 'moulded lead*^2', 'plug top^1', 'armoured cable*^2', 'emergency luminaire*^2', 'high bay*^2',
 'ev charger*^2', 'charging station*^2', 'standby generator^2', 'genset*^2', 'inverter battery^1.5', 'solar panel*^2', 'pv system^2', 'pv panel*^2',
 'consumer unit^2', 'rewiring^2', 'ring main^2', 'microcontroller*^1.5', 'resistor*^1.5', 'capacitor*^1.5', 'pcb*^1.5', 'ladesäule*^2',
 'notstromaggregat*^2', 'öltransformator*^2', 'verteilerschrank*^1.5', 'solarmodul*^2', 'photovoltaik*^1.5', 'borne* de recharge^2',
 'tableau général^1.5', 'câble armé^2', 'installation électrique^1.5', 'luminaire*^1.5', 'cargador* eléctrico*^1.5', 'inversor híbrido^2',
 'inversores híbridos^2', 'alumbrado^1.5', 'colonnina di ricarica^2', 'rifasamento^2', 'cavo armato^1.5', 'impianto elettrico^1.5',
 'schakelkast*^1.5', 'meterkast*^1.5', 'silników^1.5', 'fotowolta*^2', 'stacj* ładowania^2', 'instalacj* elektryczn*^1.5', 'campânulas^1.5',
 'cabo armado^1.5', 'posto de carregamento^2', 'trafostanic*^2', 'elektroinstalac*^2', 'nabíjec*^1.5', 'fotovoltaik*^2', 'motorů^1', 'svietidl*^2',
 'elektroinštal*^2', 'villanyszerelés*^2', 'kapcsolószekrény*^2', 'elosztószekrény*^2', 'lámpatest*^2', 'világítás*^1.5', 'töltőállomás*^2',
 'cablu^1.5', 'iluminat^1.5', 'generator electric^2', 'panouri solare^2', 'panouri fotovoltaice^2', 'stație de încărcare^2', 'освещен*^1.5',
 'электрощит*^2', 'проводк*^2', 'электропровод*^2', 'дизель-генератор*^2', 'кабелю^1.5', 'освітлен*^1.5', 'проводка^2', 'проводки^2',
 'генератори^1.5', 'електродвигун*^2', 'акумулятор*^1.5', 'дизелов агрегат^2', 'дизелови агрегати^2', 'агрегати^1', 'кабели^1.5', 'осветителн*^2',
 'табло^1.5', 'трансформатори^2', 'фотоволтаи*^2', 'rasvjet*^1.5', 'razvodni ormar^2', 'razvodni ormari^2', 'elektroormar*^2', 'generatora^1.5',
 'transformatora^2', 'transformatorja^2', 'solarni paneli^2', 'sončne elektrarne^2', 'osvetlitev^1.5', 'πίνακα* διανομής^2', 'ηλεκτρικός πίνακας^2',
 'γεννήτρια^2', 'γεννήτριες^2', 'φωτοβολταϊκ*^2', 'valaisin^2', 'valaisim*^2', 'valaistu*^1.5', 'kaapelia^1.5', 'sähkökeskus^2', 'sähkökeskuk*^2',
 'muuntaja*^2', 'sähkömoottori*^2', 'aurinkopaneeli*^2', 'varavoima*^2', 'sähköasennu*^2', 'belysning*^1.5', 'kabelskåp^2', 'elcentral*^2',
 'solceller^2', 'reservkraft*^2', 'ladestander*^2', 'belysnings*^1.5', 'elektromotorer^2', 'sikringsskap^2', 'solcelle*^2', 'elektrik panosu^2',
 'jeneratör*^2', 'güneş paneli^2', 'güneş panelleri^2', 'مولد*^1.5', 'محول*^2', 'ترانس*^1.5', 'روشنایی^1.5', 'सोलर पैनल^2', 'बिजली^1',
 'ตู้ควบคุมไฟฟ้า^1.5', 'โซลาร์เซลล์^2', 'มอเตอร์ไฟฟ้า^1.5', 'pin mặt trời^2', 'キュービクル^2'
], false),
('civil', 'Construction and buildings: concrete, foundations, structural steelwork, bridges, roads, roofing, doors and windows, fit-out, plumbing, fencing, scaffolding, demolition.', array[
 'construction^1', 'building^0.7', 'contractor^0.5', 'concrete^1.5', 'ready-mix^2', 'readymix^2', 'precast^2', 'rebar^2', 'reinforcement^1.5',
 'formwork^2', 'shuttering^2', 'foundation^2', 'foundations^2', 'piling^2', 'screed^2', 'slab^1', 'slabs^1', 'masonry^2', 'brick^1.5', 'brickwork^2',
 'blockwork^2', 'cement^1', 'mortar^1.5', 'asphalt^2', 'paving^2', 'paver^1.5', 'kerb^2', 'curb^1', 'road^0.5', 'roadworks^2', 'tarmac^2',
 'excavation^2', 'earthworks^2', 'groundworks^2', 'backfill^1.5', 'trench^1.5', 'drainage^2', 'manhole^2', 'culvert^2', 'sewer^1.5', 'geotextile^2',
 'gabion^2', 'retaining wall^2', 'bridge^1', 'tunnel^1', 'site clearance^2', 'demolition^2', 'scaffold*^2', 'structural steel^2', 'steelwork^2',
 'steel structure^2', 'portal frame^2', 'steel frame', 'purlin^2', 'cladding^1.5', 'sandwich panel^2', 'roof^1.5', 'roofing^2', 'gutter^1.5',
 'insulation^0.7', 'waterproofing^1.5', 'membrane roof*', 'facade^2', 'curtain wall^2', 'glazing^2', 'window^1.5', 'windows^1', 'door^1', 'doors^1',
 'fire door^2', 'roller shutter^1.5', 'sectional door^1.5', 'staircase^1.5', 'stairs^1', 'handrail^1.5', 'balustrade^2', 'grating^1', 'mezzanine^1.5',
 'drywall^2', 'plasterboard^2', 'partition wall^1.5', 'plaster*^1.5', 'rendering^1', 'suspended ceiling^2', 'flooring^1.5', 'tiles^1.5', 'tiling^1.5',
 'epoxy floor^1.5', 'painting', 'decorating', 'fit-out^1.5', 'fit out^1.5', 'refurbishment^0.6', 'renovation^1.5', 'modular building^2',
 'portacabin^2', 'site cabin^2', 'fence^1.5', 'fencing^1.5', 'landscap*^1.5', 'playground^1', 'car park^1.5', 'plumbing^1.5', 'ductwork^1.5',
 'sanitary^1', 'sprinkler^1', 'lift shaft', 'bill of quantities^2', 'boq^1.5', 'square metre', 'square meter', 'sqm^1', 'm2^0.5', 'm3^0.5',
 'eurocode^1.5', 'en 1090^1.5', 'exc2^1.5', 'civil works^2', 'civil engineering^2', 'geotechnical^1.5', 'borehole^1.5', 'warehouse building',
 'bauvorhaben^2', 'baustelle^0.5', 'bauarbeiten^2', 'rohbau^2', 'tiefbau^2', 'hochbau^2', 'neubau^1.5', 'umbau^1', 'sanierung^1.5', 'beton^1.5',
 'stahlbeton^2', 'transportbeton^2', 'fertigteil^1.5', 'betonstahl^2', 'bewehrung^2', 'schalung^2', 'fundament^2', 'bodenplatte^2', 'estrich^2',
 'mauerwerk^2', 'ziegel^1.5', 'zement^1', 'mörtel^1.5', 'pflaster*^2', 'straßenbau^2', 'erdarbeiten^2', 'aushub^2', 'kanalisation^1.5',
 'entwässerung^1.5', 'abbruch^1.5', 'gerüst*^2', 'stahlbau^2', 'stahlhalle^2', 'halle^0.5', 'dach^1.5', 'dachdecker^2', 'dämmung^1', 'fassade^2',
 'fenster^1.5', 'türen^1.5', 'brandschutztür^2', 'treppe^1.5', 'geländer^1.5', 'trockenbau^2', 'gipskarton^2', 'putz^1', 'fliesen^1.5',
 'bodenbelag^1.5', 'maler*^1', 'zaun^1.5', 'leistungsverzeichnis^1.5', 'gewerk^1', 'lüftung^1', 'heizung^1', 'sanitär^1.5', 'chantier^0.5',
 'travaux^1', 'bâtiment^0.6', 'béton^1.5', 'ferraillage^2', 'coffrage^2', 'fondation^2', 'dalle^1.5', 'chape^2', 'maçonnerie^2', 'parpaing^2',
 'ciment^1', 'enrobé^2', 'voirie^2', 'pavé*^1.5', 'terrassement^2', 'assainissement^1.5', 'démolition^2', 'échafaudage^2', 'charpente^2', 'toiture^2',
 'couverture^1', 'bardage^2', 'isolation^1', 'façade^2', 'fenêtre^1.5', 'menuiserie^1.5', 'porte^1', 'escalier^1.5', 'garde-corps^2', 'cloison^1.5',
 'placo^2', 'carrelage^1.5', 'peinture^0.5', 'clôture^1.5', 'rénovation^1.5', 'plomberie^1.5', 'chauffage', 'climatisation^1', 'gros œuvre^2',
 'obra^0.6', 'obras^0.6', 'construcción^1', 'hormigón^2', 'concreto^1.5', 'armadura^1', 'ferralla^2', 'encofrado^2', 'cimentación^2', 'cimientos^2',
 'losa^1.5', 'solera^1.5', 'ladrillo^1.5', 'cemento^1', 'asfalto^2', 'pavimento^1.5', 'pavimentación^2', 'carretera^1.5', 'excavación^2',
 'movimiento de tierras^2', 'saneamiento^1.5', 'drenaje^1.5', 'demolición^2', 'andamio^2', 'andamios^2', 'estructura metálica^2',
 'nave industrial^1.5', 'cubierta^1.5', 'tejado^1.5', 'aislamiento^1', 'fachada^2', 'ventana^1.5', 'puerta^1', 'escalera^1', 'barandilla^1.5',
 'pladur^2', 'tabique^1.5', 'azulejo^1.5', 'pintura^0.5', 'reforma^1.5', 'fontanería^1.5', 'climatización^1', 'valla^1', 'vallado^1.5',
 'cantiere^0.5', 'edilizia^2', 'edile^2', 'calcestruzzo^2', 'cemento armato^2', 'armatura^1', 'casseforme^2', 'fondazione^2', 'fondazioni^2',
 'massetto^2', 'solaio^1.5', 'muratura^2', 'mattoni^1.5', 'pavimentazione^1.5', 'scavo^1.5', 'scavi^1.5', 'fognatura^1.5', 'demolizione^2',
 'ponteggio^2', 'ponteggi^2', 'carpenteria metallica^1.5', 'capannone^1.5', 'copertura^1.5', 'tetto^1.5', 'isolamento^1', 'facciata^2',
 'serramenti^2', 'infissi^2', 'finestra^1.5', 'porta^1', 'scala^0.7', 'parapetto^1.5', 'cartongesso^2', 'intonaco^2', 'piastrelle^1.5',
 'ristrutturazione^1.5', 'recinzione^1.5', 'bouw^1', 'bouwplaats^1.5', 'nieuwbouw^1.5', 'verbouwing^1.5', 'wapening^2', 'bekisting^2', 'fundering^2',
 'heipal*^2', 'dekvloer^2', 'metselwerk^2', 'baksteen^1.5', 'asfalt^2', 'bestrating^2', 'grondwerk^2', 'riolering^1.5', 'sloop*^1.5', 'steiger^1.5',
 'staalconstructie^2', 'dak^1.5', 'dakbedekking^2', 'isolatie^1', 'gevel^2', 'kozijn*^2', 'deur^1', 'gipsplaat^2', 'stucwerk^2', 'tegels^1.5',
 'hekwerk^1.5', 'renovatie^1.5', 'loodgiet*^1.5', 'budow*^1.5', 'beton*^1.5', 'zbrojeni*^2', 'szalunk*^2', 'fundament*^2', 'wylewk*^2',
 'murowan*^1.5', 'cegł*^1.5', 'cement^1.5', 'asfalt*^2', 'kostk* brukow*^2', 'nawierzchni*^1.5', 'wykop*^1.5', 'kanalizacj*^1.5', 'rozbiórk*^2',
 'rusztowani*^2', 'konstrukcj* stalow*^2', 'konstrukcje stalowe^2', 'konstrukcji stalowej^2', 'dach*^1.5', 'elewacj*^2', 'okna^1.5', 'okien^1.5',
 'drzwi^1', 'schod*^1', 'balustrad*^2', 'płyt* gipsow*^2', 'tynk*^1.5', 'remont*^1', 'ogrodzeni*^1.5', 'construção civil^2', 'concretagem^2',
 'armação^1', 'fôrma', 'fundação^2', 'fundações^2', 'alvenaria^2', 'tijolo^1.5', 'cimento^1', 'pavimentação^2', 'terraplenagem^2', 'escavação^2',
 'drenagem^1.5', 'demolição^2', 'andaime^2', 'andaimes^2', 'estrutura metálica^2', 'galpão^1.5', 'telhado^1.5', 'cobertura^1.5', 'janela^1.5',
 'caixilharia^2', 'escada^1', 'guarda-corpo^1.5', 'gesso^1.5', 'byggnad^1.5', 'bygge^1.5', 'betong^2', 'armering^2', 'grundläggning^2',
 'platta på mark^2', 'tegel^1.5', 'markarbete^2', 'schakt*^1.5', 'dränering^1.5', 'rivning^2', 'ställning^1.5', 'stålkonstruktion^2', 'takläggning^2',
 'isolering^1', 'fasad^2', 'fönster^1.5', 'dörrar^1.5', 'trappa^1.5', 'räcke^1.5', 'gips^1.5', 'kakel^1.5', 'staket^1.5', 'renovering^1.5',
 'inşaat*^2', 'hazır beton^2', 'demir donatı^2', 'donatı^2', 'kalıp iskele^2', 'temel^1', 'şap^1.5', 'tuğla^2', 'çimento^1', 'kaldırım^1.5',
 'hafriyat^2', 'kazı^1.5', 'yıkım^1.5', 'iskele^1.5', 'çelik konstrüksiyon^2', 'çatı^1.5', 'yalıtım^1', 'cephe^2', 'pencere^1.5', 'kapı^1',
 'merdiven^1', 'korkuluk^1.5', 'alçıpan^2', 'sıva^1.5', 'seramik karo^1.5', 'fayans^1.5', 'tadilat^1.5', 'çit^1', 'şantiye^2', 'stavb*^1.5',
 'stavební^1.5', 'betonov*^1.5', 'betonář*^2', 'výztuž*^2', 'bednění^2', 'základ*^0.7', 'cihl*^1.5', 'zdivo^2', 'dlažb*^1.5', 'výkop*^1.5',
 'kanalizac*^1.5', 'demolic*^2', 'lešení^2', 'ocelov* konstrukc*^2', 'ocelová konstrukce^2', 'střech*^1.5', 'střešní^1.5', 'fasád*^2', 'dveře^1',
 'schodiště^1.5', 'zábradlí^1.5', 'sádrokarton*^2', 'omítk*^1.5', 'rekonstrukc*^1.5', '混凝土^2', '钢筋^2', '水泥^1.5', '砖^1.5', '沥青^2', '施工^1.5', '建筑^1.5',
 '工地^1.5', '钢结构^2', '屋顶^1.5', '幕墙^2', '门窗^2', '地基^2', '基础^1', '脚手架^2', '拆除^1.5', '装修^1.5', '土建^2', '工事^1.5', 'コンクリート^2', '鉄筋^2', '鉄骨^2', '基礎^1.5',
 '建築^1.5', '建設^1.5', '屋根^1.5', '外壁^2', '足場^2', '舗装^2', 'アスファルト^2', '窓^1.5', 'ドア^1', '콘크리트^2', '철근^2', '철골^2', '건설^1.5', '지붕^1.5', 'خرسانة^2',
 'أسمنت^1.5', 'حديد تسليح^2', 'بناء^1.5', 'إنشاء*^1', 'footbridge^2', 'pedestrian bridge^2', 'abutment^2', 'pier^1', 'caisson^2', 'jetty^2',
 'quay wall^2', 'dredging^2', 'embankment^1.5', 'railway sleepers^1.5', 'track laying^2', 'monopole^1.5', 'drilled shaft^2', 'bored pile^2',
 'sheet piling^2', 'sheet pile^1.5', 'underpinning^2', 'soil report^1.5', 'wind load^1.5', 'snow load^1.5', 'psf^1', 'structural engineer^1',
 'stamped calcs^1.5', 'steel erection^2', 'erection^1', 'fabricate and erect^1.5', 'bay shed^2', 'shed^1', 'barn^1', 'clear span^1.5', 'eaves^2',
 'chain link^2', 'palisade^2', 'bollard^1.5', 'apron^1', 'plinth^1.5', 'bund^1.5', 'bund wall^2', 'cable trench^1', 'trenching^1.5', 'hardstanding^2',
 'yard surfacing^2', 'concreting^2', 'concrete works^2', 'rc slab^2', 'c25/30^2', 'c30/37^2', 'c32/40^2', 'c35/45^2', 'b500b^2',
 'mesh reinforcement^1.5', 'vapor barrier^1.5', 'vapour barrier^1.5', 'damp proof^1.5', 'roof sheets^1.5', 'trapezoidal sheet^1.5', 'metal deck^1.5',
 'decking^1.5', 'skylight^1.5', 'rooflight^2', 'louvre^1', 'canopy^1.5', 'carport^1.5', 'pergola^1', 'loading dock^1', 'dock leveller^1',
 'overhead door^1.5', 'garage door^1.5', 'doorset^1.5', 'fire rated^0.7', 'cubicle^1', 'washroom^1', 'swimming pool^1.5', 'sports hall^1.5',
 'school building^1', 'apartment^1', 'office fit-out^2', 'ceiling^1', 'tiles roof^1.5', 'carpet^1', 'vinyl floor*^1.5', 'terrazzo^1.5',
 'raised floor^1.5', 'masonry wall^2', 'retaining^1', 'septic tank^1', 'stormwater^1.5', 'gully^1.5', 'catch basin^1.5', 'hdpe duct^0.5',
 'road marking^2', 'guardrail^1.5', 'traffic barrier^1.5', 'noise barrier^1.5', 'lift installation^1', 'elevator^1', 'escalator^1',
 'asbestos removal^2', 'core drilling^1.5', 'diamond drilling^1.5', 'topographic^1', 'architect^1', 'general contractor^1.5', 'subcontractor^0.7',
 'site preparation^2', 'brücke^1.5', 'fußgängerbrücke^2', 'spundwand^2', 'bohrpfahl^2', 'stützwand^2', 'stützmauer^2', 'vordach^1.5',
 'überdachung^1.5', 'trapezblech^1.5', 'lichtkuppel^2', 'rolltor^1.5', 'sektionaltor^1.5', 'doppelstabmatten^2', 'zaunanlage^2', 'rampe^0.7',
 'betonarbeiten^2', 'maurerarbeiten^2', 'fliesenarbeiten^2', 'dacharbeiten^2', 'dachsanierung^2', 'malerarbeiten^2', 'bodenbeschichtung^1.5',
 'industrieboden^2', 'stahlträger^1', 'stützen^1', 'statiker^1', 'architekt^1', 'aufzug^0.5', 'wohnung*^1', 'einfamilienhaus^1.5', 'hallenbau^2',
 'parkplatz^1.5', 'passerelle^1', 'pieux^2', 'mur de soutènement^2', 'bac acier^1.5', 'charpente métallique^2', 'charpente bois^2', 'hangar^1.5',
 'portail^1', 'portes sectionnelles^1.5', 'carreleur^2', 'peintre^1', 'ravalement^2', 'dallage^2', 'béton armé^2', 'ouvrage^1', 'architecte^1',
 'lot gros œuvre^2', 'vrd^2', 'bordures^1.5', 'escaliers^1.5', 'étanchéité^1.5', 'bardages^2', 'couvreur^2', 'maçon^2', 'puente^1', 'pasarela^1',
 'pilotes de hormigón^2', 'muro de contención^2', 'hormigonado^2', 'hormigón armado^2', 'chapa grecada^1.5', 'marquesina^1.5', 'portón^1',
 'acera^1.5', 'bordillo^2', 'solado^2', 'alicatado^2', 'escaleras^1', 'barandillas^1.5', 'impermeabilización^1.5', 'arquitecto^1', 'obra civil^2',
 'albañil*^2', 'aparcamiento^1.5', 'nave^0.7', 'ladrillos^1.5', 'excavaciones^2', 'carpintería metálica^1.5', 'ponte^0.7', 'passerella^1',
 'pali di fondazione^2', 'muro di sostegno^2', 'lamiera grecata^1.5', 'pilastri^1.5', 'travi^1', 'posa in opera^1', 'fornitura e posa^1',
 'impermeabilizzazione^1.5', 'marciapiede^1.5', 'cordoli^1.5', 'scale^0.7', 'parapetti^1.5', 'cancello^1', 'tettoia^1.5', 'opere edili^2',
 'opere murarie^2', 'geometra^1', 'architetto^1', 'parcheggio^1.5', 'demolizioni^2', 'calcestruzzi^2', 'zincatura^0.3', 'montaggio^0.5', 'damwand^2',
 'betonvloer^2', 'vloer^1', 'keerwand^2', 'overkapping^1.5', 'staalbouw^2', 'hal^0.7', 'loods^1.5', 'poort^1', 'hekwerken^1.5', 'trappen^1',
 'leuning^1.5', 'stucadoor^2', 'tegelwerk^2', 'schilderwerk^1.5', 'dakplaten^1.5', 'gevelbekleding^2', 'aannemer^1.5', 'straatwerk^2',
 'parkeerplaats^1.5', 'kładk*^1.5', 'pale fundamentowe^2', 'ścian*^0.7', 'mur oporowy^2', 'posadzk*^2', 'hala stalowa^2', 'hale stalowe^2',
 'wiata^1.5', 'brama^1', 'bramy^1', 'schody^1.5', 'balustrady^2', 'płyta warstwowa^2', 'płyty warstwowe^2', 'blacha trapezowa^1.5', 'dekarz*^2',
 'roboty budowlane^2', 'roboty ziemne^2', 'parking^1', 'kostka brukowa^2', 'malowani*^1', 'kafelk*^1.5', 'obróbki blacharskie^1.5', 'ponte pedonal^2',
 'muro de arrimo^2', 'estacas^1.5', 'concreto armado^2', 'betão^2', 'laje^2', 'piso industrial^2', 'piso^0.7', 'telha*^1.5', 'portão^1',
 'guarda corpo^1.5', 'corrimão^1.5', 'calçada^1.5', 'meio-fio^2', 'impermeabilização^1.5', 'empreiteiro^2', 'arquiteto^1', 'estacionamento^1.5',
 'alvenarias^2', 'pintura predial^2', 'gångbro^2', 'pålning^2', 'stödmur^2', 'betongplatta^2', 'golv^1', 'plåttak^1.5', 'portar^1', 'trappor^1',
 'entreprenör^1.5', 'arkitekt^1', 'parkering^1.5', 'målning^1', 'stålhall^2', 'betongarbete^2', 'markarbeten^2', 'kantsten^2', 'köprü^1',
 'yaya köprüsü^2', 'kazık^1.5', 'istinat duvarı^2', 'zemin^0.7', 'zemin betonu^2', 'sundurma^1.5', 'trapez sac^1.5', 'sandviç panel^2',
 'garaj kapısı^1.5', 'parke taşı^2', 'bordür^2', 'merdivenler^1', 'müteahhit^2', 'mimar*^1', 'otopark^1', 'çelik yapı^2', 'boya badana^2',
 'su yalıtımı^2', 'betonarme^2', 'lávk*^1.5', 'piloty^2', 'opěrná zeď^2', 'podlah*^1.5', 'hala^0.7', 'ocelová hala^2', 'přístřeš*^1.5', 'vrata^1',
 'brána^1', 'dlaždice^1.5', 'malířské^1.5', 'zateplení^2', 'stavební práce^2', 'zemní práce^2', 'asfaltování^2', 'parkoviště^1.5',
 'sendvičov* panel*^2', '桥^1', '桩^1.5', '地坪^2', '围栏^1.5', '围墙^1.5', '厂房^1.5', '彩钢板^2', '楼梯^1', '防水^1', '道路^1.5', '鉄骨工事^2', '新築^1.5', '改修^1', '橋^1',
 '杭^1.5', '床^0.5', '塗装工事^1.5', '内装^1.5', 'フェンス^1.5', '階段^1.5', '土木^2', '엘리베이터^0.7', '바닥^0.7', '교량^2', '울타리^1.5', '토목^2', '건축^1.5', 'جسر^1',
 'أرضيات^1.5', 'سقف^1', 'سياج^1.5', 'مقاول^1.5', 'هيكل معدني^1.5', 'مبنى^1', 'post hole*^1.5', 'making good^1.5', 'resurfac*^2', 'line marking^2',
 'plane off^1.5', 'pile cap*^2', 'bored pile*^2', 'partition wall*^1.5', 'screed*^2', 'estrich*^2', 'trockenbau*^2', 'balustrade*^1.5',
 'handrail*^1.5', 'listed building^1', 'réfection^1.5', 'cloison*^1.5', 'faux plafond^2', 'tabique*^2', 'falso techo^2', 'derribo*^1.5', 'amianto^1',
 'ogrodzen*^1.5', 'istinat*^2', 'sádrokarton^2', 'quay^1.5', 'berth^1.5', 'fender*^1', 'remedial works^1.5', 'concrete repair*^2.5',
 'crack injection^2', 'reforço estrutural^2.5', 'refuerzo estructural^2.5', 'rinforzo strutturale^2.5', 'renforcement de structure^2',
 'betonsanierung^2.5', 'betoninstandsetzung^2.5', 'remont dachu^2.5', 'remont budynk*^2.5', 'naprawa betonu^2.5', 'hatch^1.5', 'hatches^1.5',
 'bollards^1.5', 'railing^1.5', 'stair tread^2', 'stair treads^2', 'door closer^2', 'steel door^2', 'gates^0.7', 'kerbs^2', 'drainage channel^2',
 'downpipe^1.5', 'rebar cage^2', 'groundwork*^2', 'earthwork*^2', 'asbestos^1.5', 'garage^1', 'demolish^2', 'demolishing^2', 'bricklay*^2',
 'plastering^2', 'mesh fence^2', 'panel fence^2', 'window sill^2', 'window sills^2', 'shed building^1.5', 'racking foundation^1', 'welfare cabin^1.5',
 'grating walkway^1.5', 'cellar^0.5', 'fender^1.5', 'mooring^1', 'fensterbank^2', 'fensterbänke^2', 'treppenstufe*^2', 'gitterrost*^1.5',
 'türschließer^2', 'brandschutztür*^2', 'bordstein*^2', 'rinne^0.5', 'zäune^1.5', 'rejillas^0.7', 'barandilla*^2', 'puerta cortafuegos^2',
 'puertas cortafuegos^2', 'canaleta^1', 'ringhier*^2', 'cancell*^1', 'porte tagliafuoco^2', 'recinzion*^2', 'demolizion*^2', 'porte coupe-feu^2',
 'portes coupe-feu^2', 'clôture*^2', 'escalier*^1', 'brandwerende deur*^3', 'deurdranger*^2', 'deuren^1.5', 'ramen^1.5', 'sloop^1.5', 'barierk*^1.5',
 'portas corta-fogo^2', 'cerca^1', 'bryggpollare^2', 'fenderlist^2', 'zábradl*^2', 'plot^1', 'oplocen*^2', 'okno^1', 'dveří^1.5', 'demolice^2',
 'vindue*^1.5', 'vinduer^1.5', 'døre^1.5', 'dører^1.5', 'tag^0.3', 'hegn^1.5', 'gjerde^2', 'panelgjerde^2', 'port^0.3', 'porter^0.7', 'trappe^1.5',
 'stigetrinn^2.5', 'rekkverk^2.5', 'nedrivning^2', 'mursten^1.5', 'tagsten^2', 'ikkun*^1.5', 'ovi^0.7', 'ovea^1.5', 'ovet^1.5', 'betoni*^1.5',
 'katto^1.5', 'kattopel*^1.5', 'aita^1', 'aitaa^1.5', 'kaide^1.5', 'perustu*^1.5', 'purkutyö*^2', 'portaat^1.5', 'teräsrakent*^2', 'ablak*^1.5',
 'ajtó*^1.5', 'tető*^1.5', 'kerítés*^2', 'korlát*^1.5', 'alapoz*^1.5', 'bontás*^1.5', 'acélszerkezet*^2', 'lépcső*^1.5', 'ferestre^1.5', 'uși^1',
 'acoperiș^1.5', 'gard^1.5', 'fundați*^2', 'demolare^2', 'structură metalică^2', 'scări^1', 'окна^1.5', 'окон^1.5', 'двер*^1.5', 'бетон*^1.5',
 'фундамент*^2', 'кровл*^2', 'забор*^1.5', 'огражден*^1.5', 'металлоконструкц*^2', 'лестниц*^1.5', 'демонтаж^1', 'тротуарн*^2', 'ворота^1', 'врати^1',
 'прозор*^1.5', 'ограда^1.5', 'покрив*^1.5', 'стълб*^1', 'врата^1', 'прозори^1.5', 'ограде^1.5', 'вікон^1.5', 'вікна^1.5', 'двері^1.5', 'паркан*^1.5',
 'покрівл*^2', 'prozor*^1.5', 'ograd*^1.5', 'krov*^1', 'temelj*^1.5', 'strecha^1.5', 'ograj*^1.5', 'streh*^1', 'langai^1.5', 'langų^1.5', 'durys^1.5',
 'durų^1.5', 'tvora^1.5', 'tvoros^1.5', 'stog*^1', 'logi^1', 'logu^1', 'durvis^1.5', 'durvju^1.5', 'žog*^1.5', 'jumt*^1.5', 'aken^1', 'aknad^1.5',
 'akent^1.5', 'uks^1', 'uksed^1.5', 'uste^1', 'aed^0.5', 'aia^0.5', 'katus^1.5', 'betoon*^1.5', 'dyer^1.5', 'dritare^1.5', 'παράθυρ*^2', 'πόρτα^1.5',
 'πόρτες^1.5', 'σκυρόδεμα^2', 'μπετόν^2', 'περίφραξη^2', 'σχάρες^1.5', 'σκάλες^1.5', 'σκάλα^1.5', 'κάγκελ*^2', 'στέγη^1.5', 'κατεδάφιση^2',
 'חלונות^1.5', 'דלתות^1.5', 'בטון^2', 'גדר^1.5', 'גדרות^1.5', 'מעקה^2', 'גג^0.7', 'ריצוף^1.5', 'הריסה^2', 'קונסטרוקציה^1.5', 'أبواب^1.5', 'باب^0.5',
 'نوافذ^1.5', 'شبابيك^1.5', 'درابزين^2', 'أساسات^2', 'هدم^1.5', 'هناجر^2', 'بلاط^1.5', 'در ضد حریق^2', 'پنجره^1.5', 'بتن^2', 'حصار^1.5', 'दरवाजे^1.5',
 'खिड़की^1.5', 'कंक्रीट^2', 'छत^0.7', 'बाड़^1', 'सीढ़ी^1', 'ประตู^1.5', 'หน้าต่าง^1.5', 'คอนกรีต^2', 'รั้ว^1.5', 'หลังคา^1.5', 'ราวกันตก^2',
 'บันได^1', 'เสาเข็ม^2', 'cửa sổ^2', 'cửa chống cháy^2', 'cửa thép^2', 'cửa nhôm^2', 'bê tông^2', 'hàng rào^2', 'mái tôn^2', 'lan can^2',
 'cầu thang^1.5', 'nhà xưởng thép^2', 'pintu^1.5', 'jendela^2', 'pagar^1.5', 'atap^1.5', 'tangga^1', 'konkrit^2', 'tingkap^1.5', '창호^2', '창문^2',
 '방화문^2', '문짝^1.5', '펜스^2', '난간^2', '철거^2', '계단^1', 'サッシ^2', '防火扉^2', '手すり^2', '解体^1.5', '窗户^2', '防火门^2', '护栏^2', 'window frames^2',
 'stone steps^1.5', 'ladders^0.7', 'walkway^1.5', 'platform^0.7', 'paving slabs^2', 'guttering^2', 'insulation panels^1.5', 'sandwich panels^2',
 'floor tiles^2', 'painting of walls^1.5', 'scaffold^2', 'shelter^1', 'bus shelter^2', 'crash barrier^2', 'sheet piles^2', 'toilets^1',
 'water closets^1.5', 'roller doors^2', 'sectional doors^2', 'dock leveller*^2', 'dachdeck*^2', 'treppe*^1.5', 'boden^0.7', 'stahlkonstruktion^1.5',
 'rolltor*^2', 'sektionaltor*^2', 'sandwichpaneel*^2', 'portes^1', 'fenêtres^2', 'puertas^1.5', 'ventanas^2', 'azulejos^2', 'baldosas^2',
 'paneles sándwich^2', 'finestre^2', 'pannelli sandwich^2', 'sandwichpanelen^2', 'dachu^1.5', 'płyt* warstwow*^2', 'bram*^1.5', 'portas^1.5',
 'janelas^2', 'telhas^2', 'azulejo*^2', 'tak^0.3', 'takplåt^2', 'stålstomme^2', 'kapılar^1.5', 'pencereler^2', 'finestres^1.5', 'portes de^0.7',
 'leiho^1.5', 'leihoak^2', 'ateak^1.5', 'qapı^1.5', 'pəncərə^2', 'gluggar^2', 'hurðir^2', 'vensters^1.5', 'deure^1.5', 'milango^2', 'madirisha^2',
 'pinto^1.5', 'bintana^2', 'জানালা^2', 'দরজা^2', 'سیمنٹ^0.7', 'دروازے^1.5', 'کھڑکی^2', 'კარი^1.5', 'ფანჯარ^2', 'есік^1.5', 'терезе^2', 'դուռ^1.5',
 'பலகணி^1', 'Rollläden^1.5', 'Trennwände^1.5', 'Markisen^1.5', 'Parkett^1.5', 'Stahlträger^1.5', 'tuiles^1.5', 'gouttières^1.5',
 'peinture des murs^2', 'plâtrerie^1.5', 'tejas^1.5', 'canalones^1.5', 'persianas^1.5', 'adoquines^1.5', 'tegole^1.5', 'grondaie^1.5',
 'tapparelle^1.5', 'dakpannen^1.5', 'bakstenen^1.5', 'dakgoot^1.5', 'rolluiken^1.5', 'klinkers^1.5', 'dakkapellen^1.5', 'ocieplen*^1.5', 'płytk*^1.5',
 'rynny^1.5', 'rolet*^1.5', 'divisórias^1.5', 'calhas^1.5', 'estores^1.5', 'takpannor^1.5', 'innerväggar^1.5', 'hängrännor^1.5', 'markiser^1.5',
 'marksten^1.5', 'stillads^1.5', 'tagrender^1.5', 'gelændere^1.5', 'takstein^1.5', 'murstein^1.5', 'isolasjon^1.5', 'takrenner^1.5', 'tiilt*^1.5',
 'teline*^1.5', 'portti*^1.5', 'eristet*^1.5', 'laatta*^1.5', 'välisein*^1.5', 'räystäskour*^1.5', 'kaitee*^1.5', 'příčk*^1.5', 'okapy^1.5',
 'žaluzi*^1.5', 'tégla^1.5', 'állványz*^1.5', 'szigetel*^1.5', 'csemp*^1.5', 'válaszf*^1.5', 'ereszcsator*^1.5', 'redőn*^1.5', 'térkő^1.5',
 'țigle^1.5', 'cărămi*^1.5', 'poart*^1.5', 'izolaț*^1.5', 'pereț*^1.5', 'jgheabu*^1.5', 'jaluze*^1.5', 'termopan^1.5', 'кереми*^1.5', 'тухли^1.5',
 'изолац*^1.5', 'плочк*^1.5', 'улуци^1.5', 'парапе*^1.5', 'crije*^1.5', 'cigla^1.5', 'stubiš*^1.5', 'izolaci*^1.5', 'pločic*^1.5', 'oluci^1.5',
 'kiremi*^1.5', 'bahçe kapıs*^2', 'bölme duvar^2', 'oluk^1.5', 'panju*^1.5', 'κεραμίδ*^1.5', 'τούβλ*^1.5', 'σκαλωσ*^1.5', 'μόνωσ*^1.5', 'πλακάκ*^1.5',
 'κουφώμα*^1.5', 'черепи*^1.5', 'кирпи*^1.5', 'леса строительн*^2', 'утеплен*^1.5', 'плитк*^1.5', 'перегород*^1.5', 'водосто*^1.5', 'жалюз*^1.5',
 'перил*^1.5', 'цегла^1.5', 'риштуван*^1.5', 'сходи^1.5', 'רעפים^1.5', 'לבנים^1.5', 'פיגומים^1.5', 'מדרגות^1.5', 'בידוד^1.5', 'מעקות^1.5',
 'قرميد^1.5', 'طوب^1.5', 'سقالات^1.5', 'بوابة^0.9', 'กระเบื้อง^1.5', 'อิฐ^1.5', 'นั่งร้าน^1.5', 'ฉนวน^1.5', 'cửa đi^2', 'mái ngói^2', 'gạch^1.5',
 'giàn giáo^2', 'vách ngăn^2', 'genteng^1.5', 'perancah^1.5', 'plafon^1.5', '瓦片^1.5', '卷帘门^1.5', '保温^1.5', '隔断^1.5', '栏杆^1.5', 'レンガ^1.5', 'シャッター^1.5',
 '断熱材^1.5', 'タイル^1.5', '間仕切り^1.5', '기와^1.5', '벽돌^1.5', '비계^1.5', '셔터^1.5', '단열재^1.5', '타일^1.5', 'chimney^1.5', 'sandbags^1.5', 'shutters^1.5',
 'garagentor*^2', 'slates^1.5', 'roof slate*^2.5', 'chimney*^2', 'church^0.5', 'chapel^0.5', 'sandbag*^1', 'sliding gate*^2', 'garageport*^2',
 'industriport*^2', 'ledhejseport*^2', 'tegola^1', 'tegole^2', 'scale in ferro^1.5', 'bricks^2', 'ramp^1', 'pews^1.5', 'volets roulants^2.5',
 'volets^1', 'dakkapel*^2.5', 'dakpan^2', 'trapleuning^2', 'stair*^1', 'trap^0.3', 'kiremit*^2', 'tuğla*^2', 'panjur*^1.5', 'cserép*^1.5', 'tégla*^2',
 'kapu*^0.7', 'redőny*^2', 'csempe^1.5', 'плитк*^1', 'черепиц*^2', 'кирпич*^2', 'строительн* лес*^2', 'леса^0.7', 'цегл*^2', 'сход*^0.3', 'ابواب^2',
 'نافذة^2', 'شباك^1.5', 'تركيب ابواب^2', 'กำแพง^1.5', 'cửa^1.5', 'cửa gỗ^2', 'mái ngói^2', 'mái tôn^2', 'genteng^2', 'batu bata^2',
 'keramik lantai^1.5', '木门^2', '防盗门^2', '推拉门^2', '瓦片^2', '卷帘门^2', '栏杆^2', '瓦屋根^2', '屋根瓦^2', '間仕切^2', '출입문^2', '목문^1.5', '벽돌^2', '기와^2', '칸막이^1.5',
 '비계^2', 'parkett*^2', 'markise*^2', 'innervägg*^2', 'takpann*^2.5', 'takstein*^2', 'murstein*^2', 'mursten*^2', 'tagrende*^2', 'takrenn*^2',
 'gelænder*^1.5', 'fliser^1.5', 'isolasjon^1', 'feuerwehrgerätehaus^0.5', 'scaffold*^1.5', 'stillads*^2', 'stillas*^2', 'storm damage^1',
 'leaking roof^2.5', 'roof leak*^2.5', 'flat roof^2', 'single ply^2', 'soakaway^2', 'drop kerb*^2', 'surfacing^1.5', 'chain link fence^2',
 'render*^0.8', 'church hall floor^1', 'resin floor*^1.5', 'epoxy floor*^2', 'steel building^1.5', 'industrial unit build^1', 'bathroom refit^2',
 'wet room^1.5', 'asphalt*^1.5', 'staircase*^1.5', 'stützmauer*^2', 'flachdach*^2', 'doppelstabmatten*^2', 'zaunbau^2', 'drehtor*^1.5',
 'fenstertausch^2', 'dachdecker*^2', 'abbruch*^1.5', 'enrobé*^2', 'avaloir*^2', 'portails^1.5', 'toiture*^2', 'uralita^2', 'valla*^1.5', 'muro^1.5',
 'impermeabiliz*^2', 'asfaltado^2', 'guaina^1.5', 'cancelli^1.5', 'bagno^1', 'ringhiera^1.5', 'asfaltatura^2', 'schutting*^2', 'hekwerk*^2',
 'keermuur^2', 'dakgoot*^2', 'betonvloer*^2', 'wiat*^2', 'vedação^1.5', 'betonilha^2', 'caleiras^2', 'oken^2', 'plotu^1.5', 'zateplen*^2',
 'betonáž*^2', 'zednick*^1.5', 'asfaltov*^1.5', 'strechy^2', 'oplotenie^2', 'fasády^2', 'zateplenie^2', 'nyílászáró*^2', 'padló*^1.5', 'burkol*^1.5',
 'vakol*^1.5', 'aszfalt*^1.5', 'betonoz*^2', 'csarnok*^1.5', 'hidroizola*^2', 'acoperiș*^2', 'terasă^1.5', 'garduri^1.5', 'tâmplărie^1.5',
 'gresie^1.5', 'faianță^1.5', 'pardoseal*^2', 'fundație^1.5', 'hală metalică^2', 'termosistem^2', 'zidărie^2', 'крыш*^2', 'стяжк*^2', 'фасад*^1.5',
 'асфальт*^2', 'гидроизоляц*^2', 'ангар*^1.5', 'навес*^1.5', 'бетонн* пол*^2', 'штукатур*^2', 'дах^1.5', 'даху^2', 'підлог*^1.5', 'перила^1.5',
 'асфальтуван*^2', 'гідроізоляц*^2', 'навіс*^1.5', 'дограма^2', 'хидроизолац*^2', 'саниране^1.5', 'замазка^2', 'плочки^1.5', 'парапет*^1.5',
 'хале^1.5', 'асфалтиране^2', 'krovišt*^2', 'ograda^2', 'ograde^2', 'prozori^1.5', 'prozora^1.5', 'stolarija^2', 'estrih^2', 'fasada^2', 'fasade^2',
 'halu^1.5', 'hidroizolacij*^2', 'asfaltiran*^2', 'strehe^2', 'stopnišč*^1.5', 'stubišt*^1.5', 'montažnu halu^2', 'στέγης^2', 'ταράτσα*^2',
 'μόνωση^1.5', 'υγρομόνωση^2', 'παράθυρα^1.5', 'κουφώματα^2', 'δάπεδο^1.5', 'πλακάκια^1.5', 'ασφαλτόστρωση^2', 'υπόστεγο^2', 'katon^1.5',
 'kattoremontti^2', 'asfaltoi*^2', 'aidan^1.5', 'ikkunat^1.5', 'ikkunoiden^1.5', 'lattia*^1.5', 'laatoitu*^2', 'kaiteet^1.5', 'vesikate^2',
 'julkisivu*^2', 'valu^0.6', 'taket^1.5', 'stängsel^2', 'asfalter*^2', 'betonggolv^2', 'markarbet*^2', 'tagpap^2', 'flisebelægning^2', 'gelænder^1.5',
 'taktekking^2', 'vinduene^1.5', 'çatı*^2', 'tel çit^2', 'pencere*^1.5', 'izolasyon*^1.5', 'yalıtım*^1.5', 'zemin kaplama*^2', 'seramik^1',
 'korkuluk*^2', 'beton dök*^2', 'prefabrik^1.5', 'أسقف^1.5', 'عزل^1.5', 'سور^1.5', 'مستودع معدني^2', 'هنجر^2', 'ترميم^1.5', 'أسفلت^2', 'حائط^1.5',
 'سقف سوله^2', 'سوله^2', 'ایزوگام^2', 'نرده^1.5', 'کف‌سازی^2', 'آسفالت^2', 'دیوار^1', 'איטום^2', 'גידור^2', 'מרזבים^2', 'שיפוץ^1.5', 'אספלט^2',
 'फर्श^1.5', 'दीवार^1', 'खिड़कियां^1.5', 'वाटरप्रूफिंग^2', 'निर्माण^1', 'ปูพื้น^2', 'พื้นอีพ็อกซี่^2', 'กันซึม^2', 'ก่อสร้าง^1.5', 'รอยแตก^1.5',
 'ต่อเติม^1.5', 'ราวบันได^1.5', 'mái nhà^1.5', 'chống thấm^2', 'lát gạch^2', 'sơn epoxy^2', 'nhà xưởng^1.5', 'xây^1', 'lantai epoxy^2', 'keramik^1',
 'kanopi^1.5', 'renovasi^1.5', 'aspal^2', '방수^2', '옥상^1.5', '바닥 공사^2', '균열 보수^2', '아스팔트^2', '防水工事^2', '床工事^2', '解体工事^2', '钢结构厂房^2', '外墙^2'
], false),
('process', 'Process plant: pumps, valves, piping, tanks, pressure vessels, heat exchangers, boilers, compressors, HVAC and cooling, filtration, dosing, skids, water and waste water treatment.', array[
 'pump^1.5', 'centrifugal pump^2', 'diaphragm pump^2', 'dosing pump^2', 'metering pump^2', 'gear pump^1.5', 'submersible pump^2', 'slurry pump^2',
 'vacuum pump^2', 'booster pump^2', 'progressive cavity^2', 'peristaltic^2', 'pumpset^2', 'impeller^1', 'mechanical seal^1.5', 'npsh^2', 'm3/h^2',
 'm³/h^2', 'l/min^1', 'lpm^1.5', 'gpm^1.5', 'flow rate^1.5', 'flowrate^1.5', 'head of^0.5', 'duty point^2', 'viscosity^1', 'valve^1.5',
 'ball valve^2', 'gate valve^2', 'globe valve^2', 'butterfly valve^2', 'check valve^2', 'non-return valve^2', 'control valve^2', 'safety valve^2',
 'relief valve^2', 'diaphragm valve^2', 'solenoid valve^1', 'actuated^1', 'actuator^0.5', 'cv value', 'kvs^1.5', 'pn16^1.5', 'pn10^1.5', 'pn40^1.5',
 'class 150^1.5', 'class 300^1.5', 'class 600^1.5', 'ansi 150', 'api 610^2', 'api 600^2', 'api 6d^2', 'piping^1.5', 'pipework^1.5', 'pipeline^1',
 'pipe spool^2', 'spool^1', 'process pipe^2', 'p&id^2', 'pid drawing', 'flanged^1', 'flange^0.7', 'gasket^0.7', 'strainer^1.5', 'expansion joint^1.5',
 'bellows^1', 'steam trap^2', 'tri-clamp^2', 'sanitary fitting^1.5', 'cip^1.5', 'dn50', 'dn80', 'dn100', 'tank^1.5', 'storage tank^2',
 'mixing tank^2', 'vessel^1.5', 'pressure vessel^2', 'reactor^2', 'silo^1.5', 'hopper^1', 'agitator^2', 'mixer^1', 'homogeniser^1.5',
 'homogenizer^1.5', 'centrifuge^1.5', 'separator^1', 'decanter^1.5', 'cyclone^1.5', 'dryer^1', 'evaporator^2', 'distillation^2', 'column^0.7',
 'scrubber^2', 'absorber^1.5', 'crystalliser^2', 'autoclave^1.5', 'pasteuriser^2', 'pasteurizer^2', 'fermenter^2', 'brewery^0.5', 'dairy^0.5',
 'filling line^1', 'heat exchanger^2', 'plate heat exchanger^2', 'shell and tube^2', 'cooling tower^2', 'chiller^1.5', 'boiler^2', 'steam boiler^2',
 'steam^1', 'condensate^1.5', 'burner^1.5', 'furnace^1', 'thermal oil^1.5', 'compressor^1.5', 'air compressor^2', 'screw compressor^2', 'blower^1.5',
 'air receiver^1.5', 'nitrogen generator^2', 'dust collector^1.5', 'dust extraction^1.5', 'bag filter^1.5', 'filter housing^2', 'filter press^2',
 'filtration^1.5', 'cartridge filter^1.5', 'filter element^1', 'reverse osmosis^2', 'ro plant^2', 'ultrafiltration^2', 'ion exchange^1.5',
 'water treatment^2', 'wastewater^2', 'waste water^2', 'effluent^2', 'sewage treatment^2', 'desalination^2', 'uv disinfection^1.5', 'chlorin*^1',
 'dosing^1.5', 'dosing skid^2', 'skid^1.5', 'skid-mounted^2', 'process plant^2', 'refinery^1.5', 'petrochemical^1.5', 'ped^1', 'asme viii^2',
 'asme section viii^2', 'asme u stamp^2', 'ad 2000^2', 'hygienic^1.5', 'ehedg^2', '3-a', 'barg^1.5', 'mbar^0.7', 'bar g^1', 'temperature range^0.5',
 'medium^0.5', 'design pressure^2', 'hastelloy^0.7', 'biogas^1.5', 'flare^1', 'pumpe^1.5', 'kreiselpumpe^2', 'membranpumpe^2', 'dosierpumpe^2',
 'tauchpumpe^2', 'vakuumpumpe^2', 'förderhöhe^2', 'förderstrom^2', 'fördermenge^2', 'fördermedium^2', 'gleitringdichtung^2', 'ventil^1.5',
 'kugelhahn^2', 'absperrklappe^2', 'absperrschieber^2', 'schieber^1', 'rückschlag*^2', 'sicherheitsventil^2', 'regelventil^2', 'armatur^1',
 'armaturen^1', 'rohrleitung*^2', 'rohrleitungsbau^2', 'behälter^1.5', 'druckbehälter^2', 'lagertank^2', 'rührwerk^2', 'rührbehälter^2',
 'wärmetauscher^2', 'wärmeübertrager^2', 'dampfkessel^2', 'kessel^1.5', 'dampf^1', 'kühlturm^2', 'kältemaschine^1.5', 'verdichter^1.5',
 'kompressor^1.5', 'druckluft^1.5', 'gebläse^1.5', 'verfahrenstechn*^2', 'anlagenbau^1', 'filteranlage^2', 'umkehrosmose^2', 'wasseraufbereitung^2',
 'abwasser*^2', 'kläranlage^2', 'dosieranlage^2', 'molkerei^1.5', 'brauerei^1.5', 'durchfluss^1', 'betriebsdruck^1.5', 'betriebstemperatur^1',
 'pompe^1.5', 'pompe centrifuge^2', 'pompe doseuse^2', 'débit^1', 'hmt^1.5', 'vanne^2', 'robinet^1', 'clapet^1.5', 'soupape^1.5', 'tuyauterie^2',
 'cuve^2', 'réservoir^1.5', 'appareil à pression^2', 'échangeur^2', 'chaudière^2', 'vapeur^1', 'compresseur^1.5', 'air comprimé^1.5',
 'surpresseur^1.5', 'agitateur^2', 'mélangeur^1.5', 'osmose^2', 'traitement des eaux^2', 'traitement eau^1.5', 'station d épuration^2',
 'eaux usées^2', 'laiterie^1.5', 'brasserie^1.5', 'groupe froid^1.5', 'bomba^1.5', 'bomba centrífuga^2', 'bomba dosificadora^2', 'caudal^1.5',
 'válvula^2', 'tubería^1.5', 'depósito^1.5', 'tanque^1.5', 'recipiente a presión^2', 'intercambiador^2', 'caldera^2', 'vapor^1', 'compresor^1.5',
 'aire comprimido^1.5', 'agitador^2', 'mezclador^1.5', 'filtración^1.5', 'ósmosis^2', 'tratamiento de agua^2', 'aguas residuales^2', 'depuradora^2',
 'soplante^1.5', 'torre de refrigeración^2', 'enfriadora^1.5', 'pompa^1.5', 'pompa centrifuga^2', 'pompa dosatrice^2', 'portata^1.5', 'prevalenza^2',
 'valvola^2', 'tubazione^1.5', 'tubazioni^1.5', 'serbatoio^2', 'recipiente in pressione^2', 'scambiatore^2', 'caldaia^2', 'vapore^1',
 'compressore^1.5', 'aria compressa^1.5', 'agitatore^2', 'miscelatore^1.5', 'filtrazione^1.5', 'osmosi^2', 'trattamento acque^2', 'acque reflue^2',
 'depurazione^1.5', 'soffiante^1.5', 'torre di raffreddamento^2', 'pomp^1.5', 'centrifugaalpomp^2', 'doseerpomp^2', 'debiet^1.5', 'opvoerhoogte^2',
 'klep^1.5', 'kleppen^1.5', 'afsluiter^2', 'vlinderklep^2', 'kogelkraan^2', 'leidingwerk^2', 'drukvat^2', 'opslagtank^2', 'warmtewisselaar^2',
 'stoomketel^2', 'stoom^1', 'ketel^1.5', 'perslucht^1.5', 'roerwerk^2', 'waterzuivering^2', 'afvalwater^2', 'koeltoren^2', 'zuivel^1.5',
 'brouwerij^1.5', 'pomp*^1.5', 'zawór^1.5', 'zawor*^1.5', 'zasuw*^1.5', 'przepustnic*^2', 'rurociąg*^2', 'zbiornik*^1.5', 'zbiornik ciśnieniow*^2',
 'wymiennik*^2', 'kocioł^2', 'kotł*^1.5', 'par* wodn*^1.5', 'sprężark*^1.5', 'sprężone powietrze^1.5', 'mieszadł*^2', 'filtracj*^1.5', 'osmoz*^2',
 'uzdatniani*^2', 'oczyszczalni*^2', 'ściek*^2', 'przepływ*^1', 'wydajnoś*^0.7', 'dmuchaw*^1.5', 'bomba dosadora^2', 'vazão^1.5', 'caldeira^2',
 'trocador de calor^2', 'permutador^2', 'tubulação^1.5', 'reservatório^1.5', 'vaso de pressão^2', 'compressor de ar^2', 'misturador^1.5',
 'filtração^1.5', 'tratamento de água^2', 'efluente^2', 'esgoto^1.5', 'soprador^1.5', 'pumpar^1.5', 'flöde^1', 'ventiler^1.5', 'kulventil^2',
 'backventil^2', 'rörledning^1.5', 'tryckkärl^2', 'värmeväxlare^2', 'ångpanna^2', 'panna^1', 'ånga^1', 'tryckluft^1.5', 'omrörare^2',
 'vattenrening^2', 'avloppsvatten^2', 'reningsverk^2', 'mejeri^1.5', 'bryggeri^1.5', 'pompa*^1.5', 'santrifüj pompa^2', 'dozaj pompa*^2', 'debi^1.5',
 'vana^1.5', 'vanalar^1.5', 'vanası^1.5', 'çekvalf^2', 'küresel vana^2', 'kelebek vana^2', 'boru hattı^2', 'basınçlı kap^2', 'eşanjör^2', 'kazan^1.5',
 'buhar^1', 'kompresör^1.5', 'basınçlı hava^1.5', 'karıştırıcı^1.5', 'filtrasyon^1.5', 'ters ozmoz^2', 'arıtma^2', 'atık su^2', 'soğutma kulesi^2',
 'čerpadl*^2', 'ventil*^1.5', 'armatur*^1', 'klapk*^1.5', 'kulov* kohout*^2', 'potrubí^1.5', 'nádrž*^1.5', 'tlakov* nádob*^2', 'výměník*^2',
 'kotel^1.5', 'kotle^1.5', 'kompresor*^1.5', 'stlačen* vzduch*^1.5', 'míchadl*^2', 'filtrac*^1.5', 'osmóz*^2', 'úprav* vod*^2', 'čistírn*^2',
 'odpadní*^1.5', 'průtok*^1.5', '泵^2', '离心泵^2', '阀门^2', '球阀^2', '蝶阀^2', '管道^1.5', '储罐^2', '压力容器^2', '换热器^2', '锅炉^2', '蒸汽^1.5', '压缩机^2', '反应釜^2',
 '搅拌^1.5', '过滤^1.5', '反渗透^2', '水处理^2', '污水^2', '流量^1.5', '扬程^2', 'ポンプ^2', 'バルブ^2', '弁^1', '配管^1.5', 'タンク^1.5', '圧力容器^2', '熱交換器^2', 'ボイラ^2', '蒸気^1.5',
 'コンプレッサ^1.5', '圧縮機^2', '攪拌機^2', 'ろ過^1.5', '水処理^2', '排水^1.5', '펌프^2', '밸브^2', '열교환기^2', '보일러^2', '압력용기^2', '배관^1.5', '탱크^1.5', '컴프레서^1.5', 'مضخة^2',
 'مضخات^2', 'صمام^2', 'صمامات^2', 'خزان^1.5', 'غلاية^2', 'مبادل^1.5', 'أنابيب^1', 'ضاغط^1.5', 'hvac^1.5', 'ahu^2', 'ahus^2', 'air handling^2',
 'air handler^2', 'rooftop unit^2', 'vav^2', 'fan coil^2', 'cfm^1.5', 'ventilation^1', 'exhaust fan^1.5', 'refrigeration^1.5', 'freezer^1',
 'cold room^1.5', 'cold store^0.7', 'heat pump^1.5', 'cooling coil^1.5', 'dehumidif*^1.5', 'humidifier^1', 'cooling^0.7', 'air conditioning^0.7',
 'jacketed^2', 'kettle^2', 'mix tank^2', 'blending^1', 'blender^1.5', 'mill^0.3', 'grinder^0.5', 'extruder^1.5', 'granulator^1.5', 'sieve^1',
 'screen^0.3', 'screw conveyor^1', 'rotary valve^1.5', 'pneumatic conveying^1.5', 'weigh feeder^1', 'oven^1', 'kiln^1', 'incinerator^1.5',
 'oxidiser^1.5', 'oxidizer^1.5', 'electrolyser^2', 'electrolyzer^2', 'hydrogen^1', 'gas train^1.5', 'pressure regulator^1.5', 'regulator^0.7',
 'prv^1', 'knife gate^2', 'gate valves^2', 'full port^1.5', 'full bore^1', 'os&y^1.5', 'wcb^1.5', 'cf8m^1.5', 'rtfe^1.5', 'api 598^1.5',
 'rf flange^1.5', 'rtj^1', 'weld neck^1.5', 'elbows^1.5', 'reducers^1', 'tees^0.7', 'a106^1', 'a105^1', 'sch 40^1', 'schedule 40^1', 'isometrics^1.5',
 'isometric^1', 'pipe support^1.5', 'pipe spools^2', 'hydrotest^1.5', 'hydrostatic test^1', 'canned motor^2', 'magnetic drive^1.5', 'sewage pump^2',
 'lift station^2', 'pump station^1.5', 'wet well^2', 'duck-foot^2', 'guide rail^0.7', 'mixer settler^2', 'clarifier^2', 'sludge^1.5', 'belt press^2',
 'aeration^2', 'diffuser^1.5', 'biofilter^1.5', 'mbr^1.5', 'mbbr^2', 'grease trap^1.5', 'softener^1.5', 'demineral*^2', 'deionized^1.5', 'wfi^1.5',
 'purified water^2', 'clean steam^2', 'autoclaves^1', 'sterilis*^1', 'steriliz*^1', 'lyophil*^1.5', 'chromatography^1.5', 'bioreactor^2', 'tubular^1',
 'evaporators^2', 'condenser^1.5', 'economiser^2', 'economizer^2', 'deaerator^2', 'flash vessel^2', 'knock-out drum^2', 'amine^1', 'gas treatment^2',
 'oil separator^1.5', 'oil water separator^2', 'fuel skid^1.5', 'lube oil system^1.5', 'bottling^1', 'can filling^1', 'cheese vat^2', 'pasteuris*^2',
 'pasteuriz*^2', 'homogeni*^1.5', 'winery^0.7', 'distillery^1.5', 'sugar mill^0.7', 'palm oil^0.7', 'pulp and paper^0.7', 'kg/h^1.5', 't/h^1',
 'l/h^1.5', 'nm3/h^2', 'hl^0.7', 'kpag', '16 bar^1', '10 bar^1', '6 bar^1', 'lüftungsanlage^1.5', 'klimaanlage^1.5', 'kälteanlage^1.5', 'kühlung^1',
 'wärmepumpe^1.5', 'plattenwärmetauscher^2', 'würze*^1.5', 'milch*^0.7', 'sudhaus^2', 'gärtank^2', 'mischbehälter^2', 'doppelmantel^2',
 'edelstahltank^2', 'tanks^1.5', 'pumpen^1.5', 'ventile^1.5', 'scheibenventil*^2', 'klappe^1', 'klappen^1.5', 'flansche^0.7', 'rohrbau^2',
 'rohrleitungen^2', 'kondensat^1.5', 'brenner^1', 'ofen^0.7', 'trockner^1.5', 'mischer^1.5', 'mühle^0.7', 'filterpresse^2', 'zentrifuge^1.5',
 'kläranlagen^2', 'hebeanlage^2', 'dosierung^1.5', 'wasserstoff^1', 'elektrolyse*^2', 'vakuum^1', 'prozessanlage^2', 'échangeurs^2',
 'échangeur à plaques^2', 'pompes^1.5', 'vannes^2', 'vanne papillon^2', 'cuves^1.5', 'cuve inox^2', 'tour aéroréfrigérante^2', 'refroidissement^1',
 'pompe à chaleur^1.5', 'cta^1.5', 'centrale de traitement d air^2', 'chaufferie^2', 'brûleur^1.5', 'sécheur^1.5', 'broyeur^1', 'centrifugeuse^1.5',
 'évaporateur^2', 'pasteurisateur^2', 'station de relevage^2', 'boues^1.5', 'dosage^1.5', 'brides^1', 'coudes^1', 'calorifugeage^1.5', 'process^0.7',
 'bombas^1.5', 'válvulas^2', 'válvula de mariposa^2', 'tuberías^1.5', 'depósitos^1.5', 'depósito inox^2', 'intercambiador de placas^2',
 'bomba de calor^1.5', 'ventilación^1', 'uta^1', 'refrigeración^1', 'quemador^1.5', 'secador^1.5', 'molino^0.7', 'centrífuga^1.5', 'evaporador^2',
 'pasteurizador^2', 'fangos^1.5', 'lodos^1.5', 'dosificación^1.5', 'bridas^0.7', 'planta de tratamiento^2', 'estación de bombeo^2', 'valvole^2',
 'valvola a farfalla^2', 'tubi di processo^2', 'serbatoi^2', 'scambiatori^2', 'scambiatore a piastre^2', 'pompa di calore^1.5', 'ventilazione^1',
 'refrigerazione^1', 'bruciatore^1.5', 'essiccatore^1.5', 'mulino^0.7', 'centrifuga^1.5', 'evaporatore^2', 'pastorizzatore^2', 'fanghi^1.5',
 'dosaggio^1.5', 'stazione di pompaggio^2', 'caseificio^1.5', 'pompen^1.5', 'vlinderkleppen^2', 'roestvaste tank^1.5', 'platenwisselaar^2',
 'warmtepomp^1.5', 'ventilatie^1', 'luchtbehandeling*^2', 'koeling^1', 'brander^1.5', 'droger^1.5', 'verdamper^2', 'slib^1.5', 'dosering^1.5',
 'flenzen^1', 'gemaal^2', 'procesinstallatie^2', 'pompy^1.5', 'zawory^1.5', 'przepustnica^2', 'zbiorniki^1.5', 'wymiennik płytowy^2',
 'pompa ciepła^1.5', 'wentylacj*^1', 'klimatyzacj*^1', 'chłodzeni*^1', 'palnik*^1.5', 'suszark*^1.5', 'wirówk*^1.5', 'wyparn*^1.5', 'pasteryzator*^2',
 'osad*^1', 'dozowani*^1.5', 'kołnierz*^0.7', 'przepompowni*^2', 'mleczarni*^1.5', 'browar*^1.5', 'kolan*^1', 'bombas centrífugas^2',
 'válvula borboleta^2', 'tanques^1.5', 'trocador a placas^2', 'ventilação^1', 'ar condicionado^1', 'refrigeração^1', 'queimador^1.5', 'moinho^0.7',
 'lodo^1.5', 'dosagem^1.5', 'flanges^0.7', 'estação de bombeamento^2', 'tubulações^1.5', 'laticínio*^1.5', 'cervejaria^1.5', 'usina^0.7',
 'spjällventil*^2', 'tankar^1.5', 'plattvärmeväxlare^2', 'värmepump^1.5', 'kylanläggning^1.5', 'kylning^1', 'brännare^1.5', 'centrifug^1.5',
 'indunstare^2', 'flänsar^1', 'pumpstation^2', 'rörledningar^1.5', 'fjärrvärme^1', 'pompalar^1.5', 'kelebek vanalar^2', 'tanklar^1.5',
 'karıştırıcılı^2', 'karıştırma tankı^2', 'çift cidarlı^2', 'buhar kazanı^2', 'ceketli^1.5', 'plakalı eşanjör^2', 'ısı pompası^1.5', 'havalandırma^1',
 'klima^1', 'soğutma^1', 'brülör^1.5', 'kurutucu^1.5', 'santrifüj^1', 'evaporatör^2', 'pastörizatör^2', 'çamur^1.5', 'dozajlama^1.5', 'flanş*^0.7',
 'terfi istasyonu^2', 'paslanmaz tank^2', 'süt^0.7', 'čerpadla^2', 'ventily^1.5', 'nádrže^1.5', 'deskový výměník^2', 'tepelné čerpadlo^1.5',
 'vzduchotechnik*^1.5', 'klimatizac*^1', 'chlazení^1', 'hořák*^1.5', 'sušičk*^1.5', 'odstředivk*^1.5', 'odpark*^2', 'kaly^1.5', 'dávkován*^1.5',
 'přírub*^0.7', 'čerpací stanic*^2', 'pivovar*^1.5', 'mlékárn*^1.5', '屏蔽泵^2', '管壳式^2', '板式换热器^2', '容器^1', '空调机组^1.5', '冷却塔^2', '冷水机组^2', '风机^1',
 '干燥机^1.5', '离心机^1.5', '蒸发器^2', '法兰^0.7', '管件^1.5', '净水^1.5', '遠心分離機^1.5', '乾燥機^1.5', '蒸発^1.5', '空調^1', '冷却^1', '冷凍^1', '送風機^1.5', 'フランジ^0.7', '냉각^1',
 '공조^1', '열교환^1.5', '반응기^2', '여과^1.5', 'تبريد^1', 'تكييف^1', 'معالجة المياه^2', 'محطة ضخ^2', 'فلاتر^1', 'filter cartridge*^1.5', 'filter housing*^2',
 'oil filter*^1.5', 'cartridge*^0.7', 'storage tank*^2', 'vertical tank*^1.5', 'frp^1', 'feed tank^1.5', 'pulse jet^2', 'dust collect*^2',
 'expansion vessel^1.5', 'chiller*^2', 'kaltwassersatz*^2', 'entstaub*^2', 'dépoussiér*^2', 'filtro de manga*^2', 'échangeur tubulaire^2.5',
 'échangeur*^2', 'scambiatore*^2', 'intercambiador*^2', 'rohrbündel*^2', 'strainer basket^2.5', 'strainer baskets^2.5', 'angle cock^2',
 'sight glass^2', 'sight flow glass^2', 'buffer tank^2', 'plate heat exchangers^2.5', 'glycol^1.5', 'circulation pump^2', 'transfer pump^2',
 'booster set^2', 'spiral cooler^2', 'air handling unit^2', 'extractor fan^2', 'extract fan^2', 'extraction hood^1.5', 'filter bag^2',
 'filter cartridge^1.5', 'filter mat^2', 'heat interface unit^2', 'district heating^2', 'pre-insulated pipe^2', 'actuated valve^2',
 'three-way valve^2', 'tank heater^1.5', 'uv steril*^2', 'screw press^1.5', 'air dryer^1.5', 'water heater^1.5', 'filtermatte*^2', 'filterbeutel^2',
 'absperrklappe*^2', 'kugelhähne^2', 'rückschlagventil*^2', 'schmutzfänger^2', 'kondensatableiter^2', 'tauchpumpe*^2', 'dosierpumpe*^2',
 'ventilator*^1.5', 'klimagerät*^2', 'wärmepumpe*^2', 'kaltwassersatz^2', 'pufferspeicher^2', 'rührwerk*^2', 'pompe*^1.5', 'pompes doseuses^2.5',
 'vanne*^1.5', 'ventilateur*^1.5', 'filtre*^1.5', 'pompe di^1', 'elettropomp*^2', 'scambiator*^2', 'serbatoi*^1.5', 'bomba*^1.5', 'válvula*^1.5',
 'extractor*^1.5', 'extractores^1.5', 'ventilador*^1.5', 'caldera*^1.5', 'depósito*^0.7', 'dompelpomp*^2', 'afsluiter*^2', 'warmtewisselaar*^2',
 'ventilatoren^1.5', 'wentylator*^1.5', 'trocador*^2', 'permutador*^2', 'fläkt*^1.5', 'pompası^1.5', 'eşanjör*^2', 'čerpad*^2', 'ventilů^1.5',
 'pumper^1.5', 'varmeveksler*^2', 'kedel^1.5', 'filtre^1', 'dykpumpe*^2', 'kompressor*^1.5', 'vifte*^1', 'blæser^1.5', 'pumppu*^2', 'pumppua^2',
 'venttiili*^2', 'venttiileit*^2', 'lämmönvaihd*^2', 'säiliö*^1.5', 'puhallin^1.5', 'puhaltim*^1.5', 'suodat*^1.5', 'kompresso*^1.5', 'kattila^1.5',
 'szivatty*^2', 'centrifugálszivatty*^2.5', 'szelep*^1.5', 'hőcserélő*^2', 'tartály*^1.5', 'szűrő*^1', 'kompresszor*^1.5', 'kazán*^1.5',
 'gömbcsap*^2', 'electropomp*^2.5', 'robineț*^1.5', 'robinete^1.5', 'vane^1', 'supap*^1.5', 'schimbător de căldură^2', 'rezervor*^1.5',
 'compresoare^1.5', 'ventilatoare^1.5', 'насос*^2', 'задвижк*^2', 'клапан*^1.5', 'кран* шаров*^2', 'теплообменник*^2', 'резервуар*^1.5',
 'емкост*^1.5', 'компрессор*^1.5', 'фильтр*^1.5', 'вентилятор*^1.5', 'котел^1.5', 'котл*^1.5', 'фланц*^0.7', 'ответн* фланц*^1', 'помп*^1.5',
 'вентил*^1.5', 'клапи^1.5', 'спирателн*^2', 'топлообменн*^2', 'пумп*^1.5', 'измењивач*^2', 'компресор*^1.5', 'засувк*^2', 'теплообмінник*^2',
 'фільтр*^1.5', 'сорғы^2', 'pumpi^1', 'pumpa^1.5', 'crpk*^2', 'ventila^1.5', 'ventili^1.5', 'izmjenjivač*^2', 'spremnik*^1.5', 'črpalk*^2',
 'ventilov^1.5', 'izmenjevalnik*^2', 'výmenník*^2', 'siurbl*^2', 'vožtuv*^2', 'šilumokait*^2', 'rezervuar*^1.5', 'filtr*^1', 'sūkņ*^2', 'sūkni*^2',
 'vārst*^2', 'siltummain*^2', 'pumba^1.5', 'ventiil*^1.5', 'soojusvahet*^2', 'mahuti*^1.5', 'balbula*^1.5', 'ponpa^1.5', 'αντλί*^2', 'βάν*^1.5',
 'βαλβίδ*^1.5', 'εναλλάκτ*^2', 'δεξαμεν*^1.5', 'συμπιεστ*^2', 'φίλτρ*^1.5', 'λέβητ*^1.5', 'משאבה^2', 'משאבות^2', 'שסתום^2', 'שסתומי^2', 'שסתומים^2',
 'מגוף^2', 'מגופים^2', 'מחליף חום^2', 'מחליפי חום^2', 'מדחס^2', 'מיכל^1', 'מסנן^1.5', 'מפוח^1.5', 'צ''ילר^2', 'محبس^2', 'محابس^2', 'مبادل حراري^2',
 'خزانات^1.5', 'ضواغط^2', 'وصلة مرنة^1', 'پمپ^2', 'شیر^0.7', 'مبدل حرارتی^2', 'مخزن^1.5', 'کمپرسور^2', 'पंप^2', 'पम्प^2', 'वाल्व^2', 'टैंक^1.5',
 'कंप्रेसर^2', 'फिल्टर^1.5', 'हीट एक्सचेंजर^2', 'बॉयलर^2', 'ปั๊ม^2', 'ปั๊มน้ำ^2', 'วาล์ว^2', 'ถังเก็บ^1.5', 'คอมเพรสเซอร์^2', 'เครื่องอัดลม^2',
 'หม้อไอน้ำ^2', 'แลกเปลี่ยนความร้อน^2', 'พัดลม^1.5', 'ไส้กรอง^1.5', 'máy bơm ly tâm^2', 'van bi^2', 'van cổng^2', 'van bướm^2', 'van một chiều^2',
 'bồn chứa^2', 'máy nén khí^2', 'trao đổi nhiệt^2', 'bộ lọc^1.5', 'nồi hơi^2', 'quạt^1', 'pompa celup^2', 'katup^2', 'injap^2', 'tangki^1.5',
 'penukar panas^2', 'saringan^1', 'pam^1', '압축기^2', '필터^1.5', '송풍기^2', '냉각탑^2', 'フィルタ^1.5', 'チラー^2', '水泵^2', '闸阀^2', '空压机^2', '过滤器^2', 'ვენტილ*^1.5',
 'ტუმბო^2', 'pumps^1.5', 'valves^1.5', 'filters^1', 'fans', 'compressors^1.5', 'boilers^2', 'heat exchangers^2', 'strainers^1.5', 'flanged valve^2',
 'manifold^1.5', 'spool pieces^2', 'fittings^0.6', 'pipe fittings^0.6', 'gaskets^1', 'nozzles^1.5', 'nozzle^1.5', 'spray nozzle^2', 'sewage^1.5',
 'sterili*^1.5', 'brewhouse^2', 'ducting^1.5', 'air conditioner*^2', 'radiators^1.5', 'water filter^2', 'hydrant^1.5', 'sprinkler^1.5',
 'kitchen extractor^2', 'extractors^1.5', 'rohrbogen^2', 'lüftung^1.5', 'klimaanlage*^2', 'heizkörper^1.5', 'düsen^1.5', 'kompressoren^1.5',
 'robinetterie^2', 'robinets^1.5', 'radiateurs^1.5', 'climatisation^2', 'compresseurs^2', 'réservoirs^1.5', 'hottes^1.5', 'buses^1.5',
 'extractores de cocina^2.5', 'compresores^2', 'codos^1.5', 'radiadores^1.5', 'aire acondicionado^2', 'boquillas^1.5', 'llaves de paso^1.5',
 'compuertas^1.5', 'filtri^1.5', 'caldaie^2', 'ventole^1.5', 'curve^0.5', 'radiatori^1.5', 'climatizzatori^2', 'ugelli^1.5', 'saracinesche^1.5',
 'compressori^2', 'ketels^1.5', 'compressoren^2', 'radiatoren^1.5', 'bochten^1', 'airco^2', 'spręż*^1.5', 'klimatyzator*^2', 'grzejnik*^1.5',
 'dysz*^1.5', 'bombas de^1.5', 'filtros^1', 'caldeiras^2', 'compressores^2', 'curvas^0.7', 'bicos^1', 'kompressorer^2', 'pannor^1.5', 'filter^0.7',
 'radiatorer^1.5', 'munstycken^1.5', 'rörböjar^1.5', 'kazanı^2', 'radyatör^1.5', 'filtry^1', 'kolena^1', 'radiátor*^1.5', 'trysk*^1.5', 'bombes^1.5',
 'vàlvules^2', 'ponpak^2', 'balbulak^2', 'pompa uji^2', 'valvul^1', 'nasos^2', 'nasoslar^2', 'klapan^1.5', 'dæla^2', 'dælur^2', 'lokar^1.5',
 'lokum^1', 'pompe en^1', 'kleppe^1.5', 'pampu^2', 'vali^1', 'vali za^1.5', 'balbula^1.5', 'পাম্প^2', 'ভালভ^2', 'ট্যাংক^1.5', 'পাইপ^0.7', 'والو^2',
 'ٹینک^1.5', 'ტუმბ^2', 'ვენტილ^2', 'клапан^1.5', 'клапанға^2', 'պոմպ^2', 'փական^2', 'பம்ப்^2', 'வால்வு^2', 'పంపు^2', 'వాల్వ్^2', 'Schaugläser^1.5',
 'Berstscheiben^1.5', 'Druckminderer^1.5', 'Abscheider^1.5', 'Entfeuchter^1.5', 'climatiseurs^1.5', 'détendeurs^1.5', 'chauffe-eau^1.5',
 'disques de rupture^2', 'déshumidificateur^1.5', 'calentador^1.5', 'gruppo frigo^2', 'condizionatori^1.5', 'kogelkranen^1.5', 'koelmachine^1.5',
 'agrega* chłodnic*^2', 'bojle*^1.5', 'ares condicionados^2', 'kylaggregat^1.5', 'luftkonditionering^1.5', 'varmvattenberedare^1.5', 'tanke^1.5',
 'kedler^1.5', 'kølemaskine^1.5', 'rørbøjninger^1.5', 'omrører^1.5', 'ståltanke^1.5', 'tanker^1.5', 'kjeler^1.5', 'kjøleaggregat^1.5', 'rørbend^1.5',
 'kattil*^1.5', 'jäähdytyskonet*^1.5', 'patteri*^1.5', 'putkikäyr*^1.5', 'šoupát*^1.5', 'posúva*^1.5', 'golyóscs*^1.5', 'golyóscsap*^1.5',
 'folyadékhű*^1.5', 'tolózá*^1.5', 'schimbătoa* de căldur*^2', 'rezervoa*^1.5', 'cazan*^1.5', 'radiatoa*^1.5', 'aparat* de aer condițion*^2',
 'сферич* кранов*^2', 'филтр*^1.5', 'резервоа*^1.5', 'радиато*^1.5', 'климати*^1.5', 'бойле*^1.5', 'тръбопров*^1.5', 'spremnik*^1.5', 'radijato*^1.5',
 'dizali* toplin*^2', 'zasun*^1.5', 'rezervoar*^1.5', 'klimats* naprav*^2', 'šilumokaiči*^1.5', 'katila*^1.5', 'sklend*^1.5', 'tvertn*^1.5',
 'katli^1.5', 'pumba*^1.5', 'pumpas*^1.5', 'kuulkraan*^1.5', 'klapi*^1.5', 'katla*^1.5', 'radiaator*^1.5', 'siibri*^1.5', 'boyler*^1.5',
 'ανεμιστήρ*^1.5', 'ψύκτη*^1.5', 'καλοριφ*^1.5', 'κλιματιστι*^1.5', 'ρακόρ^1.5', 'αεροσυμπιεσ*^1.5', 'шаровы* крано*^2', 'чилле*^1.5',
 'кондиционе*^1.5', 'трубопров*^1.5', 'дисков* затвор*^2', 'кульов* крані*^2', 'радіато*^1.5', 'кондиціоне*^1.5', 'ברזים כדוריים^2', 'מסננים^1.5',
 'דוודים^1.5', 'מאווררים^1.5', 'צילר^1.5', 'רדיאטורים^1.5', 'מזגנים^1.5', 'مرشحات^1.5', 'غلايات^1.5', 'مراوح^1.5', 'مبردات^1.5', 'مكيفات^1.5',
 'أكواع^1.5', 'سخانات^1.5', 'فیلتر^1.5', 'دیگ بخار^2', 'چیلر^1.5', 'رادیاتور^1.5', 'کولر^1.5', 'पंखे^1.5', 'चिलर^1.5', 'एसी^1.5', 'ปั๊มจุ่ม^1.5',
 'บอลวาล์ว^1.5', 'วาล์วผีเสื้อ^1.5', 'เช็ควาล์ว^1.5', 'เครื่องแลกเปลี่ยนความร้อน^1.5', 'ชิลเลอร์^1.5', 'ข้องอ^1.5', 'bơm chìm^2', 'điều hòa^2',
 'co nối^2', 'ac split^2', '止回阀^1.5', '冷水机^1.5', '暖气片^1.5', '空调^1.5', '弯头^1.5', '燃烧器^1.5', 'ファン^1.5', 'エアコン^1.5', 'エルボ^1.5', 'ブロワ^1.5', '칠러^1.5',
 '라디에이터^1.5', '에어컨^1.5', '엘보^1.5', '교반기^1.5', 'rupture discs^2', 'bursting discs^2', 'calorifier^1.5', 'fume cupboards^2', 'ozone generator^2',
 'hot water cylinder^2', 'klappe*^1', 'kältemaschine*^1.5', 'detendeur*^1.5', 'climatiseur*^1.5', 'bursting disc*^2.5', 'rupture disc*^2.5',
 'sight glass*^2.5', 'elbow^0.7', 'coude*^1', 'codo*^1', 'cotovelo*^1', 'шаров* кран*^2', 'кульов* кран*^2', 'сферичн* кран*^2', 'kuglast* ventil*^2',
 'kuglasti ventil*^2', 'leptir ventil*^2', 'golyóscsap*^2', 'pillangószelep*^2', 'pump*^0.7', 'tanker^1', 'tanke^1', 'ståltank*^2', 'kjele*^1',
 'kattila*^1.5', 'brænder*^1', 'water softener^2', 'osmosis^1.5', 'steam trap*^2.5', 'kondensatableiter*^2.5', 'purgeur*^2', 'ชิลเลอ^1.5', 'แอร์^1',
 'บอลวาล์ว^2', 'เช็ควาล์ว^2', 'ปั๊มจุ่ม^2', 'máy lạnh^1.5', 'điều hòa^1.5', 'kipas angin^1.5', 'ac split^1.5', '柔性接头^1.5', '逆止阀^2', '止回阀^2',
 'شیر توپی^2', 'شیر برقی^2', 'صمام*^1.5', 'محبس*^2', 'غلاي*^2', 'سخان*^1.5', 'مكيف*^1.5', 'مرشح*^1.5', 'מזגן^1.5', 'דוד^1', 'ברז^1', 'ברזים^1.5',
 'radiateur*^1', 'sklend*^2', 'pumbasid^1.5', 'kuulkraan*^2', 'klapp^0.5', 'siiber*^1.5', 'siibr*^1.5', 'gate valve*^2', 'butterfly valve*^2',
 'glycol chiller^2', 'conditioning tank*^2', 'fermenter*^2', 'lobe pump*^2', 'dosing pump*^2', 'ro membrane*^2', 'membrane set^2',
 'pressure vessel*^2', 'filter element*^2', 'strainer*^1.5', 'air compressor*^2', 'mechanical seals^1.5', 'spare impeller^1.5', 'suction hose*^1.5',
 'hose*^0.6', 'ph correction^2', 'bulk tank^1.5', 'milk tank^2', 'borehole pump*^2', 'submersible*^1.5', 'swimming pool^1', 'filter plant^1.5',
 'water softener*^2', 'filterelement*^2', 'filterpatrone*^2', 'filteranlage*^2', 'schwimmbad*^1', 'umwälz*^1.5', 'rückschlagklappe*^2',
 'wärmetauscher*^2', 'enthärt*^2', 'umkehrosmose*^2', 'dampfkessel*^2', 'schläuche^1', 'cuves inox^2', 'pressoir*^2', 'surpresseur*^2',
 'osmose inverse^2', 'adoucisseur*^2', 'chaudière*^1.5', 'pompe immergée^2', 'tanque de frío^2', 'bomba sumergible^2', 'ósmosis inversa^2',
 'torre de enfriamiento^2', 'filtro*^1', 'ablandador^2', 'pompa sommersa^2', 'osmosi inversa^2', 'addolcitore^2', 'depuratore^2', 'filtro^1',
 'vlinderklep*^2', 'membraanset^2', 'drukvat*^2', 'filterhuis^1.5', 'koelinstallatie*^2', 'odwrócon* osmoz*^2', 'zmiękcz*^1.5', 'chłodnic*^1.5',
 'bomba submersível^2', 'osmose inversa^2', 'reservatório*^1.5', 'úpravn* vody^2', 'čističk*^2', 'kotol^1.5', 'szivattyú*^2', 'tolózár*^2',
 'fordított ozmózis^2', 'vízlágyító*^2', 'szennyvíz*^1.5', 'duplikált^1.5', 'pompe submersibile^2', 'schimbătoare de căldură^2', 'cazan^1.5',
 'dedurizator^2', 'ape uzate^1.5', 'stație de epurare^2', 'osmoză inversă^2', 'затвор*^1.5', 'водоочистк*^2', 'водоподготовк*^2',
 'очистн* сооружен*^2', 'обратн* осмос*^2', 'насоси^2', 'клапани^1.5', 'котли^1.5', 'резервуари^1.5', 'ємн*^1.5', 'очистк* води^2', 'помпа^1.5',
 'помпи^1.5', 'топлообменник*^2', 'компресори^1.5', 'резервоар*^1.5', 'пречистване^1.5', 'пречиствател*^2', 'razmenjivač*^2', 'kotao^1.5',
 'kompresora^1.5', 'pročišćav*^1.5', 'prečišćav*^1.5', 'αντλία^2', 'αντλίες^2', 'αντλίας^2', 'βάνες^1.5', 'βάνα^1.5', 'λέβητα*^2', 'αφαλάτωση*^2',
 'βιολογικ* καθαρισμ*^2', 'lämmönvaihti*^2', 'kompressori*^1.5', 'suodatin^1.5', 'suodattim*^1.5', 'jätevesi*^1.5', 'käänteisosmoosi*^2',
 'pannan^1.5', 'filterpatron*^2', 'avlopp*^1', 'avsaltning^2', 'dykpumpe^2', 'dykpumper^2', 'rensningsanlæg^2', 'kjel^1.5', 'varmevekslere^2',
 'dalgıç pompa^2', 'vana*^1.5', 'su arıtma^2', 'basınçlı kap*^1', 'yumuşatma^1.5', 'تحلية*^2', 'تحلية مياه^2', 'تناضح عكسي^2', 'بالتناضح^2', 'مضخ*^2',
 'لمضخ*^2', 'مبادلات^2', 'خزان*^1.5', 'ضاغط*^1.5', 'معالجة مياه^2', 'شیر فلکه^2', 'شیرآلات^2', 'تصفیه آب^2', 'משאב*^2', 'שסתומ*^1.5', 'דוד קיטור^2',
 'מיכל*^1.5', 'מדחס*^1.5', 'התפלה^2', 'טיהור מים^2', 'आरओ^1.5', 'पाइप फिटिंग^1.5', 'ถัง^1', 'ปั๊มลม^2', 'บำบัดน้ำเสีย^2', 'máy bơm^2', 'van^1',
 'bộ trao đổi nhiệt^2', 'bồn^1', 'xử lý nước^2', 'lọc nước^1.5', 'pengolahan air^2', 'ipal^2', '수처리^2', '폐수^1.5', '여과기^1.5', 'ボイラー^1.5',
 'コンプレッサー^1.5', '排水処理^2', 'ph調整^2', '排污泵^2', '潜水泵^2', '污水处理^2', 'výparník*^2', 'chlazen*^1.5', 'evaporator*^1.5', 'kühlaggregat*^2', 'vacuum pump*^2',
 'brennerei^1', 'kolonne^1.5', 'dephlegmator*^2'
], false),
('automation', 'Control and automation: PLC, SCADA, HMI, drives, sensors, instrumentation, robots, machine vision, conveyors, control panels, industrial networks, system integration.', array[
 'automation^1.5', 'automate^1.5', 'automated^1', 'automatic^0.5', 'plc^2', 's7-1500^2', 's7-1200^2', 's7-300^2', 'simatic^2', 'tia portal^2',
 'controllogix^2', 'compactlogix^2', 'allen-bradley^1.5', 'rockwell^1', 'beckhoff^2', 'twincat^2', 'codesys^2', 'ladder logic^2', 'step 7^2', 'hmi^2',
 'scada^2', 'wincc^2', 'ignition^1', 'mes^0.7', 'opc ua^2', 'opc-ua^2', 'modbus^2', 'profinet^2', 'profibus^2', 'ethercat^2', 'ethernet/ip^2',
 'io-link^2', 'canopen^2', 'bacnet^1.5', 'mqtt^1.5', 'fieldbus^2', 'remote io^2', 'remote i/o^2', 'i/o list^2', 'i/o module^2', 'io points^2',
 'i/o points^2', 'dcs^1.5', 'rtu^1.5', 'telemetry^1.5', 'control system^2', 'control panel^1.5', 'control cabinet^2', 'commissioning^1', 'fat^0.5',
 'sat^0.3', 'retrofit^1', 'functional safety^1.5', 'safety plc^2', 'light curtain^2', 'safety relay^1.5', 'sil 2^1', 'pl d^1', 'sensor^1.5',
 'sensors^1.5', 'proximity^1.5', 'photoelectric^2', 'encoder^2', 'limit switch^1.5', 'rfid^1', 'barcode reader^1.5', 'barcode scanner^1',
 'transmitter^1.5', 'pressure transmitter^2', 'level transmitter^2', 'temperature sensor^1.5', 'thermocouple^1.5', 'pt100^1.5', 'rtd^1',
 'flow meter^1.5', 'flowmeter^1.5', 'mag meter', '4-20 ma^2', '4-20ma^2', 'hart^1', 'instrumentation^1.5', 'instruments^0.7', 'data logger^1',
 'load cell^1.5', 'weighing^1', 'checkweigher^1.5', 'servo^2', 'servo drive^2', 'servo motor^2', 'servomotor^2', 'stepper^1.5', 'vfd^2',
 'variable frequency^2', 'frequency converter^2', 'frequency inverter^2', 'drives^0.7', 'soft starter^1.5', 'motion control^2', 'linear axis^1.5',
 'robot^2', 'robotic^2', 'robotics^2', 'cobot^2', 'six-axis^2', '6-axis^1.5', 'gripper^2', 'end effector^2', 'welding cell^1.5', 'robot cell^2',
 'work cell^1.5', 'palletis*^1.5', 'palletiz*^1.5', 'depalletis*^1.5', 'pick and place^1.5', 'agv^2', 'amr^1.5', 'conveyor^1.5', 'conveying',
 'assembly line^1.5', 'production line^1', 'packaging machine^1', 'feeder^0.7', 'machine vision^2', 'vision system^2', 'vision inspection^2',
 'smart camera^2', 'camera inspection^2', 'test bench^1', 'test rig^1', 'valve terminal^1.5', 'pneumatic*^0.7', 'building management^1', 'bms^1',
 'iiot^1.5', 'predictive maintenance^1', 'edge gateway^1.5', 'electric actuator^0.7', 'sorter^1.5', 'sorting^0.7', 'cycle time^1', 'digital twin^1',
 'automatisierung*^2', 'sps^2', 'sps-programmier*^2', 'steuerung^1.5', 'steuerungstechnik^2', 'steuerungsumbau^2', 'leitsystem^2', 'prozessleit*^2',
 'visualisierung^2', 'bedienpanel^1.5', 'feldbus^2', 'messtechnik^0.7', 'messumformer^2', 'näherungs*^1.5', 'lichtschranke^2', 'lichtvorhang^2',
 'drehgeber^2', 'antriebstechnik^1.5', 'antrieb^1', 'frequenzumrichter^2', 'servoantrieb^2', 'roboter^2', 'robotik^2', 'roboterzelle^2', 'greifer^2',
 'förderband^1.5', 'fördertechnik^1.5', 'montagelinie^1.5', 'montageanlage^1.5', 'bildverarbeitung^2', 'kamerasystem^1.5', 'schaltschrankbau^1',
 'inbetriebnahme^1', 'sicherheitssteuerung^2', 'taktzeit^1.5', 'sondermaschine^1.5', 'programmierung^1', 'schaltschrank^0.7', 'automatisme^2',
 'automatismes^2', 'automatisation^2', 'automate programmable^2', 'supervision^1.5', 'régulation^1.5', 'capteur^2', 'détecteur^1.5', 'codeur^1.5',
 'variateur^2', 'variateur de vitesse^2', 'servomoteur^2', 'ihm^2', 'robotisation^2', 'préhenseur^2', 'convoyeur^2', 'vision industrielle^2',
 'transmetteur^1.5', 'débitmètre^1.5', 'armoire de commande^1.5', 'mise en service^1', 'barrière immatérielle^2', 'automatización^2', 'autómata^2',
 'controlador^1.5', 'supervisión^1', 'variador^2', 'variador de frecuencia^2', 'sensores^1.5', 'pinza^1.5', 'cinta transportadora^2',
 'transportador^1', 'visión artificial^2', 'instrumentación^1.5', 'transmisor^1.5', 'caudalímetro^1.5', 'cuadro de control^1.5', 'puesta en marcha^1',
 'automazione^2', 'supervisione^1.5', 'sensore^1.5', 'sensori^1.5', 'azionamento^1.5', 'servomotore^2', 'nastro trasportatore^2', 'trasportatore^1',
 'visione artificiale^2', 'strumentazione^1.5', 'trasmettitore^1.5', 'quadro di comando^1.5', 'bordo macchina^1.5', 'messa in servizio^1',
 'inverter^0.7', 'automatisering^2', 'besturing^1.5', 'besturingskast^2', 'besturingssysteem^2', 'frequentieregelaar^2', 'sensoren^1.5', 'robotcel^2',
 'grijper^2', 'transportband^1.5', 'lopende band^1.5', 'inbedrijfstelling^1', 'meet- en regeltechniek^2', 'vision^1', 'automaty*^1.5', 'sterowni*^2',
 'sterowan*^1.5', 'szaf* sterownicz*^2', 'szafa sterownicza^2', 'czujnik*^1.5', 'przetwornik*^1.5', 'enkoder*^2', 'napęd*^1', 'falownik*^1.5',
 'serwo*^2', 'roboty^2', 'robotyz*^2', 'chwytak*^2', 'przenośnik*^1.5', 'system* wizyjn*^2', 'wizyjn*^1.5', 'uruchomieni*^1', 'automação^2', 'clp^2',
 'supervisório^2', 'inversor de frequência^2', 'robô^2', 'robôs^2', 'esteira^1.5', 'transportadora^0.5', 'visão artificial^2', 'instrumentação^1.5',
 'transmissor^1.5', 'painel de comando^2', 'comissionamento^1', 'styrsystem^2', 'styrskåp^2', 'styrning^1.5', 'givare^2', 'frekvensomriktare^2',
 'robotcell^2', 'gripdon^2', 'transportör^1.5', 'driftsättning^1', 'otomasyon*^2', 'kontrol panosu^2', 'kumanda panosu^2', 'sensör^1.5',
 'sensor*^1.5', 'sürücü^1.5', 'frekans konvertör*^2', 'invertör^1', 'robot*^2', 'konveyör^1.5', 'bant konveyör^1.5', 'devreye alma^1',
 'enstrüman*^1.5', 'görüntü işleme^2', 'automatizac*^2', 'řídicí systém^2', 'řídící systém^2', 'řídic*^1.5', 'snímač*^1.5', 'čidl*^1.5',
 'frekvenčn* měnič*^2', 'měnič*^1', 'servopohon*^2', 'pohon*^1', 'robotick*^2', 'dopravník*^1.5', 'uvedení do provozu^1', 'kamerov* systém*^1.5',
 'rozvaděč mar^1', '自动化^2', '可编程^2', '触摸屏^2', '传感器^2', '变频器^2', '伺服^2', '机器人^2', '机械手^2', '输送^1', '输送线^2', '输送带^1.5', '机器视觉^2', '视觉检测^2', '控制柜^2',
 '控制系统^2', '调试^1', '仪表^1.5', '流量计^1.5', '变送器^2', '自動化^2', 'シーケンサ^2', '制御盤^2', '制御^1.5', 'タッチパネル^2', 'センサ^2', 'サーボ^2', 'インバータ^1.5', 'ロボット^2', 'コンベヤ^2',
 'コンベア^2', '画像検査^2', '画像処理^2', '計装^1.5', 'エンコーダ^2', '자동화^2', '제어^1.5', '센서^2', '로봇^2', '서보^2', '컨베이어^2', '인버터^1.5', 'أتمتة^2', 'تحكم^1.5', 'حساسات^2',
 'روبوت^2', 'batch control^2', 's88^2', 'isa-88^2', 'gamp 5^1', 'recipe^1', 'controls^0.7', 'controls upgrade^2', 'control upgrade^2',
 'control room^1.5', 'historian^2', 'rtus^2', 'rtu panel*^2', 'tags^0.3', 'mimics^1.5', 'alarm management^1.5', 'loop tuning^2', 'loop check^1.5',
 'building automation^2', 'building control^1.5', 'smart factory^1.5', 'asrs^2', 'as/rs^2', 'storage and retrieval^1.5', 'wms^1',
 'shuttle system^1.5', 'laser positioning^1.5', 'absolute positioning^1.5', 'take-out robot^2', 'scara^2', 'delta robot^2', 'end-of-arm^2',
 'end of arm tooling^2', 'eoat^2', 'safety fence^0.7', 'cell^0.7', 'robot programming^2', 'plc program*^2', 'plc programmer^2', 'software upgrade^1',
 'migration^0.5', 'machine controls^0.7', 'machine retrofit^1.5', 'modernisation^0.7', 'cameras^1', 'camera^1', 'rejects^0.7', 'false reject*^1.5',
 'lens^1', 'barcode^1', 'traceability^1', 'label applicator^1.5', 'case packer^2', 'cartoner^2', 'bagging machine^1.5', 'filling machine^0.7',
 'screwdriving^1.5', 'press-fit station^1.5', 'leak test station^1.5', 'test stand^1', 'bowl feeder^2', 'vibratory feeder^1.5', 'indexing^1',
 'pick-and-place^1.5', 'gantry^1.5', 'motion controller^2', 'stepper motor^1.5', 'brake resistor^1', 'resolver^1.5', 'incremental encoder^2',
 'laser scanner^1.5', 'ultrasonic sensor^2', 'inductive sensor^2', 'level sensor^1.5', 'pressure sensor^1.5', 'radar level^2', 'coriolis^1.5',
 'magnetic flow^1.5', 'transmitters^1.5', 'positioner^1', 'analyser^1', 'analyzer^1', 'ph probe^1', 'gas detector^1.5', 'gas detection^1.5',
 'fire alarm^0.5', 'access control^1', 'cctv^1', 'iot^1', 'lorawan^1.5', 'gateway^1', 'edge device^1', 'dashboard^0.7', 'temperature control^1',
 'remote monitoring^1.5', 'remote control^0.7', 'dnp3^2', 'iec 61850^1.5', 'iec 62443^1.5', 'iec 61131^2', 'iec 61508^1.5', 'iso 13849^1.5',
 'safety system^1', 'e-stop^1.5', 'interlock^1', 'hmis^2', 'operator panel^1.5', 'touch panel^1.5', 'touchscreen^1.5', 'industrial pc^1.5',
 'drives upgrade^2', 'servo axes^2', 'kuka^2', 'fanuc^2', 'abb robot^2', 'yaskawa^2', 'universal robots^2', 'siemens plc^2', 'schneider^0.7',
 'modicon^2', 'unity pro^2', 'omron^1.5', 'mitsubishi plc^2', 'cognex^2', 'keyence^2', 'sick^0.7', 'festo^1', 'smc^0.7', 'ifm^1', 'endress^1',
 'lenze^1', 'sew^0.7', 'danfoss^0.7', 'euromap^2', 'steuerschrank^2', 'leittechnik^2', 'gebäudeautomation^2', 'fernwirktechnik^2',
 'roboterprogrammierung^2', 'sps-programm*^2', 'sps-umbau^2', 'sensorik^1.5', 'aktoren^1.5', 'umrichter^2', 'servomotoren^2', 'antriebe^1.5',
 'schaltschränke^0.7', 'prüfstand^1', 'palettierer^2', 'palettierroboter^2', 'handling^0.7', 'handhabung^1', 'vereinzelung^1.5', 'zuführung^1',
 'kamera^1', 'kameraprüfung^2', 'messgeräte^0.7', 'füllstand*^1.5', 'durchflussmesser^1.5', 'drucksensor^1.5', 'temperaturfühler^1.5', 'not-halt^1.5',
 'automatisieren^2', 'montagezelle^2', 'schnittstelle^0.7', 'automatiser^2', 'piloter^1', 'pilotage^1.5', 'télégestion^2', 'gtb^1.5', 'gtc^1',
 'capteurs^2', 'sondes^1', 'sonde^1', 'régulateur^1.5', 'automates^2', 'robots^2', 'cellule robotisée^2', 'palettiseur^2', 'palettisation^2',
 'convoyeurs^2', 'caméra^1', 'caméras^1', 'programmation^1', 'entraînement^0.7', 'variateurs^2', 'servomoteurs^2', 'instrument^0.7',
 'débitmètres^1.5', 'ligne d assemblage^1.5', 'banc de test^1.5', 'électrovanne^0.7', 'tablette^0.5', 'arrêt d urgence^0.5', 'automatizar^2',
 'telegestión^2', 'telecontrol^2', 'sonda^1', 'autómatas^2', 'programación^1', 'reprogramar^2', 'celda robotizada^2', 'paletizador^2',
 'paletizado^1.5', 'transportadores^1.5', 'cámaras^1', 'cámara^1', 'variadores^2', 'servomotores^2', 'caudalímetros^1.5', 'instrumentos^0.7',
 'banco de pruebas^1.5', 'línea de montaje^1.5', 'cuadros de control^1.5', 'automatizzare^2', 'telecontrollo^2', 'telegestione^2', 'programmazione^1',
 'cella robotizzata^2', 'pallettizzatore^2', 'pallettizzazione^1.5', 'nastri trasportatori^2', 'telecamera^1.5', 'telecamere^1.5', 'azionamenti^1.5',
 'servomotori^2', 'misuratore di portata^1.5', 'strumenti^0.7', 'banco prova^1.5', 'linea di montaggio^1.5', 'quadri di controllo^1.5',
 'automatiseren^2', 'plc-programm*^2', 'palletiseer*^2', 'transportbanden^1.5', 'camerasysteem^1.5', 'visionsysteem^2', 'aandrijving^1',
 'frequentieregelaars^2', 'debietmeter^1.5', 'meetinstrument*^1', 'testbank^1.5', 'assemblagelijn^1.5', 'schakelkasten^0.7', 'programmering^1',
 'zautomatyzowa*^2', 'programist* plc^2', 'program* plc^2', 'gniazdo zrobotyzowane^2', 'paletyzator*^2', 'taśmociąg*^1.5', 'kamer*^1', 'napędy^1',
 'przepływomierz*^1.5', 'aparatur*^0.7', 'stanowisko testowe^1.5', 'linia montażowa^1.5', 'szafy sterownicze^2', 'falowniki^1.5', 'serwonapęd*^2',
 'systemu sterowania^2', 'układ sterowania^2', 'programação de clp^2', 'célula robotizada^2', 'câmera^1', 'câmeras^1', 'acionamento^1',
 'inversores de frequência^2', 'medidor de vazão^1.5', 'bancada de teste^1.5', 'linha de montagem^1.5', 'painéis de controle^1.5', 'automatisera^2',
 'plc-program*^2', 'robotar^2', 'palleterar*^2', 'bandtransportör^2', 'visionsystem^2', 'drivsystem^1.5', 'flödesmätare^1.5', 'testrigg^1.5',
 'monteringslinje^1.5', 'sensorer^1.5', 'överordnat system^1.5', 'otomasyonu^2', 'plc programlama^2', 'robot hücresi^2', 'paletleme^1.5',
 'konveyörler^1.5', 'kameralı^1.5', 'hız kontrol cihazı^2', 'debimetre^1.5', 'ölçüm cihaz*^0.7', 'test standı^1.5', 'montaj hattı^1.5',
 'kontrol sistemi^2', 'programlama^1', 'enkoder^2', 'sensörler^1.5', 'programování plc^2', 'robotizovan*^2', 'paletizac*^2', 'dopravníky^1.5',
 'kamerový^1.5', 'pohony^1', 'měniče^1', 'průtokoměr*^1.5', 'přístroj*^0.5', 'zkušební stanice^1.5', 'montážní linka^1.5', 'řídicích systémů^2',
 'řízení^1', 'senzor*^1.5', 'enkodér*^2', '上位机^2', '编码器^2', '伺服电机^2', '工业机器人^2', '码垛^2', '相机^1', '流水线^1.5', '生产线^1', '控制^1', '程序^0.7', '升级改造^1',
 '自动^1.5', '制御システム^2', '自動^1.5', 'カメラ^1', '検査装置^1.5', '搬送^1.5', '生産ライン^1.5', '流量計^1.5', '計測^1', '装置^0.3', '取出^1', '제어반^2', '자동^1.5', '카메라^1',
 '비전^1.5', '계장^1.5', '유량계^1.5', '생산라인^1', 'أجهزة قياس^1.5', 'مستشعرات^2', 'نظام تحكم^2', 'خط إنتاج^1', 'agvs^2.5', 'fleet manager^2', 'weighbridge^2',
 'weigh bridge^2', 'load cell*^1.5', 'weighing terminal*^2', 'ticket printer^1', 'traffic light*^1', 'barcode reader*^1.5', 'gripper*^2',
 'reject unit^1.5', 'oee^1.5', 'light curtain*^2', 'fahrerlos*^2', 'greifer*^1.5', 'fahrzeugwaage*^2', 'waage*^1', 'pont-bascule^2', 'báscula*^1.5',
 'paletizador*^2', 'pesatura^1.5', 'water meter^1.5', 'water meters^1.5', 'proximity sensor^2.5', 'safety light curtain^2', 'panel pc^2',
 'weighing system^2', 'thermocouples^1.5', 'ethernet switch^1.5', 'servo drives^2', 'variable speed drive^2', 'vsd^2', 'rotary encoder^2',
 'thermoelement*^1.5', 'näherungsschalter^2', 'lichtvorhänge^2', 'wägezelle*^2', 'industrie-pc^2', 'wasserzähler^1.5', 'palettier*^2',
 'przemiennik* częstotliwości^2.5', 'sterownik*^2', 'kapteur*^1', 'capteur*^2', 'automate^2', 'automates^2', 'automatis*^2', 'variateur*^1.5',
 'débitmètre*^2', 'pallettizz*^2', 'variador*^2', 'caudalímetro*^2', 'robô*^2', 'omvormer*^1.5', 'frequentieregelaar*^2.5', 'frekvenční měnič*^2.5',
 'frekvenčních měničů^2.5', 'følere^1', 'frekvensomformer*^2.5', 'anturi*^2', 'antureit*^2', 'taajuusmuuttaj*^2.5', 'logiikka^1.5', 'robotti*^1.5',
 'érzékelő*^2', 'szenzor*^2', 'frekvenciaváltó*^2.5', 'convertizor*^1.5', 'debitmetru^2', 'traductoare^2', 'датчик*^2',
 'частотн* преобразовател*^2.5', 'преобразовател* частот*^2.5', 'контроллер*^2', 'расходомер*^2', 'энкодер*^2', 'конвейер*^1.5', 'сензор*^2',
 'честотн*^2', 'фреквентн*^2', 'датчиків^2', 'лічильник*^1.5', 'перетворювач*^2', 'frekventn*^2', 'pretvarač*^1.5', 'frekvenčn*^2', 'jutikl*^2',
 'dažnio keitikl*^2.5', 'frekvenču pārveidot*^2.5', 'andur*^2', 'sagedusmuundur*^2.5', 'αισθητήρ*^2', 'μετατροπ* συχνότητας^2', 'חיישן^2',
 'חיישנים^2', 'בקר^1.5', 'בקרים^1.5', 'ממיר תדר^2', 'ממירי תדר^2', 'מד זרימה^2', 'حساس^1.5', 'مستشعر^2', 'عداد^1.5', 'عدادات^1.5', 'مغير سرعة^2',
 'انفرتر^1.5', 'متحكم^1.5', 'سنسور^2', 'اینورتر^2', 'سیر نقاله^1.5', 'सेंसर^2', 'कंट्रोलर^1.5', 'फ्लो मीटर^2', 'वीएफडी^2', 'पीएलसी^2', 'เซนเซอร์^2',
 'เซ็นเซอร์^2', 'อินเวอร์เตอร์^2', 'มิเตอร์^1', 'หุ่นยนต์^2', 'สายพานลำเลียง^2', 'cảm biến^2', 'biến tần^2', 'băng tải^2', 'đồng hồ nước^1.5',
 'lưu lượng kế^2', 'bộ điều khiển^1.5', 'sensor suhu^2', 'penderia^1.5', '근접센서^2.5', '엔코더^2', '水表^1.5', 'conveyors^1.5', 'belt conveyor^2',
 'encoders^2', 'level switch^2', 'pressure switch^2', 'pressure gauge^0.7', 'pressure sensors^2', 'flow sensor^2', 'plcs^2', 'actuators^1',
 'scales^1', 'metal detector^2', 'estop^1.5', 'control unit^1.5', 'controller^1.5', 'controllers^1.5', 'meters^0.3', 'energy meter*^1.5',
 'gas detector*^2', 'regler^1.5', 'steuerung*^1.5', 'förderbänder^2', 'kamera*^1', 'waage^1.5', 'waagen^1.5', 'druckmessumformer^2',
 'durchflussmess*^2', 'stellantrieb*^2', 'convoyeur*^2', 'régulateur*^1.5', 'balance*^0.5', 'caméra*^1', 'transportador*^1.5', 'básculas^1.5',
 'autómata*^2', 'controlador*^1.5', 'regolator*^1', 'bilance^1.5', 'regelaar*^1.5', 'weegschalen^1.5', 'czujniki^2', 'wag*^1', 'regulator*^1',
 'esteira transportadora^2', 'balança*^1.5', 'transportör*^1.5', 'vågar^1', 'styrenhet*^1.5', 'konveyör*^2', 'kontrol ünitesi^1.5', 'terazi*^1.5',
 'snímače^2', 'váh*^1', 'সেন্সর^2', 'سینسر^2', 'сенсор^2', 'სენსორ^2', 'սենսոր^2', 'சென்சார்^2', 'సెన్సార్^2', 'skynjara*^2', 'sensorau^2',
 'kihisi^2', 'industrial PCs^2', 'valve actuators^2', 'termopares^1.5', 'termocoppie^1.5', 'celle di carico^2', 'termopa*^1.5', 'termopar*^1.5',
 'termocoppi*^1.5', 'termoelement*^1.5', 'celle di carico^2.5', 'celdas de carga^2.5', 'células de carga^2.5', 'industrial pc*^2.5',
 'industrie-pc*^2.5', 'valve actuator*^1.5', 'vibration monitor*^2.5', 'condition monitor*^2.5', 'accelerometer*^2', 'data logger*^2',
 'level transmitter*^2', 'teach pendant^2', 'spray robot^2', 'cobot*^2', 'hmi panel*^2', 'migration of^0.6', 's5^1.5', 's7^1.5', 'labeller^1.5',
 'labelling machine^1.5', 'servo drive*^2', 'umrüstung der steuerung^2', 'füllstandsensor*^2', 'lichtschranke*^1.5', 'feldverkabelung^1.5',
 'automate*^1.5', 'variateur de grue^2', 'reprogrammation^1.5', 'robot de^1.5', 'étiqueteuse*^1.5', 'reprogram*^1.5', 'etiquetadora*^1.5',
 'variador de velocidad^2', 'riprogrammazione^2', 'fotocellule^1.5', 'etichettatrice^1.5', 'plc besturing^2', 'paletyzacj*^2', 'sterowani*^1.5',
 'automatyzacj*^2', 'zautomatyzow*^2', 'wizualizacj*^1.5', 'robot spawal*^2', 'paletização^2', 'řídic* systém*^2', 'řídicího^1.5', 'vizualizac*^1.5',
 'riadiac* systém*^2', 'riadenie^1', 'vezérlés*^1.5', 'automatizál*^2', 'palettáz*^2', 'vizualizáci*^1.5', 'senzori^1.5', 'senzor^1.5',
 'automatizare*^2', 'convertizor de frecvență^2', 'traductor*^1.5', 'paletizare^2', 'automat programabil^2', 'автоматизац*^2',
 'система управления^1.5', 'асутп^2', 'асу тп^2', 'паллетиз*^2', 'робот*^1.5', 'техническ* зрен*^2', 'автоматизаці*^2', 'датчики^1.5',
 'контролер*^1.5', 'частотник*^2', 'система керування^1.5', 'автоматизация^2', 'управление на^1', 'честотен регулатор^2', 'честотни регулатори^2',
 'контролери^1.5', 'senzora^1.5', 'upravljanj*^1', 'automatizacij*^2', 'frekvencijsk*^2', 'frekvenčni pretvornik^2', 'krmiljenj*^2', 'krmilnik*^2',
 'avtomatizacij*^2', 'αυτοματισμ*^2', 'ρυθμιστ* στροφών^2', 'inverter στροφών^2', 'σύστημα ελέγχου^1.5', 'anturi^1.5', 'antureita^1.5', 'anturia^1.5',
 'automaatio*^2', 'taajuusmuuttaja*^2', 'ohjausjärjestelm*^2', 'robottisolu^2', 'styrning*^1.5', 'styring^1.5', 'styreskab^1.5', 'styresystem^2',
 'hız kontrol^1.5', 'حساس*^1.5', 'وحدة تحكم^1.5', 'تحكم آلي^2', 'روبوت*^1.5', 'ناقل*^1', 'اتوماسیون^2', 'درایو^1.5', 'تابلو کنترل^1.5', 'חיישנ*^1.5',
 'בקרה^1', 'אוטומציה^2', 'רובוט*^1.5', 'וסת תדר^2', 'ऑटोमेशन^2', 'रोबोट^1.5', 'ระบบควบคุม^1.5', 'อัตโนมัติ^1.5', 'tự động hóa^2',
 'tủ điện điều khiển^2', 'tủ điều khiển^2', 'giám sát qua^1.5', 'otomasi^2', 'panel kontrol^2', '비전 검사^2', '라벨러^1.5', 'センサー^1.5', '贴标机^2', '喷码机^1.5',
 '液位计^1.5', 'checkweigher*^2', 'counts parts^1', 'data logging^1.5', 'temperature recording^1.5', 'alarm system for^0.6', 'sıcaklık kayıt^2',
 'monitoring system^1.2', 'aviso al móvil^1.5', 'cuente las piezas^1.5'
], false),
('materials', 'Raw and semi-finished materials and standard consumables: plate, sheet, coil, bar, tube^0.7, profiles, metals and alloys, plastics, rubber, chemicals, resins, adhesives, timber^0.9, textiles, standard fasteners, wire rope, welding consumables.', array[
 'raw material^2', 'raw stock^2', 'stockholder^2', 'stockist^1.5', 'steel plate^2', 'plates^0.7', 'plate^0.7', 'sheet^1', 'sheets^1', 'coil^1.5',
 'coils^1.5', 'strip^1', 'slit coil^2', 'hot rolled^2', 'cold rolled^2', 'galvanised sheet^2', 'galvanized sheet^2', 'chequer plate^2', 'flat bar^2',
 'round bar^2', 'square bar^2', 'hex bar^2', 'bar stock^2', 'rod^0.7', 'billet^2', 'ingot^2', 'wire rod^2', 'angle iron^2', 'angle bar^2',
 'channel section', 'i-beam^1.5', 'h-beam^1.5', 'beams^1', 'ipe^1', 'hea^1', 'heb^1', 'hollow section^2', 'rhs^1.5', 'shs^1.5', 'chs^1.5',
 'box section^1.5', 'tube^0.7', 'tubes^1', 'tubing^1', 'seamless tube^0.7', 'seamless pipe^2', 'erw^1.5', 'pipe^0.5', 'pipes^0.5', 'mill cert*^2',
 'mill test^2', 'mtc^1.5', '3.1 cert*^0.7', '3.1 certificate^0.7', 'en 10204^0.7', 'melt^0.7', 'heat number^1.5', 'cut to length^1.5',
 'cut to size^1.5', 'sawn^1', 'random length^2', 'mill length^2', 'mill finish^1.5', '2b finish^1.5', 'per kg^1', 'per tonne^1.5', 'per ton^1.5',
 'price per kg^1.5', 'metric tons^1.5', 'tonnes^1', 'kg^0.5', 's235^0.7', 's235jr^0.7', 's355^0.7', 's355j2^0.7', 's275^0.7', 'hardox^1.5',
 'strenx^1.5', 'corten^1.5', 'a36^1.5', 'a516^1.5', '304^0.3', '304l^0.5', '316^0.3', '316l^0.5', '1.4301^0.5', '1.4404^0.5', '1.4571^0.5',
 '4140^0.7', '42crmo4^0.7', 'c45^0.7', 'duplex^0.7', 'super duplex^0.7', 'stainless^0.5', 'stainless steel^0.5', 'carbon steel^0.7', 'tool steel^2',
 'alloy steel^1.5', 'spring steel^1', 'aluminium^0.5', 'aluminum^0.5', '6061^0.5', '6082^0.5', '7075^0.7', 'brass^0.7', 'bronze^0.7', 'copper^0.7',
 'titanium^0.7', 'grade 5^1', 'inconel^1.5', 'monel^1.5', 'hastelloy^1', 'nickel alloy^1.5', 'zinc ingot^2', 'tungsten^1.5', 'molybdenum^1.5',
 'magnesium^1', 'scrap^1', 'ferro*^1', 'alloy^1', 'polymer^1.5', 'resin^0.9', 'epoxy^1', 'polyethylene^1.5', 'hdpe^0.7', 'ldpe^1.5',
 'polypropylene^0.7', 'pp granul*^2', 'granulate^2', 'granules^1.5', 'pellets^1.5', 'masterbatch^2', 'pvc^0.7', 'pom^0.7', 'delrin^0.7', 'acetal^0.7',
 'ptfe^0.7', 'peek^0.7', 'nylon^0.7', 'pa6^0.7', 'pa66^0.7', 'polycarbonate^1.5', 'acrylic^1', 'plexiglas^1.5', 'plastic sheet^2', 'rubber^0.7',
 'rubber sheet^2', 'epdm^0.7', 'nbr^0.7', 'viton^0.7', 'silicone^0.7', 'foam^0.8', 'gasket sheet^1.5', 'adhesive^1.5', 'glue^1.5', 'sealant^1.5',
 'adhesive tape^1.5', 'paint^0.7', 'coating^0.7', 'primer^1', 'lacquer^1', 'varnish^1.5', 'pigment^2', 'lubricant^1.5', 'grease^1.5',
 'hydraulic oil^1.5', 'oil^0.5', 'coolant^1', 'solvent^2', 'fertiliser^1.5', 'fertilizer^1.5', 'acetone^2', 'ethanol^2', 'methanol^2', 'isopropyl^2',
 'isopropanol^2', 'ipa^1', 'acid^0.7', 'sulphuric^2', 'sulfuric^2', 'hydrochloric^2', 'nitric^2', 'phosphoric^2', 'citric^2', 'caustic^2',
 'sodium^1.5', 'hypochlorite^2', 'hydroxide^2', 'glycol^0.6', 'chemical^1.5', 'chemicals^1.5', 'reagent^1.5', 'cas no^2', 'purity^1.5',
 'technical grade^2', 'food grade^1', 'sds^1.5', 'msds^1.5', 'coa^1.5', 'ibc^1', 'drums^1.5', 'drum^1', 'bulk^1', 'abrasive^1',
 'activated carbon^1.5', 'carbon fibre^1.5', 'carbon fiber^1.5', 'glass fibre^1.5', 'fibreglass^1.5', 'prepreg^2', 'fabric^0.7', 'textile^1.5',
 'yarn^2', 'felt^1', 'leather^1.5', 'cotton^1', 'paper^0.7', 'cardboard^0.7', 'film^0.7', 'foil^0.8', 'stretch film^1', 'timber^0.9', 'lumber^1.5',
 'plywood^1.5', 'mdf^1.5', 'wood^0.7', 'glass^0.5', 'ceramic^1', 'refractory^1.5', 'mineral^1', 'aggregate^1', 'gravel^1', 'sand^0.7',
 'wire mesh^1.5', 'expanded metal^1.5', 'perforated sheet^1.5', 'wire rope^1.5', 'steel wire^1.5', 'welding wire^2', 'welding rod^2', 'electrode^1',
 'filler wire^1.5', 'welding consumable^2', 'rohmaterial^2', 'halbzeug^2', 'rundstahl^2', 'rundmaterial^2', 'flachstahl^2', 'vierkant^1',
 'blechtafel*^2', 'tafel^1', 'tafeln^1.5', 'grobblech^2', 'feinblech^2', 'stahlplatte^1.5', 'winkelstahl^2', 'stahlträger^1.5', 'hohlprofil*^2',
 'vierkantrohr^2', 'rohre^0.7', 'nahtlos^1.5', 'stangenmaterial^2', 'stangen^1', 'walzstahl^2', 'warmgewalzt^2', 'kaltgewalzt^2', 'zuschnitt^1.5',
 'zuschnitte^1.5', 'werkszeugnis^2', 'abnahmeprüfzeugnis^0.7', 'werkstoff^0.7', 'stahl^0.5', 'edelstahl^0.5', 'baustahl^1.5', 'werkzeugstahl^2',
 'messing^0.7', 'kupfer^0.7', 'rotguss^1', 'granulat^2', 'kunststoffgranulat^2', 'kunststoffplatte^2', 'harz^1.5', 'klebstoff^1.5', 'kleber^1.5',
 'dichtstoff^1.5', 'farbe^0.7', 'schmierstoff^1.5', 'schmierfett^2', 'lösemittel^2', 'lösungsmittel^2', 'säure^1.5', 'lauge^1.5', 'natronlauge^2',
 'salzsäure^2', 'chemikalie*^2', 'sicherheitsdatenblatt^1.5', 'gebinde^1.5', 'fass^1', 'fässer^1.5', 'gewebe^1', 'schaumstoff^1.5', 'gummi^0.7',
 'holz^1', 'sperrholz^1.5', 'folie^1', 'drahtseil^1.5', 'schweißdraht^2', 'legierung^1', 'matière première^2', 'matières premières^2', 'tôle^1',
 'tôles^1.5', 'plaque^0.7', 'barre^1', 'barres^1.5', 'rond^0.7', 'étiré^1.5', 'laminé*^1.5', 'profilé^1', 'cornière^1.5', 'bobine^1', 'acier^0.7',
 'inox^0.5', 'laiton^0.7', 'cuivre^0.7', 'certificat matière^2', 'certificat 3.1^0.7', 'granulés^1.5', 'résine^1.5', 'colle^1.5', 'mastic^1.5',
 'peinture^0.7', 'graisse^1.5', 'solvant^2', 'acide^1.5', 'soude caustique^2', 'produit chimique^2', 'produits chimiques^2',
 'fiche de données de sécurité^2', 'fût^1.5', 'mousse^1', 'caoutchouc^0.7', 'bois^1', 'contreplaqué^1.5', 'tissu^1.5', 'materia prima^2', 'chapa^1',
 'chapas^1.5', 'plancha^1.5', 'barra^1', 'barras^1.5', 'redondo^1', 'pletina^2', 'perfil^0.7', 'perfiles^1', 'tubo^0.7', 'tubos^0.7', 'bobina^1',
 'laminad*^1', 'acero^0.7', 'latón^0.7', 'cobre^0.7', 'certificado de material^2', 'certificado 3.1^0.7', 'certificado de colada^2', 'granza^2',
 'resina^0.9', 'adhesivo^1.5', 'sellador^1.5', 'pintura^0.7', 'grasa^1.5', 'disolvente^2', 'ácido^1.5', 'sosa cáustica^2', 'productos químicos^2',
 'producto químico^2', 'ficha de seguridad^1.5', 'bidón^1.5', 'bidones^1.5', 'espuma^1', 'caucho^0.7', 'goma^0.7', 'madera^1', 'contrachapado^1.5',
 'tela^1.5', 'tejido^1.5', 'materie prime^2', 'lamiere^1.5', 'lastra^1.5', 'lastre^1.5', 'tondo^1', 'tondi^1.5', 'piatto^0.7', 'profilato^1.5',
 'tubi^0.7', 'laminat*^1', 'acciaio^0.7', 'ottone^0.7', 'rame^0.7', 'certificato 3.1^0.7', 'certificati di colata^2', 'granulo^1.5', 'colla^1.5',
 'adesivo^1.5', 'sigillante^1.5', 'vernice^1.5', 'grasso^1.5', 'solvente^2', 'acido^1.5', 'soda caustica^2', 'prodotti chimici^2',
 'scheda di sicurezza^1.5', 'fusti^1.5', 'schiuma^1', 'gomma^0.7', 'legno^1', 'compensato^1.5', 'tessuto^1.5', 'grondstof*^2', 'plaatmateriaal^2',
 'staalplaat^1.5', 'platen^0.7', 'stafmateriaal^2', 'rondstaf^2', 'staf^1', 'platstaf^2', 'koker^1.5', 'kokerprofiel^2', 'buis^0.7', 'buizen^0.7',
 'hoeklijn^1.5', 'balk^1', 'staal^0.7', 'roestvast^0.7', 'rvs^0.5', 'koper^0.7', 'granulaat^2', 'epoxyhars^1.5', 'kunsthars^1.5', 'lijm^1.5',
 'verf^1', 'oplosmiddel^2', 'zuur^1', 'natronloog^2', 'zwavelzuur^2', 'zoutzuur^2', 'chemicaliën^2', 'vaten^1.5', 'schuim^1', 'hout^1',
 'multiplex^1.5', 'surow*^1.5', 'blach*^1.5', 'arkusz*^1.5', 'pręty^1.5', 'prętów^1.5', 'pręta^1.5', 'prętami^1.5', 'płaskownik*^2', 'kątownik*^2',
 'profil*^0.7', 'kształtownik*^2', 'nierdzewn*^0.5', 'mosiądz*^0.7', 'miedź^0.7', 'miedzian*^0.7', 'atest 3.1^1', 'świadectwo 3.1^0.7', 'granulat*',
 'żywic*^1.5', 'klej*^1.5', 'farb*^1', 'rozpuszczalnik*^2', 'kwas*^1.5', 'chemiczn*^1.5', 'karta charakterystyki^2', 'beczk*^1.5', 'piank*^1',
 'gum*^0.7', 'drewn*^1', 'sklejk*^1.5', 'tkanin*^1.5', 'matéria-prima^2', 'matéria prima^2', 'barra chata^2', 'barra redonda^2', 'vergalhão^1.5',
 'perfis^1', 'cantoneira^1.5', 'aço^0.7', 'latão^0.7', 'certificado de qualidade^1', 'granulado^1.5', 'tinta^1', 'cola^1', 'graxa^1.5',
 'soda cáustica^2', 'produtos químicos^2', 'tambor^1', 'tambores^1.5', 'borracha^0.7', 'madeira^1', 'compensado^1.5', 'tecido^1.5', 'råmaterial^2',
 'råvara^2', 'stålplåt^1.5', 'plåtar^1.5', 'plåtar^1.5', 'stång^1', 'stänger^1.5', 'rundstång^2', 'plattstång^2', 'profiler^0.7', 'rör^0.7',
 'stål^0.7', 'rostfri*^0.5', 'mässing^0.7', 'koppar^0.7', 'materialcertifikat^1.5', 'färg^1', 'fett^1', 'lösningsmedel^2', 'syra^1.5', 'natronlut^2',
 'kemikalier^2', 'skum^1', 'tyg^1.5', 'hammadde^2', 'çelik^0.7', 'çelik levha^2', 'levha^1.5', 'saclar^1', 'rulo^1', 'rulo sac^2', 'çubuk^1.5',
 'lama^1.5', 'köşebent^2', 'boru^0.7', 'paslanmaz^0.5', 'alüminyum^0.5', 'pirinç^0.7', 'bakır^0.7', 'sertifika 3.1^0.7', 'granül^1.5', 'reçine^1.5',
 'yapıştırıcı^1.5', 'boya^1', 'gres^1.5', 'çözücü^1.5', 'asit^1.5', 'kostik^2', 'kimyasal*^1.5', 'varil^1.5', 'köpük^1', 'kauçuk^1', 'kereste^1.5',
 'kontrplak^1.5', 'kumaş^1.5', 'plech*^1', 'tyč*^1.5', 'plochá ocel^2', 'kulatin*^2', 'trubk*^1', 'ocel^0.7', 'nerez*^0.5', 'mosaz*^0.7', 'měděn*^1',
 'hutní*^2', 'granulát*^2', 'pryskyřic*^1.5', 'lepidl*^1.5', 'barv*^1', 'maziv*^1.5', 'rozpouštědl*^2', 'kyselin*^1.5', 'hydroxid*^2', 'chemikáli*^2',
 'bezpečnostní list^1.5', 'sudy^1.5', 'pěna^1', 'pěnov*^1', 'pryž*^1', 'dřev*^1', 'překližk*^1.5', '原材料^2', '钢板^2', '不锈钢^0.6', '圆钢^2', '圆棒^2', '棒材^2',
 '钢管^1.5', '无缝管^2', '型材^1.5', '铝板^2', '铜^0.7', '卷材^1.5', '吨^1', '材质证明^2', '质保书^1.5', '塑料粒^2', '树脂^2', '胶^1', '涂料^1.5', '润滑^1', '溶剂^2', '酸^1', '化学品^2',
 '橡胶^1.5', '木材^1.5', '布料^1.5', '鋼板^2', '丸棒^2', '棒鋼^2', '鋼管^1.5', 'ステンレス^0.7', 'アルミ^0.5', '銅^0.5', 'ミルシート^2', '樹脂^1.5', 'ペレット^2', '接着剤^2', '塗料^1.5',
 '溶剤^2', '薬品^2', 'ゴム^1', '生地^1.5', '원자재^2', '강판^2', '환봉^2', '스테인리스^1', '알루미늄^0.7', '수지^1.5', '원단^1.5', '톤^1', 'صفائح^1.5', 'فولاذ^1', 'حديد^0.5',
 'مواد كيميائية^2', 'ألواح^1', 'fasteners^1.5', 'hex bolts^1.5', 'hexagon^1', 'hex nut^1.5', 'hex nuts^1.5', 'machine screws^1.5', 'cap screws^1.5',
 'stud bolts^1.5', 'threaded rod^1.5', 'washers', 'nuts and bolts^2', 'din 933^2', 'din 931^2', 'din 934^2', 'din 125^2', 'din 912^1.5', 'din 975^2',
 'iso 4014^2', 'iso 4017^2', 'iso 4032^2', 'iso 7089^2', 'iso 4762^1.5', 'a2-70^1.5', 'a4-80^1.5', 'class 8.8^1', 'grade 8.8^1.5', 'blind rivets^1.5',
 'anchors^1', 'steel rope^2', 'rope^1', 'chain^0.7', 'slings^1.5', 'shackles^1.5', 'lifting chain^1.5', 'grinding media^2', 'grinding balls^2',
 'shot blast media^2', 'refractory anchors^2', 'fire brick^2', 'firebrick^2', 'ceramic fibre^2', 'ceramic fiber^2', 'castable^2', 'mineral wool^1',
 'rock wool^1', 'quicklime^2', 'lime^1.5', 'soda ash^2', 'bentonite^2', 'silica^1.5', 'salt^1', 'sugar^0.7', 'starch^1.5', 'urea^2', 'ammonia^0.7',
 'hydrogen peroxide^2', 'peroxide^1.5', 'chlorine^0.6', 'ferric chloride^2', 'flocculant^2', 'polyelectrolyte^2', 'argon^1.5', 'oxygen cylinder*^1.5',
 'industrial gas*^2', 'dry ice^1.5', 'diesel^0.6', 'fuel^1', 'wax^1.5', 'latex^1.5', 'wide flange^2', 'w-beam^2', 'a992^2', 'a500^1.5', 'a572^1.5',
 'hss^1', 'gr 50^1', 'drawn bar^1.5', '12l14^2', '1018^1', '1045^1', 'c93200^2', 'bearing bronze^1.5', 'cored bronze^2', 'cd round^2', 'flat stock^2',
 'hex stock^2', 'plate stock^2', 'bar^0.7', 'round bars^1.5', 'steel bars^1.5', 'flat bars^1.5', 'bar stock^1.5', 'rounds^0.6', 'flats^0.6',
 'angles^1.5', 'channels^1', 'profiles^0.5', 'as stock^1.5', 'stock lengths^2', 'stock sizes^1.5', 'random cut^1.5', 'domestic melt^2', 'dfars^1.5',
 'blanks^1', 'slitting^1.5', 'service centre^1', 'service center^1', 'remnant^1', 'rolls of^0.5', 'spool of^0.5', 'reels^0.5', 'solder^1.5',
 'solder wire^2', 'flux^1.5', 'brazing alloy^2', 'brazing rod^2', 'electrodes^1.5', 'welding electrodes^2', 'flux cored^1.5', 'consumables^1',
 'grinding discs^1.5', 'cutting discs^1.5', 'sandpaper^1.5', 'emery^1.5', 'blasting grit^2', 'glass beads^1', 'gasket material^1.5', 'ptfe sheet^1.5',
 'uhmw^1.5', 'pe sheet^1.5', 'pvc sheet^1.5', 'polycarbonate sheet^2', 'acrylic sheet^2', 'gfrp^1', 'g10^1', 'laminate^1', 'honeycomb^1.5',
 'epoxy resin^0.9', 'hardener^2', 'polyester resin^0.9', 'gelcoat^2', 'vacuum bag*^1.5', 'peel ply^2', 'biaxial^1.5', 'woven roving^2',
 'chopped strand^2', 'aramid^2', 'kevlar^1.5', 'hose^0.7', 'tubing coil^1', 'zinc^0.7', 'zinc anodes^1.5', 'nickel^0.7', 'cobalt^1.5', 'tin ingot^2',
 'lead ingot^2', 'silicon metal^2', 'ferrosilicon^2', 'ferroalloy^2', 'graphite^1.5', 'carbon black^2', 'calcium carbonate^2', 'titanium dioxide^2',
 'talc^2', 'kaolin^2', 'dye^1', 'ink^1', 'surfactant^2', 'fragrance^1', 'essential oil^1.5', 'glycerine^2', 'glycerol^2', 'ethylene glycol^0.6',
 'propylene glycol^0.6', 'antifreeze^1.5', 'transformer oil^1.5', 'gear oil^1.5', 'cutting fluid^1.5', 'cutting oil^1.5', 'hydraulic fluid^1.5',
 'mould release^1.5', 'release agent^1.5', 'thinner^1.5', 'marine paint^0.7', 'powder coating powder^1.5', 'flour^1', 'yeast^1', 'malt^1.5',
 'hops^1.5', 'cocoa^1.5', 'animal feed^1.5', 'seeds^1', 'grain^1', 'straw^0.7', 'wool^1', 'linen^1', 'canvas^1.5', 'webbing^1.5', 'nonwoven^2',
 'non-woven^2', 'geomembrane^1', 'tarpaulin^1.5', 'tarp^1', 'netting^1', 'velcro^1', 'sewing thread^2', 'kraft paper^1.5', 'paper reels^1.5',
 'veneer^2', 'hardwood^1.5', 'softwood^1.5', 'oak^1.5', 'pine^1', 'osb^1.5', 'chipboard^1.5', 'sawn timber^0.9', 'glass sheet^1.5', 'float glass^2',
 'tempered glass^1', 'marble^1', 'granite^1', 'crushed stone^1.5', 'crusher run^1', 'per cwt^1.5', 'cwt^1.5', 'per lb^1', 'normteile^1.5',
 'schrauben^0.7', 'sechskantschraube*^2', 'sechskantmutter*^2', 'unterlegscheibe*^1.5', 'gewindestange*^2', 'zylinderschraube*^1.5', 'din-teile^2',
 'befestigungselement*^2', 'drahtseile^1.5', 'anschlagketten^2', 'rundstahlketten^2', 'feuerfest*^2', 'mahlkugeln^2', 'kalk^1.5', 'salz^1',
 'schweißelektroden^2', 'schweißzusatz*^2', 'lötzinn^2', 'trennscheiben^1.5', 'schleifscheiben^1.5', 'schleifmittel^1.5', 'strahlmittel^2',
 'epoxidharz^2', 'härter^1.5', 'glasgewebe^2', 'glasfaser^1.5', 'kohlefaser^1.5', 'vlies^1.5', 'seil^1', 'dämmstoff^0.7', 'bleche^1.5',
 'stahlbleche^1.5', 'edelstahlblech^1.5', 'aluminiumblech^1.5', 'blechcoil^2', 'rundstangen^2', 'stabstahl^2', 'stabmaterial^2', 'profilstahl^2',
 'rohr^0.7', 'präzisionsrohr^1.5', 'stahlrohr*^1.5', 'aluprofil*^1.5', 'chargennummer^1', 'schmelze^0.7', 'tonnen^1', 'titandioxid^2', 'lacke^1.5',
 'farben^1', 'verdünner^1.5', 'hydrauliköl^1.5', 'öl^0.7', 'kühlschmierstoff^2', 'frostschutz^1.5', 'reinigungschemie^1', 'holzplatten^1.5',
 'bretter^1', 'stoff^0.3', 'stoffe^0.7', 'garn^2', 'leder^1', 'papier^0.7', 'folien^1', 'visserie^1.5', 'boulonnerie^2', 'boulons^1', 'écrous^1',
 'rondelles^1', 'tiges filetées^2', 'câble acier^1.5', 'élingues^1.5', 'réfractaire^2', 'chaux^1.5', 'sel^0.7', 'électrodes^1.5', 'fil de soudage^2',
 'brasure^1.5', 'abrasifs^1.5', 'disques^0.7', 'époxy^0.7', 'résine époxy^0.7', 'durcisseur^2', 'tissu de verre^2', 'fibre de verre^1.5',
 'fibre de carbone^1.5', 'bâche*^1', 'tôles acier^2', 'tôle inox^1.5', 'barres rondes^2', 'laminés^1.5', 'tubes sans soudure^2', 'profilés^1',
 'palplanches^0.5', 'peintures^1', 'diluant^1.5', 'huile^1', 'huile hydraulique^1.5', 'lubrifiant^1.5', 'antigel^1.5', 'planches^1', 'fils^0.7',
 'cuir^1', 'tornillos^1', 'tuercas^1', 'arandelas^1', 'varilla roscada^2', 'cable de acero^1.5', 'eslingas^1.5', 'refractario^2', 'cal^1', 'sal^0.7',
 'electrodos^1.5', 'hilo de soldadura^2', 'soldadura blanda^1', 'abrasivos^1.5', 'discos de corte^1.5', 'resina epoxi^2', 'endurecedor^2',
 'fibra de vidrio^1.5', 'fibra de carbono^1.5', 'lona^1', 'chapas de acero^2', 'chapa galvanizada^1.5', 'barras redondas^2', 'vigas^1',
 'tubo sin costura^2', 'toneladas^1', 'pinturas^1', 'aceite^1', 'lubricante^1.5', 'anticongelante^1.5', 'tablas^1', 'tableros^0.7', 'papel^0.7',
 'hilo^1', 'cuero^1', 'áridos^1.5', 'grava^1.5', 'arena^1', 'viti^1', 'bulloni^1.5', 'bulloneria^2', 'dadi^1', 'rondelle^1', 'barra filettata^2',
 'fune^1.5', 'funi^1.5', 'refrattari*^2', 'calce^1.5', 'elettrodi^1.5', 'filo per saldatura^2', 'abrasivi^1.5', 'dischi da taglio^1.5',
 'resina epossidica^2', 'indurente^2', 'fibra di vetro^1.5', 'fibra di carbonio^1.5', 'telo^1', 'lamiere in acciaio^2', 'tubi senza saldatura^2',
 'tonnellate^1', 'vernici^1.5', 'olio^1', 'lubrificante^1.5', 'antigelo^1.5', 'tavole^1', 'carta^0.7', 'filo^0.7', 'pelle^1', 'ghiaia^1.5',
 'sabbia^1', 'profilati^1.5', 'angolari^1.5', 'tubolari^1.5', 'bouten^1', 'moeren^1', 'ringen^0.7', 'draadeind*^2', 'bevestigingsmateria*^2',
 'staalkabel^1.5', 'hijsbanden^1.5', 'vuurvast*^2', 'zout^1', 'laselektroden^2', 'lasdraad^2', 'schuurpapier^1.5', 'epoxyhars^2', 'verharder^2',
 'glasvezel^1.5', 'koolstofvezel^1.5', 'zeil^1', 'stalen platen^0.7', 'rvs platen^0.7', 'ronde staven^2', 'naadloos^1.5', 'ton^0.5', 'olie^1',
 'smeerolie^1.5', 'smeermiddel^1.5', 'koelvloeistof^1', 'planken^1', 'garen^2', 'zand^1', 'grind^1.5', 'logen^1', 'śruby^1', 'nakrętki^1',
 'podkładki^1', 'pręt gwintowany^2', 'elementy złączne^2', 'lin* stalow*^2', 'zawiesi*^1.5', 'ogniotrwał*^2', 'wapno^1.5', 'sól^1', 'elektrody^1.5',
 'drut spawalniczy^2', 'materiały ścierne^2', 'żywica epoksydowa^2', 'utwardzacz*^2', 'włókno szklane^2', 'włókno węglowe^2', 'plandek*^1.5',
 'blacha^1.5', 'blachy^1.5', 'pręty^1.5', 'rury bezszwowe^2', 'dwuteownik*^2', 'ceownik*^2', 'olej*^1', 'deski^1.5', 'papier*^0.7', 'przędz*^2',
 'skór*^1', 'foli*^1', 'piasek^1', 'żwir*^1.5', 'kruszyw*^1.5', 'parafusos^1', 'porcas^1', 'arruelas^1', 'barra roscada^2', 'cabo de aço^1.5',
 'cintas^0.7', 'refratári*^2', 'eletrodos^1.5', 'arame de solda^2', 'resina epóxi^2', 'fibra de vidro^1.5', 'chapas de aço^2', 'tubos sem costura^2',
 'tintas^1', 'óleo^1', 'tábuas^1', 'fio^0.7', 'couro^1', 'areia^1', 'brita^1.5', 'skruvar^1', 'muttrar^1', 'brickor^1', 'gängstång^2',
 'fästelement^2', 'stålvajer^1.5', 'vajer^1.5', 'eldfast^2', 'elektroder^1.5', 'svetstråd^2', 'slipmaterial^1.5', 'epoxi^1.5', 'härdare^2',
 'glasfiber^1.5', 'kolfiber^1.5', 'presenning^1.5', 'stålplåt^1.5', 'rostfri sömlösa rör^2', 'olja^1', 'smörjmedel^1.5', 'brädor^1.5', 'papper^0.7',
 'läder^1', 'makadam^1.5', 'gummiduk^1.5', 'cıvatalar^1', 'somunlar^1', 'pullar^1', 'saplama^1.5', 'bağlantı elemanları^2', 'çelik halat^2',
 'sapan^1.5', 'refrakter^2', 'kireç^1.5', 'tuz^1', 'elektrot^1.5', 'kaynak teli^2', 'zımpara^1.5', 'epoksi^1.5', 'sertleştirici^1.5', 'cam elyaf^2',
 'karbon elyaf^2', 'branda^1.5', 'sac levha^2', 'sıcak haddelenmiş^2', 'dikişsiz boru^2', 'yağ^1', 'hidrolik yağ^1.5', 'ahşap^1', 'kağıt^0.7',
 'iplik^2', 'deri^1', 'kum^1', 'çakıl^1.5', 'plaka^1', 'hurda^1', 'šrouby^1', 'matice^1', 'podložky^1', 'závitov* tyč*^2', 'spojovací materiál^2',
 'ocelov* lan*^2', 'žáruvzdorn*^2', 'vápno^1.5', 'sůl^1', 'svařovací drát^2', 'brusivo^1.5', 'epoxid*^1.5', 'tužidlo^2', 'skeln* vlákn*^2',
 'uhlíkov* vlákn*^2', 'plachta^1.5', 'plechy^1.5', 'plech tl^1.5', 'tyče^1.5', 'bezešvé trubky^2', 'nosník*^1', 'tun^0.7', 'prkna^1.5', 'papír^0.7',
 'příze^2', 'kůže^1', 'fólie^1', 'písek^1', 'štěrk^1.5', '紧固件^2', '螺母^1', '垫圈^1.5', '钢丝绳^2', '耐火^2', '石灰^2', '盐^1', '焊条^2', '焊丝^2', '环氧^2', '固化剂^2',
 '玻璃纤维^2', '碳纤维^2', '角钢^2', '槽钢^2', '工字钢^2', '板材^1.5', '管材^1.5', '铝型材^1.5', '油漆^1.5', '机油^1.5', '砂^0.7', 'ワイヤロープ^2', '耐火物^2', '溶接棒^2', 'エポキシ^2',
 '硬化剤^2', 'ガラス繊維^2', '炭素繊維^2', '形鋼^2', '平鋼^2', 'アングル^1.5', '素材^1.5', '潤滑油^1.5', '紙^0.5', 'フィルム^1', '板^0.5', '볼트^0.7', '와이어로프^2', '내화^2', '에폭시^2',
 '형강^2', '평철^2', '파이프^0.7', '윤활유^1.5', '페인트^1.5', 'أسلاك معدنية^1.5', 'حبال^1', 'دهانات^1.5', 'زيوت^1.5', 'راتنج^2', 'خشب^1', 'قماش^1.5', 'stal^0.6',
 'stali^0.6', 'stalow*', 'rury^0.7', 'rura^0.7', 'smary^1.5', 'geotextile*^1.5', 'membrane*^0.5', 'damp proof membrane^1.5', 'roll of^1.5', 'sacks^1',
 'ibcs^2', 'granulate*^2', 'solvent*^1.5', 'boards^0.7', 'hex bolt*^2', 'nuts and washers', 'rollen^0.7', 'fûts^1.5', 'bidon*^1', 'tambor*^1.5',
 'sacos^1', 'bębn*^1', 'varil*^1', 'hose clamp^1.5', 'hose clamps^1.5', 'pe pipe^1.5', 'grout^2', 'mortar^1.5', 'rebar^2', 'cement^1.5',
 'plug caps^1', 'steel plates^0.7', 'threaded rods^2', 'lock nut^1.5', 'locknut^1.5', 'rivets^1.5', 'self tapping^1.5', 'corner board^1',
 'caustic soda^2', 'de-icing salt^2', 'road salt^2', 'mesh^0.5', 'geotextile^1.5', 'uhmwpe^1', 'foam sheet^1.5', 'copper bar^2', 'brass bar^2',
 'bronze bar^1.5', 'galvanised wire^2', 'chain link^0.5', 'shackle^1.5', 'lifting sling^1.5', 'schlauch^1.5', 'schläuche^1.5', 'schlauchschelle*^1.5',
 'streusalz^2', 'lamiera^1.5', 'tubazion*^0.7', 'tappi^1.5', 'guarnizioni^1.5', 'guarnizione^1.5', 'tuyau*^1.5', 'flexible*^1', 'tôle^1.5', 'vis^1',
 'boulon*^1.5', 'manguera*^1.5', 'abrazadera*^1.5', 'tubería peadd^1', 'tubería pead^2.5', 'tubo pead^2.5', 'tornillo*^1.5', 'tuerca*^1.5',
 'chapa*^1', 'slang', 'slangen^1.5', 'strooizout^2.5', 'kokers^1.5', 'wąż^1.5', 'węż*^1.5', 'mangueira*^1.5', 'bultar^1.5', 'hortum^1.5',
 'cıvata^1.5', 'hadic*^1.5', 'šroub*^1.5', 'slange^1.5', 'slanger^1.5', 'plader^1.5', 'plater^1.5', 'bolte^1.5', 'bolter^1.5', 'skruer^1.5',
 'skruver^1.5', 'rustfritt^0.7', 'rustfri^0.7', 'maling^1.5', 'træ^1', 'teräs^0.6', 'teräksi*', 'teräslevy*', 'terästanko*', 'teräsputki*',
 'teräslevy^2', 'teräslevyj*^2', 'levy^1', 'levyä^1.5', 'letku*^1.5', 'pultti*^1.5', 'pultteja^1.5', 'ruuvi*^1.5', 'ruuveja^1.5', 'mutteri*^1.5',
 'putki^1', 'putkea^1.5', 'maali^1.5', 'muovi^1', 'lemez*^1.5', 'cső^1', 'csövek^1.5', 'acél^0.7', 'csavar*^1.5', 'anyacsavar*^1.5', 'tömlő*^1.5',
 'festék*^1.5', 'rúd^1', 'rudak^1.5', 'köracél^2', 'hengerelt^1.5', 'gumi^1', 'tablă^1.5', 'table de^0.5', 'țeavă^1.5', 'țevi^1.5', 'oțel^1',
 'șuruburi^1.5', 'piulițe^1.5', 'furtun*^1.5', 'vopsea^1.5', 'bare^1', 'лист^1', 'листа^1', 'листы^1.5', 'листов^2', 'листів^2', 'труб*^1.5',
 'сталь^1', 'стали^1', 'сталев*^1', 'нержавеющ*^1.5', 'нержавіюч*^1.5', 'круг^1', 'круга^1.5', 'арматур*^1.5', 'болт*^1.5', 'гайк*^1.5', 'шайб*^1.5',
 'шпильк*^1.5', 'саморез*^1.5', 'шланг*^1.5', 'рукав*^1', 'хомут*^1.5', 'проволок*^1.5', 'краск*^1.5', 'цемент*^1.5', 'алюмини*^1.5', 'алюміні*^1.5',
 'уголок^1', 'швеллер*^2', 'балк*^1.5', 'резин*^1', 'смол*^1.5', 'ламарин*^2', 'тръб*^1.5', 'винтове^1.5', 'маркуч*^1.5', 'лим^1', 'лимов*^1.5',
 'цев^1', 'цеви^1.5', 'вијак*^1.5', 'црево^1.5', 'фарб*^1.5', 'дріт^1.5', 'limov*^1.5', 'cijev^1.5', 'cijevi^1.5', 'vijak^1.5', 'vijci^1.5',
 'vijaka^1.5', 'crijev*^1.5', 'ploče^1', 'pločevin*^2', 'cevi^1.5', 'cev^1', 'vijakov^1.5', 'skrutk*^1.5', 'plech^1.5', 'plechov^1.5', 'rúr*^1.5',
 'betonžel*^1.5', 'lakšt*^1.5', 'vamzd*^1.5', 'varžt*^1.5', 'plien*^1', 'žarn*^1.5', 'dažai^1.5', 'loksn*^1.5', 'caurul*^1.5', 'skrūv*^1.5',
 'tēraud*^1', 'šļūten*^1.5', 'plaat^1', 'plaadid^1.5', 'lehtteras^2', 'toru^1', 'torud^1.5', 'polt*^1.5', 'kruvi*^1.5', 'voolik*^1.5', 'λαμαρίν*^2',
 'σωλήν*^1.5', 'χάλυβ*^1.5', 'ανοξείδωτ*^1.5', 'βίδ*^1.5', 'παξιμάδι*^1.5', 'λάστιχο^1.5', 'ρακόρ^1.5', 'χρώμα*^1', 'τσιμέντο^2', 'αλουμίνιο^1.5',
 'פלדה^1', 'פח^0.7', 'פחים^1.5', 'צינור^1.5', 'צינורות^1.5', 'ברגים^1.5', 'אומים^1', 'נירוסטה^1.5', 'אלומיניום^1.5', 'צבע^1', 'מלט^1.5',
 'ألواح صلب^2', 'أنابيب^1.5', 'مواسير^1.5', 'حديد تسليح^2', 'براغي^1.5', 'مسامير^1', 'صواميل^1.5', 'خراطيم^1.5', 'أسمنت^2', 'دهان^1.5', 'ألمنيوم^1.5',
 'ستانلس^1.5', 'ورق فولادی^2', 'لوله^1.5', 'فولاد^1', 'پیچ^1', 'مهره^1', 'شیلنگ^1.5', 'سیمان^2', 'رنگ^0.7', 'सीमेंट^2', 'सरिया^2', 'स्टील^1',
 'प्लेट^1.5', 'पाइप^0.8', 'बोल्ट^1.5', 'नट^0.7', 'पेंट^1.5', 'शीट^1.5', 'रॉड^1', 'เหล็ก^1', 'เหล็กแผ่น^2', 'ท่อ^1', 'ท่อเหล็ก^1.5', 'สแตนเลส^1.5',
 'น็อต^1.5', 'สกรู^1.5', 'ปูนซีเมนต์^2', 'สีทา^1.5', 'อลูมิเนียม^1.5', 'สายยาง^1.5', 'ống thép^2', 'thép tấm^2', 'thép hình^2', 'thép^1', 'bu lông^2',
 'bulong^2', 'ốc vít^2', 'xi măng^2', 'sơn nước^2', 'sơn epoxy^2', 'nhôm^1', 'ống nhựa^2', 'pipa^1.5', 'pelat^2', 'plat besi^2', 'besi^1', 'baja^1',
 'baut^1.5', 'mur^0.7', 'selang^1.5', 'semen^1.5', 'cat^0.3', 'paip^1.5', 'keluli^1.5', 'simen^1.5', 'bolt^1', 'skru^1.5', '철판^2', '강관^2', '스텐^1',
 '나사^1.5', '너트^1.5', '와셔^1.5', '호스^1.5', '시멘트^2', '고무^1', '철근^2', 'パイプ^1', 'ボルト^1.5', 'ナット^1.5', 'ワッシャ^1.5', 'ホース^1.5', 'セメント^2', '鉄筋^2', '钢筋^2',
 '螺栓^1.5', '螺丝^1.5', '螺钉^1.5', '软管^1.5', '水泥^2', '铜排^2', '塑料粒子^2', '钢材^2', '型钢^2', 'steel sheet^1.5', 'steel sheets^2', 'aluminium sheet^2',
 'aluminium profile^1.5', 'steel tube^0.7', 'steel pipe^1.5', 'copper tube^0.7', 'copper pipe^2', 'pvc pipe^1.5', 'bolts^1', 'screws^1', 'studs^0.7',
 'nails^1.5', 'ropes^1.5', 'chains^0.7', 'plasters^1', 'insulation wool^1.5', 'pallets of cement^1', 'bags of cement^2', 'sealing compound^1.5',
 'gas bottles^1.5', 'hoses^1', 'blechen^1.5', 'stahlrohre^1.5', 'kupferrohr*^2', 'nägel^1.5', 'dübel^1.5', 'gewindebolzen^1.5', 'isolierung^0.5',
 'zement^1.5', 'clous^1.5', 'ciment^2', 'tubes acier^1.5', 'tubes inox^1.5', 'cemento^1.5', 'clavos^1.5', 'tubos de acero^1.5', 'pernos^1',
 'chiodi^1.5', 'tubi in acciaio^1.5', 'tubo in acciaio^1.5', 'barre tonde^2', 'barre in^1', 'spijkers^1.5', 'stalen buizen^1.5', 'schroeven^1.5',
 'pluggen^1.5', 'gwoździ*^1.5', 'cement^1.5', 'rury stalowe^1.5', 'wkręt*^1.5', 'cimento^1.5', 'pregos^1.5', 'tubos de aço^1.5', 'spik^1.5',
 'stålrör^1.5', 'skruv^1', 'çivi^1.5', 'çelik boru^1.5', 'vida^1.5', 'hřebík*^1.5', 'ocelové trubky^1.5', 'vrut*^1.5', 'cargols^1.5', 'acer^0.7',
 'torlojuak^1.5', 'altzairu*^1', 'bulona^1.5', 'polad^1', 'stálplötur^2', 'boltar^1.5', 'staalplate^1.5', 'boute^1.5', 'chuma^1', 'saruji^2',
 'semento^2', 'bakal^1.5', 'turnilyo^1.5', 'সিমেন্ট^2', 'রড^1', 'পাইপ^1', 'ইস্পাত^1', 'সیمنٹ^1', 'سیمنٹ^2', 'سریا^2', 'پائپ^1', 'ფოლად^1.5',
 'ცემენტ^2', 'болат^1', 'құбыр^1.5', 'цемент^2', 'ցեմենտ^2', 'சிமெண்ட்^2', 'సిమెంట్^2', 'cordage^1.5', 'pegamento^1.5', 'touw^1.5', 'elektroden^1.5',
 'lina^1.5', 'contraplacado^1.5', 'virke^1.5', 'tanko*^1.5', 'köytt*^1.5', 'profiil*^1.5', 'liima*^1.5', 'puutavar*^1.5', 'vaneri*^1.5',
 'hitsauspuikko*^1.5', 'hartsi*^1.5', 'acélcs*^1.5', 'kötél^1.5', 'ragasz*^1.5', 'faanya*^1.5', 'oldósz*^1.5', 'gyant*^1.5', 'zártszelvé*^1.5',
 'hegesztőhuz*^1.5', 'adezi*^1.5', 'placaj*^1.5', 'electrozi^1.5', 'rășin*^1.5', 'قضبان^1.5', 'غراء^1.5', 'مذيب^1.5', 'nyloc nuts^2', 'adblue^1.5',
 'lubricating oil^2', 'lano^1', 'ocelové lano^2', 'cuerda^1.5', 'corda^1.5', 'cordage*^1.5', 'rep^1', 'lina^1.2', 'köysi^1', 'köyttä^1.5',
 'acélkötél*^2', 'drótkötél*^2', 'frânghi*^1.5', 'kumi^0.5', 'kumia^1', 'guma^0.5', 'cauciuc^0.7', 'مطاط^1', 'lim^0.7', 'profily^1', 'profielen^1',
 'staven^1', 'nyloc*^2', 'lock nut*^1.5', 'adblue^2', 'lubricating oil^1.5', 'citric acid^0.7', 'demin water^1.5', 'lemn^1', 'placaj^1.5',
 'table tabla^1', 'drveni^0.7', 'guma profil^1', 'washers', 'flat washers', 'spring washers', 'hex nuts^2', 'hex bolts^2', 'cap screws^2',
 'threaded rod^2', 'mig wire^2', 'tig rod*^2', 'welding rod*^2', 'electrode* 7018', '7018^1.5', 'anti spatter^1.5', 'c24^1', 'treated timber^2',
 'type 1^1', 'aggregate by^0.6', 'galv wire rope^2', 'round bar*^2', 'flat bar*^2', 'hex bar*^1.5', 'rod natural^1', 'cut charge*^1.5', 'per kilo^1',
 'resin drum*^1', 'reststück*^1.5', 'schweißdraht*^2', 'sperrholz*^2', 'drahtseil*^1.5', 'betonstahl^2', 'plattenware^1.5', 'ronds^1',
 'fil machine^2', 'varilla corrugada^2', 'alambre*^1.5', 'rete elettrosaldata^2', 'filo d''acciaio^2', 'tondini^2', 'rvs plaat^2', 'staaldraad^1.5',
 'betonstaal^2', 'pręty stalowe^2', 'drut^1.5', 'drutu^1.5', 'elektrod*^1', 'arame^1.5', 'ocel*^0.8', 'drát*^1.5', 'tužidl*^1.5', 'preglejk*^2',
 'živic*^1.5', 'rúrk*^1.2', 'rétegelt lemez^2', 'cső*^0.8', 'betonacél^2', 'huzal*^1.5', 'gyanta^1.5', 'hegesztőhuzal^2', 'oțel beton^2', 'sârmă^1.5',
 'лист*^0.8', 'фанер*^2', 'оргстекл*^2', 'электрод*^1.5', 'труба профильная^2', 'профнастил^2', 'арматури^1.5', 'фанери^2', 'оргскло^2', 'оргскла^2',
 'труби^1', 'кутник^1.5', 'шперплат^2', 'арматурн*^1.5', 'смола^1.2', 'профил*^0.8', 'šperploč*^2', 'lim*^0.6', 'armatur*^1.2', 'žic*^1.2',
 'smol*^1.2', 'vezana plošča^2', 'jeklo^1', 'κόντρα πλακέ^2', 'χάλυβας^1', 'ρητίνη^1.5', 'σύρμα^1.5', 'lanka^1', 'hitsauslanka^2', 'plåt*^1.5',
 'armering^1.5', 'harts^1.5', 'rostfri plåt^2', 'rustfri plade*^2', 'krydsfiner^2', 'kryssfiner^2', 'stålplate*^2', 'kutu profil^2', 'sac^1.2',
 'nervürlü^2', 'tel^0.6', 'صاج^1.5', 'أسلاك^1', 'خشب رقائقي^2', 'زوايا حديد^2', 'میلگرد^2', 'ورق^1.2', 'تیرآهن^2', 'نبشی^2', 'رزین^1.5',
 'פרופילי אלומיניום^1.5', 'לוחות פוליקרבונט^2', 'פוליקרבונט^1.5', 'ברזל בניין^2', 'דיקט^2', 'מוטות^1.2', 'चादर^1.2', 'प्लाईवुड^2', 'เหล็กเส้น^2',
 'ไม้อัด^2', 'ลวดเชื่อม^2', 'เรซิน^1.5', 'thép hộp^2', 'thép cây^2', 'ván ép^2', 'que hàn^2', 'nhựa^0.8', 'inox tấm^2', 'besi beton^2', 'plat^1',
 'triplek^2', 'multipleks^2', 'kawat las^2', '합판^2', '용접봉^2', '코일^1.2', 'sus304^1', '合板^2', '胶合板^2', '有机玻璃^1.5', 'polythene^1.5', 'sheeting^1.5',
 'butyl^1.5', 'damp proof sheeting^2', 'beeswax^1.5', 'méhviasz*^1.5', 'isopropanol*^2', 'cuerda*^1.5'
], false),
('logistics', 'Moving, packing and storing goods: road, sea, air and rail freight, customs clearance, warehousing, fulfilment, heavy transport, packaging, export crating.', array[
 'freight^2', 'freight rate^2', 'shipping^1', 'shipment^2', 'shipments^2', 'shipper^2', 'consignee^2', 'consignment^1.5', 'forwarder^2',
 'forwarding^2', 'freight forwarder^2', 'carrier^1.5', 'haulage^2', 'haulier^2', 'trucking^2', 'truck^0.7', 'trucks^1', 'lorry^1.5', 'trailer^1',
 'ftl^2', 'ltl^2', 'full truckload^2', 'groupage^2', 'part load^2', 'curtainsider^2', 'flatbed^1.5', 'low loader^2', 'reefer^2',
 'refrigerated transport^2', 'temperature controlled^1', 'cold chain^1.5', 'sea freight^2', 'ocean freight^2', 'air freight^2', 'airfreight^2',
 'air cargo^2', 'rail freight^2', 'road freight^2', 'courier^2', 'parcel^1.5', 'parcels^1.5', 'express delivery^1', 'last mile^2', 'container^0.9',
 'containers^1.5', '20ft^1.5', '40ft^1.5', '20gp^2', '40gp^2', '40hc^2', '40 hc^2', '40hq^2', '20dc^2', '40dc^2', 'fcl^2', 'lcl^2', 'teu^2',
 'port of loading^1', 'pod^1', 'port of loading^2', 'port of discharge^2', 'transit time^2', 'bill of lading^2', 'b/l^1.5', 'awb^2', 'airway bill^2',
 'cmr^1.5', 'cbm^1.5', 'chargeable weight^2', 'gross weight^1', 'volumetric^1', 'stackable^2', 'non-stackable^2', 'euro pallet^1.5', 'europallet^1.5',
 'pallet^0.7', 'pallets^1', 'loading metre^2', 'ldm^2', 'tail lift^2', 'tail-lift^2', 'pick up address^1.5', 'pickup^1', 'pick-up^1',
 'collection from^1', 'collection^0.5', 'door to door^2', 'door-to-door^2', 'customs clear*^2', 'customs declar*^2', 'customs dut*^1.5',
 'customs broker*^2', 'customs entr*^1.5', 'customs paper*^1.5', 'customs and^1.5', 'clear customs^2', 'through customs^2', 'and customs^1.5',
 'import customs^1.5', 'export customs^1.5', 'customs clearance^2', 'customs broker^2', 'import clearance^2', 'export clearance^2', 'hs code^1.5',
 't1 document^1.5', 'demurrage^2', 'drayage^2', 'cross-dock*^2', 'transhipment^2', 'transport^1.5', 'transportation^1.5', 'dangerous goods^1.5',
 'adr^1', 'imdg^1.5', 'un 3480^1', 'un1263^1', 'hazmat^1', 'cargo^2', 'cargo ready^2', 'heavy lift^2', 'abnormal load^2', 'oversize load^2', 'oog^2',
 'breakbulk^2', 'break bulk^2', 'project cargo^2', 'crane hire^0.7', 'machinery moving^1.5', 'relocation^1', 'removal^0.5', 'warehousing^2',
 'warehouse^1', '3pl^2', 'fulfilment^2', 'fulfillment^2', 'pallet position^2', 'pallet space^2', 'storage^0.7', 'pick and pack^2',
 'order picking^1.5', 'distribution cent*^1.5', 'cross docking^2', 'export pack*^1.5', 'crating^1.5', 'ispm 15^1.5', 'ispm15^1.5', 'packing cases^1',
 'seaworthy pack*^2', 'charter^1.5', 'vessel schedule^2', 'barge^1.5', 'seaport^1.5', 'lashing^1.5', 'transit insurance^1.5', 'cargo insurance^2',
 'empty return', 'round trip', 'fracht^2', 'seefracht^2', 'luftfracht^2', 'spedition^2', 'spediteur^2', 'transporte^1', 'lkw^1.5', 'sattelzug^2',
 'stückgut^2', 'teilladung^2', 'komplettladung^2', 'sammelgut^2', 'kühltransport^2', 'schwertransport^2', 'gefahrgut^1.5', 'paletten^1',
 'europalette^1.5', 'stapelbar^2', 'lademeter^2', 'abholung^1', 'abholort^2', 'verladung^1.5', 'entladung^1', 'zustellung^1', 'zoll^1.5',
 'zollabfertigung^2', 'verzollung^2', 'lagerhaltung^2', 'lagerung^1', 'einlagerung^2', 'lagerfläche^2', 'stellplätze^1', 'kommissionier*^2',
 'kurier^2', 'paketversand^2', 'seemäßig*^2', 'laufzeit^0.5', 'umzug^1', 'maschinenumzug^1.5', 'fret^2', 'fret maritime^2', 'fret aérien^2',
 'transporteur^2', 'transitaire^2', 'expédition^1.5', 'camion^1.5', 'semi-remorque^2', 'messagerie^2', 'affrètement^2', 'conteneur^1.5',
 'conteneurs^1.5', 'palettes^1', 'gerbable^2', 'hayon^2', 'enlèvement^0.6', 'dédouanement^2', 'douane^1.5', 'entreposage^2', 'stockage^0.7',
 'entrepôt^1.5', 'mètres plancher^2', 'marchandise^1', 'port de départ^2', 'convoi exceptionnel^2', 'emballage maritime^2', 'manutention^0.7',
 'flete^2', 'transportista^2', 'transitario^2', 'envío^1', 'camión^1.5', 'remolque^1.5', 'grupaje^2', 'contenedor^1.5', 'contenedores^1.5', 'palés^1',
 'palets^1', 'apilable^2', 'recogida^1', 'aduana^2', 'despacho de aduana^2', 'despacho aduanero^2', 'almacenaje^2', 'almacenamiento^1', 'almacén^1',
 'carga aérea^2', 'marítimo^1.5', 'mercancía^1.5', 'mercancías peligrosas^1.5', 'transporte especial^2', 'puerto^1', 'plataforma elevadora^1.5',
 'trasporto^1.5', 'trasporti^1.5', 'spedizione^2', 'spedizioni^2', 'spedizioniere^2', 'nolo^2', 'bilico^2', 'bancali^1', 'sovrapponibil*^2',
 'sponda idraulica^2', 'ritiro^1', 'dogana^2', 'sdoganamento^2', 'magazzino^1', 'stoccaggio^1.5', 'deposito^0.5', 'marittimo^1.5', 'aereo^1',
 'merce^1', 'merci pericolose^1.5', 'trasporto eccezionale^2', 'corriere^1.5', 'vracht^2', 'zeevracht^2', 'luchtvracht^2', 'vervoer^2',
 'vervoerder^2', 'expediteur^2', 'vrachtwagen^2', 'stukgoed^2', 'stapelbaar^2', 'laadmeter^2', 'laadklep^2', 'ophalen^1', 'laden en lossen^2',
 'inklaring^2', 'opslag^1', 'magazijn^1', 'koeltransport^2', 'gevaarlijke stoffen^1', 'verhuizing^1', 'orderpicking^1.5', 'fracht*^2',
 'transport*^1.5', 'spedyc*^2', 'przewóz^2', 'przewoz*^2', 'ciężarówk*^2', 'naczep*^2', 'drobnic*^2', 'kontener*^1.5', 'palet*^1', 'załadun*^1.5',
 'rozładun*^1.5', 'odpraw* celn*^2', 'odprawa celna^2', 'celn*^1.5', 'magazynowani*^2', 'magazyn*^1', 'chłodni*^1', 'lotnicz*^1', 'morsk*^1',
 'kurier*^1.5', 'ładunk*^1.5', 'frete^2', 'transportadora^2', 'despachante^2', 'desembaraço^2', 'embarque^1.5', 'caminhão^1.5', 'carreta^1.5',
 'contêiner^1.5', 'contentor^1.5', 'carga^1', 'carga fracionada^2', 'paletes^1', 'empilháve*^2', 'coleta^1', 'recolha^1', 'alfândega^2',
 'armazenagem^2', 'armazenamento^1', 'aéreo^1', 'porto^1', 'mercadoria^1.5', 'frakt^2', 'sjöfrakt^2', 'flygfrakt^2', 'speditör^2', 'lastbil^2',
 'styckegods^2', 'pallar^1', 'lastpall^1', 'stapelbar*^2', 'upphämtning^1.5', 'hämtning^1', 'tull^1.5', 'förtullning^2', 'lagring^1',
 'lagerhållning^2', 'godstransport^2', 'stykgods^2', 'styckegods^2', 'bakgavellyft^2', 'navlun^2', 'nakliye^2', 'taşıma^1.5', 'taşımacılık^2',
 'lojistik^2', 'kamyon^1.5', 'tır^1.5', 'parsiyel^2', 'konteyner*^1.5', 'palet^1', 'paletler^1', 'istiflen*^2', 'gümrük*^2', 'gümrükleme^2',
 'depolama^1.5', 'antrepo^2', 'denizyolu^2', 'deniz yolu^2', 'hava kargo^2', 'havayolu^1.5', 'karayolu^1.5', 'yükleme^1', 'teslim alma^1',
 'kargo^1.5', 'sevkiyat^1', 'liman^1', 'přeprav*^2', 'doprav*^1', 'spedic*^2', 'kamion*^2', 'nákladní*^1.5', 'návěsem^2', 'kontejner*^1.5',
 'stohovateln*^2', 'nakládk*^1.5', 'vykládk*^1.5', 'celní*^1.5', 'proclení^2', 'skladován*^2', 'sklad^0.7', 'letecká^1', 'námořní^1.5', 'zásilk*^1.5',
 'náklad^1', '运费^2', '海运^2', '空运^2', '陆运^2', '货代^2', '集装箱^2', '整柜^2', '拼箱^2', '报关^2', '清关^2', '仓储^2', '物流^2', '起运港^2', '目的港^2', '托盘^1', '货物^1.5',
 '提货^1.5', '卡车^1.5', '運賃^2', '輸送^1.5', '海上輸送^2', '航空便^2', '通関^2', 'コンテナ^2', '倉庫^0.7', '保管^1', '配送^1.5', '集荷^2', '貨物^2', 'パレット^1', 'トラック^1.5', '운송^2',
 '운임^2', '통관^2', '컨테이너^1.5', '창고^1.5', '화물^2', 'شحن^2', 'نقل^1.5', 'حاوية^1.5', 'حاويات^1.5', 'جمارك^2', 'تخليص^2', 'تخزين^1.5', 'packaging^1.2',
 'packing^1', 'corrugated^2', 'corrugated box^2', 'cardboard box^2', 'cardboard boxes^2', 'double wall^1.5', 'single wall^1', 'foam corners^1.5',
 'shipping carton^2', 'cartons^0.7', 'wooden crate^2', 'wooden crates^2', 'crate^1.5', 'crates^1.5', 'wooden box^1.5', 'wooden pallets^1.5',
 'plastic pallets^1.5', 'returnable packaging^2', 'reusable packaging^2', 'packaging pool^2', 'transport case^1.5', 'flight case^1',
 'stretch wrap^1.5', 'strapping^1.5', 'bubble wrap^1.5', 'vci^1.5', 'desiccant^1.5', 'shock indicator^2', 'preservation^1.5', 'quayside^2', 'quay^1',
 'dockside^2', 'wharf^1.5', 'by air^1.5', 'by sea^1.5', 'by road^1.5', 'by rail^1.5', 'sea-air^2', 'door-door^2', 'commercial invoice^1.5',
 'packing list^1.5', 'hs^1', 'ata carnet^2', 'carnet^1.5', 'eur.1^1.5', 'certificate of origin^1', 'letter of credit^0.7', 'bonded^1.5',
 'bonded storage^2', 'consolidation^1.5', 'consolidator^2', 'deconsolidat*^2', 'co-packing^2', 'kitting^1.5', 'repacking^1.5', 'relabel*^1.5',
 'stuffing^1.5', 'unstuffing^2', 'devanning^2', 'stevedor*^2', 'terminal handling^2', 'thc^1.5', 'baf^1.5', 'isps^1', 'local charges^1.5', 'w/m^2',
 'per cbm^2', 'heavy haul^2', 'heavy transport^2', 'special transport^2', 'exceptional transport^2', 'escort vehicle^2', 'escorts^1.5',
 'route survey^2', 'road permit*^1.5', 'rigging^1.5', 'skidding^1.5', 'jacking^1', 'machine move^2', 'machinery relocation^2', 'plant relocation^1.5',
 'office move^1.5', 'removals^1.5', 'spmt^2', 'lowboy^2', 'step deck^2', 'dry van^2', 'tautliner^2', 'mega trailer^2', 'tanker truck^0.7',
 'iso tank^1.5', 'bulk vessel^2', 'coaster^1', 'feeder vessel^2', 'ro-ro^2', 'roro^2', 'etd^1.5', 'eta^0.7', 'cut-off^1.5', 'sailing^1.5',
 'sailings^1.5', 'departures^1', 'weekly^0.5', 'shipping lanes^2', 'freight lanes^2', 'rates per spot rate^2', 'tender for transport^2', 'milk run^2',
 'just in sequence^1.5', 'distribution^0.5', 'delivery round*^1.5', 'last-mile^2', 'courier service^2', 'same day courier^2', 'returns handling^2',
 'reverse logistics^2', 'inventory management^1', 'storage space^1.5', 'pallets in storage^2', 'cold storage^1.5', 'frozen^0.7', '2-8 °c^1',
 '+2/+8^1', 'pharma gdp^2', 'gdp^0.5', 'dgd^1.5', 'un number^1.5', 'iata^1.5', 'class 9^1.5', 'iata pi^1.5', 'lithium batteries transport^1.5',
 'pol/pod^2', 'incoterm^0.3', 'origin^0.7', 'destination^1', 'gross^0.3', 'dims^0.5', 'kgs^0.3', 'collection address^1.5', 'delivery address^0.7',
 'loading date^1.5', 'loading point^1.5', 'unloading^1', 'customs entry^2', 'duty drawback^1.5', 'import duty^1.5', 'fiscal representation^1.5',
 'verpackung^0.9', 'verpackungen^1.2', 'wellpappe^2', 'kartonage*^2', 'faltschachtel*^2', 'faltkarton*^2', 'versandkarton*^2', 'holzkiste*^2',
 'kistenbau^2', 'exportverpackung^2', 'seeverpackung^2', 'mehrwegverpackung^2', 'ladungsträger^1.5', 'gitterbox*^1.5', 'frachtrate^2',
 'frachtkosten^1.5', 'frachtangebot^2', 'transportangebot^2', 'stückgutversand^2', 'direktfahrt^2', 'sonderfahrt^2', 'rundlauf^1.5',
 'tourenplanung^1.5', 'begleitfahrzeug*^2', 'streckenprüfung^2', 'tieflader^2', 'autokran^0.7', 'schwerlast^1.5', 'schwergut^2', 'verzurren^1.5',
 'be- und entladen^1.5', 'luftfrachtsendung^2', 'vollcontainer^2', 'hafen^1', 'verschiffung^2', 'umschlag^1.5', 'konsolidierung^1.5',
 'kontraktlogistik^2', 'lager^0.7', 'lagerplatz^1.5', 'hochregal*^1', 'versand^1.2', 'sendung^1', 'sendungen^1.5', 'abholadresse^2',
 'zustelladresse^1.5', 'rampe^0.3', 'ladehilfsmittel^1.5', 'maschinentransport^2', 'betriebsverlagerung^1.5', 'betriebsumzug^2', 'emballage^1.2',
 'emballages^1.2', 'carton ondulé^2', 'caisse bois^2', 'caisses bois^2', 'calage^1.5', 'transport routier^2', 'transport exceptionnel^2',
 'livraison express^1', 'port d arrivée^2', 'fret routier^2', 'messageries^2', 'chargement^1', 'déchargement^1', 'quai^1', 'ramassage^1',
 'collecte^0.7', 'lot complet^2', 'conteneurs maritimes^2', 'empotage^2', 'dépotage^2', 'logistique^1.5', 'plateforme logistique^2',
 'préparation de commandes^2', 'déménagement^1.5', 'transfert industriel^2', 'entreposer^2', 'transitaires^2', 'embalaje^1.2', 'embalajes^1.2',
 'cartón ondulado^2', 'cajas de cartón^2', 'cajas de madera^2', 'transporte por carretera^2', 'transporte marítimo^2', 'transporte aéreo^2',
 'carga completa^2', 'carga parcial^2', 'descarga^1', 'flete marítimo^2', 'contenedor 40^2', 'logística^1', 'operador logístico^2',
 'traslado de maquinaria^2', 'mudanza^1.5', 'naviera^2', 'puerto de destino^2', 'puerto de origen^2', 'agente de aduanas^2', 'recogida en^1.5',
 'mensajería^2', 'paquetería^2', 'preparación de pedidos^2', 'frío^0.5', 'imballaggio^1.2', 'imballaggi^1.2', 'imballo^1.2', 'cartone ondulato^2',
 'scatole di cartone^2', 'casse in legno^2', 'trasporto stradale^2', 'trasporto marittimo^2', 'trasporto aereo^2', 'carico completo^2',
 'collettame^2', 'carico^1', 'scarico^0.7', 'nolo marittimo^2', 'logistica^0.8', 'operatore logistico^2', 'traslochi^1.5', 'trasloco^1.5',
 'porto di^1', 'imbarco^1.5', 'sbarco^1.5', 'ritiro presso^1.5', 'autotrasport*^2', 'bilici^2', 'movimentazione^1', 'sollevamento^0.5',
 'verpakking^1.2', 'verpakkingen^1.2', 'golfkarton^2', 'kartonnen dozen^2', 'houten kisten^2', 'wegtransport^2', 'zwaar transport^2',
 'exceptioneel transport^2', 'deellading^2', 'volle lading^2', 'lading^1', 'lossen^1', 'logistiek^1.5', 'logistiek dienstverlener^2',
 'bedrijfsverhuizing^1.5', 'haven^1', 'verscheping^2', 'verzending^1.5', 'zending^1.5', 'afhaaladres^2', 'koerier^2', 'overslag^1.5',
 'palletplaatsen^2', 'douaneafhandeling^2', 'opakowa*^1.2', 'karton*^1', 'tektur*^2', 'skrzyni* drewnian*^2', 'skrzynie^1', 'transport drogowy^2',
 'transport morski^2', 'transport lotniczy^2', 'transport ponadgabarytowy^2', 'ponadnormatyw*^2', 'ładunek^1.5', 'załadunek^1.5', 'rozładunek^1.5',
 'logistyk*^1.5', 'spedycja^2', 'przeprowadzk*^1.5', 'relokacj*^1.5', 'port^0.5', 'przesyłk*^1.5', 'wysyłk*^1', 'magazynu^1', 'cło^1.5',
 'agencja celna^2', 'naczepa^2', 'firanka^1', 'embalagem^1.2', 'embalagens^1.2', 'papelão ondulado^2', 'caixas de papelão^2', 'caixas de madeira^2',
 'transporte rodoviário^2', 'carregamento^1', 'frete marítimo^2', 'mudança industrial^2', 'mudança^1', 'porto de^1', 'despacho aduaneiro^2',
 'desembaraço aduaneiro^2', 'coleta em^1.5', 'navio^1', 'contêineres^1.5', 'förpackning*^1.2', 'wellpapp*^2', 'kartonger^1', 'trälådor^2',
 'vägtransport^2', 'specialtransport^2', 'tungtransport^2', 'dellast^2', 'hellast^2', 'lastning^1', 'lossning^1.5', 'logistik^1.5', 'maskinflytt^2',
 'flytt^1', 'hamn^1', 'skeppning^2', 'försändelse*^1.5', 'sändning*^1', 'kurir^1.5', 'kyltransport^2', 'lagerhotell^2', 'tulldeklaration^2',
 'plocklager^1.5', 'ambalaj*^1.2', 'oluklu mukavva^2', 'mukavva^1.5', 'karton kutu^2', 'ahşap sandık^2', 'ahşap kasa^2', 'karayolu taşımacılığı^2',
 'denizyolu taşıma^2', 'komple araç^2', 'yük^1.5', 'boşaltma^1.5', 'lojistik firması^2', 'makine taşıma^2', 'nakliyat^2', 'gümrük müşavir*^2',
 'liman teslim^1', 'sevk^1', 'kurye^1.5', 'soğuk zincir^1.5', 'frigorifik^1.5', 'depo^1', 'gabari dışı^2', 'ağır nakliyat^2', 'konşimento^2',
 'obal*^0.7', 'obaly^1.2', 'vlnit* lepenk*^2', 'krabic*^1', 'dřevěn* bed*^2', 'silniční přeprav*^2', 'námořní přeprav*^2', 'letecká přeprav*^2',
 'nadrozměrn*^2', 'náklady^1', 'naložení^1.5', 'vyložení^1.5', 'logistik*^1.5', 'stěhování^1.5', 'přístav^1', 'kurýr*^1.5', 'celní odbaven*^2',
 'chladírensk*^1.5', '包装^1', '纸箱^2', '木箱^2', '瓦楞^2', '国际快递^2', '快递^1.5', '散货^1.5', '订舱^2', '港口^1', '装柜^2', '搬迁^1', '大件运输^2', '冷链^2', '梱包^1.5',
 '段ボール^2', '輸出梱包^2', '重量物^1.5', '引取^1.5', '船便^2', '航空輸送^2', '港口^1', '移設^1', '포장^1', '박스^0.5', '골판지^2', '목재상자^2', '항공운송^2', '해상운송^2', '수출포장^2', '보관^1',
 '배송^1.5', 'تغليف^1', 'صناديق^1', 'ميناء^1', 'شحن بحري^2', 'شحن جوي^2', 'مستودع^1.5', 'نقل ثقيل^2', 'container shuttle^2.5', 'shuttle^1',
 'chassis and driver^2', 'haulier*^2', 'terminal^0.7', 'box rate^1.5', 'daily round^1.5', 'same day delivery^2', 'part load*^2', 'teilladung*^2',
 'stückgut*^2', 'corrugated box*^2', 'carton*^1', 'machine move*^2', 'verlagerung*^2', 'maschinenumzug*^2', 'mudanza*^2', 'traslado de^1.5',
 'container felixstowe^1', 'corner boards^2', 'strapping band^2', 'pallet wrap^2', 'shrink film^2', 'air pillow*^1.5', 'mailing bag*^1.5',
 'jiffy bag*^1.5', 'edge protector^1.5', 'cardboard^1.5', 'plastic pallet^2', 'box pallet^1.5', 'haul^1.5', 'curtain sider^2', 'customs broker*^2',
 'forwarding agent^2', 'ocean rate^2', 'freight quote^2', 'transloading^2', 'road haulage^2', 'moving company^2', 'abholen^1', 'nach^0.05',
 'befördern^1.5', 'semi-remorques^2', 'affréter^2', 'kunststoffpalette*^2', 'umzugskarton*^2', 'convoglio^0.5', 'autotreno^1.5', 'flyttning^1',
 'flyttbil^1.5', 'fragt^2', 'transport fra^2', 'lastvogn*^1.5', 'palleplads*^2', 'container*^1', 'toldbehandling^2', 'fortoldning^2', 'fortolding^2',
 'kasser^0.7', 'lager hotel^1', 'frakt fra^2', 'kuljetu*^2', 'rahti^2', 'rahtia^2', 'kontti^1.5', 'kontteja^1.5', 'kuormalava*^1.5', 'varastoint*^2',
 'tulli^1', 'tullaus^2', 'pakkau*^1', 'huolinta^2', 'szállítás*^0.4', 'fuvaroz*^2', 'fuvar^2', 'fuvardíj^2', 'raklap*^1.5', 'raktároz*^2',
 'vámkezel*^2', 'csomagol*^1', 'kartondoboz*^2', 'szállítmányoz*^2', 'transport rutier^2', 'transport marfă^2', 'paleți^1.5', 'depozitare^2',
 'vamă^1.5', 'vamale^1.5', 'cutii de carton^2', 'expediere^1.5', 'перевозк*^2', 'доставк* груз*^2', 'груз^1', 'груза^1.5', 'грузоперевозк*^2',
 'фур^0.7', 'фура^1.5', 'фуры^1.5', 'контейнер*^1.5', 'поддон*^1.5', 'паллет*^1.5', 'складск*^1.5', 'хранени*^1.5', 'таможен*^2', 'упаковк*^1.5',
 'гофрокороб*^2', 'экспедир*^2', 'превоз*^2', 'товар^0.7', 'камион*^1.5', 'палет*^1.5', 'митническ*^2', 'складиран*^2', 'опаковк*^1.5', 'царинск*^2',
 'перевезен*^2', 'вантаж*^2', 'митн*^1.5', 'піддон*^1.5', 'prijevoz*^2', 'prevoz*^2', 'teret*^1', 'paleta^1.5', 'carinjenj*^2', 'carinsk*^2',
 'skladišt*^1.5', 'skladiščen*^2', 'pakiranj*^1', 'kartonsk* kutij*^2', 'colné^1.5', 'skladovanie^2', 'krabíc^1.5', 'pervež*^2', 'krovin*^1.5',
 'konteiner*^1.5', 'padėkl*^1.5', 'muitin*^2', 'sandėliav*^2', 'pakuot*^1', 'pārvadā*^2', 'krav*^1', 'palešu^1.5', 'muit*^1', 'noliktav*^1.5',
 'iepakoj*^1', 'vedu^1.5', 'veod*^1.5', 'veos*^1.5', 'alus^0.5', 'alust^0.7', 'ladustam*^2', 'tolliteenus*^2', 'pakend*^1', 'μεταφορ*^1.5',
 'φορτί*^1.5', 'φορτηγ*^1.5', 'εμπορευματοκιβώτι*^2', 'κοντέινερ^1.5', 'παλέτ*^1.5', 'τελωνεί*^2', 'εκτελωνισμ*^2', 'αποθήκευσ*^1.5',
 'συσκευασί*^1.5', 'χαρτοκιβώτι*^2', 'ναύλο*^2', 'הובלה^2', 'הובלת^2', 'משלוח^0.7', 'מכולה^2', 'מכולות^2', 'משטחים^1.5', 'משאית^1.5', 'שילוח^2',
 'מכס^1.5', 'אחסון^1.5', 'אריזה^1.5', 'קרטונים^2', 'نقل بحري^2', 'نقل بري^2', 'منصات نقالة^1.5', 'طبليات^1.5', 'شاحنات^1.5', 'كراتين^2',
 'صناديق كرتون^2', 'حمل و نقل^2', 'باربری^2', 'کانتینر^2', 'پالت^1.5', 'گمرک^2', 'ترخیص^2', 'بسته بندی^1.5', 'کارتن^1.5', 'परिवहन^2', 'ढुलाई^2',
 'कंटेनर^1.5', 'ट्रक^1.5', 'पैलेट^1.5', 'गोदाम^1.5', 'कार्टन^2', 'पैकेजिंग^1.5', 'माल भाड़ा^2', 'ขนส่ง^2', 'ตู้คอนเทนเนอร์^2', 'พาเลท^1.5',
 'รถบรรทุก^1.5', 'คลังสินค้า^1.5', 'ศุลกากร^2', 'กล่องกระดาษ^2', 'บรรจุภัณฑ์^1.5', 'เฟรท^2', 'vận chuyển^2', 'vận tải^2', 'cước^1.5', 'pallet nhựa^2',
 'pallet gỗ^2', 'kho bãi^2', 'hải quan^2', 'thùng carton^2', 'bao bì^1.5', 'xe tải^1.5', 'pengiriman^0.7', 'angkutan^2', 'kontainer^1.5',
 'peti kemas^2', 'truk^1.5', 'gudang^1.5', 'bea cukai^2', 'kardus^2', 'kemasan^1.5', 'lori^1.5', 'penghantaran^1', 'kotak kadbod^2', 'kastam^1.5',
 '운송료^2', '트럭^1.5', '팔레트^1.5', '박스 제작^1.5', '運送^2', '海上運賃^2', '樹脂パレット^3', 'トラック輸送^2', '运输^1.5', '海运费^2', '空运费^2', '货运^2', '包装箱^2', '栈板^2', '仓库租赁^2',
 '吊装运输^2', 'shipping containers^1.5', 'collect from^1', 'haul from^1.5', 'boxes^0.7', 'packing boxes^2', 'packing tape^2', 'packaging film^1.5',
 'plastic crates^2', 'crates for^1.5', 'air freight rate^2', 'groupage shipment^2', 'moving goods^1.5', 'pallet of goods^1.5', 'pallets from^1.5',
 'pick up from^1.5', 'door delivery^1.5', 'warehouse space^2', 'storage of^1', 'transport von^2', 'fracht von^2', 'spedieren^2', 'kisten^1',
 'kartons^1', 'klebeband^1.5', 'transporter^1', 'transport de^1.5', 'palettes de^0.7', 'caisses^1', 'transporte de^1.5', 'cajas^1', 'palets de^0.7',
 'trasporto di^2', 'scatole^1', 'casse di legno^2', 'transport van^2', 'dozen^0.3', 'transport z^1.5', 'pudeł*^1.5', 'caixas^1', 'transport från^2',
 'lådor^1', 'taşınması^2', 'koli^1', 'přeprava z^2', 'krabice^1.5', 'transport des de^1.5', 'garraio^2', 'transportimi^1.5', 'daşınma^2',
 'flutning*^2', 'usafirishaji^2', 'kargamento^2', 'পরিবহন^2', 'কন্টেইনার^2', 'ترسیل^1.5', 'کنٹینر^2', 'ტრანსპორტ^1.5', 'კონტეინერ^2', 'тасымалдау^2',
 'контейнер^1.5', 'բեռնափոխադրում^2', 'போக்குவரத்து^1.5', 'Stretchfolie^1.5', 'Luftpolsterfolie^1.5', 'film étirable^2', 'film estirable^2',
 'film estensibile^2', 'wikkelfolie^1.5', 'folia stretc*^2', 'bulk bags^2', 'ibc transport^2', 'stretch film^2', 'stretchfolie^2', 'wikkelfolie^2',
 'rekkefolie^2', 'luftpolsterfolie^2', 'folia stretch^2', 'sträckfilm^2', 'strækfilm^2', 'strekkfilm^2', 'kiristekalvo^2', 'streç film^2',
 'стрейч*^2', '拉伸膜^2', 'ストレッチフィルム^2', 'mover^1', 'trasladar^1.5', 'plataforma abierta^2', 'tarifa por viaje^1.5', 'cardboard box*^2', 'relocat*^1.5',
 'removal of^1', 'bulk bag*^1', 'fragile tape^2', 'from port^1', 'pickup from^1', 'semi-remorque*^2', 'and take them to^1.5', 'collect and take^1.5',
 'machinery mover*^2', 'customs and haulage^2', 'parcels a month^2', 'pick', 'pack and storage^2', 'crating and shipping^2', 'full load^1',
 'rate request^2', 'freight rate*^2', 'relocation of machin*^1.5', 'all-in-rate^2', 'all in rate^2', 'spedition*^1.5', 'abholung und transport^1.5',
 'schwertransport*^2', 'verzoll*^2', 'lagerplätze^1.5', 'palettenstellpl*^2', 'transport frigo^2', 'tarif à la palette^2', 'départ chaque^1',
 'grúa y transporte^1.5', 'despacho aduanal^2', 'aduana*^1.5', 'almacén con^0.8', 'bancali da^2', 'spedizion*^1.5', 'ritiro giovedì^1',
 'vervoer van^2', 'vrachtprijs^2', 'verhuiz*^1.5', 'stawk*^0.8', 'transport palet^2', 'spedycj*^2', 'picking e expedição^2', 'armazém com^1.5',
 'desalfandeg*^2', 'skladov*^1.2', 'stěhov*^1.5', 'prepravu^2', 'sťahov*^1.5', 'költöztet*^1.5', 'de transportat^2', 'transport marf*^2',
 'vamal*^1.5', 'mutare^1.2', 'încărca^0.8', 'expediție^1.5', 'доставка груз*^2', 'грузоперевоз*^2', 'растаможк*^2', 'переезд^1.2',
 'склад ответхранен*^2', 'ответственное хранение^2', 'розмитнен*^2', 'переїзд^1.2', 'спедици*^2', 'складиране^2', 'преместване^1.2', 'špedicij*^2',
 'skladišten*^2', 'selidb*^1.5', 'selitv*^1.5', 'μεταφορά^2', 'μεταφοράς^2', 'αποθήκευση^1.5', 'μετακόμιση^1.5', 'rahti*^1.5', 'huolinta*^2',
 'tulli*^1.2', 'varastointi*^2', 'muutto*^1.2', 'frakt*^1.5', 'transport av^1.5', 'flytt av^1.5', 'spedit*^2', 'fragt*^1.5', 'transport af^1.5',
 'told^1', 'flytning^1.2', 'oppbevaring^1.2', 'konteyner^1.2', 'الشحن^1.5', 'نقل بضائع^2', 'تخليص جمركي^2', 'ترخیص گمرک^2', 'انبارداری^1.5',
 'עמילות מכס^2', 'गोदाम में^0.6', 'ค่าขนส่ง^2', 'พิธีการศุลกากร^2', 'ย้ายเครื่องจักร^1.5', 'cước biển^2', 'thuê kho^2', 'angkut^1.5',
 'pengiriman barang^1.5', 'sewa gudang^2', 'ongkos kirim^1.5', '보관료^2', '이전 설치^1.2', '保管料^2', '引越^1.5', '混載^1.5', 'carnet*^1.5', 'genehmigungen^0.9',
 'przewoźnik*^2', 'chłodnia^1.2', 'chłodni^1.2', 'walze nach^0.6', 'heavy haul*^2', 'exceptional load*^2'
], false),
('services', 'Work, not goods: calibration, testing, inspection, certification, repair and maintenance, engineering, consulting, training, cleaning, security, IT, software and staffing.', array[
 'calibration^2', 'calibrate^2', 'iso 17025^2', 'iso/iec 17025^2', 'accredited^1.5', 'testing^1', 'test lab*^2', 'laboratory^1', 'tensile test*^1.5',
 'salt spray^1', 'emc test*^2', 'ndt^1.5', 'ndt inspection^2', 'ultrasonic test*^1.5', 'radiograph*^1.5', 'dye penetrant^1.5',
 'magnetic particle^1.5', 'inspection^1.5', 'inspector^1.5', 'third party inspection^2', 'audit^2', 'auditor^2', 'certification^1',
 'certification body^2', 'ce marking^1.5', 'risk assessment^2', 'survey^1', 'thermograph*^2', 'vibration analysis^2', 'laser alignment^1.5',
 'condition monitoring^1', 'metrology^1', 'cmm measurement^1.5', 'thermal mapping^2', 'validation^1', 'iq/oq^0.7', 'feasibility^1',
 'engineering services^2', 'design services^2', 'structural calculation^1.5', 'fea^1.5', 'finite element^1.5', 'cfd^1.5', 'simulation^1',
 'reverse engineering^1', '3d scan*^1.5', 'cad work^1.5', 'project management^1.5', 'consultancy^1.5', 'consultant^1.5', 'consulting^1.5',
 'consultancy^2', 'expert opinion^1.5', 'technical writing^2', 'technical documentation^1', 'translation^2', 'translate^2', 'interpreter^2',
 'localisation^1.5', 'training^1.5', 'workshop^0.5', 'e-learning^1.5', 'trainer^1.5', 'seminar^1.5', 'maintenance', 'maintenance contract^2',
 'preventive maintenance', 'service contract^2', 'service agreement^2', 'service level^1.5', 'sla^1.5', 'framework agreement^0.5', 'annual service^2',
 'servicing^1.5', 'repair^1.5', 'repairs^1.5', 'overhaul^1.5', 'refurbish*^0.7', 'rewind*^1', 'technician^1.5', 'technicians^1.5', 'engineer visit^2',
 'field service^2', 'on-site^0.3', 'on site support^1.5', 'call-out^1.5', 'callout^1.5', 'hourly rate^2', 'day rate^2', 'man-days^2', 'mandays^2',
 'person-days^2', 'man hours^1.5', 'per hour^1', 'shutdown^1', 'turnaround^0.7', 'dismantl*^1', 'disposal^1', 'waste disposal^1.5',
 'waste collection^1.5', 'decontamination^1.5', 'cleaning^1.5', 'cleaning service^2', 'janitorial^2', 'window cleaning^2', 'tank cleaning^1.5',
 'pest control^2', 'grounds maintenance', 'gardening^1.5', 'facility management^2', 'facilities management^2', 'catering^1.5', 'security guard^2',
 'guarding^2', 'security service^2', 'staffing^2', 'temporary staff^2', 'temporary workers^2', 'agency workers^2', 'recruitment^1.5', 'payroll^2',
 'accounting^2', 'bookkeeping^2', 'photography^1.5', 'video production^2', 'marketing^1', 'web design^2', 'website^1', 'software',
 'software development^2', 'app development^2', 'mobile app^2', 'erp^0.9', 'crm^1.5', 'licences^1', 'licenses^1', 'saas^2', 'subscription^1',
 'cloud^0.9', 'hosting^2', 'managed services^2', 'it support^2', 'helpdesk^2', 'help desk^2', 'penetration test*^2', 'pentest^2', 'cyber security^2',
 'cybersecurity^2', 'data migration^2', 'database^1', 'network support^1', 'backup^1', 'api integration^1.5', 'dpo^1', 'gdpr^1',
 'statement of work^2', 'sow^1.5', 'scope of work^1', 'outsourc*^1', 'rental^0.7', 'rent^0.7', 'hire^0.7', 'leasing^0.7', 'lease^0.7',
 'coating service', 'sandblasting^0.7', 'kalibrier*^2', 'dakks^2', 'prüfung^1', 'prüfstelle^2', 'prüflabor^2', 'prüfen', 'werkstoffprüfung^1.5',
 'ultraschallprüfung^1.5', 'dguv^2', 'uvv^2', 'begutachtung^1.5', 'gutachten^2', 'zertifizierung^1.5', 'inspektion^1.5', 'wartung^2',
 'wartungsvertrag^2', 'instandhaltung^2', 'instandsetzung^1.5', 'reparatur^1.5', 'überholung^1.5', 'dienstleist*^1.5', 'beratung^2', 'berater^1.5',
 'schulung^2', 'ingenieurleistung^2', 'konstruktionsdienst*^2', 'statik^1', 'übersetzung^2', 'reinigung^1.5', 'unterhaltsreinigung^2',
 'gebäudereinigung^2', 'entsorgung^1.5', 'winterdienst^2', 'wachdienst^2', 'bewachung^2', 'zeitarbeit^2', 'personaldienst*^2',
 'softwareentwicklung^2', 'lizenzen^1', 'wartungs- und^1', 'stundensatz^2', 'tagessatz^2', 'monteur^1.5', 'techniker^1', 'vermietung^0.7',
 'mieten^0.7', 'kantine', 'rahmenvertrag^0.5', 'étalonnage^2', 'étalonner^2', 'cofrac^2', 'essais^1', 'laboratoire^1', 'contrôle non destructif^2',
 'contrat de maintenance', 'entretien^1.5', 'réparation^1.5', 'dépannage^1.5', 'révision^1', 'prestation^1.5', 'prestations^1.5',
 'bureau d études^1.5', 'étude de faisabilité^2', 'conseil^1.5', 'formation^2', 'traduction^2', 'nettoyage^1.5', 'gardiennage^2', 'intérim^2',
 'logiciel^1.5', 'développement logiciel^2', 'hébergement^1.5', 'infogérance^2', 'taux horaire^2', 'location^0.7', 'technicien^1',
 'collecte de déchets^1.5', 'calibración^2', 'calibrar^2', 'enac^1.5', 'ensayo^1', 'ensayos^1.5', 'laboratorio^1', 'inspección^1.5', 'auditoría^2',
 'certificación^1', 'mantenimiento^2', 'contrato de mantenimiento^2', 'reparación^1.5', 'revisión^1', 'servicio^0.7', 'servicios^1', 'consultoría^2',
 'asesoría^2', 'ingeniería^1', 'formación^1.5', 'capacitación^2', 'traducción^2', 'limpieza^1.5', 'vigilancia^1.5', 'seguridad privada^2',
 'trabajo temporal^2', 'desarrollo de software', 'licencias^1', 'alquiler^0.7', 'gestión de residuos^1.5', 'taratura^2', 'tarature^2',
 'calibrazione^2', 'accredia^2', 'collaudo^1', 'ispezione^1.5', 'verifica^0.7', 'certificazione^1', 'manutenzione^2', 'contratto di manutenzione^2',
 'riparazione^1.5', 'revisione^1', 'assistenza^1.5', 'servizio^0.7', 'servizi^1', 'consulenza^2', 'progettazione^1.5', 'formazione^1.5', 'corso^1',
 'traduzione^2', 'pulizia^1.5', 'pulizie^2', 'vigilanza^1.5', 'sviluppo software', 'licenze^1', 'noleggio^0.7', 'smaltimento^1.5', 'kalibratie^2',
 'kalibreren^2', 'keuring^1.5', 'keuren^1.5', 'inspectie^1.5', 'onderhoud^2', 'onderhoudscontract^2', 'reparatie^1.5', 'revisie^1.5',
 'dienstverlening^2', 'advies^1', 'opleiding^1.5', 'vertaling^2', 'vertaal*^1.5', 'schoonmaak^2', 'beveiliging^1', 'uitzend*^1.5',
 'softwareontwikkeling^2', 'verhuur^0.7', 'huren^0.7', 'afvalverwerking^1.5', 'kalibrac*^2', 'wzorcowani*^2', 'badani*^1.5', 'laborator*^1',
 'inspekcj*^1.5', 'audyt*^2', 'certyfikacj*^1', 'przegląd*^1.5', 'konserwacj*^2', 'serwis*^1.5', 'utrzymani*^1', 'napraw*^1.5', 'remont*^0.7',
 'usług*^1.5', 'doradztw*^2', 'szkoleni*^2', 'projektowani*^1', 'tłumaczeni*^2', 'sprzątani*^2', 'ochron*^1', 'oprogramowani*^1.5', 'licencj*^1',
 'wynaj*^0.7', 'utylizacj*^1.5', 'calibração^2', 'aferição^1.5', 'ensaios^1.5', 'laboratório^1', 'inspeção^1.5', 'auditoria^2', 'certificação^1',
 'manutenção^2', 'contrato de manutenção^2', 'reparação^1.5', 'reparo^1.5', 'conserto^1.5', 'assistência técnica^2', 'serviço^0.7', 'serviços^0.5',
 'consultoria^2', 'treinamento^2', 'formação^1.5', 'tradução^2', 'limpeza^1.5', 'vigilância^1.5', 'desenvolvimento de software', 'licenças^1',
 'aluguel^0.7', 'aluguer^0.7', 'kalibrering^2', 'provning^1.5', 'besiktning^2', 'certifiering^1', 'underhåll^2', 'underhållsavtal^2',
 'serviceavtal^2', 'reparation^1.5', 'renovering^0.5', 'tjänst^1', 'konsult*^1.5', 'utbildning^2', 'översättning^2', 'städning^2', 'lokalvård^2',
 'bevakning^1.5', 'bemanning^2', 'programvara^1.5', 'mjukvaruutveckling^2', 'uthyrning^0.7', 'timpris^2', 'tekniker^1', 'kalibrasyon*^2',
 'test hizmet*^1.5', 'muayene^1.5', 'denetim^1.5', 'belgelendirme^1.5', 'bakım*^1.5', 'bakım sözleşmesi^2', 'periyodik bakım^2', 'tamir*^1.5',
 'onarım*^1.5', 'revizyon^1', 'servis^1', 'hizmet*^1', 'danışmanlık^2', 'eğitim*^1.5', 'mühendislik^1', 'çeviri^2', 'tercüme^2', 'temizlik^1.5',
 'güvenlik hizmet*^2', 'yazılım*^1.5', 'lisans^1', 'kiralama^0.7', 'bertaraf^1.5', 'zkoušk*^1', 'zkušebn*^1.5', 'laboratoř*^1', 'inspekc*^1.5',
 'revize^1.5', 'revizní^1.5', 'audit*^2', 'certifikac*^1', 'údržb*^2', 'servis*^1.5', 'oprav*^1.5', 'služb*^1', 'poradenstv*^2', 'školení^2',
 'projekční^1.5', 'překlad^2', 'překlady^2', 'úklid*^2', 'ostrah*^2', 'licenc*^1', 'pronájem*^0.7', 'likvidac*^1.5', 'hodinov* sazb*^2', '校准^2',
 '检定^2', '检测^1.5', '检验^1', '维修^2', '保养^2', '维护^1.5', '服务^1', '咨询^1', '培训^2', '翻译^2', '清洁^1.5', '保安^2', '软件开发^2', '软件^1.5', '租赁^0.7', '校正^2', '検査^1',
 '点検^2', '修理^2', '保守^2', 'メンテナンス^2', '整備^1.5', '作業員^1', '研修^2', '翻訳^2', '清掃^1.5', 'ソフトウェア^1.5', 'システム開発^2', 'レンタル^0.7', '교정^2', '시험^1', '검사^1',
 '유지보수^2', '수리^2', '용역^1.5', '교육^1.5', '번역^2', '청소^1.5', 'صيانة^2', 'معايرة^2', 'إصلاح^1.5', 'تدريب^2', 'ترجمة^2', 'تنظيف^1.5', 'استشار*^2',
 'thickness measurement^2', 'wall thickness^0.7', 'ultrasonic thickness^2', 'class survey^2', 'drydock^1.5', 'dry dock^1.5', 'ship repair^2',
 'vessel repair^1.5', 'charpy^2', 'tensile^1.5', 'hardness test*^2', 'specimen^1.5', 'specimens^2', 'macro^1', 'test report^1.5', 'test reports^1.5',
 'a2la^2', 'ukas^1.5', 'astm e8^2', 'astm e23^2', 'material testing^2', 'failure analysis^2', 'metallograph*^2', 'chemical analysis^2',
 'lab analysis^2', 'water analysis^2', 'soil sampling^1.5', 'emission measurement^2', 'noise measurement^2', 'stack test*^2', 'balancing^2',
 'dynamic balancing^2', 'alignment^1.5', 'endoscopy^1.5', 'borescope^2', 'drone inspection^2', 'rope access^2', 'lifting inspection^2', 'loler^2',
 'crane inspection^2', 'certified inspector^2', 'pressure test^0.5', 'leak test^0.7', 'leak detection^1.5', 'commissioning support^1',
 'supervision^0.5', 'expediting^1.5', 'owner s engineer^2', 'fatigue^1.5', 'fea check^2', 'remaining life^2', 'independent^0.7', 'opinion^0.7',
 'expert^1', 'expertise^1', 'study^1.5', 'feasibility study^1.5', 'feasibility studies^1.5', 'design review^2', 'hazop^2', 'sil assessment^2',
 'atex assessment^2', 'energy audit^2', 'fire risk^1.5', 'safety audit^2', 'environmental impact^2', 'permit application^1.5', 'patent^1.5',
 'notary^1.5', 'legal advice^2', 'trained^1.2', 'operators trained^2', 'train our^2', 'trainers^1.5', 'simulator^1', 'classroom^1', 'instructor^2',
 'apprentices^1', 'certificate of competence^1.5', 'competence^1', 'welding training^1.5', 'first aid course^1.5', 'language course^2',
 'coaching^1.5', 'team building^1.5', 'corrective maintenance', 'quarterly call out^1.5', 'response time^1', '24/7^1', 'repair of^2', 'repaired^1.5',
 'repairing^1.5', 'broken^0.7', 'failed^0.5', 'diagnos*^1.5', 'troubleshoot*^1.5', 'fault finding^2', 'rewind^1.5', 'motor repair^2', 'pump repair^2',
 'gearbox repair^2', 'overhauled^1', 'overhaul of^2', 'reconditioning^1.5', 'recondition^1.5', 'retubing^2', 'refractory repair^1.5',
 'on-site machining^2', 'in-situ machining^2', 'line boring^2', 'weld repair^1.5', 'hot tapping^2', 'chemical cleaning^2', 'pickling^1',
 'dry ice blasting^2', 'hydro blasting^2', 'high pressure cleaning^2', 'duct cleaning^2', 'facade cleaning^2', 'carpet cleaning^2',
 'office cleaning^2', 'cleaners^1.5', 'waste removal^2', 'skip hire^1.5', 'scrap collection^1.5', 'snow clearance^2', 'mowing^1.5', 'tree surgery^2',
 'catering service^2', 'canteen^1.5', 'guards^1.5', 'reception^0.3', 'chauffeur^1', 'bus hire^1.5', 'crane hire^1.5', 'crane with operator^1.5',
 'equipment rental^1.5', 'generator hire^1', 'forklift rental^1.5', 'scaffolding hire^0.5', 'labour^1', 'labor^0.7', 'manpower^2', 'welders for^1.5',
 'fitters^1.5', 'electricians^0.6', 'contractors^0.5', 'secondment^1.5', 'interim^1', 'software engineer^2', 'developers^1.5', 'programmer^0.7',
 'web shop^2', 'webshop^2', 'online shop^2', 'ecommerce^2', 'e-commerce^2', 'landing page^2', 'microsoft 365^2', 'office 365^2', 'sap^1.5',
 'salesforce^1.5', 'user licences^2', 'user licenses^2', 'support contract^2', 'server^0.6', 'servers^1', 'firewall^1.5', 'data protection^1.5',
 'iso 27001^1.5', 'it services^2', 'it infrastructure^1.5', 'network^0.5', 'wifi^1', 'brochure design^1.5', 'graphic design^2', 'video^1',
 'photographer^2', 'certified translation^2', 'proofreading^2', 'market research^2', 'audit of^1.5', 'supplier audit^2', 'ce conformity^2',
 'conformity assessment^2', 'notified body^2', 'product certification^2', 'type test^1.5', 'type approval^1.5', 'iso 9001 certification^2',
 'prüfungen^1.5', 'messung^1', 'messungen^1.5', 'dickenmessung^2', 'wandstärkenmessung^2', 'thermografie^2', 'schwingungsmessung^2', 'auswuchten^2',
 'ausrichten^1.5', 'betriebswuchten^2', 'zugversuch^2', 'härteprüfung^2', 'materialprüfung^2', 'schadensanalyse^2', 'kalibrieren^2', 'kalibrierung^2',
 'dguv v3^2', 'e-check^2', 'uvv-prüfung^2', 'tüv^1.5', 'sachverständig*^2', 'abnahme^0.5', 'konformitätsbewertung^2', 'ce-kennzeichnung^1.5',
 'risikobeurteilung^2', 'fem-berechnung^2', 'statische berechnung^1.5', 'planung^1', 'planungsleistung*^2', 'machbarkeitsstudie^2', 'bauleitung^1',
 'schulungen^2', 'unterweisung^2', 'lehrgang^2', 'kurs^1', 'staplerschein^2', 'service^0.7', 'servicevertrag^2', 'störung^0.7',
 'störungsbeseitigung^2', 'ersatzteile^0.3', 'reparieren^1.5', 'generalüberholung^2', 'grundreinigung^2', 'glasreinigung^2', 'industriereinigung^2',
 'tankreinigung^2', 'grünpflege^2', 'hausmeister^2', 'sicherheitsdienst^2', 'leiharbeit*^2', 'montagepersonal^2', 'fachkräfte^1.5', 'mietgerät*^1.5',
 'miete^0.7', 'arbeitsbühne^1', 'programmierer^1', 'webseite^2', 'it-support^2', 'it-dienstleist*^2', 'softwarelizenz*^2', 'datenschutz^1.5',
 'steuerberater^2', 'rechtsanwalt^2', 'übersetzungen^2', 'dolmetscher^2', 'mesures^1', 'thermographie^2', 'thermographique^2', 'analyse vibratoire^2',
 'équilibrage^2', 'alignement^1.5', 'contrôle technique^1.5', 'vérification périodique^2', 'vérification^1.5', 'essais mécaniques^2', 'analyses^1',
 'laboratoire d essais^2', 'mise en conformité^1.5', 'évaluation des risques^2', 'calcul de structure^1.5', 'étude^1.5', 'études^1.5',
 'maîtrise d œuvre^2', 'formations^2', 'formateur^2', 'habilitation^1.5', 'caces^2', 'entretien annuel^2', 'prestataire^1.5', 'intervention^1',
 'dépanner^2', 'réparer^1.5', 'remise en état^1.5', 'nettoyage industriel^2', 'espaces verts^2', 'sécurité privée^2', 'restauration collective^2',
 'personnel intérimaire^2', 'main d œuvre^1.5', 'location de^1', 'site web^2', 'site internet^2', 'support informatique^2', 'traducteur^2',
 'interprète^2', 'comptabilité^2', 'avocat^1.5', 'medición^1', 'mediciones^1.5', 'termografía^2', 'análisis de vibraciones^2', 'equilibrado^2',
 'alineación^1.5', 'peritaje^2', 'ensayos no destructivos^2', 'ensayos mecánicos^2', 'laboratorio de ensayos^2', 'inspecciones^1.5',
 'revisión periódica^2', 'evaluación de riesgos^2', 'marcado ce^1', 'cálculo estructural^1.5', 'estudio^1.5', 'estudio de viabilidad^2',
 'proyecto de ingeniería^1.5', 'cursos^2', 'curso^1.5', 'formador^2', 'mantenimiento preventivo^2', 'mantenimiento correctivo^2', 'reparar^1.5',
 'reparaciones^1.5', 'avería^0.7', 'limpieza industrial^2', 'jardinería^2', 'vigilantes^2', 'comedor^1', 'mano de obra^1.5', 'alquiler de^1',
 'página web^2', 'informática^1.5', 'soporte técnico^1', 'traducciones^2', 'intérprete^2', 'contabilidad^2', 'abogado^1.5', 'certificación iso^2',
 'misure^0.5', 'misurazioni^1.5', 'termografia^2', 'analisi vibrazioni^2', 'equilibratura^2', 'allineamento^1.5', 'perizia^2',
 'controlli non distruttivi^2', 'prove meccaniche^2', 'prove di laboratorio^2', 'ispezioni^1.5', 'verifica periodica^2', 'verifiche^1.5',
 'valutazione dei rischi^2', 'marcatura ce^0.7', 'calcolo strutturale^1.5', 'studio di fattibilità^2', 'corsi^2', 'formatore^2', 'addestramento^2',
 'manutenzione preventiva^2', 'manutenzione ordinaria^2', 'riparare^1.5', 'riparazioni^1.5', 'pulizia industriale^2', 'giardinaggio^2',
 'guardiania^2', 'mensa^1', 'personale^0.5', 'manodopera^1.5', 'noleggio di^1', 'sito web^2', 'sviluppo^0.7', 'assistenza tecnica^2', 'traduzioni^2',
 'interprete^2', 'contabilità^2', 'avvocato^1.5', 'metingen^1.5', 'meting^1', 'trillingsanalyse^2', 'balanceren^2', 'uitlijnen^1.5', 'ndo^2',
 'keuringen^2', 'inspecties^1.5', 'nen 3140^2', 'risicobeoordeling^2', 'ce-markering^1', 'sterkteberekening^1.5', 'haalbaarheidsstudie^2', 'cursus^2',
 'trainingen^2', 'repareren^1.5', 'reparaties^1.5', 'preventief onderhoud^2', 'storingsdienst^2', 'industriële reiniging^2', 'groenonderhoud^2',
 'bewaking^2', 'personeel^0.7', 'uitzendkrachten^2', 'huur^0.7', 'ict^1.5', 'licenties^1', 'vertalingen^2', 'tolk^2', 'accountant^2', 'pomiar*^1',
 'termowizj*^2', 'termografi*^2', 'analiz* drgań^2', 'wyważani*^2', 'osiowani*^2', 'ekspertyz*^2', 'badania nieniszczące^2', 'badań^1.5',
 'przeglądy^2', 'przegląd okresowy^2', 'odbiór udt^2', 'ocena ryzyka^2', 'obliczenia wytrzymałościowe^2', 'studium wykonalności^2', 'kurs*^1.5',
 'szkolenia^2', 'konserwacja^2', 'naprawa^1.5', 'naprawy^1.5', 'serwisow*^1.5', 'diagnostyk*^1.5', 'czyszczeni* przemysłow*^2', 'czyszczeni*^1',
 'zieleni^1.5', 'ochrona obiektu^2', 'catering*^1.5', 'pracownik*^0.7', 'agencja pracy^2', 'wynajem^1', 'strona internetowa^2', 'stron* www^2',
 'informatyczn*^1.5', 'tłumaczenia^2', 'księgow*^2', 'prawn*^1', 'medições^1.5', 'análise de vibração^2', 'balanceamento^2', 'alinhamento^1.5',
 'laudo^2', 'perícia^2', 'ensaios não destrutivos^2', 'inspeções^1.5', 'avaliação de riscos^2', 'nr-12^1.5', 'cálculo estrutural^1.5',
 'estudo de viabilidade^2', 'treinamentos^2', 'manutenção preventiva^2', 'manutenção corretiva^2', 'reparos^1.5', 'consertar^1.5',
 'limpeza industrial^2', 'jardinagem^2', 'segurança patrimonial^2', 'refeitório^1', 'mão de obra^1.5', 'locação^1', 'desenvolvimento web^2',
 'suporte de ti^2', 'traduções^2', 'contabilidade^2', 'advogado^1.5', 'mätning*^1', 'termografering^2', 'vibrationsanalys^2', 'balansering^2',
 'uppriktning^1.5', 'oförstörande provning^2', 'ofp^2', 'dragprov^2', 'besiktningar^2', 'riskbedömning^2', 'hållfasthetsberäkning^2', 'förstudie^2',
 'utbildningar^2', 'reparera^1.5', 'reparationer^1.5', 'felsökning^2', 'förebyggande underhåll^2', 'industrirengöring^2', 'trädgårdsskötsel^2',
 'väktare^2', 'hyra^0.7', 'webbplats^2', 'it-stöd^2', 'licenser^1', 'översättningar^2', 'redovisning^2', 'elrevision^2', 'ölçüm hizmeti^2',
 'termal kamera^1.5', 'titreşim analizi^2', 'balans^1.5', 'balans alma^2', 'kaplin ayarı^2', 'ekspertiz^2', 'tahribatsız muayene^2', 'çekme testi^2',
 'periyodik kontrol^2', 'risk değerlendirme*^2', 'ce belgesi^1.5', 'statik hesap^1.5', 'fizibilite^2', 'eğitimi^2', 'bakım anlaşması^2', 'onarımı^2',
 'tamiri^2', 'arıza giderme^2', 'endüstriyel temizlik^2', 'peyzaj^1.5', 'personel temin*^2', 'işçilik^1', 'kiralık^1', 'web sitesi^2',
 'yazılım geliştirme^2', 'tercüman^2', 'muhasebe^2', 'taşeron^1', 'měření^1', 'termovize^2', 'vibrodiagnostik*^2', 'vyvažován*^2', 'ustavení^1',
 'posudek^2', 'posudky^2', 'nedestruktivní^2', 'revize elektro^2', 'tahov* zkoušk*^2', 'posouzení rizik^2', 'pevnostní výpočet^2',
 'machbarkeitsstudie^2', 'oprava^1.5', 'opravy^1.5', 'opravu^1.5', 'servisní smlouv*^2', 'preventivní údržb*^2', 'diagnostik*^1.5', 'čištění^1',
 'průmyslov* čištění^2', 'zahradnick*^1.5', 'agenturní pracovní*^2', 'zaměstnanc*^0.5', 'webov* stránk*^2', 'tlumočen*^2', 'účetnictví^2', '无损检测^2',
 '探伤^2', '测厚^2', '动平衡^2', '振动分析^2', '认证^1.5', '评估^1.5', '审核^1.5', '培训课程^2', '大修^2', '检修^2', '年检^2', '物业^1.5', '保洁^2', '劳务^2', '网站^2', '開放検査^2',
 '肉厚測定^2', '探傷^2', '非破壊検査^2', '試験^1.5', '振動診断^2', '定期点検^2', '保守契約^2', '講習^2', '教育^1', '派遣^1.5', '調査^1', '診断^1.5', '認証^1.5', '警備^2', 'ウェブサイト^2',
 '비파괴^2', '두께측정^1.5', '진단^1.5', '정비^2', '점검^2', '컨설팅^2', '인증^1.5', '통역^2', '경비^1.5', '웹사이트^2', 'فحص^1.5', 'تفتيش^1.5', 'عقد صيانة^2',
 'دورة تدريبية^2', 'خدمات^1', 'حراسة^2', 'موقع إلكتروني^2', 'kurzy^1.5', 'upkeep^2', 'snow clear*^2', 'gritting^2', 'winterdienst*^2', 'retest^1.5',
 'trips^0.3', 'technician visit^2', 'scanning^1.5', 'laser scan*^2', 'as-built^1.5', 'point cloud^0.9', 'cad model^1.5', 'cad models^2',
 'reverse engineer*^2', 'obsolete^0.7', 'statutory inspection*^2', 'periodic inspection*^2', 'noise survey^2', 'noise measurement*^2', 'sampling^1.5',
 'fem^1.5', 'fatigue calculation*^2', 'calculation*^1', 'stamped report^2', 'chartered engineer^2', 'written report^2', 'report^0.7', 'day rates^2',
 'temporary work*^2', 'temp staff^2', 'wpq^1', 'coded welder*^2', 'welders^1', 'traduttor*^2', 'traduzion*^2', 'traducci*^2', 'traductor*^2',
 'traduction*^2', 'traduç*^2', 'übersetz*^2', 'tłumacz*^2', 'översätt*^2', 'çeviri*^2', 'překlad*^2', 'contrôle périodique^2.5',
 'contrôle réglementaire^2.5', 'contrat d entretien^2.5', 'bureau de contrôle^2', 'ente notificato^1.5', 'corso di formazione^2.5', 'serwis^1.5',
 'ochrona obiekt*^2', 'schoonmaak*^2', 'opleiding*^1.5', 'kalibrat*^2', 'beveiliging*^1.5', 'yıllık bakım^2.5', 'bakım sözleşme*^2.5', 'bakım^1.5',
 'kalibrasyon^2', 'eğitim^1.5', 'besiktning*^2', 'utbildning*^1.5', 'wartungsvertrag*^2.5', 'instandhaltung*^2', 'prüfung der^1.5', 'schulung*^2',
 'unterweisung*^2', 'statikberechnung*^2', 'ausführungsplanung^2', '检测服务^2', '清洁服务^2', 'remont kapitalny^2.5', 'retube*^2', 'revamp*^1',
 'hors service^1', 'recondition*^1.5', 'rebuild*^1', 'störungsbehebung^2.5', 'entstörung^2', 'onarım^1.5', 'stundenbasis^2.5', 'auf stundenbasis^2.5',
 'hourly basis^2.5', 'to service our^2.5', 'response within^1.5', 'response time*^1', 'programmierer auf^2', 'drone^1.5', 'asbestos survey*^2.5',
 'régie^1.5', 'por horas^2', 'a ore^1', 'forklift driver^2', 'forklift drivers^2', 'lifting equipment inspection^2.5', 'statutory inspection^2.5',
 'pat testing^2', 'operator training^2', 'dry docking^2.5', 'hull blasting^2', 'hull^1', 'shot blast*^1', 'load test^2', 'gauge calibration^2',
 'contract hire^1', 'forklift hire^1.5', 'translation service*^2', 'legionella^1.5', 'welding inspector^2', 'welder qualif*^2', 'hire of staff^1.5',
 'site supervisor^1', 'commissioning engineer^1.5', 'wiederkehrende prüfung^2', 'staplerfahrer^2', 'arbeitnehmerüberlassung^2',
 'formation caristes^2', 'contrôle réglementaire^2', 'empilhador*^0.5', 'formação de^2', 'curso de^1.5', 'calibración de^2', 'kalibracj*^2',
 'školen*^2', 'vedligehold*^1.5', 'vedlikehold*^1.5', 'eftersyn^2', 'inspeksjon^1.5', 'oplæring^1.5', 'opplæring^1.5', 'rengøring^1.5', 'renhold^1.5',
 'reparasjon^1.5', 'kalibrointi^2', 'kalibroin*^2', 'huolto*^1.5', 'huollo*^1.5', 'korjau*^1.5', 'tarkastu*^1.5', 'koulutu*^1.5', 'siivou*^1.5',
 'kalibrál*^2', 'karbantart*^2', 'javítás*^1.5', 'felülvizsgál*^2', 'oktatás*^1.5', 'képzés*^1.5', 'takarítás*^2', 'calibrare^2', 'etalonare^2',
 'mentenanță^2', 'întreținere^1.5', 'reparați*^1.5', 'inspecți*^1.5', 'instruire^1.5', 'curățenie^2', 'traducere^2', 'калибровк*^2', 'поверк*^2',
 'ремонт*^1.5', 'обслуживани*^1.5', 'обучени*^2', 'уборк*^1.5', 'испытани*^1.5', 'инспекц*^1.5', 'экспертиз*^1.5', 'перевод документ*^2',
 'калибриран*^2', 'поддръжк*^1.5', 'обучение^1.5', 'почистван*^1.5', 'одржавањ*^1.5', 'поправк*^1.5', 'обук*^1', 'калібруван*^2', 'повірк*^2',
 'обслуговуван*^1.5', 'навчанн*^1.5', 'прибиранн*^1.5', 'umjeravanj*^2', 'održavanj*^1.5', 'popravak^1.5', 'popravk*^1', 'obuk*^1', 'čišćenj*^1.5',
 'ispitivanj*^1.5', 'umerjanj*^2', 'vzdrževanj*^1.5', 'popravil*^1.5', 'usposabljanj*^2', 'kalibráci*^2', 'školenie^2', 'upratovan*^2', 'kalibrav*^2',
 'priežiūr*^1', 'mokym*^1.5', 'valym*^1.5', 'kalibrēšan*^2', 'apkop*^1.5', 'apmācīb*^2', 'uzkopšan*^2', 'kalibreerim*^2', 'hooldus*^1.5',
 'remonti^1.5', 'koolitus*^2', 'koristus*^2', 'βαθμονόμηση^2', 'διακρίβωση^2', 'συντήρηση^2', 'επισκευ*^1.5', 'εκπαίδευση^2', 'καθαρισμ*^1.5',
 'επιθεώρηση^2', 'כיול^2', 'תחזוקה^2', 'תיקון^1.5', 'הדרכה^2', 'בדיקה תקופתית^2', 'ניקיון^2', 'שירותי^1', 'תרגום^2', 'کالیبراسیون^2', 'تعمیر^2',
 'نگهداری^1.5', 'آموزش^2', 'بازرسی^1.5', 'कैलिब्रेशन^2', 'मरम्मत^2', 'रखरखाव^2', 'प्रशिक्षण^2', 'सफाई^1.5', 'निरीक्षण^1.5', 'สอบเทียบ^2', 'ซ่อม^1',
 'ซ่อมบำรุง^2', 'บำรุงรักษา^2', 'ฝึกอบรม^2', 'ทำความสะอาด^1.5', 'ตรวจสอบ^0.7', 'hiệu chuẩn^2', 'kiểm định^2', 'bảo trì^2', 'bảo dưỡng^2',
 'sửa chữa^2', 'đào tạo^2', 'vệ sinh công nghiệp^2', 'dịch thuật^2', 'kalibrasi^2', 'perawatan^1.5', 'perbaikan^1.5', 'pelatihan^2',
 'pembersihan^1.5', 'inspeksi^1.5', 'penentukuran^2', 'penyelenggaraan^1.5', 'latihan^1', 'pembaikan^1.5', '검교정^2', '保守点検^2', 'servicing of^2',
 'maintenance of^2', 'calibration of^2', 'inspection of^2', 'training for^2', 'training course^2', 'courses^1', 'certification of^1.5',
 'survey of^1.5', 'testing of^2', 'cleaning of^2', 'rental of^1.5', 'hire of^1.5', 'engineers for^1', 'technicians for^1.5', 'installation of^0.5',
 'wartung von^2', 'reparatur von^2', 'prüfung von^2', 'reinigung von^2', 'miete von^1.5', 'maintenance de^1.5', 'réparation de^2', 'contrôle de^1',
 'mantenimiento de^2', 'reparación de^2', 'manutenzione di^2', 'corso di^1.5', 'onderhoud van^2', 'reparatie van^2', 'sprzątan*^2', 'manutenção de^2',
 'service av^1.5', 'reparation av^2', 'bakımı^1.5', 'údržba^1.5', 'úklid^2', 'manteniment^2', 'reparació^2', 'mantentze^1.5', 'mirëmbajtje^2',
 'riparim^2', 'təmir^2', 'viðhald^2', 'viðgerð*^2', 'herstel^1', 'instandhouding^1.5', 'matengenezo^2', 'ukarabati^2', 'pagkumpuni^2', 'মেরামত^2',
 'রক্ষণাবেক্ষণ^2', 'مرمت^2', 'რემონტ^1.5', 'жөндеу^2', 'վերանորոգում^2', 'பழுது^1.5', 'dératisation^1.5', 'desratización^1.5', 'derattizzazione^1.5',
 'integrity test^2', 'Schädlingsbekämpfung^1.5', 'Eichung^1.5', 'deratyzac*^1.5', 'deratiza*^1.5', 'hitelesít*^1.5', 'bérlé*^1.5', 'fordít*^1.5',
 'ongediertebestrijding^1.5', 'skadedjursbekämpning^1.5', 'închirie*^1.5', 'verifica* metrologi*^2', 'аренд*^1.5', 'дератизац*^1.5', 'ilaçla*^1.5',
 'desratização^1.5', 'vermietung*^1.5', 'mietpreis^1.5', 'louer^1.5', 'noleggi*^1.5', 'alquil*^1.5', 'aluguer*^1.5', 'uthyrning*^1.5', 'leje af^1.5',
 'leie av^1.5', 'vuokra*^1.5', 'pronajem^1.5', 'prenájom*^1.5', 'bérl*^1.5', 'bérel*^1.5', 'închir*^1.5', 'kirala*^1.5', 'оренд*^1.5', 'najam*^1.5',
 'najem*^1.5', '임대^1.5', '렌탈^1.5', 'إيجار^1.5', 'تأجير^1.5', 'השכרה^1.5', 'เช่า^1.5', 'cho thuê^1.5', 'thuê^1.5', 'sewa^1.5', 'schädlingsbekämpf*^2',
 'ongedierte*^2', 'skadedjur*^2', 'skadedyr*^2', 'deratyz*^2', 'deratiz*^2', 'dératis*^2', 'desratiz*^2', 'derattizz*^2', 'дератиз*^2',
 'ilaçlama*^1.5', 'validat*^1', 're-validat*^2', 'revalidat*^2', 'requalif*^2', 'integrity test*^2.5', 'iso 14644*^2', 'remedial*^1.5',
 'hitelesít*^2.5', 'eichung*^2', 'eichen^1', 'verificare metrologic*^2.5', 'fordítás*^2', 'takarít*^2', 'boom lift*^2', 'cherry picker^2', 'mpi^1.5',
 'butt weld*^1.5', 'inspected^0.7', 'audit énergétique^2.5', 'energieaudit*^2.5', 'auditoría energética^2.5', 'audyt energetyczn*^2.5', 'our fee^0.6',
 'slinger*^2', 'crane supervisor^2', 'welding engineer^2', 'sign off^1', 'thorough examination*^2', 'pat test*^2', 'portable appliance^2',
 'fire alarm^1', 'serviced^1', 'six-monthly service^2', 'due their service^2', 'need calibrating^2', 'calibrating^2', 'recalibrat*^2',
 'repair and^0.6', 'same again servic*^1', 'servicing our^2', 'for servicing^2', 'supervisor^1', 'inspection report^1.5', 'prüfer^1.5',
 'uvv prüfung^2', 'reinigungsfirma^2', 'gutachter^1.5', 'energieaudit^2', 'schweißaufsicht^2', 'richtmeister^1.5', 'organisme pour former^2',
 'formation de^1.5', 'contrat d''entretien^2', 'nettoyage de^1.5', 'intervention à^0.8', 'certificado energético^2', 'revisión anual^2',
 'técnico para reparar^2', 'verifica trimestrale^2', 'verificare^1', 'carrelli elevatori^0.8', 'diagnosi energetica^2', 'keuring*^1.5',
 'schoonmaakbedrijf^2', 'serwisu^1.5', 'stawk* roboczogodzin*^2', 'roboczogodzin*^2', 'deslocação^1.2', 'revizi^1.5', 'čistenie^1.5', 'revízi*^1.5',
 'szerviz*^1.2', 'verificare periodică^2', 'verificăr*^1.2', 'service pentru^1.2', 'autorizare iscir^2', 'обслуживан*^1.5', 'обучен*^1.5',
 'аудит*^1.5', 'диагностик*^1.5', 'прибиран*^1.5', 'почиств*^1.5', 'проверка на^1.2', 'obuka^1.5', 'popravka^1.2', 'pregled dvigal^2',
 'συντήρηση*^1.5', 'καθαρισμός^1.5', 'επισκευή*^1.2', 'έλεγχος^0.8', 'huollon^1.5', 'underhåll av^1.5', 'kalibrering*^2', 'korraline kontroll^2',
 'korralist kontrolli^2', 'kontrolli^1', 'patikr*^1.5', 'apkope^1.5', 'pārbaud*^1.5', 'periyodik kontrol*^2', 'نظافت^1.5', 'อบรม^1.5', 'vệ sinh^1.2',
 'third-party witness^2', 'witness test*^1.5', 'perito^1.5', 'onorario^1.5', 'honorar^1.5', 'honorario*^1.5', 'safety certificate^1.5',
 'شهادة سلامة^2', 'أتعاب*^1.5', 'wartungsdienst^2', 'certifichi^1.5'
], false),
('general', 'Everything else: office supplies, furniture, work wear and protective equipment, promotional goods, printing, supplier registration, several trades at once, and requests too vague to place.', array[
 'office supplies^2', 'office furniture^2', 'stationery^2', 'furniture^1.5', 'desk^1.5', 'desks^1.5', 'chair^1.5', 'chairs^1.5', 'office chair^2',
 'locker^1', 'shelving^1', 'shelves^1', 'printer^1', 'toner^2', 'laptop^1.5', 'laptops^1.5', 'monitors^1', 'computer^1', 'notebook computers^1.5',
 'copy paper^2', 'a4 paper^2', 'envelopes^1.5', 'notebooks^1', 'pens^1.5', 'whiteboard^1.5', 'coffee^1.5', 'coffee machine^1.5',
 'water dispenser^1.5', 'kitchen^1', 'crockery^1.5', 'vending^1.5', 'gift^1.5', 'gifts^1.5', 'hamper^1.5', 'promotional^2', 'giveaway^2',
 'merchandise^1.5', 'branded^1', 'mugs^2', 't-shirt^2', 't-shirts^2', 'polo shirt^2', 'hoodies^2', 'lanyard^2', 'trophies^1.5', 'banners^1.5',
 'brochure^2', 'brochures^2', 'leaflets^2', 'flyers^2', 'business cards^2', 'signage^1', 'labels^0.7', 'printing^0.7', 'offset print^1.5',
 'catalogue print^1.5', 'packaging boxes^0.7', 'workwear^2', 'work wear^2', 'uniform^1.5', 'uniforms^1.5', 'safety shoes^2', 'safety boots^2',
 'hi-vis^2', 'high visibility^2', 'gloves^1.5', 'nitrile gloves^2', 'safety glasses^2', 'hard hat^2', 'helmet^1.5', 'helmets^1.5',
 'ear protection^1.5', 'ppe^1.5', 'first aid^1.5', 'fire extinguisher^1.5', 'toilet paper^2', 'hand towel^1.5', 'soap^1.5', 'sanitiser^1.5',
 'detergent^1', 'cleaning supplies^1.5', 'bin bags^1.5', 'bottled water^1.5', 'vehicles^0.7', 'bicycles^1.5', 'flowers^1.5', 'christmas^1',
 'various items^1.5', 'miscellaneous^1.5', 'sundries^1.5', 'price list^1', 'catalogue^1', 'catalog^1', 'hotel supplies^1', 'hospital bed^1',
 'medical^0.7', 'toys^1.5', 'sports equipment^1.5', 'tents^1.5', 'marquee^1', 'bürobedarf^2', 'büromöbel^2', 'schreibtisch*^2', 'bürostuhl*^2',
 'stühle^1.5', 'möbel^1.5', 'kopierpapier^2', 'spinde^1', 'regale^1', 'drucker^1', 'kaffee*^1.5', 'werbeartikel^2', 'werbegeschenk*^2',
 'geschenke^1.5', 'tassen^1.5', 'flyer^2', 'broschüre*^2', 'visitenkarten^2', 'druckerei^1.5', 'arbeitskleidung^2', 'berufsbekleidung^2',
 'sicherheitsschuhe^2', 'arbeitshandschuhe^2', 'handschuhe^1.5', 'warnwesten^2', 'schutzhelm*^2', 'psa^1', 'feuerlöscher^1.5', 'toilettenpapier^2',
 'reinigungsmittel^1', 'verschiedenes^1.5', 'sortiment^1', 'preisliste^1', 'katalog^1', 'fournitures de bureau^2', 'mobilier^1.5',
 'mobilier de bureau^2', 'bureaux^1', 'chaises^1.5', 'papeterie^2', 'café^1.5', 'objets publicitaires^2', 'cadeaux^1.5', 'goodies^2',
 'cartes de visite^2', 'imprimerie^1.5', 'vêtements de travail^2', 'chaussures de sécurité^2', 'gants^1.5', 'casques^1.5', 'epi^1.5',
 'extincteur^1.5', 'produits d entretien^1', 'material de oficina^2', 'mobiliario^1.5', 'sillas^1.5', 'escritorios^1.5', 'papelería^2',
 'artículos promocionales^2', 'regalos^1.5', 'camisetas^2', 'folletos^2', 'tarjetas de visita^2', 'imprenta^1.5', 'ropa de trabajo^2',
 'uniformes^1.5', 'calzado de seguridad^2', 'guantes^1.5', 'cascos^1.5', 'epis^1.5', 'extintor^1.5', 'catálogo^1', 'cancelleria^2', 'arredo^1.5',
 'arredi^1.5', 'mobili per ufficio^2', 'mobilio^1.5', 'sedie^1.5', 'scrivanie^2', 'gadget^1.5', 'articoli promozionali^2', 'regali^1.5',
 'magliette^2', 'volantini^2', 'biglietti da visita^2', 'tipografia^1.5', 'abbigliamento da lavoro^2', 'scarpe antinfortunistiche^2', 'guanti^1.5',
 'caschi^1.5', 'dpi^1.5', 'estintore^1.5', 'catalogo^1', 'kantoorartikelen^2', 'kantoormeubel*^2', 'meubilair^1.5', 'stoelen^1.5', 'bureaus^1.5',
 'bureaustoel*^2', 'relatiegeschenk*^2', 'drukwerk^1.5', 'folders^1.5', 'visitekaartjes^2', 'werkkleding^2', 'veiligheidsschoenen^2',
 'handschoenen^1.5', 'helmen^1.5', 'brandblusser^1.5', 'catalogus^1', 'diversen^1.5', 'artykuły biurowe^2', 'biurow*^1.5', 'mebl*^1.5', 'krzes*^1.5',
 'biurk*^1.5', 'gadżet*^2', 'upomink*^1.5', 'ulotk*^2', 'wizytówk*^2', 'drukarni*^1.5', 'odzież robocza^2', 'odzież*^1.5', 'obuwi*^1.5',
 'rękawic*^1.5', 'kask*^1.5', 'gaśnic*^1.5', 'katalog*^1', 'material de escritório^2', 'móveis^1.5', 'mobiliário^1.5', 'cadeiras^1.5', 'mesas^1',
 'papelaria^2', 'brindes^2', 'folhetos^2', 'cartões de visita^2', 'gráfica^1', 'luvas^1.5', 'capacetes^1.5', 'calçado de segurança^2',
 'kontorsmaterial^2', 'kontorsmöbler^2', 'möbler^1.5', 'stolar^1.5', 'skrivbord^1.5', 'profilprodukter^2', 'broschyr*^2', 'visitkort^2',
 'tryckeri^1.5', 'arbetskläder^2', 'skyddsskor^2', 'handskar^1.5', 'hjälmar^1.5', 'brandsläckare^1.5', 'kırtasiye^2', 'ofis mobilya*^2',
 'mobilya*^1.5', 'sandalye*^1.5', 'promosyon^2', 'hediye*^1.5', 'tişört^2', 'broşür*^2', 'kartvizit^2', 'matbaa^1.5', 'iş elbise*^2',
 'iş güvenliği ayakkabı*^2', 'eldiven*^1.5', 'baret^1.5', 'yangın söndürücü^1.5', 'kancelářsk*^2', 'nábytek^1.5', 'nábytk*^1.5', 'židl*^1.5',
 'stoly^1', 'reklamní předmět*^2', 'dárky^1.5', 'dárkov*^2', 'leták*^2', 'vizitk*^2', 'tiskárn*^1', 'pracovní oděv*^2', 'pracovní obuv^2',
 'rukavic*^1.5', 'helm*^1.5', 'hasicí*^1.5', '办公用品^2', '办公家具^2', '文具^2', '礼品^1.5', '印刷^1', '工作服^2', '劳保^2', '手套^1.5', '安全帽^2', '目录^1', '事務用品^2',
 '文房具^2', 'オフィス家具^2', '椅子^1.5', '机^1', '作業服^2', '手袋^1.5', 'ヘルメット^1.5', '販促品^2', 'カタログ^1', '사무용품^2', '가구^1.5', '작업복^2', '장갑^1.5', '판촉물^2', 'قرطاسية^2',
 'أثاث^1.5', 'قفازات^1.5', 'زي موحد^2', 'vendor registration^2', 'supplier registration^2', 'approved vendor^2', 'approved supplier^1.5',
 'vendor list^2', 'company profile^2', 'rate card^1.5', 'bank reference^1.5', 'capability statement^2', 'questionnaire^1.5', 'several disciplines^2',
 'multiple trades^1.5', 'expression of interest^1', 'eoi^1', 'ideas competition^2', 'new product idea^2', 'product idea^1.5', 'invention^1.5',
 'nda^0.7', 'non-disclosure^1', 'partnership^1', 'sponsorship^1.5', 'catalogue request^1.5', 'price catalogue^1.5', 'do you also^0.7',
 'safety vest^2', 'safety vests^2', 'safety-glasses^2', 'goggles^1.5', 'ear plugs^2', 'respirator^1.5', 'masks^1.5', 'coveralls^2', 'overalls^2',
 'raincoat^1.5', 'jackets^1.5', 't shirts^2', 'caps^0.5', 'posters^1.5', 'framed^1', 'stickers^1.5', 'decals^1.5', 'notepads^2', 'calendars^2',
 'usb sticks^1.5', 'tote bags^1.5', 'water bottles^1.5', 'umbrellas^1.5', 'sweets^1', 'cups^0.7', 'tableware^1.5', 'vending machine^1.5',
 'classroom chairs^2', 'school furniture^2', 'tables^0.7', 'cabinets^0.7', 'bookcases^2', 'sofas^2', 'curtains^0.9', 'blinds^1.5', 'mattress*^1.5',
 'beds^0.6', 'bedding^1.5', 'towels^1.5', 'projector^1', 'television^1', 'tablets^0.7', 'phones^1', 'headsets^1.5', 'keyboards^1.5', 'ergonomic^1',
 'paper towels^2', 'tissue^1', 'hand soap^2', 'trash bags^2', 'mops^1.5', 'hand tools^1', 'tool kit^1', 'ladders^1', 'mixed list^1.5',
 'shopping list^1.5', 'odds and ends^2', 'lieferantenregistrierung^2', 'firmenprofil^2', 'lieferantenliste^1.5', 'selbstauskunft^1.5',
 'büroausstattung^2', 'stühlen^1.5', 'tische^1', 'schränke^1', 'schutzbrillen^2', 'gehörschutz^2', 'schutzkleidung^2', 'warnschutz^2', 'poloshirts^2',
 'jacken^1.5', 'aufkleber^1.5', 'kalender^1.5', 'kugelschreiber^2', 'notizblöcke^2', 'verbandskasten^1.5', 'bettwäsche^1.5', 'produktidee^1.5',
 'référencement fournisseur^2', 'inscription fournisseur^2', 'lunettes de protection^2', 'gilets^1.5', 'blouses^1.5', 'stylos^2', 'calendriers^1.5',
 'armoires de bureau^2', 'vaisselle^1.5', 'idée de produit^1.5', 'papier toilette^2', 'registro de proveedores^2', 'alta de proveedor^2',
 'homologación de proveedores^2', 'gafas de seguridad^2', 'chalecos^1.5', 'bolígrafos^2', 'calendarios^1.5', 'armarios^1', 'vajilla^1.5',
 'idea de producto^1.5', 'papel higiénico^2', 'botiquín^1.5', 'albo fornitori^2', 'registrazione fornitori^2', 'occhiali di protezione^2',
 'gilet^1.5', 'penne^2', 'calendari^1.5', 'tavoli^0.7', 'armadi^1', 'stoviglie^1.5', 'idea per un prodotto^2', 'accordo di riservatezza^1.5',
 'riservatezza^1', 'carta igienica^2', 'prodotto nuovo^1', 'leveranciersregistratie^2', 'veiligheidsbril*^2', 'hesjes^1.5', 'pennen^2',
 'kalenders^1.5', 'tafels^0.7', 'kasten^0.5', 'servies^1.5', 'toiletpapier^2', 'productidee^1.5', 'rejestracja dostawc*^2', 'okulary ochronne^2',
 'kamizel*^1.5', 'długopis*^2', 'kalendarz*^1.5', 'stoły^0.7', 'szafki^1', 'naczyni*^1.5', 'papier toaletowy^2', 'pomysł na produkt^1.5',
 'cadastro de fornecedor*^2', 'óculos de proteção^2', 'coletes^1.5', 'canetas^2', 'calendários^1.5', 'armários^1', 'louça^1.5', 'papel higiênico^2',
 'ideia de produto^1.5', 'leverantörsregistrering^2', 'skyddsglasögon^2', 'västar^1.5', 'pennor^2', 'kalendrar^1.5', 'skåp^0.7', 'porslin^1.5',
 'toalettpapper^2', 'produktidé^1.5', 'tedarikçi kayıt*^2', 'tedarikçi liste*^2', 'koruyucu gözlük^2', 'yelek^1.5', 'kalem*^1.5', 'takvim^1',
 'dolap^1', 'tuvalet kağıdı^2', 'ürün fikri^1.5', 'registrace dodavatel*^2', 'ochranné brýle^2', 'vesty^1.5', 'propisk*^2', 'kalendář*^1.5',
 'skříně^0.7', 'nádobí^1.5', 'toaletní papír^2', 'nápad^1', '供应商注册^2', '公司简介^1.5', '护目镜^2', '口罩^1.5', '笔^1', '会社案内^1.5', '保護メガネ^2', '名刺^2', '안전화^2',
 '명함^2', 'نموذج تسجيل^1.5', 'تسجيل الموردين^2', 'أدوات مكتبية^2', 'ملابس عمل^2', 'kitchenware^2', 'cutlery^2', 'bowls^1', 'restaurant^0.7',
 'rucksack^1.5', 'rucksäcke^2', 'backpack*^1.5', 'blöcke^0.5', 'notebooks and pens^2', 'fleece^1.5', 'softshell^2', 'embroider*^2', 'embroidery^2',
 'trousers^1.5', 'aprons^2', 'fire blanket*^2', 'spill kit*^2', 'seating^1', 'waiting room^1', 'sit-stand^2', 'pedestals^0.7', 'docking station*^2',
 'risme^2', 'camareros^1', 'mandil^1.5', 'bordado^1.5', 'a bit of everything^2', 'who to ask^1.5', 'in general^0.5', 'approved vendor with^2',
 'gelistet^2', 'lieferant werden^2', 'als lieferant^1.5', 'fiyat liste*^1.5', 'foteli^1.5', 'szaf^0.7', 'notitieboek*^2', 'logo^0.5', 'snack*^1',
 'chocolate*^1.5', 'height-adjustable desk^2.5', 'height-adjustable desks^2.5', 'coat hook^2', 'coat hooks^2.5', 'rigger gloves^2.5', 'hi vis^2',
 'vests^1.5', 'work boots^2', 'lanyards^2', 'roll-up banner^2', 'filing cabinet^2', 'lockers^1.5', 'water cooler^1.5', 'first aid kit^2',
 'hard hats^2', 'face masks^2', 'copier paper^2', 'fog machine^2', 'party^1', 'bürostuhl^2', 'bürostühle^2', 'warnweste*^2', 'arbeitshandschuh*^2',
 'helme^1.5', 'sicherheitsschuh*^2', 'visitenkart*^2', 'druckerpapier^2', 'sillas de oficina^2.5', 'archivador*^1.5', 'arneses^1.5',
 'botas de seguridad^2', 'scrivani*^2', 'elmetti^2', 'veiligheidsschoen*^2', 'visitekaart*^2', 'krzesł*^2', 'buty robocze^2', 'mesas de escritório^2',
 'kontorsstol*^2', 'ofis koltuğu^2', 'sandalye^1.5', 'eldiven^1.5', 'iş ayakkabısı^2', 'židle^1.5', 'židlí^1.5', 'přileb*^1.5', 'kontorstol*^2',
 'skrivebord*^2', 'hansker^1.5', 'handsker^1.5', 'hjelme^1.5', 'hjelmer^1.5', 'sikkerhedssko^2', 'vernesko^2', 'arbejdstøj^2', 'arbeidsklær^2',
 'kuglepenne^2', 'krus^1', 'tuoli^1', 'tuoleja^1.5', 'työtuol*^2', 'toimistotuol*^2', 'pöytä^1', 'pöytiä^1.5', 'työpöyt*^2', 'käsine*^1.5',
 'kypär*^1.5', 'turvakeng*^2', 'kynä^1', 'kyniä^1.5', 'irodaszék*^2', 'íróasztal*^2', 'kesztyű*^1.5', 'sisak*^1.5', 'munkaruh*^2', 'toll^1',
 'névjegykárty*^2', 'scaune^1.5', 'birouri^1.5', 'mănuși^1.5', 'căști^1', 'bocanci^2', 'pixuri^2', 'papetărie^2', 'стул*^1', 'стулья^1.5',
 'стульев^1.5', 'кресл*^1.5', 'стол^1', 'столы^1.5', 'перчат*^1.5', 'каск*^1.5', 'спецодежд*^2', 'ручек^1', 'канцтовар*^2', 'визитк*^2', 'мебел*^1.5',
 'столове^1.5', 'ръкавиц*^1.5', 'обувк*^1.5', 'столиц*^1.5', 'рукавиц*^1.5', 'шлемов*^1.5', 'крісел^1.5', 'стільц*^1.5', 'спецодяг*^2', 'меблі^1.5',
 'stolica^1.5', 'stolice^1.5', 'radn* stol*^1.5', 'rukavice^1.5', 'kacig*^1.5', 'olovk*^1.5', 'pisarnišk*^2', 'stolov^1', 'stoličk*^1.5', 'kėd*^1.5',
 'stalai^1', 'pirštin*^1.5', 'šalm*^1.5', 'krēsl*^1.5', 'cimd*^1.5', 'ķiver*^1.5', 'toolid^1.5', 'tooli^1', 'kindad^1.5', 'kindaid^1.5',
 'kiiver*^1.5', 'καρέκλ*^1.5', 'γραφεί*^1', 'γάντια^1.5', 'κράν*^1.5', 'στυλό^2', 'χαρτικά^2', 'כסאות^1.5', 'כיסאות^1.5', 'שולחנות^1.5', 'כפפות^1.5',
 'קסדות^1.5', 'עטים^2', 'נעלי עבודה^2', 'ריהוט^1.5', 'كراسي^1.5', 'مكاتب^1', 'خوذ^1.5', 'أحذية سلامة^2', 'أقلام^1.5', 'صندلی^1.5', 'میز^1',
 'دستکش^1.5', 'کلاه ایمنی^2', 'लैपटॉप^1', 'कुर्सी^1.5', 'कुर्सियां^1.5', 'मेज^1', 'दस्ताने^1.5', 'हेलमेट^1.5', 'वर्दी^1.5', 'เก้าอี้^1.5', 'โต๊ะ^1.5',
 'ถุงมือ^1.5', 'หมวกนิรภัย^2', 'รองเท้านิรภัย^2', 'ปากกา^1.5', 'ghế văn phòng^2', 'bàn làm việc^2', 'găng tay^2', 'mũ bảo hộ^2', 'giày bảo hộ^2',
 'văn phòng phẩm^2', 'bút bi^2', 'kursi^1.5', 'meja^1.5', 'sarung tangan^2', 'helm^1.5', 'sepatu safety^2', 'seragam^1.5', 'alat tulis^2',
 'kerusi^1.5', 'kasut keselamatan^2', '의자^1.5', '책상^1.5', '안전모^2', '볼펜^2', 'ボールペン^2', '办公椅^2', '办公桌^2', '劳保鞋^2', '圆珠笔^2', '印刷品^1.5', 'cupboards^1.5',
 'boots^1.5', 'shirts^1.5', 'caps with^1', 'pens with logo^2.5', 'paper cups^2', 'bags with logo^2', 'labels printed^1.5', 'printers^1',
 'food hampers^2', 'stiefel^1.5', 'taschen^1', 'stifte mit^1.5', 'umschläge^1.5', 'chaises de bureau^2.5', 'tasses^1.5', 'vestes^1.5',
 'enveloppes^1.5', 'tazas^1.5', 'chaquetas^1.5', 'sobres^1', 'tazze^1.5', 'giacche^1.5', 'penne con^2', 'buste^1', 'mokken^1.5', 'jassen^1.5',
 'kubk*^1.5', 'kurt*^1', 'koszul*^1.5', 'canecas^2', 'muggar^2', 'tröjor^1.5', 'jackor^1.5', 'kupa^1', 'mont^1', 'hrnk*^1.5', 'tričk*^1.5',
 'bund*^0.5', 'cadires^1.5', 'guants^1.5', 'aulkiak^1.5', 'karrige^1.5', 'doreza^1.5', 'stullar^1.5', 'hanskar^2', 'stoele^1.5', 'handskoene^2',
 'viti^0.5', 'glavu^2', 'upuan^2', 'guwantes^2', 'চেয়ার^2', 'দস্তানা^2', 'کرسیاں^2', 'دستانے^2', 'სკამ^1.5', 'орындық^2', 'աթոռ^2', 'papier^1.5',
 'papel^1.5', 'carta^1.5', 'papier do drukarki^2', 'papper^1.5', 'pallställ^1.5', 'papir^1.5', 'papír^1.5', 'kağıt^1.5', 'safety harnesses^2',
 'catering equipment^2', 'pallet racking^2', 'safety harness*^2.5', 'fall arrest*^2.5', 'catering^1', 'pallställ^2.5', 'racking^1.5',
 'weihnachtsgeschenk*^2', 'geschenk*^1.5', 'gravur^1', 'thermobecher^2', 'becher^1', 'mitgebsel^1', 'give-away*^1.5', 'rescue kit*^1.5',
 'arbeitsschutz*^1', 'canteen furniture^2', 'gift card*^2', 'gift voucher*^2', 'carrier bag*^1.5', 'loyalty card*^2', 'uniform*^1.5', 'sofa*^1.5',
 'hoodie*^2', 't-shirt*^2', 'cap*^0.4', 'notebook*^1', 'lanyard*^2', 'hamper*^1.5', 'badges^1.5', 'trade stand*^1', 'give aways^2', 'from one hand^1',
 'ergonomic chair*^2', 'meeting table*^2', 'welding glove*^1.5', 'safety shoe*^2', 'wood pellets for^0.4', 'geschenkgutschein*^2', 'geschenkkarte*^2',
 'streuartikel^2', 'cartes cadeaux^2', 'postes de travail^1', 'tarjetas regalo^2', 'mesas de reunión^2', 'gorras^2', 'regalos de empresa^2',
 'buoni regalo^2', 'divise^2', 'cadeaukaart*^2', 'bureaustoelen^2', 'opdruk^1.5', 'karty podarunkowe^2', 'meble biurowe^2', 'odzież robocz*^2',
 'koszulk*^2', 'cartões presente^2', 'vales-presente^2', 'fardas^2', 'trička^2', 'výšivk*^1.5', 'pracovné odevy^2', 'egyenruh*^2', 'irodabútor*^2',
 'szék*^1.5', 'ajándékkárty*^2', 'pól*^0.8', 'uniforme^1.5', 'salopete^1.5', 'mobilier de birou^2', 'tricouri^2', 'carduri cadou^2',
 'echipament de protecție^2', 'пакет*^1', 'ценник*^1.5', 'стуль*^1.5', 'подарочн* карт*^2', 'сувенир*^2', 'футболк*^2', 'канцеляр*^2',
 'подарунков*^2', 'мебл*^1.5', 'сувенір*^2', 'конверт*^1.5', 'работно облекло^2', 'мебели^1.5', 'подаръчни карти^2', 'тениски^2',
 'рекламни материали^2', 'radna odjeća^2', 'radna odeća^2', 'namještaj^1.5', 'poklon kartice^2', 'majice^2', 'delovna oblačila^2', 'pohištvo^1.5',
 'δωροκάρτ*^2', 'έπιπλα^1.5', 'καρέκλες^1.5', 'στολές^1.5', 'μπλουζάκια^2', 'φόρμες εργασίας^2', 'lahjakort*^2', 'toimistokaluste*^2', 'tuolit^1.5',
 'työvaatte*^2', 'paidat^1.5', 'liikelahj*^2', 'presentkort^2', 'profilkläder^2', 'gavekort^2', 'kontormøbler^2', 'hediye kartı^2', 'iş elbisesi^2',
 'üniforma^2', 'ofis mobilyası^2', 'خوذات^1.5', 'قسائم^1.5', 'بطاقات هدايا^2', 'هدايا^1.5', 'لباس کار^2', 'مبلمان اداری^2', 'کارت هدیه^2',
 'ביגוד^1.5', 'מדים^1.5', 'כרטיסי מתנה^2', 'חולצות^1.5', 'टी-शर्ट^2', 'उपहार^1.5', 'ชุดยูนิฟอร์ม^2', 'เสื้อ^1.5', 'เฟอร์นิเจอร์^1.5', 'บัตรของขวัญ^2',
 'đồng phục^2', 'bảo hộ lao động^2', 'ghế^1.5', 'áo thun^2', 'thẻ quà tặng^2', 'quà tặng^1.5', 'kaos^1.5', 'hampers^2', 'voucher belanja^2',
 'kartu voucher^2', 'kotak kemasan^1', '유니폼^2', '사무가구^2', '상품권^2', '制服^2', 'ギフトカード^2', '礼品卡^2', '购物卡^2', '劳保用品^2', '手提袋^1.5', 'programmes^1',
 'stapled^1', 'a5^1.5', 'clogs^1.5', 'tabliers^1.5', 'sabots^1.5', '保温杯^2', '礼盒^2', '毛巾^1.5'
], true)
on conflict (slug) do nothing;
insert into ai.rfqflow_migration (name, sha256, breaking) values ('seed/routes.toml', 'e560ba4d8fdbb522498944469badb8622d5bf3a81ed61d4193d64f4ef8e74c67', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :absent
\else
commit;
\endif
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'seed/routes.toml' and sha256 <> 'e560ba4d8fdbb522498944469badb8622d5bf3a81ed61d4193d64f4ef8e74c67') then raise exception 'seed/routes.toml has been applied in another version, by a build from before the first release' using hint = 'Its objects have other names and cannot be upgraded. To start anew: `drop schema ai cascade; drop function if exists public.submit_rfq`, then `rfqflow migrate`. Your table and its answers stay; queue, runs and policies go.'; end if; end $$;
\endif

\if :absent
\else
begin;
\endif

\ir attach/20_standin.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/20_standin.sql', '15539b33baf01cb906ddac1f30f549616786272bc6ff0660e9af93dd566cab19', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached

\ir attach/30_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/30_columns.sql', '350cbb327da568802b80b9214a442357d74081645bf24d738aab5894efa834e8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/35_read.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/35_read.sql', '55c9596f9ad86efdcaab50757155ad1ab6d0347ae59d55d7266bb380328874ad', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/40_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/40_path.sql', 'a2516411b94a85df87570e73c2bbb064f1b8da407e3d8bb982f50e38e308aa5e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;
begin;
\endif

\ir functions/05_locks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/05_locks.sql', '75376233f30df1e09afb164eea25f03f7aec6e68325bf8c0b48df24f4dfb76fc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', '391e4d44f41597cd4a17a430a4890449493ac5615836806899c4a95e3763f88e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/12_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/12_mapping.sql', '88d115176403e1f44a4dba9754ed662f3622bb0d00b1bd9410dd7161a48b1c9a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/13_attachment.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/13_attachment.sql', 'ecf775a4cead56e3769c3fafb6de0fc5a5dda07bb3709597b583fcfac01a01da', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/15_submit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/15_submit.sql', '50e6dd3ccdf1b18c1507cc99cd208c5e4596b76fcd454b1949680dd26e442d17', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', '25fe90101bebfc1fb66e5010352be3d3a506a78f37b8d7dac0cddbc8ad4aa95f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/22_start.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/22_start.sql', 'cd53e0c96adf5301dc4cc6cab6ad013b9cb3a2f382a6b2e01dc4b6d7be6d590d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/24_attachments.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/24_attachments.sql', '95d54e86b52359021e29bf660ece2dfd44dab9092e3897a09d2f3d1f99c28437', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/25_readings.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/25_readings.sql', 'bd2c7f593a9614382437a9329182a4f5920789239abec27439a85bac648e1d1d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '0cfd1c027559cc387ee4df1884105752ad79370dc65cf3a51656b86e960f9a11', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/34_windows.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/34_windows.sql', 'd1945b0d57772c8aad592428d4884f7a6e86b9f1aeb216545146b3d390ffbc3a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', '8084357aa20a94ef77db796e209b92b7bb2294161acd080c117506dfa5d1110c', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/38_budgets.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/38_budgets.sql', '6b9ec07088f45deb015db7ea67ff036682f0bb9b7e244ccfd70f16bbec67eab9', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/39_prices.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/39_prices.sql', '38634b9b1b2631a5b87c6aff55dea435122bdc3697dc809aa60ed8ee02977df2', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', 'fd4cc0de3304724656db0f799854ff7cacf9347bc6b34e17a422ef37a7caeea8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/44_evidence.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/44_evidence.sql', '8ebb9e8dad084f869111e385ea4d62c7f89d0982bad0a883cf30b3260447f7ff', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/48_outcomes.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/48_outcomes.sql', '69625c5084fcf37d6b927675bb88561da7811e0725911a7a7df98f29801ad760', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '899ef2c7bb7af20f80e0f6ac32345a48a3bc4d124922b898e3fe2728892362ba', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/52_finish_and_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/52_finish_and_claim.sql', '35860416244c0648db6faa07db1d019122a9c1dc8a03017356c6e897ff0eeeb9', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/55_refused.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/55_refused.sql', 'e204feb494ecc572de4f873dd2be236ff952fc8ca858d380eb55fc9b8b92db16', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/55_settle.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/55_settle.sql', '8c6d6ea2e421e33285ccfff1afbd8e90414a4fb7c88570431b13ab02ed8f850f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/57_breaker.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/57_breaker.sql', 'efc6d849d44ec5b30be1750a2314de4b632fe54bc4ededdc7a3fa9d09ca0f209', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/58_wakeup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/58_wakeup.sql', '891a66f711c1cda608196c9ed208a6fbf2fc142dd08fc670f43965854aaefb81', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', '7803c25a738444978faa3d745e96118881f2679e287b1803c830d4b648295d17', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/65_override.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/65_override.sql', 'b16152d179fe406d8363beb3c8ce54e9775f7d50382d96b13cc2cc0e0374942e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/66_corrections.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/66_corrections.sql', '629a1770caf18e6e24dbcfae312c7d861481afe8c19f5c572f228c18aff0e7d8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/67_desk.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/67_desk.sql', 'fe29fb10ccdee1b7abb694061deffcdae1b0852b0ba96f9fc77766d3b7b4adb7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/68_correct.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/68_correct.sql', '7dcbc4be9fce343a5c8d8e7a15234aaea67977db7cb803583450919739c94958', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/69_desk_list.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/69_desk_list.sql', '599e0d2dd6c1c32653a9e4ec509d72c2e19af8d461e3dca75951f6682e665722', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/70_operate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/70_operate.sql', '8e9eaee8fc07938dfe4097ec0b86399ef5a5f6ca58da5f61d2091a18e05c8fe5', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/71_related.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/71_related.sql', '38ab0d494b356f29280e85185a7a7f0b819ef106339fc6b77fe66034affb4c78', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/72_rerun.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/72_rerun.sql', '51fd82100eceda4fdb621a7d46a6aaf830e7a9bc6e83cd8169abdf0b02a3b6be', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/73_dead_letters.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/73_dead_letters.sql', '682537410ddd7d8ab542acbb8c7887d4f949b75e1ebc26b62529e838df298f3f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/74_drafts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/74_drafts.sql', '1ba6d79c5694a5afa7f44708f651e580170f8bb77d75d3981f73aada2cb3035e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/75_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', 'c6b83f1ed2d25806053d7c5497046ee2cfae238499267b387ca79f33a6189eb0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/76_accounts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/76_accounts.sql', '4db61a0b2c292303156658ea7e9792d48dd170d0c8c779e1c06b6f53acf200aa', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', 'e94c1141438c89ff6c38a2d4caede45f40012fb31b374131fe621f4cfef55076', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/78_model_capabilities.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/78_model_capabilities.sql', 'eff44400743326b9c7975c1c95c7cad73b1d10c29c857b97182fd3c87ffe51f4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/79_console_sessions.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/79_console_sessions.sql', '0eff566494ebd6be53acd1062323095a958e807ad70f78797414446242cefaf8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'c40d1813700839fe7fdffb2d1eef72c77471b5556cd3a39a26bae2be8d47fff0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/82_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/82_retention.sql', 'e56e013cd68f26b0a080ef9ffc5a842193fe46d5011a50400ed224255e19edf3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/83_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/83_webhooks.sql', '5397def650af19d4671930029f7abd6f72b1646dd7ab1c6d5de339fbfb96e0db', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/84_prune.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/84_prune.sql', '069f9e1a816b315b32d528a17274fe529eed941f4578b57865ace7fe1dc66315', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '42284c9ae5f1ef3c9377681dae7842be8a376b03c7f29e2d9fec208ea47ef239', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/86_erase.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/86_erase.sql', '7fca91235cb19f71066808a443c8b2266f91c270731051ce3c1fd9c0a2951cdb', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/87_evaluate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/87_evaluate.sql', '739c3ba1a09538b44f8cad2097b0361f1e20f8127dc3c9d5bfce195a85fa500e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/88_eval_requests.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/88_eval_requests.sql', 'a304b671388fadefd6807624b4a77837e51ff379c615cc86262a7d7366ac63fc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/89_drift.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/89_drift.sql', '02b321f360262e5b256b19330dee0b8c39cde74a462cfc3c97f7c43329a9b06c', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/90_watch.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/90_watch.sql', '477bcda039a7bd064587ae5ede53e95ea00fddc2cad3e1bc3661eb7635ee0280', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/91_settings.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/91_settings.sql', '5549ae10bc048b89ec738143a38feaf2e4e5299f33f3f2a875d2d315fee997e7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/92_health.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/92_health.sql', '30dde066a7e99e4123d1c44346b3a7302b3b5af1f4ef4735c76ed16f3fbb9dfa', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/93_health_calls.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/93_health_calls.sql', 'b97662cb16b0bcd4d7959032cb2744e909ca665088bfd4b39db830cf3a27ce61', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/94_cause.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/94_cause.sql', 'db31d181a68944b69290eec47aa7e7a1f49134f6e70862770375f3ddcd7c7a45', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/94_health_settings.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/94_health_settings.sql', '3eaa08b0379fe2fd2c967a18750206fc065552d4f4f4d1ee5643dac25a7d3955', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir functions/95_health_console.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/95_health_console.sql', '21e6db3f2c373f4850bf58aba62ef021ec56dbab748801dcf64b00bd1bc13510', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/audit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/audit.sql', '3b9ef2ab73420607e075dd632ba66d27ba84ddd807f6b68c741e9acd6bdf1522', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/causes.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/causes.sql', '10284f67a48abc05567b1ad2fe3add3995105ae51c50926060a0774a7b56ad98', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/desk.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/desk.sql', '98066160d0dd6a00c6170d430b84478a0bd5e86b0c3268840246838ec0a585cb', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/guards.sql', 'f50424256bb18e668e70c514f0dc66f840f7bd3f7cf9a3b1c8ad5b7ffc473d08', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/health.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/health.sql', '64efe0b644b79a7fe87b335d42ad09c6f2598b0376686bca9793fecb6a476b83', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', 'f10c16114f5397dd1d97e60289dba43efc57bcb7c17570a223b9916df86a301b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/prices.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/prices.sql', '8188d15f6fbe03f70cb5486ef56eb1f6f7742f95c634a3fda07bcc9d8bfea250', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/scorecard.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/scorecard.sql', 'ee9b902aac7237d4c3854a7091a07f484e00777295efccb9421712f31233bcb7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', '6aa741cb9bb3627fb19b11e60bcd13922b024501b8a3bc710aa077149a6b0151', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', '69b276a69434268fcb148ef95e8526b232e4b17e03f1fdc669196ede174b84c0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir views/upkeep.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/upkeep.sql', '32ae4dcad6c3bbe8f1b9d1aebd65fb1e85e0fca2de90a11ae713ffd9b8358398', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\if :elsewhere
commit;
begin;
\endif
\if :attached
\else

\ir attach/30_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/30_columns.sql', '350cbb327da568802b80b9214a442357d74081645bf24d738aab5894efa834e8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/35_read.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/35_read.sql', '55c9596f9ad86efdcaab50757155ad1ab6d0347ae59d55d7266bb380328874ad', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/40_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/40_path.sql', 'a2516411b94a85df87570e73c2bbb064f1b8da407e3d8bb982f50e38e308aa5e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\endif

\ir attach/45_reference.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/45_reference.sql', 'a90122200b96557f954bdcebd729a9d0a22145026824b6ef22bb5379bb93166f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/50_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/50_enqueue.sql', 'fa0b2559cd7826ad82cb47707943431d5bfec1f2851f9655de3c442a362165fe', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/55_attachments.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/55_attachments.sql', 'f06d08b81c4ce10b851114e5eca7abdfdce728eab62248aa553a41fc6d61d85a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir attach/60_guard.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/60_guard.sql', '19656f550e5e1ce656820bccd793f1cbe4f9e53d15857392a32df013bfdc066a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;

\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', 'a8cb232e0101293fdc91b287db9e26e3af093a1d3b46aa17856cb055ccd72c19', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached
commit;
begin;
\endif

\ir attach/70_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/70_triggers.sql', '10f75d4a388e16cb6e437e8a44408708e28496bcbcd7273fc2de9c56659e5cca', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
\if :attached
commit;
begin;
\endif

\ir attach/75_attachment_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('attach/75_attachment_triggers.sql', 'd9f24cbf8f68248fa80faa46d154ee4ac522540cc63ea978bc1b4f583cbc9762', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

\if :is_unswept
do $$
declare
  v_by constant timestamptz := clock_timestamp() + interval '20 s';
  v_pass constant bigint := (select s.pass from ai.sweep_progress s);
begin
  while clock_timestamp() < v_by and v_pass = (select s.pass from ai.sweep_progress s) loop
    begin
      perform ai.find_unqueued_rfqs();
    exception when lock_not_available then
      perform pg_sleep(0.1);
    end;
    commit;
  end loop;
end $$;
\endif
select pg_advisory_unlock(1380340045, 0) \g /dev/null
