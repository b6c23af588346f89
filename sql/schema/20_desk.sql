-- People's work on answers: the desk's state per RFQ, corrections of answers, and the desk's list.

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
  'People''s work on an RFQ''s answer. An RFQ on which no person has worked has no row. ai.confirm_rfq, ai.assign_rfq, ai.handle_rfq, ai.reopen_rfq, ai.note_rfq, ai.clear_review and ai.correct_rfq write the rows. Contains personal data (notes).';
comment on column ai.desk.rfq_id is 'The RFQ. There is no foreign key, so that this table never blocks the application.';
comment on column ai.desk.state is 'State of the RFQ at the desk: open or handled.';
comment on column ai.desk.owner is 'The person who works on the RFQ; null: no person has taken it.';
comment on column ai.desk.confirmed_by is 'The last person who confirmed the answer with its corrections.';
comment on column ai.desk.confirmed_at is 'When the answer was confirmed.';
comment on column ai.desk.confirmed_answer is 'The part of the confirmed version that identifies the model''s answer. A later answer of the model is not confirmed.';
comment on column ai.desk.review_cleared is 'The mark for review that a person cleared.';
comment on column ai.desk.review_cleared_on is 'SHA-256 of the message when the mark was cleared. If the message changes, the mark returns.';
comment on column ai.desk.review_cleared_by is 'Who cleared the mark.';
comment on column ai.desk.review_cleared_at is 'When the mark was cleared.';
comment on column ai.desk.note is 'A note for colleagues.';
comment on column ai.desk.content_sha256 is 'SHA-256 of the message at the last action. By it, rfqflow notices another RFQ that was inserted under a deleted RFQ''s id. Null: erased.';
comment on column ai.desk.seen_answer is 'The answer that a person last corrected, confirmed, reviewed or handled. ai.edit_rates uses it.';
comment on column ai.desk.seen_prompt_version is 'Prompt version of that answer.';
comment on column ai.desk.seen_model is 'Model that gave that answer.';
comment on column ai.desk.seen_route is 'The model''s route in that answer.';
comment on column ai.desk.seen_lines is 'Number of line items in that answer.';
comment on column ai.desk.seen_at is 'When a person first worked on that answer.';
comment on column ai.desk.revision is 'A number that increases with each change of this row or of the RFQ''s corrections.';
comment on column ai.desk.updated_by is 'Who made the last change.';
comment on column ai.desk.updated_at is 'When the last change was made.';
comment on constraint desk_state_is_known on ai.desk is 'One of the allowed values.';
comment on constraint desk_is_confirmed_by_somebody on ai.desk is 'confirmed_by, confirmed_at and confirmed_answer are all set, or all null.';
comment on constraint desk_review_is_cleared_by_somebody on ai.desk is 'review_cleared, review_cleared_by and review_cleared_at are all set, or all null.';
comment on index ai.desk_seen_at is 'Used by ai.edit_rates.';

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

comment on table ai.desk_history is 'Actions at the desk, one row per action. Contains no value of a field and no note.';
comment on column ai.desk_history.entry_id is 'Number of the action, in order.';
comment on column ai.desk_history.rfq_id is 'The RFQ.';
comment on column ai.desk_history.revision is 'Revision of ai.desk after the action.';
comment on column ai.desk_history.created_at is 'When the person acted.';
comment on column ai.desk_history.actor is 'Who acted.';
comment on column ai.desk_history.action is 'correct, withdraw, confirm, assign, handle, reopen, note, clear_review, reassign, draft (a draft reply was saved) or ask (the draft was sent to the customer).';
comment on column ai.desk_history.what is 'Detail of the action: the corrected paths, the new owner or route, the cleared mark, how the draft was made, or what the sent draft asked for.';
comment on column ai.desk_history.reason is 'The reason that the person gave, if any.';
comment on constraint desk_history_action_is_known on ai.desk_history is 'One of the allowed values.';
comment on index ai.desk_history_rfq_id is 'Used by an RFQ''s timeline, and to report who changed the RFQ meanwhile.';

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
  'People''s corrections of answers, for any field except the route. Rows whose withdrawn_at is null apply in ai.rfq_answer. A line item is identified by its content, so its corrections also apply in later runs. ai.correct_rfq and ai.withdraw_correction write the rows. Contains personal data.';
