-- Reference documents: adding them, and searching them for an RFQ. Three retrievers search independently: words, part numbers and similar
-- titles. Their scores cannot be compared, so the search adds up ranks instead.

create or replace function ai.document_keys(p_text text)
returns text[]
language sql immutable
set search_path = pg_catalog, pg_temp
as $$
  with tokens as materialized (
    select t.place, t.token
    from regexp_split_to_table(p_text, '[]),;:|(}{<>"''=[[:space:]]+') with ordinality as t(token, place)
    where t.token <> ''
  ),
  spelt as (
    select t.token from tokens t
    union all
    -- Customers also write 6205-2RS/C3 as 6205-2RS.
    select part from tokens t cross join regexp_split_to_table(t.token, '/') as part where t.token like '%/%'
    union all
    -- DR 1183 is the same as DR-1183.
    select b.token || t.token
    from tokens t
    join tokens b on b.place = t.place - 1
    where t.token ~ '^[[:digit:]]' and b.token ~ '^[[:upper:]]{1,5}$'
  )
  select coalesce(array_agg(distinct k.key order by k.key), '{}')
  from spelt s
  cross join lateral upper(regexp_replace(s.token, '[^[:alnum:]]', '', 'g')) as k(key)
  where k.key ~ '[[:digit:]]' and length(k.key) between 4 and 40
    -- Four digits alone are a year or a quantity.
    and s.token !~ '^[^[:alnum:]_]*[[:digit:]]{4}[^[:alnum:]_]*$';
$$;
comment on function ai.document_keys(text) is
  'Extracts part numbers and similar keys from a text: tokens of 4 to 40 characters with a digit, in upper case, without punctuation. Documents and RFQs use the same spelling of keys.';

create or replace function ai.lock_documents()
returns trigger
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  -- Two writers would update the same words in different orders, or add the same text at once.
  perform ai.take_lock('documents');
  return null;
end
$$;
comment on function ai.lock_documents() is 'Trigger: lets only one statement at a time write documents.';

create or replace trigger rfqflow_lock_documents before insert or update or delete on ai.documents
  for each statement execute function ai.lock_documents();
comment on trigger rfqflow_lock_documents on ai.documents is 'Lets only one statement at a time write documents.';

create or replace function ai.count_terms()
returns trigger
language plpgsql volatile security definer  -- writers of documents have no rights on the counts
set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op <> 'DELETE' then
    insert into ai.document_terms as t (lexeme, documents)
    select w.lexeme, count(*)
    from new_rows n
    cross join lateral unnest(tsvector_to_array(n.search) || '{""}'::text[]) as w(lexeme)
    where n.is_active
    group by w.lexeme
    order by w.lexeme
    on conflict (lexeme) do update set documents = t.documents + excluded.documents;
  end if;
  if tg_op <> 'INSERT' then
    update ai.document_terms t
    set documents = t.documents - gone.documents
    from (
      select w.lexeme, count(*)::integer as documents
      from old_rows o
      cross join lateral unnest(tsvector_to_array(o.search) || '{""}'::text[]) as w(lexeme)
      where o.is_active
      group by w.lexeme
    ) gone
    where t.lexeme = gone.lexeme;
    delete from ai.document_terms t where t.documents = 0;
  end if;
  return null;
end
$$;
comment on function ai.count_terms() is 'Trigger: updates ai.document_terms, once per statement, so that a bulk load counts each word once.';

create or replace trigger rfqflow_count_added after insert on ai.documents
  referencing new table as new_rows for each statement execute function ai.count_terms();
comment on trigger rfqflow_count_added on ai.documents is 'Counts new words.';

create or replace trigger rfqflow_count_changed after update on ai.documents
  referencing old table as old_rows new table as new_rows for each statement execute function ai.count_terms();
comment on trigger rfqflow_count_changed on ai.documents is 'Counts words of removed or restored documents.';

create or replace trigger rfqflow_count_erased after delete on ai.documents
  referencing old table as old_rows for each statement execute function ai.count_terms();
comment on trigger rfqflow_count_erased on ai.documents is 'Counts words of deleted documents.';

create or replace function ai.forbid_document_change()
returns trigger
language plpgsql volatile
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'the text of document % cannot be changed', old.id
    using errcode = 'RF005', hint = 'Remove the document and add another: select ai.remove_document(...), ai.add_document(...).';
