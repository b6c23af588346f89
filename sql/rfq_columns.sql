-- The application's table: created if absent; on one that exists the missing columns are added and nothing else is
-- touched. Columns are added without a default first, so that no row is rewritten. The exclusive lock is asked for
-- with a short timeout, again and again: while it waits, inserts queue up behind it, so it never waits longer than
-- 50 ms. Re-applied on each migrate; takes no lock when nothing is missing.

do $$
declare
  v_table constant regclass := to_regclass('public.rfq_requests');
  v_missing text[];
  v_tries integer := 0;
  v_patience constant text := current_setting('lock_timeout');
begin
  if v_table is null then
    create table public.rfq_requests (
      id                uuid primary key default gen_random_uuid(),
      created_at        timestamptz not null default now(),
      request_id        text default gen_random_uuid()::text,
      idempotency_key   text,
      name              text,
      email             text,
      company           text,
      phone             text,
      source_ip         inet,
      message           text not null,
      metadata          jsonb not null default '{}',
      ai_status         text default 'pending',
      ai_reason         text,
      ai_review         text,
      ai_summary        text,
      ai_tags           text[],
      ai_route          text,
      ai_urgency        text,
      ai_confidence     real,
      ai_extracted      jsonb,
      ai_content_sha256 bytea,
      ai_prompt_version text,
      ai_model          text,
      ai_updated_at     timestamptz
    ) with (fillfactor = 70);  -- room for the answer on the same page: the write-back stays a HOT update
    create index rfq_requests_created_at on public.rfq_requests (created_at);
    comment on table public.rfq_requests is
      'Requests for quotation. The application inserts; the columns ai_* are rfqflow''s and say what AI made of it.';
    comment on column public.rfq_requests.id is 'Identifies the RFQ.';
    comment on column public.rfq_requests.created_at is 'When it was submitted.';
    comment on column public.rfq_requests.request_id is 'The application''s own id for tracing, else a fresh one.';
    comment on column public.rfq_requests.idempotency_key is 'The application''s key for one submission; kept, not enforced here.';
    comment on column public.rfq_requests.name is 'Sender.';
    comment on column public.rfq_requests.email is 'Sender''s address.';
    comment on column public.rfq_requests.company is 'Sender''s company.';
    comment on column public.rfq_requests.phone is 'Sender''s phone.';
    comment on column public.rfq_requests.source_ip is 'Where the form was sent from.';
    comment on column public.rfq_requests.message is 'The request itself.';
    comment on column public.rfq_requests.metadata is
      'Free for the application. Known keys: ai_opt_out (true: no AI), honeypot (text in a hidden field), form_seconds (time to fill the form in), traceparent (W3C).';
    comment on index public.rfq_requests_created_at is 'Serves lists by time.';
  end if;

  v_missing := array(
    select c.name
    from unnest(array[
      'created_at', 'request_id', 'idempotency_key', 'name', 'email', 'company', 'phone', 'source_ip', 'metadata',
      'ai_status', 'ai_reason', 'ai_review', 'ai_summary', 'ai_tags', 'ai_route', 'ai_urgency', 'ai_confidence',
      'ai_extracted', 'ai_content_sha256', 'ai_prompt_version', 'ai_model', 'ai_updated_at']) as c(name)
    where v_table is not null and not exists (
      select from pg_attribute a
      where a.attrelid = v_table and a.attname = c.name and not a.attisdropped));

  if cardinality(v_missing) > 0 then
    if not pg_has_role((select relowner from pg_class where oid = v_table), 'usage') then
      raise exception 'public.rfq_requests belongs to another role, and it lacks the columns %', array_to_string(v_missing, ', ')
        using errcode = 'insufficient_privilege',
              hint = 'Run the migration as the table''s owner, or grant that role to this one.';
    end if;
    loop
      begin
        perform set_config('lock_timeout', '50ms', true);
        lock table public.rfq_requests in access exclusive mode;
        alter table public.rfq_requests
          add column if not exists created_at timestamptz,
          add column if not exists request_id text,
          add column if not exists idempotency_key text,
          add column if not exists name text,
          add column if not exists email text,
          add column if not exists company text,
          add column if not exists phone text,
          add column if not exists source_ip inet,
          add column if not exists metadata jsonb,
          add column if not exists ai_status text,
          add column if not exists ai_reason text,
          add column if not exists ai_review text,
          add column if not exists ai_summary text,
          add column if not exists ai_tags text[],
          add column if not exists ai_route text,
          add column if not exists ai_urgency text,
          add column if not exists ai_confidence real,
          add column if not exists ai_extracted jsonb,
          add column if not exists ai_content_sha256 bytea,
          add column if not exists ai_prompt_version text,
          add column if not exists ai_model text,
          add column if not exists ai_updated_at timestamptz;
        if 'created_at' = any (v_missing) then
          alter table public.rfq_requests alter column created_at set default now();
        end if;
        if 'request_id' = any (v_missing) then
          alter table public.rfq_requests alter column request_id set default gen_random_uuid()::text;
        end if;
        if 'metadata' = any (v_missing) then
          alter table public.rfq_requests alter column metadata set default '{}';
        end if;
        if 'ai_status' = any (v_missing) then
          alter table public.rfq_requests alter column ai_status set default 'pending';
        end if;
        exit;
      exception when lock_not_available then
        v_tries := v_tries + 1;
        if v_tries >= 600 then
          raise exception 'public.rfq_requests could not be locked for 50 ms in % tries', v_tries
            using errcode = 'lock_not_available',
                  hint = 'A long transaction holds it: see pg_stat_activity, then migrate again.';
        end if;
        perform pg_sleep(0.05 + 0.15 * random());
      end;
    end loop;
    perform set_config('lock_timeout', v_patience, true);
  end if;

  if v_table is null or cardinality(v_missing) > 0 then
    comment on column public.rfq_requests.ai_status is
      'pending, deferred, done, skipped or failed; null: older than the installation.';
    comment on column public.rfq_requests.ai_reason is 'Why it is deferred, skipped or failed: a code.';
    comment on column public.rfq_requests.ai_review is 'Why a person must look, else null: a code.';
    comment on column public.rfq_requests.ai_summary is 'One paragraph.';
    comment on column public.rfq_requests.ai_tags is 'Slugs.';
    comment on column public.rfq_requests.ai_route is 'The model''s routing hint, a slug of ai.routes; an override wins in ai.rfq_status.route.';
    comment on column public.rfq_requests.ai_urgency is 'low, normal, high or critical.';
    comment on column public.rfq_requests.ai_confidence is 'Of the route, 0 to 1.';
    comment on column public.rfq_requests.ai_extracted is 'Line items, dates, what is missing and why; schema_version tells its shape.';
    comment on column public.rfq_requests.ai_content_sha256 is 'Hash of the message that the answer is about.';
    comment on column public.rfq_requests.ai_prompt_version is 'Prompt the answer was made with.';
    comment on column public.rfq_requests.ai_model is 'Model that gave it.';
    comment on column public.rfq_requests.ai_updated_at is 'When rfqflow last wrote here.';
  end if;
end
$$;

-- The one place that knows the application's columns for reading and writing; a view this simple can be updated
-- and locked through. It comes before the functions, which know it only by name.
create or replace view ai.rfqs as
select
  r.id as rfq_id,
  r.ctid as place,
  r.created_at,
  r.request_id,
  r.name,
  r.email,
  r.company,
  r.phone,
  r.source_ip,
  r.message,
  r.metadata,
  sha256(convert_to(r.message, 'UTF8')) as content_sha256,
  r.ai_status,
  r.ai_reason,
  r.ai_review,
  r.ai_summary,
  r.ai_tags,
  r.ai_route,
  r.ai_urgency,
  r.ai_confidence,
  r.ai_extracted,
  r.ai_content_sha256,
  r.ai_prompt_version,
  r.ai_model,
  r.ai_updated_at
from public.rfq_requests r;

comment on view ai.rfqs is
  'The RFQs as rfqflow''s functions see them: the mapping from the application''s table. Holds personal data: granted to nobody.';
