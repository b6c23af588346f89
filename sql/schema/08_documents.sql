-- Your team's reference documents. While policy rag is on, workers add matching documents to the prompt.

create table ai.documents (
  id         bigint generated always as identity primary key,
  kind       text not null,
  title      text not null,
  body       text not null,
  keys       text[] not null default '{}',
  language   text,
  route      text,
  sha256     bytea not null unique,
  search     tsvector not null generated always as (
    setweight(to_tsvector('simple', title), 'A') || setweight(to_tsvector('simple', body), 'D')) stored,
  created_at timestamptz not null default clock_timestamp(),
  created_by text not null,
  is_active  boolean not null default true,
  constraint documents_kind_is_known check (kind in ('glossary', 'catalogue', 'rule', 'example')),
  constraint documents_title_is_short check (length(title) between 1 and 200),
  constraint documents_body_is_bounded check (length(body) between 1 and 100000),
  constraint documents_language_is_a_code check (language ~ '^[a-z]{2,3}$'),
  constraint documents_route_exists foreign key (route) references ai.routes (slug) on delete set null
);
-- Ranking reads this column for each match. With this setting, PostgreSQL keeps the column in the row if possible, and moves the body out
-- of the row first.
alter table ai.documents alter column search set storage main;
-- fastupdate is off: after a bulk load, every search would read the whole pending list until the next vacuum.
create index documents_search on ai.documents using gin (search) with (fastupdate = off) where is_active;
create index documents_keys on ai.documents using gin (keys) with (fastupdate = off) where is_active;
create index documents_route on ai.documents (route) where route is not null;

comment on table ai.documents is
  'Your team''s reference documents: glossary, catalogue, routing rules and examples. ai.add_document adds a document. Title and body never change, since runs refer to documents by id.';
comment on column ai.documents.id is 'The id that ai.rag_runs.context_refs names.';
comment on column ai.documents.kind is
  'glossary (what a word means), catalogue (what you make or sell), rule (which team takes what), or example (a past RFQ and its confirmed route).';
comment on column ai.documents.title is 'Title. In a search it counts ten times as much as the body.';
comment on column ai.documents.body is 'Text of the document. The model treats it as data, never as instructions.';
comment on column ai.documents.keys is 'Part numbers and similar terms, as ai.document_keys writes them. A search matches a key as a whole; dashes, dots and case do not matter.';
comment on column ai.documents.language is 'ISO 639 code, for people; searches ignore it.';
comment on column ai.documents.route is 'Route that the document suggests.';
comment on column ai.documents.sha256 is 'SHA-256 of title and body. The same text is the same document.';
comment on column ai.documents.search is 'Words of title and body without stemming, since RFQs may be in any language.';
comment on column ai.documents.created_at is 'When the document was added.';
comment on column ai.documents.created_by is 'Who added the document.';
comment on column ai.documents.is_active is 'False: the document is removed, and no search finds it. It stays readable for runs that used it.';
comment on constraint documents_sha256_key on ai.documents is 'A document is stored only once: a copy would take room in the prompt a second time.';
comment on constraint documents_kind_is_known on ai.documents is 'One of the allowed values.';
comment on constraint documents_title_is_short on ai.documents is 'A title must be one short line.';
comment on constraint documents_body_is_bounded on ai.documents is 'PostgreSQL limits a search index entry to 1 MB. A prompt takes far less text: see policy rag_tokens.';
comment on constraint documents_language_is_a_code on ai.documents is 'Two or three lower case letters.';
comment on constraint documents_route_exists on ai.documents is 'When a route is deleted, its documents stay without a route.';
comment on index ai.documents_search is 'Used by ai.search_documents to find words.';
comment on index ai.documents_keys is 'Used by ai.search_documents to find part numbers.';
comment on index ai.documents_route is 'Used by the foreign key when a route is deleted.';

create table ai.document_terms (
  lexeme    text primary key,
  documents integer not null,
  constraint document_terms_are_counted check (documents >= 0)
);

comment on table ai.document_terms is
  'Number of active documents that contain each word. A trigger on ai.documents updates the numbers. By them, a search finds an RFQ''s rarest words without reading all documents.';
comment on column ai.document_terms.lexeme is 'The word. The row with the empty word counts all documents.';
comment on column ai.document_terms.documents is 'Number of active documents that contain the word.';
comment on constraint document_terms_are_counted on ai.document_terms is 'A count cannot be negative.';
