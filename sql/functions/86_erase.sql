-- Erases a person from RFQs, runs and archives.

create or replace function ai.erase_runs(p_rfq_ids uuid[])
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_erased bigint;
begin
  update ai.rag_runs u set output = null, error_detail = null, email_hash = null, content_sha256 = null
  where u.rfq_id = any (p_rfq_ids) and num_nonnulls(u.output, u.error_detail, u.email_hash, u.content_sha256) > 0;
  get diagnostics v_erased = row_count;
  return v_erased;
end
$$;
comment on function ai.erase_runs(uuid[]) is 'Erases personal data from the runs of these RFQs. Returns the number of runs.';

create or replace function ai.finish_erasures()
returns bigint
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids constant uuid[] := array(select x.rfq_id from ai.erasures x where x.erased_at > now() - interval '1 day');
begin
  -- A worker that had the text during the erasure may record one more run, although it lost its claim. The application may commit one more
  -- file. A second ai.erase_person would not find the RFQ, since its address is erased.
  return ai.erase_runs(v_ids) + ai.erase_readings(v_ids) + ai.drop_attachments(v_ids);
end
$$;
comment on function ai.finish_erasures() is 'Erases runs and readings that workers recorded while a person was erased. If rfqflow created the table of attachments, also deletes files inserted up to a day later. Returns the number of rows.';

create or replace function ai.erase_person(p_email text, p_actor text default null, p_reason text default null)
returns jsonb
language plpgsql volatile security definer  -- only the owner may change the application's table
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
  v_refused record;
  v_rows integer := 0;
  v_runs bigint;
  v_cases bigint;
  v_archives text[];
  v_files bigint;
  v_counts jsonb;
begin
  if coalesce(trim(p_email), '') = '' then
    raise exception 'no e-mail address given' using errcode = 'RF004', hint = 'Pass the person''s e-mail address.';
  end if;
  perform ai.take_lock('archives');
  v_ids := ai.rfqs_from(p_email);
  -- The triggers treat the erased text as an edit, and enqueue the RFQs. The deletes below remove these rows before another session sees
  -- them. They also remove claims, so a worker that has the old text cannot write to the RFQ.
  perform ai.erase_texts(v_ids);
  -- Refused rows, which have another RFQ's id, also contain a text and an address.
  for v_refused in select f.rfq_id, f.part, f.place from ai.refused_from(p_email, v_ids) f loop
    update ai.refused_rows x set place = ai.erase_refused(v_refused.part, v_refused.place)
    where x.rfq_id = v_refused.rfq_id and x.part = v_refused.part and x.place = v_refused.place;
    if not found then
      perform ai.erase_refused(v_refused.part, v_refused.place);
    end if;
    v_rows := v_rows + 1;
  end loop;
  v_files := ai.erase_attachments(v_ids);
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  perform ai.erase_readings(v_ids);
  -- No row records whose the readings of replaced files were, so this deletes all readings without a use. A worker records the use before
  -- it reads a file.
  delete from ai.attachment_readings r where not exists (select from ai.attachment_uses u where u.sha256 = r.sha256);
  delete from ai.attachment_changes c where c.rfq_id = any (v_ids);
  delete from ai.attachment_sets s where s.rfq_id = any (v_ids);
  perform set_config('search_path', ai.application_path(), true);  -- for the application's triggers
  update ai.rfqs r
  set ai_status = case when r.ai_content_sha256 is null then 'skipped' else 'done' end,
      ai_reason = 'erased', ai_summary = null, ai_extracted = null, ai_tags = null, ai_review = null,
      ai_content_sha256 = case when r.ai_content_sha256 is not null then sha256(convert_to(r.message, 'UTF8')) end,
      ai_updated_at = clock_timestamp()
  where r.rfq_id = any (v_ids);
  perform ai.fire_constraints();
  perform pg_catalog.set_config('search_path', 'pg_catalog, pg_temp', true);
  delete from ai.outbox o where o.rfq_id = any (v_ids);
  delete from ai.outbox_deferred d where d.rfq_id = any (v_ids);
  delete from ai.outbox_dead x where x.rfq_id = any (v_ids);
  delete from ai.outbox_missed m where m.rfq_id = any (v_ids);
  delete from ai.duplicate_fingerprints f where f.rfq_id = any (v_ids);
  delete from ai.submissions s where s.rfq_id = any (v_ids);
  insert into ai.erasures (rfq_id) select unnest(v_ids)
  on conflict (rfq_id) do update set erased_at = excluded.erased_at;
  v_runs := ai.erase_runs(v_ids);
  delete from ai.shadow_results s where s.rfq_id = any (v_ids);
  perform ai.empty_desk(v_ids);
  perform ai.enter_desk(v_ids);
  perform ai.forget_related(v_ids);
  delete from ai.eval_results e using ai.eval_cases c where c.rfq_id = any (v_ids) and e.case_id = c.case_id;
  delete from ai.eval_cases c where c.rfq_id = any (v_ids);
  get diagnostics v_cases = row_count;
  with touched as (
    update ai.archives a
    set erase_pending = array(
      select i from unnest(a.erase_pending) i union select i from unnest(a.rfq_ids) i where i = any (v_ids) order by 1)
    where a.rfq_ids && v_ids and a.file is not null
    returning a.file
  )
  select coalesce(array_agg(t.file order by t.file), '{}') into v_archives from touched t;
  v_counts := jsonb_build_object('rfqs', cardinality(v_ids), 'refused_rows', v_rows, 'attachments', v_files, 'runs', v_runs, 'cases', v_cases, 'archives', to_jsonb(v_archives));
  perform ai.record_action(coalesce(nullif(p_actor, ''), session_user), 'erase', null,
    v_counts || jsonb_build_object('rfq_ids', to_jsonb(v_ids), 'reason', nullif(p_reason, '')));
  return v_counts;
