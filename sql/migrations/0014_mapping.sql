-- Which table holds the RFQs, under which names; and a place for the answers where that table has none for them.

create table ai.table_mapping (
  one         boolean primary key default true,
  declared    jsonb not null,
  table_name  text not null,
  key_type    text not null,
  columns     jsonb not null,
  ai_columns  text not null,
  attached_at timestamptz not null,
  constraint mapping_is_one_row check (one),
  constraint mapping_key_type_is_known check (key_type in ('uuid', 'number')),
  constraint mapping_ai_columns_is_known check (ai_columns in ('table', 'enrichment'))
);

comment on table ai.table_mapping is
  'The table that holds the RFQs and what its columns are called, as rfq_check.sql found it on the last migrate. Change it by migrating with another mapping, never here.';
comment on column ai.table_mapping.one is 'Always true: there is one row.';
comment on column ai.table_mapping.declared is 'The mapping as it was given; {} is public.rfq_requests as rfqflow makes it.';
comment on column ai.table_mapping.table_name is 'The table, quoted as in SQL.';
comment on column ai.table_mapping.key_type is
  'uuid: rfq_id is the key itself. number: rfq_id is its decimal digits as a uuid, 42 is 00000000-0000-0000-0000-000000000042.';
comment on column ai.table_mapping.columns is 'By rfqflow''s names, the table''s; null: it has none.';
comment on column ai.table_mapping.ai_columns is 'Where answers are written: table, its own columns ai_*, or enrichment, the table ai.enrichment.';
comment on column ai.table_mapping.attached_at is 'The installation''s time: older RFQs are never enriched by themselves.';
comment on constraint mapping_is_one_row on ai.table_mapping is 'There is one table of RFQs.';
comment on constraint mapping_key_type_is_known on ai.table_mapping is 'A closed set.';
comment on constraint mapping_ai_columns_is_known on ai.table_mapping is 'A closed set.';

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
comment on column ai.enrichment.rfq_number is 'Its key in the application''s table where that is a number: what to join by.';
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
