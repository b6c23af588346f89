-- Corrections of answers: checks which value a field may have, and finds the line item that a correction belongs to.

create or replace function ai.refuse_correction(p_text text, p_hint text)
returns void
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception '%', p_text using errcode = 'RF012', hint = coalesce(p_hint, 'Use a shorter text.');
end
$$;
comment on function ai.refuse_correction(text, text) is 'Raises RF012: the correction does not fit its field.';

create or replace function ai.without_controls(p_text text)
returns text
language sql immutable  -- the encoding of a database never changes
set search_path = pg_catalog, pg_temp
as $$
  select regexp_replace(
    case when getdatabaseencoding() = 'UTF8'
      then regexp_replace(p_text, E'[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f-\\x9f\\u200b\\u202a-\\u202e\\u2060\\u2066-\\u2069\\ufeff]', '', 'g')
      else regexp_replace(p_text, E'[\\x01-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]', '', 'g') end,
    '^[[:space:]]+|[[:space:]]+$', '', 'g');
$$;
comment on function ai.without_controls(text) is
  'Cleans a text that a person typed: removes surrounding space, control characters, zero-width characters and direction overrides. Then terminals and spreadsheets show all of the text.';

create or replace function ai.date_of(p_text text)
returns date
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
begin
  if p_text ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' then
    return make_date(substr(p_text, 1, 4)::integer, substr(p_text, 6, 2)::integer, substr(p_text, 9, 2)::integer);
  end if;
  return null;
exception when data_exception then
  return null;
end
$$;
comment on function ai.date_of(text) is 'Parses a date such as 2026-11-30; null if the text is not a date.';

