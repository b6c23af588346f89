-- What must hold before anything is made: a migrate that can not succeed leaves nothing behind, least of all a schema
-- that belongs to the wrong role. Changes nothing; looked at first on every migrate.

do $$
declare
  v_table constant regclass := to_regclass('public.rfq_requests');
  v_kind "char";
  v_owner oid;
begin
  if v_table is null then
    if not coalesce(has_schema_privilege(to_regnamespace('public')::oid, 'create'), false) then
      raise exception 'there is no table public.rfq_requests, and % may not create it', current_user
        using errcode = 'insufficient_privilege',
              hint = format('Create the table first, or: grant create on schema public to %I', current_user);
    end if;
    return;
  end if;

  select c.relkind, c.relowner into v_kind, v_owner from pg_class c where c.oid = v_table;
  if v_kind not in ('r', 'p') then
    raise exception 'public.rfq_requests is not a table'
      using errcode = 'wrong_object_type',
            hint = 'rfqflow needs triggers that see all rows of a statement, and only a table can have them.';
  end if;
  if not exists (
    select from pg_attribute a
    where a.attrelid = v_table and a.attname = 'id' and not a.attisdropped and a.atttypid = 'uuid'::regtype)
  then
    raise exception 'public.rfq_requests has no column id of type uuid'
      using errcode = 'undefined_column',
            hint = 'rfqflow finds an RFQ by a uuid: add such a column with a unique index.';
  end if;
  if not exists (
    select from pg_attribute a
    where a.attrelid = v_table and a.attname = 'message' and not a.attisdropped
      and a.atttypid in ('text'::regtype, 'varchar'::regtype))
  then
    raise exception 'public.rfq_requests has no column message of type text'
      using errcode = 'undefined_column',
            hint = 'rfqflow enriches the text of the request: add the column, or rename the one that holds it.';
  end if;
  if not pg_has_role(v_owner, 'usage') and (
    select count(*) from pg_trigger
    where tgrelid = v_table
      and tgname in ('rfqflow_guard_insert', 'rfqflow_guard_update', 'rfqflow_enqueue', 'rfqflow_enqueue_edited')) < 4
  then
    raise exception 'public.rfq_requests belongs to another role, %', v_owner::regrole
      using errcode = 'insufficient_privilege',
            hint = format('Run the migration as the table''s owner, or: grant %s to %I', v_owner::regrole, current_user);
  end if;
end
$$;
