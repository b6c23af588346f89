-- What people do with answers: the desk's state per RFQ, corrections of what the model said, and the desk's list.

create table ai.desk (
  rfq_id             uuid primary key,
  state              text not null default 'open',
  owner              text,
  confirmed_by       text,
  confirmed_at       timestamptz,
  confirmed_answer   text,
  review_cleared     text,
  review_cleared_on  bytea,
  review_cleared_by  text,
  review_cleared_at  timestamptz,
  note               text,
  content_sha256     bytea,
  seen_answer        text,
  seen_prompt_version text,
  seen_model         text,
  seen_route         text,
  seen_lines         integer,
  seen_at            timestamptz,
  revision           bigint not null default 0,
  updated_by         text not null,
  updated_at         timestamptz not null default clock_timestamp(),
  constraint desk_state_is_known check (state in ('open', 'handled')),
  constraint desk_is_confirmed_by_somebody check (num_nonnulls(confirmed_by, confirmed_at, confirmed_answer) in (0, 3)),
  constraint desk_review_is_cleared_by_somebody check (num_nonnulls(review_cleared, review_cleared_by, review_cleared_at) in (0, 3))
) with (fillfactor = 80);
create index desk_seen_at on ai.desk (seen_at) where seen_at is not null;

comment on table ai.desk is
  'What people have done with an RFQ''s answer: a row only where a person did something. Written by ai.confirm_rfq, ai.assign_rfq, ai.handle_rfq, ai.reopen_rfq, ai.note_rfq, ai.clear_review and ai.correct_rfq. Holds personal data (notes).';
comment on column ai.desk.rfq_id is 'The RFQ; no foreign key, so that nothing here can hinder the application.';
comment on column ai.desk.state is 'open or handled.';
comment on column ai.desk.owner is 'Who works on it; null: nobody has taken it.';
comment on column ai.desk.confirmed_by is 'Who said last that the answer is right, corrections included.';
comment on column ai.desk.confirmed_at is 'When.';
comment on column ai.desk.confirmed_answer is 'The first part of the version that was confirmed: another answer of the model is not confirmed.';
comment on column ai.desk.review_cleared is 'The mark for review that a person has reviewed.';
comment on column ai.desk.review_cleared_on is 'Hash of the message it was cleared for: the same mark on another text is open again.';
comment on column ai.desk.review_cleared_by is 'Who cleared it.';
comment on column ai.desk.review_cleared_at is 'When.';
comment on column ai.desk.note is 'What people want each other to know.';
comment on column ai.desk.content_sha256 is 'Hash of the message when a person last did something: tells another RFQ that was inserted under the id of a deleted one. Null: erased.';
comment on column ai.desk.seen_answer is 'The answer that a person last corrected, confirmed, cleared or handled: the base of edit rates.';
comment on column ai.desk.seen_prompt_version is 'Its prompt.';
comment on column ai.desk.seen_model is 'Its model.';
comment on column ai.desk.seen_route is 'The model''s route.';
comment on column ai.desk.seen_lines is 'How many line items the model had found.';
comment on column ai.desk.seen_at is 'When a person dealt with it first.';
comment on column ai.desk.revision is 'Rises with each change of this row or of the RFQ''s corrections.';
comment on column ai.desk.updated_by is 'Who made the last change.';
comment on column ai.desk.updated_at is 'When.';
comment on constraint desk_state_is_known on ai.desk is 'A closed set.';
comment on constraint desk_is_confirmed_by_somebody on ai.desk is 'A confirmation has a name, a time and an answer, or nothing.';
comment on constraint desk_review_is_cleared_by_somebody on ai.desk is 'A cleared mark has a text, a name and a time, or nothing.';
comment on index ai.desk_seen_at is 'Serves ai.edit_rates.';

create table ai.desk_history (
  entry_id   bigint generated always as identity primary key,
  rfq_id     uuid not null,
  revision   bigint not null,
  created_at timestamptz not null default clock_timestamp(),
  actor      text not null,
  action     text not null,
  what       text,
  reason     text,
  constraint desk_history_action_is_known check (action in (
    'correct', 'withdraw', 'confirm', 'assign', 'handle', 'reopen', 'note', 'clear_review', 'reassign', 'draft', 'ask'))
);
create index desk_history_rfq_id on ai.desk_history (rfq_id, revision);

comment on table ai.desk_history is 'What was done at the desk, one row per act. Holds no value of a field and no note.';
comment on column ai.desk_history.entry_id is 'Rises with each act.';
comment on column ai.desk_history.rfq_id is 'The RFQ.';
comment on column ai.desk_history.revision is 'The revision of ai.desk that it made.';
comment on column ai.desk_history.created_at is 'When.';
comment on column ai.desk_history.actor is 'Who.';
comment on column ai.desk_history.action is 'correct, withdraw, confirm, assign, handle, reopen, note, clear_review, reassign, draft (of a reply) or ask (it was sent).';
comment on column ai.desk_history.what is 'The paths that were corrected, the owner or the route it went to, the mark that was cleared, how a draft was made, what was asked for.';
comment on column ai.desk_history.reason is 'Why, if told.';
comment on constraint desk_history_action_is_known on ai.desk_history is 'A closed set.';
comment on index ai.desk_history_rfq_id is 'Serves an RFQ''s timeline and who changed it meanwhile.';

