-- Answers as people and applications read them, and how often people change them.

create or replace view ai.rfq_answer as
select
  r.rfq_id,
  r.created_at,
  r.ai_status as status,
  r.ai_reason as reason,
  x.answer ->> 'summary' as summary,
  coalesce(o.route, r.ai_route) as route,
  case when o.route is not null then 'override' when r.ai_route is not null then 'ai' end as route_source,
  x.answer ->> 'urgency' as urgency,
  case when jsonb_typeof(x.answer -> 'tags') = 'array' then array(select jsonb_array_elements_text(x.answer -> 'tags')) end as tags,
  x.answer -> 'line_items' as items,
  ai.date_of(x.answer ->> 'due_date') as due_date,
  ai.date_of(x.answer ->> 'due_date_derived') as due_date_derived,
  x.answer ->> 'due_date_text' as due_date_text,
  ai.date_of(x.answer ->> 'quote_deadline') as quote_deadline,
  x.answer ->> 'delivery_place' as delivery_place,
  x.answer ->> 'incoterm' as incoterm,
  nullif(x.answer -> 'budget', 'null') as budget,
  case when jsonb_typeof(x.answer -> 'certificates') = 'array' then array(select jsonb_array_elements_text(x.answer -> 'certificates')) end as certificates,
  case when jsonb_typeof(x.answer -> 'missing') = 'array' then array(select jsonb_array_elements_text(x.answer -> 'missing')) end as missing,
  x.answer ->> 'language' as language,
  x.answer ->> 'intent' as intent,
  x.answer -> 'checks' as checks,
  x.answer -> 'corrections' as corrections,
  case when d.review_cleared is distinct from r.ai_review or d.review_cleared_on is distinct from r.ai_content_sha256 then r.ai_review end as review,
  coalesce(d.state, 'open') as state,
  d.owner,
  coalesce(d.confirmed_answer = v.answer, false) as confirmed,
  d.confirmed_by,
  d.confirmed_at,
  d.note,
  r.ai_prompt_version as prompt_version,
  r.ai_model as model,
  r.ai_confidence as confidence,
  greatest(r.ai_updated_at, d.updated_at, o.created_at) as updated_at,
  v.answer || '-' || coalesce(o.override_id, 0) || '-' || coalesce(d.revision, 0) as version
from ai.rfqs r
left join ai.overrides o on o.rfq_id = r.rfq_id and o.withdrawn_at is null
left join ai.desk d on d.rfq_id = r.rfq_id
cross join lateral (
  -- offset 0 computes each value once; otherwise each column would call the function again.
  select ai.corrected_answer(r.rfq_id, coalesce(r.ai_extracted, '{}')
    || jsonb_build_object('summary', r.ai_summary, 'urgency', r.ai_urgency, 'tags', r.ai_tags)) as answer
  offset 0
) x
cross join lateral (
  select ai.answer_part(r.ai_summary, r.ai_route, r.ai_urgency, r.ai_tags, r.ai_review, r.ai_extracted, r.ai_prompt_version, r.ai_model,
    r.ai_content_sha256) as answer
) v;

comment on view ai.rfq_answer is
  'The answer as people and applications read it: the model''s answer with overrides and corrections applied, the mark for review unless a person has cleared it, and the desk''s state. The RFQ''s columns ai_* keep the model''s answer. Contains personal data, so rfqflow grants it to no role.';
