-- The schema ai, the roles that work in it, and the ledger of applied files. Other tools may also use a schema of this name: migrate
-- creates the schema if absent, and rfqflow never drops it.

do $$
begin
  -- CREATE SCHEMA IF NOT EXISTS needs CREATE on the database even if the schema exists.
  if to_regnamespace('ai') is null then
    create schema ai;
  end if;
end
$$;

do $$
begin
  -- Roles belong to the cluster: a migration of another database may have created them, or may be creating them now.
  if not exists (select from pg_roles where rolname = 'rfqflow_worker') then
    create role rfqflow_worker nologin;
  end if;
  if not exists (select from pg_roles where rolname = 'rfqflow_reader') then
    create role rfqflow_reader nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise notice 'rfqflow: roles rfqflow_worker and rfqflow_reader were not created, since this role may not create roles';
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
  'One row per file under sql/ that migrate has applied to this database.';
comment on column ai.rfqflow_migration.name is 'The file''s path under sql/.';
comment on column ai.rfqflow_migration.sha256 is 'SHA-256 of the file as applied, in hexadecimal. The hash of a migration never changes.';
comment on column ai.rfqflow_migration.breaking is 'True: workers of a release that does not have this file refuse to run.';
comment on column ai.rfqflow_migration.applied_at is 'When migrate first applied the file to this database.';
comment on constraint rfqflow_migration_sha256_is_hex on ai.rfqflow_migration is 'A hash must be hexadecimal, in lower case.';

create table ai.rfqflow_object (
  kind     text not null,
  identity text not null,
  primary key (kind, identity)
);

comment on table ai.rfqflow_object is
  'Objects that rfqflow created in schema ai, which other tools may also use. Migrate changes only the rights of these objects, and uninstall drops only these objects.';
comment on column ai.rfqflow_object.kind is 'Kind of the object, as pg_identify_object names it.';
comment on column ai.rfqflow_object.identity is 'Name of the object, with the arguments of a function, as pg_identify_object writes it.';
