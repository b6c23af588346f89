-- Which table holds the RFQs, under which names; and a place for the answers where that table has none for them.

create table ai.table_mapping (
  one          boolean primary key default true,
  declared     jsonb not null,
  table_name   text not null,
  key_type     text not null,
  columns      jsonb not null,
  ai_columns   text not null,
  attached_at  timestamptz not null,
  id_is_unique boolean not null default true,
  marked       oid[] not null default '{}',
  state        text not null default 'attached',
  state_since  timestamptz not null default clock_timestamp(),
  mode_before  text,
  constraint mapping_is_one_row check (one),
  constraint mapping_key_type_is_known check (key_type in ('uuid', 'number')),
  constraint mapping_ai_columns_is_known check (ai_columns in ('table', 'enrichment')),
  constraint mapping_state_is_known check (
    state in ('attached', 'detached', 'other_table', 'no_table', 'triggers_missing', 'triggers_disabled'))
);

comment on table ai.table_mapping is
  'The table that holds the RFQs and what its columns are called, as attach/10_check.sql found it on the last migrate. Change it by migrating with another mapping, never here.';
comment on column ai.table_mapping.one is 'Always true: there is one row.';
comment on column ai.table_mapping.declared is 'The mapping as it was given; {} is public.rfq_requests as rfqflow makes it.';
comment on column ai.table_mapping.table_name is 'The table, quoted as in SQL.';
comment on column ai.table_mapping.key_type is
  'uuid: rfq_id is the key itself. number: rfq_id is its decimal digits as a uuid, 42 is 00000000-0000-0000-0000-000000000042.';
comment on column ai.table_mapping.columns is 'By rfqflow''s names, the table''s; null: it has none.';
comment on column ai.table_mapping.ai_columns is 'Where answers are written: table, its own columns ai_*, or enrichment, the table ai.enrichment.';
comment on column ai.table_mapping.attached_at is 'The installation''s time: older RFQs are never enriched by themselves.';
comment on column ai.table_mapping.id_is_unique is
  'The table itself lets no id occur twice. Where it does (parts, and a key that holds more than the id; no unique index), ai.rfq_ids says which row an id belongs to.';
comment on column ai.table_mapping.marked is
  'The table, and its parts, to which rfqflow added ai_status: a row there that has one came since. Elsewhere the time of submission tells.';
comment on column ai.table_mapping.state is
  'Whether rfqflow is on the table, as the last migrate, detach or look of a daemon found it: see ai.attachment.';
comment on column ai.table_mapping.state_since is 'Since when.';
comment on column ai.table_mapping.mode_before is 'The policy mode before rfqflow was detached: migrate brings it back.';
comment on constraint mapping_is_one_row on ai.table_mapping is 'There is one table of RFQs.';
comment on constraint mapping_key_type_is_known on ai.table_mapping is 'A closed set.';
comment on constraint mapping_ai_columns_is_known on ai.table_mapping is 'A closed set.';
comment on constraint mapping_state_is_known on ai.table_mapping is 'A closed set.';

create table ai.enrichment (
  rfq_id            uuid primary key,
  rfq_number        bigint,
  ai_status         text,
  ai_reason         text,
  ai_review         text,
  ai_summary        text,
  ai_tags           text[],
  ai_route          text,
  ai_urgency        text,
  ai_confidence     real,
  ai_extracted      jsonb,
  ai_content_sha256 bytea,
  ai_prompt_version text,
  ai_model          text,
  ai_updated_at     timestamptz
) with (fillfactor = 70);  -- as of public.rfq_requests: a later answer stays a HOT update

create unique index enrichment_rfq_number on ai.enrichment (rfq_number) where rfq_number is not null;

comment on table ai.enrichment is
  'What AI made of an RFQ, where the mapping keeps it out of the application''s table; empty otherwise. A row comes with the first end or wait: an RFQ without one is pending, or older than the installation.';
comment on column ai.enrichment.rfq_id is 'The RFQ; no foreign key, so that nothing here can hinder the application.';
comment on column ai.enrichment.rfq_number is 'The RFQ''s key in the application''s table, if that key is a number. Join by it.';
comment on column ai.enrichment.ai_status is 'pending, deferred, done, skipped or failed.';
comment on column ai.enrichment.ai_reason is 'Why it is deferred, skipped or failed: a code.';
comment on column ai.enrichment.ai_review is 'Why a person must look, else null: a code.';
comment on column ai.enrichment.ai_summary is 'One paragraph.';
comment on column ai.enrichment.ai_tags is 'Slugs.';
comment on column ai.enrichment.ai_route is 'The model''s routing hint, a slug of ai.routes; an override wins in ai.rfq_status.route.';
comment on column ai.enrichment.ai_urgency is 'low, normal, high or critical.';
comment on column ai.enrichment.ai_confidence is 'Of the route, 0 to 1.';
comment on column ai.enrichment.ai_extracted is 'Line items, dates, what is missing and why; schema_version tells its shape.';
comment on column ai.enrichment.ai_content_sha256 is 'Hash of the message that the answer is about.';
comment on column ai.enrichment.ai_prompt_version is 'Prompt the answer was made with.';
comment on column ai.enrichment.ai_model is 'Model that gave it.';
comment on column ai.enrichment.ai_updated_at is 'When rfqflow last wrote here.';
comment on index ai.enrichment_rfq_number is 'Serves joins from a table whose key is a number.';

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