comment on column ai.rfq_answer.rfq_id is 'The RFQ.';
comment on column ai.rfq_answer.created_at is 'When the RFQ was submitted.';
comment on column ai.rfq_answer.status is 'Same as ai_status of the RFQ.';
comment on column ai.rfq_answer.reason is 'Same as ai_reason of the RFQ.';
comment on column ai.rfq_answer.summary is 'Summary in one paragraph.';
comment on column ai.rfq_answer.route is 'Route: the current override, else the model''s route.';
comment on column ai.rfq_answer.route_source is 'Who set the route: override or ai.';
comment on column ai.rfq_answer.urgency is 'low, normal, high or critical.';
comment on column ai.rfq_answer.tags is 'Tags, as slugs.';
comment on column ai.rfq_answer.items is 'Line items. ai.correct_rfq names each by its path, such as line_items[0]. is_added marks a line that a person added.';
comment on column ai.rfq_answer.due_date is 'Delivery date, if the RFQ states it in full.';
comment on column ai.rfq_answer.due_date_derived is 'Delivery date computed from the day of receipt; null if a person has corrected due_date.';
comment on column ai.rfq_answer.due_date_text is 'Delivery date in the customer''s words.';
comment on column ai.rfq_answer.quote_deadline is 'When the customer wants the offer.';
comment on column ai.rfq_answer.delivery_place is 'Where to deliver.';
comment on column ai.rfq_answer.incoterm is 'Incoterms rule.';
comment on column ai.rfq_answer.budget is 'Budget: amount and currency.';
comment on column ai.rfq_answer.certificates is 'Certificates that the customer asks for.';
comment on column ai.rfq_answer.missing is 'Details that an offer needs and the RFQ does not state.';
comment on column ai.rfq_answer.language is 'ISO 639 code of the message''s language.';
comment on column ai.rfq_answer.intent is 'Intent of the message.';
comment on column ai.rfq_answer.checks is 'Check of each fact, by its path: verified, unverified or contradicted; corrected (with by and at) if a person corrected it.';
comment on column ai.rfq_answer.corrections is 'Current corrections: path (null: its line no longer exists), recorded_path, ai_value, old, new, actor, reason, created_at, applies.';
comment on column ai.rfq_answer.review is 'Why a person must review the answer; null: no review is needed, or a person has cleared the mark.';
comment on column ai.rfq_answer.state is 'State of the RFQ at the desk: open or handled.';
comment on column ai.rfq_answer.owner is 'The person who works on the RFQ.';
comment on column ai.rfq_answer.confirmed is 'True: a person confirmed this answer of the model, with its corrections.';
comment on column ai.rfq_answer.confirmed_by is 'Who last confirmed this answer or an earlier answer.';
comment on column ai.rfq_answer.confirmed_at is 'When that answer was confirmed.';
comment on column ai.rfq_answer.note is 'A note for colleagues.';
comment on column ai.rfq_answer.prompt_version is 'Prompt version of the answer.';
comment on column ai.rfq_answer.model is 'Model of the answer.';
comment on column ai.rfq_answer.confidence is 'Confidence of the model''s route.';
comment on column ai.rfq_answer.updated_at is 'When the answer, an override, a correction or the desk''s state last changed.';
comment on column ai.rfq_answer.version is
  'A text that changes with the answer, the override, a correction or the desk''s state. Pass it as p_version to ai.correct_rfq and the other desk functions.';

create or replace view ai.edited_answers as
select
  d.rfq_id, d.seen_at, d.seen_prompt_version as prompt_version, d.seen_model as model, d.seen_route as route,
  c.edits > 0 or exists (
    select from ai.overrides o where o.rfq_id = d.rfq_id and o.withdrawn_at is null and o.route <> d.seen_route) as is_edited,
  d.seen_lines as lines, least(c.lines, d.seen_lines) as edited_lines, c.added as added_lines
from ai.desk d
cross join lateral (
  select count(*) as edits, count(distinct coalesce(x.line ->> 'whole', x.path) || coalesce(x.line ->> 'nth', '')) filter (where x.line is not null) as lines,
    count(distinct x.added) as added
  from ai.corrections x
  where x.rfq_id = d.rfq_id and (x.withdrawn_at is null or x.erased_at is not null)
    and x.ai_prompt_version is not distinct from d.seen_prompt_version and x.ai_model is not distinct from d.seen_model
) c
where d.seen_at is not null;

comment on view ai.edited_answers is
  'Answers that a person corrected, rerouted, confirmed, reviewed or handled, each with whether people changed it. Answers on which no person has worked are left out.';
comment on column ai.edited_answers.rfq_id is 'The RFQ. The row is about the last of its answers on which a person worked.';
comment on column ai.edited_answers.seen_at is 'When a person first worked on that answer.';
comment on column ai.edited_answers.prompt_version is 'Prompt version of the answer.';
comment on column ai.edited_answers.model is 'Model of the answer.';
comment on column ai.edited_answers.route is 'The route that the model chose.';
comment on column ai.edited_answers.is_edited is 'True: a current correction was made on an answer of this prompt and model, or a current override sets another route.';
comment on column ai.edited_answers.lines is 'Number of line items that the model found.';
comment on column ai.edited_answers.edited_lines is 'Number of those line items that people corrected or removed.';
comment on column ai.edited_answers.added_lines is 'Number of lines that people added, since the model missed them.';