comment on column ai.corrections.correction_id is 'Number of the correction, in order.';
comment on column ai.corrections.rfq_id is 'The RFQ. There is no foreign key, as in ai.desk.';
comment on column ai.corrections.path is 'Path of the field at that time, such as line_items[2].quantity. line_items[+1] is a line that a person added. ai.standing_corrections gives the present path.';
comment on column ai.corrections.field is 'The field at that path. line means that a person removed or added the whole line.';
comment on column ai.corrections.line is 'Identifies the model''s line: hashes of its content at that time, and how many lines had the same content.';
comment on column ai.corrections.added is 'Number of a line that a person added.';
comment on column ai.corrections.target is 'Identifies field and line. Per RFQ, only one correction with the same target applies.';
comment on column ai.corrections.ai_value is 'The model''s value.';
comment on column ai.corrections.old is 'The value that the person saw before the correction.';
comment on column ai.corrections.new is 'The correct value; null: the RFQ does not state the field, or the line is removed.';
comment on column ai.corrections.actor is 'Who acted.';
comment on column ai.corrections.reason is 'The reason that the person gave, if any.';
comment on column ai.corrections.created_at is 'When the person acted.';
comment on column ai.corrections.answer_version is 'Version of ai.rfq_answer that the person corrected.';
comment on column ai.corrections.ai_prompt_version is 'Prompt version of the answer that the person corrected.';
comment on column ai.corrections.ai_model is 'Model of the answer that the person corrected.';
comment on column ai.corrections.ai_route is 'The model''s route in that answer.';
comment on column ai.corrections.content_sha256 is 'SHA-256 of the message that the answer was about; null: unknown, or erased.';
comment on column ai.corrections.withdrawn_at is 'When a person withdrew or replaced the correction; null: the correction applies.';
comment on column ai.corrections.withdrawn_by is 'Who withdrew the correction.';
comment on column ai.corrections.withdrawn_reason is 'The reason that the person gave, if any.';
comment on column ai.corrections.erased_at is 'When rfqflow erased the texts of the correction while it applied. Edit rates still count the correction.';
comment on constraint corrections_actor_is_named on ai.corrections is 'A correction needs the name of a person.';
comment on constraint corrections_withdrawn_by_somebody on ai.corrections is 'A withdrawn correction has a time and a name; a current correction has neither.';
comment on constraint corrections_are_of_one_place on ai.corrections is 'A correction is about a line of the model or about a line that a person added, not both.';
comment on index ai.corrections_one_stands_per_place is 'Only one correction of a field applies at a time.';
comment on index ai.corrections_rfq_id is 'Used by ai.rfq_answer and an RFQ''s timeline.';

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
-- Each index begins with the columns of the filters. A query merges the few matching groups, and reads of each group only the rows that it
-- shows.
create index desk_entries_newest on ai.desk_entries (state, route, review, is_urgent, is_taken, created_at desc, rfq_id desc);
create index desk_entries_urgency on ai.desk_entries (state, route, review, is_urgent, is_taken, urgency desc, created_at desc, rfq_id desc);
create index desk_entries_quote_by on ai.desk_entries (state, route, review, is_urgent, is_taken, coalesce(quote_by, 'infinity'), created_at desc, rfq_id desc);
create index desk_entries_due on ai.desk_entries (state, route, review, is_urgent, is_taken, coalesce(due, 'infinity'), created_at desc, rfq_id desc);
create index desk_entries_by_owner on ai.desk_entries (state, route, review, is_urgent, is_taken, coalesce(owner, ''), created_at desc, rfq_id desc);
create index desk_entries_owner on ai.desk_entries (owner, state) where owner is not null;

