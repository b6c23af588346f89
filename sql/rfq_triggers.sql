-- The triggers on the application's table, last, when all that they call is there. Each lock is asked for with a
-- short timeout, again and again, since inserts queue up behind a lock that waits. Re-applied on each migrate;
-- takes no lock when they are there.

do $$
declare
  v_tries integer := 0;
  v_patience constant text := current_setting('lock_timeout');
begin
  if (select count(*) from pg_trigger
      where tgrelid = 'public.rfq_requests'::regclass
        and tgname in ('rfqflow_guard_insert', 'rfqflow_guard_update', 'rfqflow_enqueue', 'rfqflow_enqueue_edited')) = 4
  then
    return;
  end if;
  if not pg_has_role(
    (select relowner from pg_class where oid = 'public.rfq_requests'::regclass), 'usage')
  then
    raise exception 'public.rfq_requests belongs to another role, and it lacks rfqflow''s triggers'
      using errcode = 'insufficient_privilege',
            hint = 'Run the migration as the table''s owner, or grant that role to this one.';
  end if;
  loop
    begin
      perform set_config('lock_timeout', '50ms', true);
      -- CREATE TRIGGER takes this very lock: asked for once, the four statements below wait for nothing.
      lock table public.rfq_requests in share row exclusive mode;

      create or replace trigger rfqflow_guard_insert before insert on public.rfq_requests
        for each row when (
          new.ai_status is distinct from 'pending'
          or num_nonnulls(new.ai_reason, new.ai_review, new.ai_summary, new.ai_tags, new.ai_route,
            new.ai_urgency, new.ai_confidence, new.ai_extracted, new.ai_content_sha256, new.ai_prompt_version,
            new.ai_model, new.ai_updated_at) > 0)
        execute function ai.guard_rfq();
      create or replace trigger rfqflow_guard_update before update of message on public.rfq_requests
        for each row when (old.message is distinct from new.message)
        execute function ai.guard_rfq();
      create or replace trigger rfqflow_enqueue after insert on public.rfq_requests
        referencing new table as inserted
        for each statement execute function ai.enqueue_rfq();
      create or replace trigger rfqflow_enqueue_edited after update of message on public.rfq_requests
        for each row when (old.message is distinct from new.message)
        execute function ai.enqueue_edited_rfq();
      exit;
    exception when lock_not_available then
      v_tries := v_tries + 1;
      if v_tries >= 600 then
        raise exception 'public.rfq_requests could not be locked for 50 ms in % tries', v_tries
          using errcode = 'lock_not_available',
                hint = 'A long transaction writes to it: see pg_stat_activity, then migrate again.';
      end if;
      perform pg_sleep(0.05 + 0.15 * random());
    end;
  end loop;
  perform set_config('lock_timeout', v_patience, true);

  comment on trigger rfqflow_guard_insert on public.rfq_requests is
    'What an inserter writes into ai_* is not trusted: it is reset. The condition alone costs an ordinary insert nothing.';
  comment on trigger rfqflow_guard_update on public.rfq_requests is 'A changed message is pending again.';
  comment on trigger rfqflow_enqueue on public.rfq_requests is 'Enqueues what a statement inserted, and rings.';
  comment on trigger rfqflow_enqueue_edited on public.rfq_requests is
    'Enqueues an RFQ whose message changed; rfqflow''s own write-back leaves the message alone and never fires it.';
end
$$;
