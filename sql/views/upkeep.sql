-- What keeps the house, and whether it does.

create or replace view ai.maintenance_status as
select m.step, m.ran_at, m.rows, m.took_ms, nullif(m.next_at, '-infinity') as next_at, m.failed_at, m.sqlstate,
  m.failed_at is not null and (m.ran_at is null or m.failed_at > m.ran_at) as is_failing
from ai.maintenance m;

comment on view ai.maintenance_status is 'The steps of the maintenance: when each ran last, what it did, when it is next.';
comment on column ai.maintenance_status.step is 'Name of the step.';
comment on column ai.maintenance_status.ran_at is 'When it last ended well.';
comment on column ai.maintenance_status.rows is 'How much it did then.';
comment on column ai.maintenance_status.took_ms is 'How long that took, milliseconds.';
comment on column ai.maintenance_status.next_at is 'When it is due again.';
comment on column ai.maintenance_status.failed_at is 'When it last failed.';
comment on column ai.maintenance_status.sqlstate is 'With what.';
comment on column ai.maintenance_status.is_failing is 'Its last try failed.';
