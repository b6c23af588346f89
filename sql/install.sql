-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.
-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`.
\set ON_ERROR_STOP on
set client_min_messages = warning;
set lock_timeout = '5s';
set search_path = '';
select pg_advisory_lock(1380340045, 0) \g /dev/null

select to_regclass('ai.rfqflow_migration') is not null as installed \gset
\if :installed
do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' and name > 'migrations/0014_mapping.sql') then raise exception 'the database has been upgraded by a later release: use that one'; end if; end $$;
\endif

\ir rfq_check.sql

select to_regclass('ai.rfqflow_migration') is null as todo \gset
\if :todo
begin;
\ir migrations/0001_ledger_and_roles.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0001_ledger_and_roles.sql', '4d9a50a73ae86866607548e60ed5925bbeea3a6a8e355bf1956eb701ef298ea0', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0001_ledger_and_roles.sql' and sha256 <> '4d9a50a73ae86866607548e60ed5925bbeea3a6a8e355bf1956eb701ef298ea0') then raise exception 'migrations/0001_ledger_and_roles.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql') as todo \gset
\if :todo
begin;
\ir migrations/0002_routes_and_policy.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0002_routes_and_policy.sql', '4d70a820270b84db2ecdcb23aba0c42e685ba281ebc10cdaa7235d2f71e531f3', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql' and sha256 <> '4d70a820270b84db2ecdcb23aba0c42e685ba281ebc10cdaa7235d2f71e531f3') then raise exception 'migrations/0002_routes_and_policy.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql') as todo \gset
\if :todo
begin;
\ir migrations/0003_routes.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0003_routes.sql', 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql' and sha256 <> 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff') then raise exception 'migrations/0003_routes.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql') as todo \gset
\if :todo
begin;
\ir migrations/0004_queue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0004_queue.sql', 'b4d4ddc5ba312468dc7740a1f71367609686a14318c2aec9eea6995f3023025d', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql' and sha256 <> 'b4d4ddc5ba312468dc7740a1f71367609686a14318c2aec9eea6995f3023025d') then raise exception 'migrations/0004_queue.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql') as todo \gset
\if :todo
begin;
\ir migrations/0005_runs.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0005_runs.sql', '570a270089a3e1cd46c9fcb97ba410260835b3a6d0951a3da8d4ade544eed816', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql' and sha256 <> '570a270089a3e1cd46c9fcb97ba410260835b3a6d0951a3da8d4ade544eed816') then raise exception 'migrations/0005_runs.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0006_prompts_and_prices.sql') as todo \gset
\if :todo
begin;
\ir migrations/0006_prompts_and_prices.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0006_prompts_and_prices.sql', 'c3ed24e3852f49310e2cd720da3cb3aa0a3961a86fda31084b2a7d9ef42a9941', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0006_prompts_and_prices.sql' and sha256 <> 'c3ed24e3852f49310e2cd720da3cb3aa0a3961a86fda31084b2a7d9ef42a9941') then raise exception 'migrations/0006_prompts_and_prices.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql') as todo \gset
\if :todo
begin;
\ir migrations/0007_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0007_documents.sql', '24db68eba128813d7f29075600d17f7342b953dc5644fd31996875cedb9b3c20', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql' and sha256 <> '24db68eba128813d7f29075600d17f7342b953dc5644fd31996875cedb9b3c20') then raise exception 'migrations/0007_documents.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql') as todo \gset
\if :todo
begin;
\ir migrations/0008_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0008_guards.sql', 'bfbc30725ab943d07b76e3536527f4049bbcdf9371941bab65504a57d4d13c10', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql' and sha256 <> 'bfbc30725ab943d07b76e3536527f4049bbcdf9371941bab65504a57d4d13c10') then raise exception 'migrations/0008_guards.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql') as todo \gset
\if :todo
begin;
\ir migrations/0009_overrides.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0009_overrides.sql', '2c245ca1c69d665e8197ee986e93185b84f7c460aeab63da3227f526c3624ffa', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql' and sha256 <> '2c245ca1c69d665e8197ee986e93185b84f7c460aeab63da3227f526c3624ffa') then raise exception 'migrations/0009_overrides.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql') as todo \gset
\if :todo
begin;
\ir migrations/0010_evaluation.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0010_evaluation.sql', '878da01a152d99c4707acd3f8af6a1c2f7b6b7616b7c0f4024040e391129f089', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql' and sha256 <> '878da01a152d99c4707acd3f8af6a1c2f7b6b7616b7c0f4024040e391129f089') then raise exception 'migrations/0010_evaluation.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0011_actions.sql') as todo \gset
\if :todo
begin;
\ir migrations/0011_actions.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0011_actions.sql', '8304169cc0fbc32e76ba60f424399adb9dbf468e6f462964315965ce64faf83d', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0011_actions.sql' and sha256 <> '8304169cc0fbc32e76ba60f424399adb9dbf468e6f462964315965ce64faf83d') then raise exception 'migrations/0011_actions.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql') as todo \gset
\if :todo
begin;
\ir migrations/0012_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0012_retention.sql', 'd234d2bb43d031ca5957375058885a217b79d89b6e380fee2adff25068134e32', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql' and sha256 <> 'd234d2bb43d031ca5957375058885a217b79d89b6e380fee2adff25068134e32') then raise exception 'migrations/0012_retention.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql') as todo \gset
\if :todo
begin;
\ir migrations/0013_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0013_webhooks.sql', 'b230e7c6431770f35ea460ae299b4bfd4c45c13fc7b342a21d4c6905ada510b8', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql' and sha256 <> 'b230e7c6431770f35ea460ae299b4bfd4c45c13fc7b342a21d4c6905ada510b8') then raise exception 'migrations/0013_webhooks.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0014_mapping.sql') as todo \gset
\if :todo
begin;
\ir migrations/0014_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0014_mapping.sql', '40e3598ac09863c5d29ca7228b0756b6ac73fba361864c1f00515d5ce4a39fd4', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0014_mapping.sql' and sha256 <> '40e3598ac09863c5d29ca7228b0756b6ac73fba361864c1f00515d5ce4a39fd4') then raise exception 'migrations/0014_mapping.sql has been applied in another version'; end if; end $$;
\endif

begin;
\ir rfq_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_columns.sql', '6e89355da364ee7bcc1903648ad0a0c90c92f26dc0566a9a0a5c6e230c45986c', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', '5a403b0d5f7c23dfb727a44644225bc0b35fa022fcfd8113887f75d85aa78e0b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/12_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/12_mapping.sql', '3357e7d7e0ec74b07a1ea5263190f039b9feca616935f2d32ed1ae89f719f555', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/15_submit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/15_submit.sql', 'ba5f467b73ff6a8b6fe4cec2b15c9d7041f91c6ea6c5290e3468b3ca3f3bc7a7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', '92116f1974939b4015a7003d51c45690859bcd2d2a9678a65354573daf32fd36', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '82f5d75198843e5f5e65b481a4a6621a953a9368239fee4507f17dbf2ffbb170', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', 'f29b86d30deb4b911833aa2d0061f43f0471edf9acdf20f36adc568f6ea9cd81', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', '6ec13bf52bd1444e0855673b5e306ee67f86639fd975e998f4eb7d5fad108698', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/45_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/45_guards.sql', '3f0225f1aee21ff41bca13205dc72e5433893962df7d99be0621302f95242bd4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '6b8e96a22cecfc1973fcfa4d84405b1f4fc2d0f1a52c5c8ba4b189c84c149531', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', 'e682eceeb565d1bb4e50b2ab837d963a2e2f3bcba4fbdeebea91de593415f796', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/65_override.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/65_override.sql', 'a2b1881e2172c021cd313a30c9cb5bee730a58f8b2171fdfb0743fd73c178ccf', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/70_operate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/70_operate.sql', 'a30be3880f5cd860ca3c5a9f7214c77736b901fac9092274a79dea962b2d1459', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/72_rerun.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/72_rerun.sql', 'adfef5be92b607e092a246b5b52b0d7c808996a2374ff5bc100c27c92a416c99', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/75_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', '162bb496f292435e01c2212748da589a749f16392d73073eb7b22f4482b1c4db', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', 'aff03bdfd19e421b646e1569fe79b40a391953d53578640f72e8ae7362642e52', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/78_dialects.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/78_dialects.sql', '27206d6a2d37330ff53d6fba7c89d2c45747fbfc31e3622fd9f50579e7d9d3be', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'cbf9cf45ab6b21a2a8d76da4976a9557d4eecc9e73d5a08d7d9cbf944e7820cf', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/82_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/82_retention.sql', 'f35ea8c23ac04c37f9c2756357377d63e212d619382e1a6e876073b6eece0028', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/83_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/83_webhooks.sql', '4c89a965116199d3a1c04f235eb8d5c29e8c83d60ecfb46cdfd0166ed0743137', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '2770edbb71dba7558d2695f9270066b84059f99136b3533b19702e06b6300e4a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/87_evaluate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/87_evaluate.sql', '5404d7c34c7ed9efa21cfa39647dc51f57fa3d3d65def55385754519d7f1a9f7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/88_eval_requests.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/88_eval_requests.sql', 'f375a6c0829edab0879aaaa1253fed7cf15859c7f624670ffdca7046b7c98f34', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/89_drift.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/89_drift.sql', '7265b27197e1f9e6066c458483a6eeef5809f6a30b512847bea192360fe2e607', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/90_watch.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/90_watch.sql', '6ffc216b2878a8b9f4148e369388087147a122ef35f3bde5739c0c950a0686cc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_enqueue.sql', '0b4beeb167b576c2d790c5ac248bc3de50eeed318fd26053a1c9577aa566444f', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/guards.sql', 'd6744b848c80455e7c461bb5ca3516a158d8988c382d24fcb87567c0684de75b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', 'c6d1ce18ff4317553e6cd0e738d0bd94bddb851e0067ea6543fd72b594f3b03a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', '16dd5cb7196490e8bd6b34ac17932c2dc4ab34c5cb11f1c6ff487b241a2ebb45', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', '85d1183dcac378ce8891dc41c7b4a8a8ecdb6e970c96159fc3aec94f465b7f91', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/upkeep.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/upkeep.sql', '5f5742f3ffa14795674ca1b7ffb8078a9aaac4107923347d8c987372d181faf4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_triggers.sql', '7d0795f60d5df6523b0000478d2ca84593ef72753971ee85ffa7cd5b0d072785', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', '69a1a201992aa8f3062022b187bfaaedad6a87d1318e369a96202aa227f7235e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
