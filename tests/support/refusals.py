"""Rules that an application can have on its own table. A text breaks one when an answer is written to its row.

The texts hold `[refuse:now]`, `[refuse:check]`, `[refuse:silently]` or, at COMMIT, `[refuse:deferred]` and
`[refuse:key]`.
"""

REFUSALS = """
    create function public.refuse() returns trigger language plpgsql as $$
    begin
      if tg_argv[0] = 'silently' then return null; end if;
      raise exception 'the application does not want it' using errcode = 'check_violation';
    end $$;
    create trigger refuse_now before update on public.rfq_requests for each row
      when (new.message like '%[refuse:now]%') execute function public.refuse('now');
    create trigger refuse_silently before update on public.rfq_requests for each row
      when (new.message like '%[refuse:silently]%') execute function public.refuse('silently');
    create constraint trigger refuse_deferred after update on public.rfq_requests deferrable initially deferred for each row
      when (new.message like '%[refuse:deferred]%') execute function public.refuse('deferred');
    alter table public.rfq_requests add constraint refuse_check check (ai_summary is null or message not like '%[refuse:check]%');
    -- As Django makes them, and with a text that no row of the other table has.
    create table public.answers_known (route text primary key);
    alter table public.rfq_requests add column route_seen text generated always as (
      case when ai_route is not null and message like '%[refuse:key]%' then 'nowhere' end) stored
      references public.answers_known deferrable initially deferred;
"""