end
$$;
comment on function ai.forbid_document_change() is 'Trigger: refuses changes of a document''s text, since runs refer to it.';

create or replace trigger rfqflow_keep_document before update of title, body, sha256 on ai.documents
  for each row execute function ai.forbid_document_change();
comment on trigger rfqflow_keep_document on ai.documents is 'Texts are immutable.';

create or replace function ai.add_documents(p_documents jsonb, p_actor text default null)
returns table (place integer, document_id bigint, outcome text)
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  -- Writes no row, but fires trigger rfqflow_lock_documents, which takes the lock. So the next statement sees documents added meanwhile.
  insert into ai.documents (kind) select null::text where false;
  return query
  with given as materialized (
    select g.place::integer, g.kind, g.title, g.body, g.language, g.route, g.keys,
      sha256(convert_to(g.title || E'\n' || g.body, 'UTF8')) as sha256
    from (
      select e.place, e.document ->> 'kind' as kind,
        btrim(regexp_replace(e.document ->> 'title', '[[:space:]]+', ' ', 'g')) as title,
        btrim(e.document ->> 'body', E' \t\r\n') as body,
        nullif(e.document ->> 'language', '') as language,
        nullif(e.document ->> 'route', '') as route,
        -- A key that the caller gives is one key, even if it contains spaces.
        (select string_agg(regexp_replace(k.key, '[[:space:]]+', '', 'g'), ' ')
         from jsonb_array_elements_text(case when jsonb_typeof(e.document -> 'keys') = 'array' then e.document -> 'keys' end)
           as k(key)) as keys
      from jsonb_array_elements(p_documents) with ordinality as e(document, place)
    ) g
  ),
  written as (
    insert into ai.documents as d (kind, title, body, keys, language, route, sha256, created_by)
    select f.kind, f.title, f.body, ai.document_keys(concat_ws(' ', f.title, f.keys, f.body)), f.language, f.route, f.sha256,
      coalesce(p_actor, session_user)
    from (select distinct on (g.sha256) g.* from given g order by g.sha256, g.place) f
    order by f.place
    on conflict (sha256) do update
      set is_active = true, kind = excluded.kind, keys = excluded.keys, language = excluded.language, route = excluded.route
      where not d.is_active
    returning d.id, d.sha256, d.xmax = 0 as is_new
  )
  select g.place, coalesce(w.id, k.id),
    case
      when w.id is null or row_number() over (partition by g.sha256 order by g.place) > 1 then 'known'
      when w.is_new then 'added'
      else 'restored'
    end
  from given g
  left join written w on w.sha256 = g.sha256
  left join ai.documents k on k.sha256 = g.sha256
  order by g.place;
end
$$;
comment on function ai.add_documents(jsonb, text) is
  'Adds an array of {kind, title, body, language, route, keys}. Returns for each element the document''s id and a result: added, known (a document with this title and body exists) or restored (such a document had been removed). Adds all documents or none; raises 23514 or 23503 with the constraint''s name.';

create or replace function ai.add_document(
  p_kind text, p_title text, p_body text, p_route text default null, p_language text default null,
  p_keys text[] default null, p_actor text default null)
returns bigint
language sql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
  select a.document_id
  from ai.add_documents(
    jsonb_build_array(jsonb_build_object(
      'kind', p_kind, 'title', p_title, 'body', p_body, 'route', p_route, 'language', p_language, 'keys', p_keys)),
    p_actor) a;
$$;
comment on function ai.add_document(text, text, text, text, text, text[], text) is
  'Adds one document, or finds the one with the same title and body. Returns its id. Raises the errors of ai.add_documents.';

create or replace function ai.remove_document(p_document_id bigint, p_erase boolean default false)
returns boolean
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_erase then
    delete from ai.documents d where d.id = p_document_id;
  else
    -- The row stays for the runs that name the document. Adding the same text again restores the document under its id.
    update ai.documents d set is_active = false where d.id = p_document_id and d.is_active;
  end if;
  return found;
end
$$;
comment on function ai.remove_document(bigint, boolean) is
  'Removes a document from all searches; runs that named it can still be read. p_erase deletes it permanently, for example for personal data. Returns false if the document does not exist.';

