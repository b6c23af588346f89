-- The schema, who may act in it, and the ledger of what has been applied.
-- Other tools live in a schema of this name too: it is created if absent and never dropped.

do $$
begin
  -- CREATE SCHEMA IF NOT EXISTS asks for CREATE on the database though the schema is there.
  if to_regnamespace('ai') is null then
    create schema ai;
  end if;
end
$$;

do $$
begin
  -- Roles belong to the cluster: another database of it may have made them, perhaps in this very moment.
  if not exists (select from pg_roles where rolname = 'rfqflow_worker') then
    create role rfqflow_worker nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'rfqflow_reader') then
    create role rfqflow_reader nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise notice 'rfqflow: no right to create roles; the roles rfqflow_worker and rfqflow_reader were left out';
end
$$;

create table if not exists ai.rfqflow_migration (
  name       text primary key,
  sha256     text not null,
  breaking   boolean not null default false,
  applied_at timestamptz not null default clock_timestamp(),
  constraint rfqflow_migration_sha256_is_hex check (sha256 ~ '^[0-9a-f]{64}$')
);

comment on table ai.rfqflow_migration is
  'One row per file of rfqflow''s sql/ that this database has.';
comment on column ai.rfqflow_migration.name is 'The file''s path under sql/.';
comment on column ai.rfqflow_migration.sha256 is 'Hash of the file as applied, hex; a migration''s never changes.';
comment on column ai.rfqflow_migration.breaking is 'Workers of a release that does not know this file must not run.';
comment on column ai.rfqflow_migration.applied_at is 'When the file was first applied here.';
comment on constraint rfqflow_migration_sha256_is_hex on ai.rfqflow_migration is 'Hex, lower case.';

create table ai.rfqflow_object (
  kind     text not null,
  identity text not null,
  primary key (kind, identity)
);

comment on table ai.rfqflow_object is
  'What rfqflow made in schema ai, where other tools may have objects too: migrate touches the rights of these only, and uninstall drops these only.';
comment on column ai.rfqflow_object.kind is 'What it is, in the words of pg_identify_object.';
comment on column ai.rfqflow_object.identity is 'Its name, and of a function its arguments, as pg_identify_object writes them.';