end
$$;
comment on function ai.erase_person(text, text, text) is
  'Erases personal data of the person with this e-mail address: columns and text of their RFQs, attachments and their readings, answers, and output of runs. Also erases evaluation cases and their answers, answers of shadows, and rows of the queue and of the gates. Also erases draft replies, relations, notes and texts of corrections. Route, cost and counts stay. Returns counts, and the archives that contain the person''s runs; maintenance rewrites these archives. Audited in ai.actions, with ids only.';

create or replace function ai.person_found(p_email text)
returns jsonb
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
declare
  v_ids uuid[];
begin
  if coalesce(trim(p_email), '') = '' then
    raise exception 'no e-mail address given' using errcode = 'RF004', hint = 'Pass the person''s e-mail address.';
  end if;
  v_ids := ai.rfqs_from(p_email);
  return jsonb_build_object(
    'rfqs', cardinality(v_ids),
    'refused_rows', (select count(*) from ai.refused_from(p_email, v_ids)),
    'attachments', (select count(*) from ai.attachments_of(v_ids, 100000)),
    'runs', (
      select count(*) from ai.rag_runs u
      where u.rfq_id = any (v_ids) and num_nonnulls(u.output, u.email_hash, u.content_sha256) > 0),
    'cases', (select count(*) from ai.eval_cases c where c.rfq_id = any (v_ids)),
    'archives', (select count(*) from ai.archives a where a.rfq_ids && v_ids and a.file is not null));
end
$$;
comment on function ai.person_found(text) is 'Counts of what ai.erase_person would erase for this address.';

create or replace function ai.pending_erasures()
returns table (archive_id bigint, file text, sha256 text, rfq_ids uuid[])
language sql stable security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
  select a.archive_id, a.file, encode(a.sha256, 'hex'), a.erase_pending
  from ai.archives a where cardinality(a.erase_pending) > 0 and a.file is not null order by 1;
$$;
comment on function ai.pending_erasures() is 'Archives that still hold runs of erased RFQs.';

create or replace function ai.record_erased_archive(p_archive_id bigint, p_rfq_ids uuid[], p_sha256 text, p_runs bigint, p_fingerprint numeric)
returns boolean
language plpgsql volatile security definer  -- callers have no rights on the tables
set search_path = pg_catalog, pg_temp
as $$
begin
  update ai.archives a
  set sha256 = decode(p_sha256, 'hex'), fingerprint = p_fingerprint,
      erase_pending = array(select i from unnest(a.erase_pending) i where i <> all (p_rfq_ids))
  where a.archive_id = p_archive_id and a.runs = p_runs;
  return found;
end
$$;
comment on function ai.record_erased_archive(bigint, uuid[], text, bigint, numeric) is
  'Records that an archive was rewritten without the data of erased RFQs. Returns false if the number of runs differs.';