create or replace function ai.rebuild_title_search()
returns boolean
language plpgsql volatile security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  -- The schema of the extension differs between databases, and search_path does not include it. So the function's text names that schema.
  v_schema name := (
    select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'pg_trgm');
begin
  if v_schema is null then
    create or replace function ai.similar_titles(p_words text[])
    returns table (document_id bigint, likeness real)
    language sql stable security invoker
    set search_path = pg_catalog, pg_temp
    as $body$
      select null::bigint, null::real where false;
    $body$;
    return false;
  end if;
  execute format($make$
    create or replace function ai.similar_titles(p_words text[])
    returns table (document_id bigint, likeness real)
    language plpgsql stable security invoker
    set search_path = pg_catalog, pg_temp
    set enable_seqscan = off
    set pg_trgm.word_similarity_threshold = 0.5  -- one wrong letter in eight still matches
    as $body$
    begin
      return query
      select d.id, max(%1$I.word_similarity(w.word, d.title)) as likeness
      from unnest(p_words) as w(word)
      join ai.documents d on d.title operator(%1$I.%%>) w.word
      where d.is_active
      group by d.id
      order by likeness desc, d.id
      limit 50;
    exception
      when undefined_function then return;  -- the extension has been dropped
    end
    $body$
  $make$, v_schema);
  execute format(
    'create index if not exists documents_title on ai.documents using gin (title %I.gin_trgm_ops) with (fastupdate = off) where is_active',
    v_schema);
  comment on index ai.documents_title is 'Used by ai.similar_titles; exists only with pg_trgm.';
  return true;
end
$$;
comment on function ai.rebuild_title_search() is
  'Creates ai.similar_titles and its index for this database. Without the extension pg_trgm, ai.similar_titles finds nothing. Call this function after create extension pg_trgm. Returns whether pg_trgm is installed.';

select ai.rebuild_title_search();
comment on function ai.similar_titles(text[]) is
  'Active documents whose title contains a word similar to one of these, the 50 most similar. Created by ai.rebuild_title_search.';

create or replace function ai.search_documents(p_text text, p_limit integer default 10)
returns table (document_id bigint, kind text, title text, body text, route text, score real, legs jsonb)
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
as $$
#variable_conflict use_column
declare
  -- Only the start and the end of the message, as in a prompt.
  v_text constant text := case when length(p_text) > 24000 then left(p_text, 16000) || ' ' || right(p_text, 8000) else p_text end;
  v_lexemes constant text[] := tsvector_to_array(to_tsvector('simple', v_text));
  v_keys constant text[] := (ai.document_keys(v_text))[1:200];
  v_stop_words constant regdictionary[] :=
    '{english_stem,german_stem,french_stem,spanish_stem,italian_stem,portuguese_stem,dutch_stem}';
  v_total constant integer := coalesce((select t.documents from ai.document_terms t where t.lexeme = ''), 0);
  v_queries tsquery[];
  v_weights float8[];
  v_words text[];