create table ai.corrections (
  correction_id     bigint generated always as identity primary key,
  rfq_id            uuid not null,
  path              text not null,
  field             text not null,
  line              jsonb,
  added             integer,
  target            text not null,
  ai_value          jsonb,
  old               jsonb,
  new               jsonb,
  actor             text not null,
  reason            text,
  created_at        timestamptz not null default clock_timestamp(),
  answer_version    text not null,
  ai_prompt_version text,
  ai_model          text,
  ai_route          text,
  content_sha256    bytea,
  withdrawn_at      timestamptz,
  withdrawn_by      text,
  withdrawn_reason  text,
  erased_at         timestamptz,
  constraint corrections_actor_is_named check (actor <> '' and withdrawn_by <> ''),
  constraint corrections_withdrawn_by_somebody check ((withdrawn_at is null) = (withdrawn_by is null)),
  constraint corrections_are_of_one_place check (num_nonnulls(line, added) <= 1)
);
create unique index corrections_one_stands_per_place on ai.corrections (rfq_id, target) where withdrawn_at is null;
create index corrections_rfq_id on ai.corrections (rfq_id, correction_id);

comment on table ai.corrections is
  'What people corrected in answers, any field but the route: the rows without withdrawn_at stand and win in ai.rfq_answer. A line item is known by its content, so a later run that moves it takes its corrections along. Written by ai.correct_rfq and ai.withdraw_correction. Holds personal data.';
comment on column ai.corrections.correction_id is 'Rises with each correction.';
comment on column ai.corrections.rfq_id is 'The RFQ; no foreign key, as in ai.desk.';
comment on column ai.corrections.path is 'The place as it was named then, such as line_items[2].quantity; line_items[+1] is a line that people added. ai.standing_corrections tells where it is now.';
comment on column ai.corrections.field is 'The field at that place; line for a line as a whole (removed or added).';
comment on column ai.corrections.line is 'Which line of the model''s: its content then, in short, and how many were like it.';
comment on column ai.corrections.added is 'Number of a line that people added.';
comment on column ai.corrections.target is 'Field and content of the line: one correction of each stands per RFQ.';
comment on column ai.corrections.ai_value is 'What the model had said.';
comment on column ai.corrections.old is 'What people read before.';
comment on column ai.corrections.new is 'What is right; null: nothing is stated, or the line is removed.';
comment on column ai.corrections.actor is 'Who.';
comment on column ai.corrections.reason is 'Why, if told.';
comment on column ai.corrections.created_at is 'When.';
comment on column ai.corrections.answer_version is 'The version of ai.rfq_answer that it was made on.';
comment on column ai.corrections.ai_prompt_version is 'The answer''s prompt.';
comment on column ai.corrections.ai_model is 'The answer''s model.';
comment on column ai.corrections.ai_route is 'The model''s route.';
comment on column ai.corrections.content_sha256 is 'Hash of the message that the answer was about; null: there was none, or it was erased.';
comment on column ai.corrections.withdrawn_at is 'When it was withdrawn, or another took its place; null: it stands.';
comment on column ai.corrections.withdrawn_by is 'By whom.';
comment on column ai.corrections.withdrawn_reason is 'Why, if told.';
comment on column ai.corrections.erased_at is 'When its texts were erased while it stood: it counts in edit rates.';
comment on constraint corrections_actor_is_named on ai.corrections is 'Nobody corrects namelessly.';
comment on constraint corrections_withdrawn_by_somebody on ai.corrections is 'A withdrawal has a time and a name, or neither.';
comment on constraint corrections_are_of_one_place on ai.corrections is 'A line of the model''s, or one that people added.';
comment on index ai.corrections_one_stands_per_place is 'Two can not both stand.';
comment on index ai.corrections_rfq_id is 'Serves ai.rfq_answer and an RFQ''s timeline.';

