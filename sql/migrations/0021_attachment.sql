-- Whether rfqflow is on the application's table, and which objects of schema ai are rfqflow's.

alter table ai.table_mapping
  add column state text not null default 'attached',
  add column state_since timestamptz not null default clock_timestamp(),
  add column mode_before text,
  add constraint mapping_state_is_known check (
    state in ('attached', 'detached', 'other_table', 'no_table', 'triggers_missing', 'triggers_disabled'));

comment on column ai.table_mapping.state is
  'Whether rfqflow is on the table, as the last migrate, detach or look of a daemon found it: see ai.attachment.';
comment on column ai.table_mapping.state_since is 'Since when.';
comment on column ai.table_mapping.mode_before is 'The policy mode before rfqflow was detached: migrate brings it back.';
comment on constraint mapping_state_is_known on ai.table_mapping is 'A closed set.';

create table ai.rfqflow_object (
  kind     text not null,
  identity text not null,
  primary key (kind, identity)
);

comment on table ai.rfqflow_object is
  'What rfqflow made in schema ai, where other tools may have objects too: migrate touches the rights of these only, and uninstall drops these only.';
comment on column ai.rfqflow_object.kind is 'What it is, in the words of pg_identify_object.';
comment on column ai.rfqflow_object.identity is 'Its name, and of a function its arguments, as pg_identify_object writes them.';

update ai.policy set choices = '{on,paused,detached}',
  description = 'paused: workers claim nothing, RFQs wait; see ai.pause and ai.resume. detached: so does rfqflow detach, till the next migrate'
where key = 'mode';

alter table ai.events drop constraint events_kind_is_known;
alter table ai.events add constraint events_kind_is_known check (kind in (
  'breaker_opened', 'breaker_half_opened', 'breaker_closed', 'budget_refused', 'budget_overrun', 'budget_corrected',
  'drift_moved', 'table_attached', 'table_lost'));
comment on constraint events_kind_is_known on ai.events is 'A closed set.';
