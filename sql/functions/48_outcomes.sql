-- The meaning of each outcome of an attempt. Other outcomes (busy, hidden) change nothing.
create or replace function ai.outcomes()
returns table (outcome text, ai_status text, end_status text, run_status text, run_reason text, queue text)
language plpgsql immutable rows 15  -- only definer functions call it; PostgreSQL would plan a function in SQL at each call
set search_path = pg_catalog, pg_temp
as $$
begin
  return query values
    -- outcome   ai_status   end_status run_status    run_reason     queue: what becomes of the row in ai.outbox
    ('complete', 'done',     'done',    null,         null,          'gone'),
    ('keep',     'done',     'done',    null,         null,          'gone'),
    ('repeated', 'done',     'done',    'superseded', 'repeated',    'gone'),
    ('skip',     'skipped',  'skipped', null,         null,          'gone'),
    ('expire',   'skipped',  'skipped', 'skipped',    'expired',     'gone'),
    ('discard',  'failed',   'failed',  null,         null,          'dead'),
    ('exhaust',  'failed',   'failed',  'failed',     null,          'dead'),
    ('abandon',  null,       'failed',  null,         null,          'dead'),
    ('defer',    'deferred', null,      null,         null,          'deferred'),
    ('outlast',  'deferred', null,      null,         null,          'deferred'),
    ('retry',    'pending',  null,      null,         null,          'deferred'),
    ('edited',   'pending',  null,      'superseded', 'edited',      'due'),
    ('release',  null,       null,      null,         null,          'due'),
    ('gone',     null,       null,      null,         'rfq_deleted', 'gone'),
    ('lost',     null,       null,      'superseded', 'claim_lost',  null);
end
$$;
comment on function ai.outcomes() is
  'What each outcome of an attempt changes. For the RFQ: ai_status, and end_status if the RFQ finishes. For the run: status and reason, or null if the worker''s values stay. For the row in ai.outbox: queue.';