begin
  -- websearch_to_tsquery requires all words in one document, and no document has all words of a message. Here, any of the rarest words
  -- matches.
  select array_agg(r.query order by r.documents), array_agg(r.weight order by r.documents)
  into v_queries, v_weights
  from (
    select t.documents,
      ('''' || replace(replace(t.lexeme, E'\\', E'\\\\'), '''', '''''') || '''')::tsquery as query,
      ln(1 + (v_total - t.documents + 0.5) / (t.documents + 0.5))::float8 as weight,
      sum(t.documents) over (order by t.documents, t.lexeme) as reached,
      row_number() over (order by t.documents, t.lexeme) as place
    from ai.document_terms t
    where t.lexeme = any (v_lexemes)
      -- Leaves out words that are in more than two fifths of all documents, numbers alone, and stop words such as "the".
      and (v_total < 10 or t.documents * 5 <= v_total * 2)
      and t.lexeme !~ '^[-+.,/0-9]*$'
      and not exists (select from unnest(v_stop_words) as s(dictionary) where ts_lexize(s.dictionary, t.lexeme) = '{}')
  ) r
  -- Limits the work for any number of documents: at most the 20 rarest words, up to 1,000 matches in total.
  where r.place <= 20 and (r.place = 1 or r.reached <= 1000);

  -- Only a word that is in no document can be misspelt.
  select array_agg(m.lexeme) into v_words
  from (
    select w.lexeme
    from unnest(v_lexemes) as w(lexeme)
    where length(w.lexeme) between 5 and 40 and w.lexeme !~ '[0-9@/.:]'
      and not exists (select from ai.document_terms t where t.lexeme = w.lexeme)
    order by length(w.lexeme) desc, w.lexeme
    limit 10
  ) m;

  return query
  with by_text as (
    select x.id, x.points, rank() over (order by x.points desc) as place
    from (
      -- A word in the title counts as much as ten in the text. More than three in the text count no more, and long texts count less than
      -- short texts.
      select d.id,
        sum(q.weight
          * (least(1, ts_rank_cd('{0,0,0,1}', d.search, q.query)) + least(0.3, ts_rank_cd('{0.1,0,0,0}', d.search, q.query)))
          / (1 + ln(length(d.search)))) as points
      from unnest(v_queries, v_weights) as q(query, weight)
      -- Searches word by word, so that PostgreSQL decompresses a text only for words that it contains.
      cross join lateral (
        select one.id, one.search from ai.documents one where one.is_active and one.search @@ q.query
      ) d
      group by d.id
      order by points desc, d.id
      limit 50
    ) x
  ),
  by_key as (
    select y.id, y.keys, y.points, rank() over (order by y.points desc) as place
    from (
      select h.id, array_agg(h.key order by h.key) as keys, sum(1.0::float8 / h.documents) as points
      from (
        select k.key, f.id, count(*) over (partition by k.key) as documents
        from unnest(v_keys) as k(key)
        cross join lateral (
          select d.id from ai.documents d where d.is_active and d.keys @> array[k.key] limit 51
        ) f
      ) h
      where h.documents <= 50  -- a term in more documents (such as ISO 9001) is not a part number
      group by h.id
      order by points desc, h.id
      limit 50
    ) y
  ),
  by_title as (
    select s.document_id as id, s.likeness, rank() over (order by s.likeness desc) as place
    from ai.similar_titles(v_words) s
  ),
  fused as (
    select l.id, sum(1.0::float8 / (60 + l.place)) as score, jsonb_object_agg(l.leg, l.detail) as legs
    from (
      select t.id, t.place, 'text' as leg,
        jsonb_build_object('rank', t.place, 'score', round(t.points::numeric, 4)) as detail
      from by_text t
      union all
      select k.id, k.place, 'key', jsonb_build_object('rank', k.place, 'keys', to_jsonb(k.keys)) from by_key k
      union all
      select s.id, s.place, 'title',
        jsonb_build_object('rank', s.place, 'score', round(s.likeness::numeric, 4)) from by_title s
    ) l
    group by l.id
  )
  select d.id, d.kind, d.title, d.body,
    -- A route that is no longer active is left out.
    (select r.slug from ai.routes r where r.slug = d.route and r.is_active),
    f.score::real, f.legs
  from fused f
  join ai.documents d on d.id = f.id
  order by f.score desc, f.legs ? 'key' desc, f.id
  limit greatest(0, least(p_limit, 100));
end
$$;
comment on function ai.search_documents(text, integer) is
  'Active documents that match a text, the best first, at most 100. The score is the sum of 1/(60 + rank) over three retrievers: text (any of the 20 rarest words), key (part numbers) and title (similarity; only with pg_trgm). legs has the rank and score of each retriever.';

create or replace function ai.find_context(p_rfq_ids uuid[], p_limit integer)
returns table (rfq_id uuid, document_id bigint, kind text, title text, body text, route text, score real)
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
set enable_seqscan = off
set jit = off
as $$
  select r.rfq_id, s.document_id, s.kind, s.title, s.body, s.route, s.score
  from ai.rfqs r
  cross join lateral ai.search_documents(left(r.message, 24000), p_limit) with ordinality
    as s(document_id, kind, title, body, route, score, legs, place)
  where r.rfq_id = any (p_rfq_ids)
  order by r.rfq_id, s.place;
$$;
comment on function ai.find_context(uuid[], integer) is
  'Step 8: ai.search_documents for the messages of a whole batch in one call, with each message cut as for a prompt. At most p_limit documents per RFQ, the best first.';