create or replace view ai.edit_rates_by_window as
select
  k.windows_ago, k.prompt_version, k.model, k.route, k.answers, k.edited_answers,
  (k.edited_answers::numeric / nullif(k.answers, 0))::float8 as answer_edit_rate,
  k.lines, k.edited_lines,
  (k.edited_lines::numeric / nullif(k.lines, 0))::float8 as line_edit_rate,
  k.added_lines
from (
  select b.windows_ago, e.prompt_version, e.model, e.route, count(*) as answers,
    count(*) filter (where e.is_edited) as edited_answers, sum(e.lines)::bigint as lines,
    sum(e.edited_lines)::bigint as edited_lines, sum(e.added_lines)::bigint as added_lines
  from (
    select w.n as windows_ago, now() - (w.n + 1) * p.days as begins_at, case when w.n = 0 then 'infinity' else now() - w.n * p.days end as ends_at
    from generate_series(0, 1) w(n)
    cross join (select (x.value)::float8 * interval '1 day' as days from ai.policy x where x.key = 'scorecard_days') p
  ) b
  join ai.edited_answers e on e.seen_at >= b.begins_at and e.seen_at < b.ends_at
  group by 1, 2, 3, 4
) k;

comment on view ai.edit_rates_by_window is
  'The figures of ai.edit_rates for the last days (policy scorecard_days), and for the same number of days before. The time when a person first worked on an answer decides.';
comment on column ai.edit_rates_by_window.windows_ago is '0: the last days. 1: the same number of days before.';
comment on column ai.edit_rates_by_window.prompt_version is 'Same as ai.edit_rates.prompt_version.';
comment on column ai.edit_rates_by_window.model is 'Same as ai.edit_rates.model.';
comment on column ai.edit_rates_by_window.route is 'Same as ai.edit_rates.route.';
comment on column ai.edit_rates_by_window.answers is 'Same as ai.edit_rates.answers.';
comment on column ai.edit_rates_by_window.edited_answers is 'Same as ai.edit_rates.edited_answers.';
comment on column ai.edit_rates_by_window.answer_edit_rate is 'Same as ai.edit_rates.answer_edit_rate.';
comment on column ai.edit_rates_by_window.lines is 'Same as ai.edit_rates.lines.';
comment on column ai.edit_rates_by_window.edited_lines is 'Same as ai.edit_rates.edited_lines.';
comment on column ai.edit_rates_by_window.line_edit_rate is 'Same as ai.edit_rates.line_edit_rate.';
comment on column ai.edit_rates_by_window.added_lines is 'Same as ai.edit_rates.added_lines.';

create or replace view ai.edit_rates as
select r.prompt_version, r.model, r.route, r.answers, r.edited_answers, r.answer_edit_rate, r.lines, r.edited_lines,
  r.line_edit_rate, r.added_lines
from ai.edit_rates_by_window r
where r.windows_ago = 0;

comment on view ai.edit_rates is
  'How often people change answers, by prompt, model and the model''s route, over the last days (policy scorecard_days). Only answers that a person corrected, rerouted, confirmed, reviewed or handled count.';
comment on column ai.edit_rates.prompt_version is 'Prompt version of the answers.';
comment on column ai.edit_rates.model is 'Model of the answers.';
comment on column ai.edit_rates.route is 'The model''s route.';
comment on column ai.edit_rates.answers is 'Number of answers on which a person worked. For each RFQ, the last such answer counts.';
comment on column ai.edit_rates.edited_answers is 'Number of those answers with a current correction of an answer of this prompt and model, or with a current override to another route.';
comment on column ai.edit_rates.answer_edit_rate is 'edited_answers divided by answers.';
comment on column ai.edit_rates.lines is 'Number of line items that the model found in those answers.';
comment on column ai.edit_rates.edited_lines is 'Number of those line items that people corrected or removed.';
comment on column ai.edit_rates.line_edit_rate is 'edited_lines divided by lines.';
comment on column ai.edit_rates.added_lines is 'Number of lines that people added, since the model missed them.';
