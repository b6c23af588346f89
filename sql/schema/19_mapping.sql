-- The mapping to the application's table, and a table for answers if the application's table has no columns for them.

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
  attachments  jsonb,
  constraint mapping_is_one_row check (one),
  constraint mapping_key_type_is_known check (key_type in ('uuid', 'number')),
  constraint mapping_ai_columns_is_known check (ai_columns in ('table', 'enrichment')),
  constraint mapping_state_is_known check (
    state in ('attached', 'detached', 'other_table', 'no_table', 'triggers_missing', 'triggers_disabled'))
);

comment on table ai.table_mapping is
  'The application''s table and its column names, as attach/10_check.sql found them in the last migrate. To change the mapping, run migrate with another one.';
comment on column ai.table_mapping.one is 'Always true, so that the table has one row.';
comment on column ai.table_mapping.declared is 'The mapping that was passed to migrate; {} means public.rfq_requests as rfqflow creates it.';
comment on column ai.table_mapping.table_name is 'Name of the table, quoted for SQL.';
comment on column ai.table_mapping.key_type is
  'uuid: rfq_id is the table''s key. number: rfq_id is the key''s decimal digits as a uuid; 42 is 00000000-0000-0000-0000-000000000042.';
comment on column ai.table_mapping.columns is 'Column names of the table by rfqflow''s names; null: the table has no such column.';
comment on column ai.table_mapping.ai_columns is 'Where answers go. table: columns ai_* of the application''s table. enrichment: ai.enrichment.';
comment on column ai.table_mapping.attached_at is 'When rfqflow was installed on the table. Older RFQs are enriched only by a backfill.';
comment on column ai.table_mapping.id_is_unique is
  'True: a unique index of the table prevents duplicate ids. False (for example, a partitioned table whose key has more columns than the id): ai.rfq_ids records the ids in use.';
comment on column ai.table_mapping.marked is
  'Tables and partitions to which rfqflow added ai_status. In these, a row with a value in ai_status is newer than the installation. In other partitions, the time of submission decides.';
comment on column ai.table_mapping.state is
  'Whether rfqflow is attached to the table, as the last migrate, detach or check by a worker found. See ai.attachment.';
comment on column ai.table_mapping.state_since is 'When the state began.';
comment on column ai.table_mapping.mode_before is 'Policy mode before rfqflow detach; migrate restores it.';
comment on column ai.table_mapping.attachments is
  'The table of attachments as the last migrate found it: table, columns by rfqflow''s names, is_made (rfqflow created the table), since (when rfqflow began to read attachments). Null: there is no such table.';
comment on constraint mapping_is_one_row on ai.table_mapping is 'The table has one row.';
comment on constraint mapping_key_type_is_known on ai.table_mapping is 'One of the allowed values.';
comment on constraint mapping_ai_columns_is_known on ai.table_mapping is 'One of the allowed values.';
comment on constraint mapping_state_is_known on ai.table_mapping is 'One of the allowed values.';

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
) with (fillfactor = 70);  -- as for public.rfq_requests: a later answer is a HOT update

create unique index enrichment_rfq_number on ai.enrichment (rfq_number) where rfq_number is not null;

comment on table ai.enrichment is
  'Answers, if the mapping keeps them out of the application''s table; otherwise empty. An RFQ gets a row when it is first finished or deferred. An RFQ without a row is pending, or older than the installation.';
comment on column ai.enrichment.rfq_id is 'The RFQ. There is no foreign key, so that this table never blocks the application.';
comment on column ai.enrichment.rfq_number is 'Key of the RFQ in the application''s table, if the key is a number. Use it for joins.';
comment on column ai.enrichment.ai_status is 'pending, deferred, done, skipped or failed.';
comment on column ai.enrichment.ai_reason is 'Code: why the RFQ is deferred, skipped or failed.';
comment on column ai.enrichment.ai_review is 'Code: why a person must review the answer; null: no review needed.';
comment on column ai.enrichment.ai_summary is 'Summary in one paragraph.';
comment on column ai.enrichment.ai_tags is 'Tags, as slugs.';
comment on column ai.enrichment.ai_route is 'Route by the model, a slug of ai.routes. An override takes precedence in ai.rfq_status.route.';
comment on column ai.enrichment.ai_urgency is 'low, normal, high or critical.';
comment on column ai.enrichment.ai_confidence is 'Confidence of the route, from 0 to 1.';
comment on column ai.enrichment.ai_extracted is 'Line items, dates, and what is missing and why. schema_version names its format.';
comment on column ai.enrichment.ai_content_sha256 is 'Hash of the message that the answer is about.';
comment on column ai.enrichment.ai_prompt_version is 'Prompt version of the answer.';
comment on column ai.enrichment.ai_model is 'Model that gave the answer.';
comment on column ai.enrichment.ai_updated_at is 'When rfqflow last wrote the row.';
comment on index ai.enrichment_rfq_number is 'Used by joins from a table whose key is a number.';

create table ai.rfq_ids (
  rfq_id uuid primary key
) with (fillfactor = 100);

comment on table ai.rfq_ids is
  'Ids in use, if the application''s table allows duplicate ids; otherwise empty. The first row with an id gets enriched; rfqflow refuses later rows with this id.';
comment on column ai.rfq_ids.rfq_id is 'The id in use.';

create table ai.refused_rows (
  rfq_id     uuid not null,
  part       oid not null,
  place      tid not null,
  refused_at timestamptz not null default clock_timestamp(),
  constraint refused_rows_pkey primary key (rfq_id, part, place)
);

comment on table ai.refused_rows is
  'Rows of the application''s table with another row''s id, which are not enriched. rfqflow doctor counts them.';
comment on column ai.refused_rows.rfq_id is 'The duplicate id.';
comment on column ai.refused_rows.part is 'Oid of the table or partition that has the row.';
comment on column ai.refused_rows.place is 'ctid of the row at its insert.';
comment on column ai.refused_rows.refused_at is 'When the row was inserted.';
comment on constraint refused_rows_pkey on ai.refused_rows is 'Used by ai.rfqs to leave out a row.';
