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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0006_prompts_and_prices.sql', '16ac83c63688af4a04c45750585cc608073c90043fce6cd71d7ac5d8157910b0', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0006_prompts_and_prices.sql' and sha256 <> '16ac83c63688af4a04c45750585cc608073c90043fce6cd71d7ac5d8157910b0') then raise exception 'migrations/0006_prompts_and_prices.sql has been applied in another version'; end if; end $$;
\endif

select not exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql') as todo \gset
\if :todo
begin;
\ir migrations/0007_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('migrations/0007_documents.sql', '59118dfeb01892d0398221d0743c43903e5ceb7b323d7da4fce4425b648f55b9', false);
commit;
\else
do $$ begin if exists (select from ai.rfqflow_migration where name = 'migrations/0007_documents.sql' and sha256 <> '59118dfeb01892d0398221d0743c43903e5ceb7b323d7da4fce4425b648f55b9') then raise exception 'migrations/0007_documents.sql has been applied in another version'; end if; end $$;
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

begin;
\ir rfq_columns.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('rfq_columns.sql', '4ae68ae43cc2fdfadbea1a13e911d79c68af9532554760076824721b604291b3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/10_enqueue.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/10_enqueue.sql', 'c78da497643d89f93bca14caf4cfae5dc6217bf6b0d0bdcd720535cc3d87fb87', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/20_claim.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/20_claim.sql', 'e0f039181471214e95283246742c91d1293a98c1273e268634c471e5a6f4c27b', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/30_gate_facts.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/30_gate_facts.sql', '0fff80cbd13f66c9cffe9a658c0cbd29204cfbc5c215afc4160cf677f0fb7611', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/40_beat.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/40_beat.sql', '0df48228179d8fc54d6717bb049d53018e2327c6237722dfd3d09fe78fa812e1', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/50_finish.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/50_finish.sql', 'fa1e546224c26d76564fa72fb7ad9562c2aeb271610fefc5d6a7eb3c6c9da9dd', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/75_prompts.sql', 'bf7eca2d6d9afd2c5bc47b1087fa5a11654dc10204ae65ba8fce279dd0b43ea5', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/77_documents.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/77_documents.sql', 'e5ff748aa037d730531c40468912c317260d7a888a302e43f9b344554fbe38a0', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/80_maintain.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/80_maintain.sql', 'ad46b2324c6fba6c916edb7624c91c55521ef60471a90ca24e6ae23bfd9d1793', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir functions/85_rollup.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('functions/85_rollup.sql', '838fa8e1c99a64c18ea85c25976f648149f93263392dd701f83171e98ea09562', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

begin;
\ir views/metrics.sql
insert into ai.rfqflow_migration (name, sha256, breaking) values ('views/metrics.sql', '736db245f180e8fe7826936bd5dc8e175cf698fd256cbce3af63e9b283bdb9e2', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
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
insert into ai.rfqflow_migration (name, sha256, breaking) values ('grants.sql', '83bcf753bbde23bebee0fd075cf9ed75acd1d37bccb81a74f3bddee17ed7f8d3', false) on conflict (name) do update set sha256 = excluded.sha256, applied_at = case when rfqflow_migration.sha256 = excluded.sha256 then rfqflow_migration.applied_at else clock_timestamp() end;
commit;

select pg_advisory_unlock(1380340045, 0) \g /dev/null
