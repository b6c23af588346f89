-- What the desk knows and a model does not: retrieved for each RFQ while the policy rag is on.

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
-- Ranking reads it for each hit: in the row itself where it fits, the body goes out first.
alter table ai.documents alter column search set storage main;
-- Without pending lists (fastupdate), which every search after a bulk load would have to walk until the next vacuum.
create index documents_search on ai.documents using gin (search) with (fastupdate = off) where is_active;
create index documents_keys on ai.documents using gin (keys) with (fastupdate = off) where is_active;
create index documents_route on ai.documents (route) where route is not null;

comment on table ai.documents is
  'Texts of the desk''s own that help to read an RFQ: glossary, catalogue, routing rules, examples. Added by ai.add_document; title and body never change, since runs name them.';
comment on column ai.documents.id is 'What ai.rag_runs.context_refs names.';
comment on column ai.documents.kind is
  'glossary (what a word means here), catalogue (what we sell or make), rule (who takes what), example (a past RFQ and where it went, confirmed by a person).';
comment on column ai.documents.title is 'What it is about; counts ten times what the body does in a search.';
comment on column ai.documents.body is 'The text. Data to a model, never an instruction.';
comment on column ai.documents.keys is 'Part numbers and the like, as ai.document_keys spells them: found exactly, whatever dashes, dots and case.';
comment on column ai.documents.language is 'ISO 639 code, for people; searches do not look at it.';
comment on column ai.documents.route is 'Route it speaks for.';
comment on column ai.documents.sha256 is 'Hash of title and body: the same text is one document.';
comment on column ai.documents.search is 'Words of title and body, unstemmed: RFQs come in any language.';
comment on column ai.documents.created_at is 'When it was added.';
comment on column ai.documents.created_by is 'By whom.';
comment on column ai.documents.is_active is 'False: removed; no search finds it, runs that named it can still be read.';
comment on constraint documents_sha256_key on ai.documents is 'The same text is never two documents: it would fill the prompt twice.';
comment on constraint documents_kind_is_known on ai.documents is 'A closed set.';
comment on constraint documents_title_is_short on ai.documents is 'A line.';
comment on constraint documents_body_is_bounded on ai.documents is 'A search index holds at most 1 MB for one row; a prompt takes far less: rag_tokens.';
comment on constraint documents_language_is_a_code on ai.documents is 'Two or three letters, lower case.';
comment on constraint documents_route_exists on ai.documents is 'A route that is gone is spoken for by nobody.';
comment on index ai.documents_search is 'Serves the words of ai.search_documents.';
comment on index ai.documents_keys is 'Serves the part numbers of ai.search_documents.';
comment on index ai.documents_route is 'Serves the foreign key, when a route is deleted.';

create table ai.document_terms (
  lexeme    text primary key,
  documents integer not null,
  constraint document_terms_are_counted check (documents >= 0)
);

comment on table ai.document_terms is
  'In how many active documents each word is, kept by a trigger on ai.documents: a search takes an RFQ''s rarest words, and must not count them by reading everything.';
comment on column ai.document_terms.lexeme is 'The word; the empty one stands for all documents.';
comment on column ai.document_terms.documents is 'Active documents that have it.';
comment on constraint document_terms_are_counted on ai.document_terms is 'A count.';
