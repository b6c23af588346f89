-- Under a publication for all tables, what has no replica identity refuses each update and delete.

alter table ai.outbox_missed replica identity full;

-- Whether an id can occur twice in the application's table; rfq_check.sql finds out on each migrate.
alter table ai.table_mapping add column id_is_unique boolean not null default true;
comment on column ai.table_mapping.id_is_unique is
  'The table itself lets no id occur twice. Where it does (parts, and a key that holds more than the id; no unique index), ai.rfq_ids says which row an id belongs to.';

create table ai.rfq_ids (
  rfq_id uuid primary key
) with (fillfactor = 100);
comment on table ai.rfq_ids is
  'The ids that are taken, where the application''s table lets them occur twice; empty otherwise. The first row of an id has it, a later one is refused.';
comment on column ai.rfq_ids.rfq_id is 'The id.';

create table ai.refused_rows (
  rfq_id     uuid not null,
  part       oid not null,
  place      tid not null,
  refused_at timestamptz not null default clock_timestamp(),
  constraint refused_rows_pkey primary key (rfq_id, part, place)
);
comment on table ai.refused_rows is
  'Rows of the application''s table that came with the id of another and are not enriched. Counted by rfqflow doctor.';
comment on column ai.refused_rows.rfq_id is 'The id that was taken.';
comment on column ai.refused_rows.part is 'The table, or the part of it, that holds the row.';
comment on column ai.refused_rows.place is 'Where in it the row was put.';
comment on column ai.refused_rows.refused_at is 'When it was inserted.';
comment on constraint refused_rows_pkey on ai.refused_rows is 'Serves the look of ai.rfqs at one row.';