create or replace function ai.checked_correction(p_path text, p_field text, p_value jsonb)
returns jsonb
language plpgsql immutable
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text := case
    when p_field in ('quantity', 'quantity_max') then 'number'
    when p_field in ('due_date', 'quote_deadline') then 'date'
    when p_field in ('tags', 'certificates', 'missing', 'standards') then 'list'
    when p_field in ('urgency', 'intent', 'incoterm') then 'word'
    when p_field = 'budget' then 'money'
    when p_field in ('summary', 'description', 'unit', 'part_number', 'revision', 'material', 'due_date_text', 'delivery_place', 'language') then 'text'
  end;
  v_most constant integer := case p_field when 'summary' then 600 when 'description' then 300 when 'unit' then 24 when 'revision' then 24
    when 'tags' then 8 when 'missing' then 7 when 'certificates' then 12 when 'standards' then 12 else 120 end;
  v_words constant text[] := case p_field
    when 'urgency' then array['low', 'normal', 'high', 'critical']
    when 'intent' then array['rfq', 'order', 'follow_up', 'supplier_offer', 'support', 'job_application', 'spam', 'other']
    when 'incoterm' then array['EXW', 'FCA', 'FAS', 'FOB', 'CFR', 'CIF', 'CPT', 'CIP', 'DAP', 'DPU', 'DDP']
    when 'missing' then array['quantity', 'material', 'drawing', 'delivery_location', 'due_date', 'specification', 'contact'] end;
  v_text text := ai.without_controls(p_value #>> '{}');
  v_number numeric;
  v_list text[];
begin
  if v_kind is null then
    perform ai.refuse_correction(format('field %s cannot be corrected', left(p_path, 80)),
      case when p_field = 'route' then 'To change the route, use ai.override_rfq or rfqflow override.'
        else 'Fields: summary, urgency, tags, intent, language, due_date, due_date_text, quote_deadline, delivery_place, incoterm, budget, certificates, missing, line_items[N] and line_items[+]. Fields of a line: description, quantity, quantity_max, unit, part_number, revision, material, standards.' end);
  elsif p_value is null or p_value = 'null' or v_text = '' and v_kind in ('text', 'number', 'date', 'word') then
    if p_field in ('summary', 'description', 'urgency', 'intent') then
      perform ai.refuse_correction(p_path || ' cannot be empty', 'Give a value, or withdraw the correction.');
    end if;
    return case when v_kind = 'list' then '[]'::jsonb end;
  elsif v_kind = 'number' then
    if jsonb_typeof(p_value) not in ('number', 'string') or v_text !~ '^[0-9]{1,15}([.][0-9]{1,9})?$' or v_text::numeric <= 0 then
      perform ai.refuse_correction(format('%s must be a number above 0, not %s', p_path, left(p_value::text, 60)), 'Write it as 250 or 2.5, without a unit.');
    end if;
    v_number := trim_scale(v_text::numeric);
    return to_jsonb(v_number::text);
  elsif v_kind = 'date' then
    if ai.date_of(v_text) is null then
      perform ai.refuse_correction(format('%s must be a date, not %s', p_path, left(p_value::text, 60)), 'Write it as 2026-11-30.');
    end if;
    return to_jsonb(v_text);
  elsif v_kind = 'word' then
    if v_text <> all (v_words) then
      perform ai.refuse_correction(format('%s cannot be %s', p_path, left(p_value::text, 60)), 'One of: ' || array_to_string(v_words, ', '));
    end if;
    return to_jsonb(v_text);
  elsif v_kind = 'text' then
    if jsonb_typeof(p_value) <> 'string' or length(v_text) > v_most then
      perform ai.refuse_correction(format('%s must be a text of at most %s characters', p_path, v_most), null);
    elsif p_field = 'language' and v_text !~ '^[a-z]{2,3}$' then
      perform ai.refuse_correction(p_path || ' must be an ISO 639 code', 'For example de.');
    end if;
    return to_jsonb(v_text);
  elsif v_kind = 'money' then
    if jsonb_typeof(p_value) <> 'object' or coalesce(p_value ->> 'currency', '') !~ '^[A-Z]{3}$'
      or coalesce(p_value ->> 'amount', '') !~ '^[0-9]{1,15}([.][0-9]{1,9})?$' or (p_value ->> 'amount')::numeric <= 0
      or p_value - 'amount' - 'currency' <> '{}'
    then
      perform ai.refuse_correction(p_path || ' must be an amount and a currency', 'For example {"amount": "1200", "currency": "EUR"}.');
    end if;
    return jsonb_build_object('amount', trim_scale((p_value ->> 'amount')::numeric)::text, 'currency', p_value ->> 'currency');
  elsif v_kind = 'list' then
    if jsonb_typeof(p_value) <> 'array' or exists (select from jsonb_array_elements(p_value) e where jsonb_typeof(e) <> 'string') then
      perform ai.refuse_correction(p_path || ' must be a list of texts', 'For example ["a", "b"].');
    end if;
    v_list := array(
      select t.word
      from jsonb_array_elements_text(p_value) with ordinality e(value, place), lateral (select ai.without_controls(e.value) as word) t
      where t.word <> '' group by t.word order by min(e.place));
    if cardinality(v_list) > v_most then
      perform ai.refuse_correction(format('%s must have at most %s entries', p_path, v_most), null);
    elsif p_field = 'tags' and exists (select from unnest(v_list) e where e !~ '^[a-z0-9][a-z0-9-]{0,39}$') then
      perform ai.refuse_correction(p_path || ' must be words of lower case letters, digits and -', 'For example spare-parts.');
    elsif v_words is not null and not v_list <@ v_words then
      perform ai.refuse_correction(p_path || ' has an unknown name', 'Use any of: ' || array_to_string(v_words, ', '));
    elsif exists (select from unnest(v_list) e where length(e) > 120) then
      perform ai.refuse_correction(p_path || ' must have texts of at most 120 characters', null);
    end if;
    return to_jsonb(v_list);
  end if;
  return null;
end
$$;
comment on function ai.checked_correction(text, text, jsonb) is
  'Returns the value as ai.rfq_answer shows it: quantities as digits, texts without surrounding space. Raises RF012 if the value does not fit the field.';

create or replace function ai.lines_of(p_items jsonb)
returns table (place integer, item jsonb, whole text, name text, part text, same bigint, nth bigint, named bigint, numbered bigint)
language sql immutable
rows 20
set search_path = pg_catalog, pg_temp
as $$
  select k.place, k.item, k.whole, k.name, k.part,
    count(*) over (partition by k.whole), row_number() over (partition by k.whole order by k.place),
    count(*) over (partition by k.name), case when k.part <> '' then count(*) over (partition by k.part) else 0 end
  from (
    select f.place, f.item, f.part, hashtextextended(f.description || chr(31) || f.part, 0)::text as name,
      hashtextextended(concat_ws(chr(31), f.description, f.part, coalesce(f.item ->> 'quantity', ''), coalesce(f.item ->> 'quantity_max', ''),
        lower(coalesce(f.item ->> 'unit', '')), lower(coalesce(f.item ->> 'revision', '')), lower(coalesce(f.item ->> 'material', ''))), 0)::text as whole
    from (
      select (e.place - 1)::integer as place, e.item,
        lower(regexp_replace(btrim(coalesce(e.item ->> 'description', '')), '[[:space:]]+', ' ', 'g')) as description,
        lower(regexp_replace(coalesce(e.item ->> 'part_number', ''), '[[:space:]]+', '', 'g')) as part
      from jsonb_array_elements(case when jsonb_typeof(p_items) = 'array' then p_items else '[]' end) with ordinality e(item, place)
    ) f
  ) k;
$$;
comment on function ai.lines_of(jsonb) is
  'Line items with the texts that identify them: whole (all fields), name (description and part number) and part (part number). Also returns how many lines of the list share each text.';

create or replace function ai.standing_corrections(p_rfq_id uuid, p_items jsonb)
returns table (
  correction_id bigint, path text, recorded_path text, field text, place integer, added integer, ai_value jsonb, old jsonb, new jsonb,
  actor text, reason text, created_at timestamptz, content_sha256 bytea, applies boolean)
language sql stable security definer  -- callers have no rights on the tables
rows 5
set search_path = pg_catalog, pg_temp
as $$
  with line as materialized (
    select l.* from ai.lines_of(p_items) l
    where exists (select from ai.corrections c where c.rfq_id = p_rfq_id and c.withdrawn_at is null and c.line is not null)
  ),
  found as (
    select c.*, m.place, case
        when c.line is not null and m.place is null then null
        when c.line is not null then format('line_items[%s]', m.place) || case c.field when 'line' then '' else '.' || c.field end
        else c.path end as here
    from ai.corrections c
    left join lateral (
      select l.place
      from line l
      where l.whole = c.line ->> 'whole' and l.same = (c.line ->> 'same')::bigint and l.nth = (c.line ->> 'nth')::bigint
        or not exists (select from line x where x.whole = c.line ->> 'whole') and (
          l.name = c.line ->> 'name' and l.named = 1 and (c.line ->> 'named')::bigint = 1
          or not exists (select from line x where x.name = c.line ->> 'name')
            and l.part = c.line ->> 'part' and l.numbered = 1 and (c.line ->> 'numbered')::bigint = 1)
      limit 1
    ) m on c.line is not null
    where c.rfq_id = p_rfq_id and c.withdrawn_at is null
  )
  select f.correction_id, f.here, f.path, f.field, f.place, f.added, f.ai_value, f.old, f.new, f.actor, f.reason, f.created_at, f.content_sha256,
    f.here is not null and row_number() over (partition by f.here order by f.correction_id desc) = 1
  from found f
  order by f.correction_id;
$$;
comment on function ai.standing_corrections(uuid, jsonb) is
  'The current corrections of an RFQ, and their places in the given line items of the model. A correction belongs to the line with the same content. If no line has that content, it belongs to the line with the same description and part number, or else with the same part number. Such a line must be the only match, both now and when the person corrected it. path is null if no line matches: then the correction is kept, but applies to no line.';

create or replace function ai.corrected_answer(p_rfq_id uuid, p_answer jsonb)
returns jsonb
language plpgsql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items constant jsonb := p_answer -> 'line_items';
  v_checks jsonb := case when jsonb_typeof(p_answer -> 'checks') = 'object' then p_answer -> 'checks' else '{}' end;
  v_answer jsonb := p_answer;
  v_standing jsonb;
  v_gone text[];
begin
  if not exists (select from ai.corrections c where c.rfq_id = p_rfq_id and c.withdrawn_at is null) then  -- most RFQs have none
    return p_answer || jsonb_build_object('checks', v_checks, 'corrections', '[]'::jsonb, 'line_items', (
      select coalesce(jsonb_agg(e.item || jsonb_build_object('path', 'line_items[' || e.place - 1 || ']') order by e.place), '[]')
      from jsonb_array_elements(case when jsonb_typeof(v_items) = 'array' then v_items else '[]' end) with ordinality e(item, place)));
  end if;
  select coalesce(jsonb_agg(to_jsonb(s) - 'content_sha256' order by s.correction_id), '[]') into v_standing
  from ai.standing_corrections(p_rfq_id, v_items) s;
  if v_standing <> '[]' then
    v_answer := v_answer || coalesce((
      select jsonb_object_agg(s ->> 'field', s -> 'new') from jsonb_array_elements(v_standing) s
      where s -> 'place' = 'null' and s -> 'added' = 'null' and (s -> 'applies')::boolean), '{}');
    if exists (select from jsonb_array_elements(v_standing) s where s ->> 'field' = 'due_date' and (s -> 'applies')::boolean) then
      v_answer := v_answer || '{"due_date_derived": null}';
    end if;
    v_gone := array(
      select s ->> 'path' from jsonb_array_elements(v_standing) s
      where (s -> 'applies')::boolean and s ->> 'field' = 'line' and s -> 'place' <> 'null');
    v_checks := coalesce((
      select jsonb_object_agg(k.key, k.value) from jsonb_each(v_checks) k
      where not exists (select from unnest(v_gone) g where k.key = g or starts_with(k.key, g || '.'))
        and k.key <> case when v_answer -> 'due_date_derived' = 'null' then 'due_date_derived' else '' end), '{}')
      || coalesce((
        select jsonb_object_agg(s ->> 'path', jsonb_build_object('verdict', 'corrected', 'by', s -> 'actor', 'at', s -> 'created_at'))
        from jsonb_array_elements(v_standing) s
        where (s -> 'applies')::boolean and not exists (
          select from unnest(v_gone) g where s ->> 'path' = g or starts_with(s ->> 'path', g || '.'))), '{}');
  end if;
  return v_answer || jsonb_build_object(
    'line_items', (
      select coalesce(jsonb_agg(i.item order by i.is_added, i.place), '[]')
      from (
        select false as is_added, e.place, e.item
          || coalesce((
            select jsonb_object_agg(s ->> 'field', s -> 'new') from jsonb_array_elements(v_standing) s
            where (s -> 'place')::text = (e.place - 1)::text and (s -> 'applies')::boolean and s ->> 'field' <> 'line'), '{}')
          || jsonb_build_object('path', format('line_items[%s]', e.place - 1)) as item
        from jsonb_array_elements(case when jsonb_typeof(v_items) = 'array' then v_items else '[]' end) with ordinality e(item, place)
        where v_gone is null or format('line_items[%s]', e.place - 1) <> all (v_gone)
        union all
        select true, (s ->> 'added')::bigint, (s -> 'new') || jsonb_build_object('path', s -> 'path', 'is_added', true)
        from jsonb_array_elements(v_standing) s where s -> 'added' <> 'null'
      ) i),
    'checks', v_checks,
    'corrections', v_standing);
end
$$;
comment on function ai.corrected_answer(uuid, jsonb) is
  'An answer with its current corrections applied. Each line item has its path: the model''s lines keep their number, a removed line leaves a gap, and added lines come last. corrections lists all current corrections, even if they apply to no line.';
