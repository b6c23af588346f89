-- Step 1 for whoever may submit twice: a retry of a form, a web hook that comes again. Only for the table that rfqflow
-- makes or adds to: what else a mapped one wants in a row, its application knows.

do $$
begin
  if current_setting('rfqflow.attach')::jsonb -> 'declared' <> '{}' then
    drop function if exists public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval);
    return;
  end if;
  -- Whoever attaches to a table of somebody else's may not be allowed to add to its schema: then it is left out.
  if not has_schema_privilege('public', 'create') then
    raise notice 'public.submit_rfq is left out: % may not create in schema public', current_user;
    return;
  end if;

  create or replace function public.submit_rfq(
    p_message text, p_email text default null, p_name text default null, p_company text default null,
    p_phone text default null, p_source_ip inet default null, p_metadata jsonb default '{}',
    p_idempotency_key text default null, p_request_id text default null, p_bucket interval default '1 hour')
  returns uuid
  language plpgsql volatile security definer  -- whoever submits needs no right in schema ai, nor on the table
  set search_path = pg_catalog, pg_temp
  as $submit$
  declare
    -- Without a key of the caller's: the same sender and text within the same stretch of time.
    v_key constant bytea := sha256(convert_to(jsonb_build_array(
      nullif(btrim(p_idempotency_key), ''),
      case when nullif(btrim(p_idempotency_key), '') is null then jsonb_build_array(
        coalesce(nullif(lower(btrim(p_email)), ''), jsonb_build_array(p_name, p_company, p_phone, p_source_ip)::text), encode(sha256(convert_to(p_message, 'UTF8')), 'hex'),
        floor(extract(epoch from clock_timestamp()) / greatest(1, extract(epoch from p_bucket)))) end)::text, 'UTF8'));
    v_rfq_id uuid;
    v_fresh_id constant uuid := gen_random_uuid();
  begin
    -- The key decides, not a look before: of any number at once one inserts, the others wait for it and get its id.
    insert into ai.submissions as s (key, rfq_id) values (v_key, v_fresh_id)
    on conflict (key) do update set rfq_id = s.rfq_id
    returning s.rfq_id into v_rfq_id;
    if v_rfq_id <> v_fresh_id and not exists (select from public.rfq_requests r where r.id = v_rfq_id) then
      update ai.submissions s set rfq_id = v_fresh_id where s.key = v_key;  -- the first one has been deleted
      v_rfq_id := v_fresh_id;
    end if;
    if v_rfq_id = v_fresh_id then
      p_request_id := coalesce(p_request_id, gen_random_uuid()::text);
      perform set_config('search_path', ai.application_path(), true);  -- for the application's triggers: from here on names alone
      begin
        insert into public.rfq_requests (
          id, request_id, idempotency_key, name, email, company, phone, source_ip, message, metadata)
        values (
          v_fresh_id, p_request_id, p_idempotency_key, p_name, p_email, p_company, p_phone, p_source_ip, p_message,
          coalesce(p_metadata, '{}'));
      exception when undefined_column or datatype_mismatch then
        -- The application has changed its columns since: what still fits, each by itself.
        insert into public.rfq_requests (id, message) values (v_fresh_id, p_message);
        begin
          update public.rfq_requests r set request_id = p_request_id where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set idempotency_key = p_idempotency_key where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set name = p_name where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set email = p_email where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set company = p_company where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set phone = p_phone where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set source_ip = p_source_ip where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
        begin
          update public.rfq_requests r set metadata = coalesce(p_metadata, '{}') where r.id = v_fresh_id;
        exception when undefined_column or datatype_mismatch then
          null;
        end;
      end;
      perform ai.fire_constraints();
    end if;
    return v_rfq_id;
  end
  $submit$;

  comment on function public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval) is
    'Submits an RFQ once: a repeat, by p_idempotency_key or else by e-mail, message and time bucket, gives the id of the first one and no error. Safe under concurrency. A plain INSERT does as well where nobody submits twice. Grant EXECUTE on it to the application.';
end
$$;
