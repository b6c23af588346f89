-- Creates or upgrades the whole database side: psql -f sql/install.sql. Safe to repeat, under live traffic.
-- Made from the files beside it; the ledger rows are those of `rfqflow migrate`.
\set ON_ERROR_STOP on
set client_min_messages = warning;
set lock_timeout = '5s';
set search_path = '';
select pg_advisory_lock(1380340045, 0) \g /dev/null

\ir rfq_check.sql

select to_regclass('ai.rfqflow_migration') is null as todo \gset
\if :todo
begin;
\ir migrations/0001_ledger_and_roles.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0001_ledger_and_roles.sql', '762972039bfdc76e5481893991ecf626ac878a9b329948e0ff5a0852425c52ec', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0001_ledger_and_roles.sql' and sha256 <> '762972039bfdc76e5481893991ecf626ac878a9b329948e0ff5a0852425c52ec') then raise exception 'migrations/0001_ledger_and_roles.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql') as todo \gset
\if :todo
begin;
\ir migrations/0002_routes_and_policy.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0002_routes_and_policy.sql', '5cb362b807a5c8a3898dddf1202817cd66f42d302e4a7e8ac0a9c40a800a66d8', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0002_routes_and_policy.sql' and sha256 <> '5cb362b807a5c8a3898dddf1202817cd66f42d302e4a7e8ac0a9c40a800a66d8') then raise exception 'migrations/0002_routes_and_policy.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql') as todo \gset
\if :todo
begin;
\ir migrations/0003_routes.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0003_routes.sql', '34aefc648d91b81bba9ed25859b0ad75bd233b62519a907e28c0c79e18883336', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql' and sha256 <> '34aefc648d91b81bba9ed25859b0ad75bd233b62519a907e28c0c79e18883336') then raise exception 'migrations/0003_routes.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql') as todo \gset
\if :todo
begin;
\ir migrations/0004_queue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0004_queue.sql', 'e8ae0f4b6191c38e17f94b2976214bac42b167daf7eaee439801707fc4382e8c', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0004_queue.sql' and sha256 <> 'e8ae0f4b6191c38e17f94b2976214bac42b167daf7eaee439801707fc4382e8c') then raise exception 'migrations/0004_queue.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql') as todo \gset
\if :todo
begin;
\ir migrations/0005_runs.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0005_runs.sql', 'b7ad762bf8ce15f3bd845ba556e496e3fbe25d9ac2f8cdb7f148ce13762696f8', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0005_runs.sql' and sha256 <> 'b7ad762bf8ce15f3bd845ba556e496e3fbe25d9ac2f8cdb7f148ce13762696f8') then raise exception 'migrations/0005_runs.sql has been applied in another version'; end if; end $$;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0008_guards.sql', '186ca71c3a46a9a1a06eab220bce5951c118db0fc1e3fede909c25d1e430d9d6', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0008_guards.sql' and sha256 <> '186ca71c3a46a9a1a06eab220bce5951c118db0fc1e3fede909c25d1e430d9d6') then raise exception 'migrations/0008_guards.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql') as todo \gset
\if :todo
begin;
\ir migrations/0009_overrides.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0009_overrides.sql', 'e99a2a880afda70b3e7f1914bab33015d8b1cc0a8e0f3f2234e22e844fea2e92', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql' and sha256 <> 'e99a2a880afda70b3e7f1914bab33015d8b1cc0a8e0f3f2234e22e844fea2e92') then raise exception 'migrations/0009_overrides.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql') as todo \gset
\if :todo
begin;
\ir migrations/0010_evaluation.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0010_evaluation.sql', 'd6513a542e2b962a2584837ace9eb66e384405041f52c97d292ef5cd98593023', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0010_evaluation.sql' and sha256 <> 'd6513a542e2b962a2584837ace9eb66e384405041f52c97d292ef5cd98593023') then raise exception 'migrations/0010_evaluation.sql has been applied in another version'; end if; end $$;
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

begin;
\ir rfq_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_columns.sql', '4ae68ae43cc2fdfadbea1a13e911d79c68af9532554760076824721b604291b3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', '09dcfbc5666931a71121837c6db78c2355bad47ce1cbd577b2a1ca9f18b57a15', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/15_submit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/15_submit.sql', 'a09b21c5a2a0c1cc0aa5d2d4703429b066a6df506e3153e36481e796dfca29d0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', 'a6ad4d86dbfdec8da991a51dde284ec11fb5f247f6e30cc3d1959263e8ecc6d9', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '85b8c05e1e47af5875404641721d07d89b7c762c2d92372b3f52ff3d97e4c541', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', 'db2d8974ffa7807991a9766ffec4c52873341c35cc464a066956b3eeba0548da', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', '796eac8533c442d70d7a25ed8aa06c2152ece21b9f08676c99dc06a484276ae8', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/45_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/45_guards.sql', 'e7c2f2611d34a72597b893ad732c84309c46bb874fb7e49a609b9ed6e3b2631d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '48016749ccf653b2a29c9cd8f6ba72cd714b7aa37c6ccb9757d9c43c045b708d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', 'be64bd45d41e21e72e949f4c3179da8c86112af59bc9cbdf047f0b45ece4adc4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/72_rerun.sql', 'a0ee0baf944187f099b600608c16f05f0dd34b29299af534a83dacea9c9e0bc7', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/75_prompts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', 'e8e8354a1ad606857b1e5fd816b95127e18efbda5020833939e52b37cf8cd99e', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', 'e5ff748aa037d730531c40468912c317260d7a888a302e43f9b344554fbe38a0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/78_dialects.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/78_dialects.sql', '27206d6a2d37330ff53d6fba7c89d2c45747fbfc31e3622fd9f50579e7d9d3be', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'ad46b2324c6fba6c916edb7624c91c55521ef60471a90ca24e6ae23bfd9d1793', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', 'c12afd783f1a73b670d817f14c97e2f10f28e393308e489b6a3dfe01cd38d437', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/87_evaluate.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/87_evaluate.sql', 'b5b0c1127a2310aa87bf672b2b7ce1a46aa54a353920fe5dfd9ec59b0d39df92', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/90_watch.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/90_watch.sql', '186551e614e2ca5d1fe6e77bf741678b030c7ea5e223691e7612683c56b11d18', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/guards.sql', '7bb72cff1aacf6cb5e860264de0221d18a6ce6a2add7a8f7147f29c4be195637', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', '2978795228110e3655d46cac106a57ead436e9e96beeb148b3c62261726e93d0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', '16dd5cb7196490e8bd6b34ac17932c2dc4ab34c5cb11f1c6ff487b241a2ebb45', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', '9ccdc219055f893847b482dd8887d87a6ac4c9e76fc880259d87ef3932e33290', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_triggers.sql', 'a9644981eda13316e12debe1e7f59de104404a3aa34655fc7dace68c10aec3b6', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', 'aa35cdb72733981611a5bb5e0303814b317523804b88b933b797971eb33fb5a4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
