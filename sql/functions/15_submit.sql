-- Step 1 for applications that may submit twice, such as a repeated form or web hook. It works only with public.rfq_requests, not with a
-- mapped table: only the application knows what a row of its own table needs.

do $$
begin
  if (current_setting('rfqflow.attach')::jsonb -> 'declared') - 'attachments' <> '{}' then
    drop function if exists public.submit_rfq(text, text, text, text, text, inet, jsonb, text, text, interval);
    return;
  end if;
  -- A role that attaches to another owner's table may lack CREATE in schema public. Then migrate does not create this function.
  if not has_schema_privilege('public', 'create') then
    raise notice 'rfqflow: public.submit_rfq was not created, since % may not create objects in schema public', current_user;
    return;
  end if;

  create or replace function public.submit_rfq(
    p_message text, p_email text default null, p_name text default null, p_company text default null,
    p_phone text default null, p_source_ip inet default null, p_metadata jsonb default '{}',
    p_idempotency_key text default null, p_request_id text default null, p_bucket interval default '1 hour')
  returns uuid
  language plpgsql volatile security definer  -- callers have no rights in schema ai, nor on the table
  set search_path = pg_catalog, pg_temp
  as $submit$
  declare
    -- Without an idempotency key: the same sender and text within the same period.
    v_key constant bytea := sha256(convert_to(jsonb_build_array(
      nullif(btrim(p_idempotency_key), ''),
      case when nullif(btrim(p_idempotency_key), '') is null then jsonb_build_array(
        coalesce(nullif(lower(btrim(p_email)), ''), jsonb_build_array(p_name, p_company, p_phone, p_source_ip)::text), encode(sha256(convert_to(p_message, 'UTF8')), 'hex'),
        floor(extract(epoch from clock_timestamp()) / greatest(1, extract(epoch from p_bucket)))) end)::text, 'UTF8'));
    v_rfq_id uuid;
    v_fresh_id constant uuid := gen_random_uuid();
  begin
    -- Of several calls at once, one inserts the key. The others wait for it, and get its RFQ's id.
    insert into ai.submissions as s (key, rfq_id) values (v_key, v_fresh_id)
    on conflict (key) do update set rfq_id = s.rfq_id
    returning s.rfq_id into v_rfq_id;
    if v_rfq_id <> v_fresh_id and not exists (select from public.rfq_requests r where r.id = v_rfq_id) then
      update ai.submissions s set rfq_id = v_fresh_id where s.key = v_key;  -- the first RFQ was deleted
      v_rfq_id := v_fresh_id;
    end if;
    if v_rfq_id = v_fresh_id then
      p_request_id := coalesce(p_request_id, gen_random_uuid()::text);
      perform set_config('search_path', ai.application_path(), true);  -- for the application's triggers: all names below are qualified
      begin
        insert into public.rfq_requests (
          id, request_id, idempotency_key, name, email, company, phone, source_ip, message, metadata)
        values (
          v_fresh_id, p_request_id, p_idempotency_key, p_name, p_email, p_company, p_phone, p_source_ip, p_message,
          coalesce(p_metadata, '{}'));
      exception when undefined_column or datatype_mismatch then
        -- The application has changed its columns since the last migrate. Set each column that still fits.
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
    'Submits an RFQ once. A repeat returns the first RFQ''s id and no error. A call is a repeat if it has the same p_idempotency_key. Without a key, it is a repeat if e-mail and message are the same, within the same period of length p_bucket. Safe to call concurrently. An application that never submits twice can use a plain INSERT. Grant the application EXECUTE on it.';
end
$$;
