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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0003_routes.sql', 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0003_routes.sql' and sha256 <> 'a4e4904d2bb4c22f5eec04b1d0f20fa70d0c5f93dd062978e81e0ca1809b2aff') then raise exception 'migrations/0003_routes.sql has been applied in another version'; end if; end $$;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0009_overrides.sql', '2c245ca1c69d665e8197ee986e93185b84f7c460aeab63da3227f526c3624ffa', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0009_overrides.sql' and sha256 <> '2c245ca1c69d665e8197ee986e93185b84f7c460aeab63da3227f526c3624ffa') then raise exception 'migrations/0009_overrides.sql has been applied in another version'; end if; end $$;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0012_retention.sql', '96c36ad2011e6480c3087a60b59eb024bf37fcebcad58c58bc436588ae00821f', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0012_retention.sql' and sha256 <> '96c36ad2011e6480c3087a60b59eb024bf37fcebcad58c58bc436588ae00821f') then raise exception 'migrations/0012_retention.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql') as todo \gset
\if :todo
begin;
\ir migrations/0013_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0013_webhooks.sql', 'f09fa4676c0abd7371637da8f76b1d2d32dfd6233950d2b7581db8dbbeed2fa2', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0013_webhooks.sql' and sha256 <> 'f09fa4676c0abd7371637da8f76b1d2d32dfd6233950d2b7581db8dbbeed2fa2') then raise exception 'migrations/0013_webhooks.sql has been applied in another version'; end if; end $$;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', '030b5c320425050b7306d2dc4ac5f7f062da1776a94887eaeb3ef54ada8ce158', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '3173f86398b34ab52290db3852f9578ad2835c439ac129199adf14177cf81474', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/35_admit.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/35_admit.sql', '7cd1e820e72add2652022c4fe3ee136e64b818d3d68df1a74ec41b67f05b5766', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', '820af9c9337ac9eaca0b780888cab1f3c61aaea3d807e9c20dbda5eb6e921d9b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/45_guards.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/45_guards.sql', 'e389699a9014d8219b6edd598dd50166f2898eeca1dd02c8592a4e2aed09e1c1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', '8da8a39c6227c748580062a82364bcb6198a7f871030c7b65f90228bb9b480ef', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/60_reclaim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/60_reclaim.sql', '3bcc84d729eeaa256086d2f85f40fa522c3c385ea60a871fdd7caeeaa4691f19', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', '6ea94ce61a6b7bfa83993b48ae97af0827837f17d96fc9e5625043d2578a0bdc', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'a8711e82175d82cac2e8df30e89b763c5b5e727f76673e438af2cf3376fd0570', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/82_retention.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/82_retention.sql', '4f321a0c7d103332d77f3f95c967577642c32d0d96db7f1a56784fffce4449ea', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/83_webhooks.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/83_webhooks.sql', '6fc9700778487941713f19a1b3dbe30690df3006dfdec130468ac154eb244abb', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '838fa8e1c99a64c18ea85c25976f648149f93263392dd701f83171e98ea09562', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', '13c90e32f4bb9cca7ad974930c44fc6681f109120d2eb57845d856ce739b0f9d', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/status.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/status.sql', '16dd5cb7196490e8bd6b34ac17932c2dc4ab34c5cb11f1c6ff487b241a2ebb45', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/totals.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/totals.sql', '303455f700d9cc88710fe38166657c130ed3f9b1823c4418636f608456dcab4c', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/upkeep.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/upkeep.sql', '5f5742f3ffa14795674ca1b7ffb8078a9aaac4107923347d8c987372d181faf4', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir rfq_triggers.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_triggers.sql', 'a9644981eda13316e12debe1e7f59de104404a3aa34655fc7dace68c10aec3b6', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir grants.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', '334c77f81f8724a3da219a491776d61a2c9668bee14d2d4c0c21685abe7379c5', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