comment on table ai.desk_entries is
  'The values by which the desk sorts, filters and counts RFQs, without any text. ai.refresh_desk fills this table from the queue and from runs; inserts and finishes never write here. People''s actions update it at once. A row is deleted after policy desk_days without activity, unless a person has taken the RFQ.';
comment on column ai.desk_entries.rfq_id is 'The RFQ.';
comment on column ai.desk_entries.run_id is 'Latest run that the entry includes.';
comment on column ai.desk_entries.created_at is 'When the RFQ was submitted. If the application''s table has no such column, when this row was created.';
comment on column ai.desk_entries.active_at is 'When the RFQ was last enqueued, processed by a worker, or worked on by a person.';
comment on column ai.desk_entries.status is 'ai_status of the RFQ at active_at.';
comment on column ai.desk_entries.state is 'open, handled, waiting (the RFQ has not finished) or none (a gate skipped the RFQ, or it was erased).';
comment on column ai.desk_entries.route is 'The route that applies; empty: the RFQ has no route yet.';
comment on column ai.desk_entries.urgency is '0 low, 1 normal, 2 high, 3 critical, after corrections.';
comment on column ai.desk_entries.review is 'True: a person must review the answer, and no person has cleared the mark.';
comment on column ai.desk_entries.owner is 'The person who works on the RFQ.';
comment on column ai.desk_entries.quote_by is 'When the customer wants the offer, after corrections.';
comment on column ai.desk_entries.due is 'Delivery date, after corrections.';
comment on column ai.desk_entries.is_urgent is 'True: urgency is high or critical.';
comment on column ai.desk_entries.is_taken is 'True: the RFQ has an owner.';
comment on index ai.desk_entries_newest is 'Used to sort by age, with any filters, and to count the RFQs of each tab.';
comment on index ai.desk_entries_urgency is 'Used to sort by urgency, with any filters.';
comment on index ai.desk_entries_quote_by is 'Used to sort by the offer''s date, with any filters.';
comment on index ai.desk_entries_due is 'Used to sort by the delivery date, with any filters.';
comment on index ai.desk_entries_by_owner is 'Used to sort by owner, with any filters.';
comment on index ai.desk_entries_owner is 'Used to list the RFQs that an owner has on the desk.';

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

comment on table ai.desk_progress is 'Up to which runs and queue positions ai.desk_entries is complete.';
comment on column ai.desk_progress.one is 'Always true, so that the table has one row.';
comment on column ai.desk_progress.read_to is 'ai.desk_entries includes all runs recorded before this time.';
comment on column ai.desk_progress.next_at is 'The next value of read_to. It applies once all transactions that may still record earlier runs have ended.';
comment on column ai.desk_progress.next_xid is 'Transaction id; the transactions that may still record runs before next_at have lower ids.';
comment on column ai.desk_progress.days is 'Policy desk_days at the last refresh. If an operator raises the policy, the next refresh also reads older runs.';
comment on column ai.desk_progress.queue_to is 'Last position read in ai.outbox; null: start at the beginning.';
comment on column ai.desk_progress.deferred_to is 'Last position read in ai.outbox_deferred; null: start at the beginning.';
comment on column ai.desk_progress.swept_to is 'Last position of ai.sweep_desk; null: start at the beginning.';
comment on column ai.desk_progress.refreshed_at is 'When a refresh last read all new runs.';
comment on constraint desk_progress_is_one_row on ai.desk_progress is 'The table has one row.';

create table ai.desk_behind (
  behind_id bigint generated always as identity primary key,
  rfq_id    uuid not null
);

comment on table ai.desk_behind is 'RFQs whose row in ai.desk_entries was locked by another transaction. ai.refresh_desk tries them again.';
comment on column ai.desk_behind.behind_id is 'Number of the row, in order.';
comment on column ai.desk_behind.rfq_id is 'The RFQ.';
