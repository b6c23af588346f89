-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.
-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`.
\set ON_ERROR_STOP on
set client_min_messages = warning;
set lock_timeout = '5s';
set search_path = '';
select pg_advisory_lock(1380340045, 0) \g /dev/null

select to_regclass('ai.rfqflow_migration') is not null as installed \gset
\if :installed
do $$ begin if exists (select from ai.rfqflow_migration where name like 'migrations/%' and name > 'migrations/0019_locks.sql') then raise exception 'the database has been upgraded by a later release: use that one'; end if; end $$;
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

select not exists (select from ai.rfqflow_migration where name = 'migrations/0015_reading.sql') as todo \gset
\if :todo
begin;
\ir migrations/0015_reading.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0015_reading.sql', '978399975ef7f7ff7a31ca4a842f6d876544107cf06b188306548c5dc58fc547', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0015_reading.sql' and sha256 <> '978399975ef7f7ff7a31ca4a842f6d876544107cf06b188306548c5dc58fc547') then raise exception 'migrations/0015_reading.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0017_replica_identity.sql') as todo \gset
\if :todo
begin;
\ir migrations/0017_replica_identity.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0017_replica_identity.sql', '68f8dd7b5318eeab6ccc9fbc3aaed4b6575d33236c641a8076607bd06f96e871', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0017_replica_identity.sql' and sha256 <> '68f8dd7b5318eeab6ccc9fbc3aaed4b6575d33236c641a8076607bd06f96e871') then raise exception 'migrations/0017_replica_identity.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0018_accepted_answers.sql') as todo \gset
\if :todo
begin;
\ir migrations/0018_accepted_answers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0018_accepted_answers.sql', 'bfb89f4ad6f689cbf993cab44e07f72a20c85c1a82d29b0e18e6bd79e39e960e', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0018_accepted_answers.sql' and sha256 <> 'bfb89f4ad6f689cbf993cab44e07f72a20c85c1a82d29b0e18e6bd79e39e960e') then raise exception 'migrations/0018_accepted_answers.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0019_locks.sql') as todo \gset
\if :todo
begin;
\ir migrations/0019_locks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0019_locks.sql', '200b704723edbbe7c2effc0305b9b41e9fba1cb1d1c077258252b37a1810426c', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0019_locks.sql' and sha256 <> '200b704723edbbe7c2effc0305b9b41e9fba1cb1d1c077258252b37a1810426c') then raise exception 'migrations/0019_locks.sql has been applied in another version'; end if; end $$;
\endif

begin;
\ir rfq_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_columns.sql', 'a2d60ff7b737a5e44fc2c76d919de9de00a448ce5537f28f85c431da381e33ea', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_path.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_path.sql', 'ea5060139fdde893e23dd846bb11465f40316c44994064a4f95cfaa0f8439644', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/05_locks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/05_locks.sql', '9b24ea6160eea32ad3fb032d18dc7fed6eff9b9a9c0d5d9539fd916d3b0254fd', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', 'b2798e1b52bc66a095a5f2de795b673c22dbf335f26f47d1224d109833c424ed', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/12_mapping.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/12_mapping.sql', 'd66aecc5a354e19eb76c2ea60fee32c7de692ef67cd38721e28eff1d7b979998', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/15_submit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/15_submit.sql', '28e73ab3496460502e88ae31868dccbe3cb8892e25370d4f317e36697f87718e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', '04bd26a4e83a0c68dfacd0d7c540d28b4b6994c67d042fa2561284a951b47c38', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '09870c0f79f7950a8d26f53d2cb6af5b56defa7ccf02ad1aa2f9d7d62d1ee3ae', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/34_windows.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/34_windows.sql', '1028c48d257fb3309999312ace2e64bc522abd3cba249f8204ce3c5ef20f096e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', '1a6f30795fc63682a0a13d57fd8b960a30641e9813ba32cd465a7ef49d1b2321', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', 'd9218b22627c44ab9547f1e4205d60a9974433627d5b18587d9bae85387c40b0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/44_evidence.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/44_evidence.sql', '87b03522cc669d92b906e32b3a3a8db3560b5db278a567f601e33b61f35f759a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/45_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/45_guards.sql', '0e2ad48006f5b55c25a4b00841fc997f6f41eccc58c87aa87dbf4c61be863239', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '483aa3692caeb79c34774ccf7fbd718ab70b6fe6eeeb4af1296add120beccbb4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/55_refused.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/55_refused.sql', 'b1727f834934c5d515936b22829de005f970695fafb2368fa310ec98794640f1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', '4e7d483d8298ba16e65b6d83790be3f1edfaac3095370346e69f9b585d9da7a9', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/65_override.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/65_override.sql', '4150689bfa3a1efef7e510ccdfd5130df8bae098315b888bf890c565d5bfef62', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/70_operate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/70_operate.sql', '686798e0281644e9169b25e4310be64d81f197136b728dc8b5948cb13a64d446', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/72_rerun.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/72_rerun.sql', '8c888ad5897504a8b8960be6bbf8f93b8cd57cd31d7ee9de3baabd48038b7d49', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/75_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', '07c6df39d6a24c50e7cffa27127830b8a14bcc5e84662f3dd6055cf53483c2be', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', '652bed162f252124808c8e50cbb1eafd7c73cd8b399ff9ad4a957c79306b99c1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/78_dialects.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/78_dialects.sql', 'fe67cb9873d45cca6d0175888e049308955fafa5d60343976dae2d151b0f4e91', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'c80b9c236b37c321cff2ef1b411f04c5f2ec7a7105eefe7804ab50cedd03a0ce', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/82_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/82_retention.sql', 'd3b538c118da8a26eb4b6fbbcb1dcc13ad1be64b638422faa0a286d64d44289e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/83_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/83_webhooks.sql', 'c0478adbaa3491389ae154ac03b0ceb87fe02edbb20967d34ccd1e488fae05f8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '00130257f3be20e13ee3895a8b44f7bf1f681ff5fbfbe3397302acf938e70919', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/87_evaluate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/87_evaluate.sql', '4a0911a0b52e24dfe9a8b096ee1df9b84687badd817a9ff6470ba4a8c495b4cc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/88_eval_requests.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/88_eval_requests.sql', '8e668e12a9359c6984e0bcf77b3152fdc5e5d7feef5bf75f8668e2802dfdb616', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/89_drift.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/89_drift.sql', '8ff598db60eb09971163d7d8dc6589d6f1f21bc71cb976bd2df288fdb9ca91fc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/90_watch.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/90_watch.sql', '596c485a69fc757c8992bc34b2207737edc90adc95d18778b53e357ecf238882', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_enqueue.sql', 'f986f855594a0c9fd3dcb2de8b6ed84a149cff9a54da853a596c3079dd88e826', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_guard.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_guard.sql', 'aea434aba432e563402b1e619bc8ba69fd0e98dac0976e12acfe03cb4118ce3d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/guards.sql', 'a6f719fc0f2ea76c7edaae3e967813497bc7cec44761e0c910ec26443721b2ca', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', 'e6b9f65e8c6efdd0a3f2917c57f3dc9e6ac3cdf0036a17d35779d97fcfaeb57e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', 'bee4769b29378113905d3a2e000aeb5f27d9737c37d0fdfa05eb6087ae804c8d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', '19b427c96698173c8571d819fceeba9a5f5807693941f9aae3a472690e90aee5', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/upkeep.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/upkeep.sql', '5f5742f3ffa14795674ca1b7ffb8078a9aaac4107923347d8c987372d181faf4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_triggers.sql', '3a8d57c6298d7c9745c551da8e3f7a73222b902161d8e45c239aaa405fadf57a', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', '64b0516f49d641b8fd7b598983a66841367749b325efa8bf985ad889c7af54e1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