create table ai.desk_entries (
  rfq_id         uuid primary key,
  run_id         bigint not null,
  created_at     timestamptz not null,
  active_at      timestamptz not null default clock_timestamp(),
  status         text not null,
  state          text not null,
  route          text not null,
  urgency        smallint not null,
  review         boolean not null,
  owner          text,
  quote_by       date,
  due            date,
  is_urgent      boolean not null generated always as (urgency >= 2) stored,
  is_taken       boolean not null generated always as (owner is not null) stored
) with (fillfactor = 80);
-- All begin with what is filtered by. The lists of the few groups that fit a filter are merged: none is read past what it shows.
create index desk_entries_newest on ai.desk_entries (state, route, review, is_urgent, is_taken, created_at desc, rfq_id desc);
create index desk_entries_urgency on ai.desk_entries (state, route, review, is_urgent, is_taken, urgency desc, created_at desc, rfq_id desc);
create index desk_entries_quote_by on ai.desk_entries (state, route, review, is_urgent, is_taken, coalesce(quote_by, 'infinity'), created_at desc, rfq_id desc);
create index desk_entries_due on ai.desk_entries (state, route, review, is_urgent, is_taken, coalesce(due, 'infinity'), created_at desc, rfq_id desc);
create index desk_entries_by_owner on ai.desk_entries (state, route, review, is_urgent, is_taken, coalesce(owner, ''), created_at desc, rfq_id desc);
create index desk_entries_owner on ai.desk_entries (owner, state) where owner is not null;

comment on table ai.desk_entries is
  'The keys by which the desk sorts, filters and counts RFQs, and no text of theirs. Filled by ai.refresh_desk from the queue and from what ended since, never by an insert or a finish; written at once by what people do. An RFQ of which nothing was heard for policy desk_days leaves it, unless a person has taken it.';
comment on column ai.desk_entries.rfq_id is 'The RFQ.';
comment on column ai.desk_entries.run_id is 'The newest run that it was made after.';
comment on column ai.desk_entries.created_at is 'Time of submission; if the application''s table has none, the time when this entry was made.';
comment on column ai.desk_entries.active_at is 'When it was last enqueued, run or dealt with.';
comment on column ai.desk_entries.status is 'ai_status at that time.';
comment on column ai.desk_entries.state is 'open, handled, waiting (no end yet) or none (a gate skipped it, or it was erased).';
comment on column ai.desk_entries.route is 'The effective route; empty: none yet.';
comment on column ai.desk_entries.urgency is '0 low, 1 normal, 2 high, 3 critical, as corrected.';
comment on column ai.desk_entries.review is 'A person must look, and nobody has cleared it.';
comment on column ai.desk_entries.owner is 'Who works on it.';
comment on column ai.desk_entries.quote_by is 'By when the offer is wanted, as corrected.';
comment on column ai.desk_entries.due is 'Delivery, as corrected.';
comment on column ai.desk_entries.is_urgent is 'high or critical.';
comment on column ai.desk_entries.is_taken is 'It has an owner.';
comment on index ai.desk_entries_newest is 'Serves the sort by age, all filters, and the counts of tabs.';
comment on index ai.desk_entries_urgency is 'Serves the sort by urgency, all filters.';
comment on index ai.desk_entries_quote_by is 'Serves the sort by the offer''s date, all filters.';
comment on index ai.desk_entries_due is 'Serves the sort by the delivery date, all filters.';
comment on index ai.desk_entries_by_owner is 'Serves the sort by owner, all filters.';
comment on index ai.desk_entries_owner is 'Serves a person''s own RFQs.';

create table ai.desk_progress (
  one        boolean primary key default true,
  read_to    timestamptz not null default '-infinity',
  next_at    timestamptz,
  next_xid   xid8,
  days       double precision,
  queue_to   bigint,
  deferred_to uuid,
  swept_to   uuid,
  refreshed_at timestamptz,
  constraint desk_progress_is_one_row check (one)
);
insert into ai.desk_progress default values;

comment on table ai.desk_progress is 'How far ai.desk_entries has followed ai.rag_runs.';
comment on column ai.desk_progress.one is 'Always true: there is one row.';
comment on column ai.desk_progress.read_to is 'All runs recorded before it have been seen.';
comment on column ai.desk_progress.next_at is 'Where read_to goes once all transactions that might yet record a run before it have ended.';
comment on column ai.desk_progress.next_xid is 'Those are the ones with a lower number.';
comment on column ai.desk_progress.days is 'Policy desk_days when runs were last read: when it is raised, they are read from further back.';
comment on column ai.desk_progress.queue_to is 'Where the look through the queue stands; null: at the beginning.';
comment on column ai.desk_progress.deferred_to is 'Where the look through what is deferred stands; null: at the beginning.';
comment on column ai.desk_progress.swept_to is 'Where ai.sweep_desk stands; null: at the beginning.';
comment on column ai.desk_progress.refreshed_at is 'The last refresh that caught up.';
comment on constraint desk_progress_is_one_row on ai.desk_progress is 'There is one list.';

create table ai.desk_behind (
  behind_id bigint generated always as identity primary key,
  rfq_id    uuid not null
);

comment on table ai.desk_behind is 'RFQs whose entry in ai.desk_entries was busy when it should have been made. ai.refresh_desk tries them again.';
comment on column ai.desk_behind.behind_id is 'Rises.';
comment on column ai.desk_behind.rfq_id is 'The RFQ.';
