-- RFQs by the reference that the application has given them. Replaced on each migrate.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- attach/10_check.sql left it there
  v_key constant text := format(v_attach ->> 'key', 'r.' || quote_ident(v_attach -> 'columns' ->> 'id'));
  v_reference constant text := quote_ident(coalesce(v_attach -> 'columns' ->> 'request_id', 'request_id'));
  v_kept constant text := case  -- as in attach/35_read.sql
    when (v_attach ->> 'id_is_unique')::boolean then ''
    when v_attach ->> 'ai_columns' = 'table' then ' and r.ai_reason is distinct from ''duplicate_id'''
    else format(' and not exists (select from ai.refused_rows x where x.rfq_id = %s and x.part = r.tableoid and x.place = r.ctid)', v_key)
  end;
begin
  -- A name that the table does not have any more is found one level further out, in d: as a null.
  execute format(
    $make$
      create or replace function ai.rfqs_by_reference(p_reference text, p_limit integer default 21)
      returns uuid[]
      language plpgsql stable security definer  -- only the owner may change the application's table
      set search_path = pg_catalog, pg_temp
      set jit = off
      as $body$
      begin
        if exists (select from ai.table_mapping m where m.state = 'detached') then
          perform ai.refuse_detached();
        end if;
        return array(
          select %1$s
          from %2$s r
          cross join (values (null::text)) d(%3$s)
          cross join lateral (select %3$s::text as reference from (select r.*) x) f
          where f.reference = p_reference%4$s
          limit p_limit);
      end
      $body$
    $make$, v_key, v_attach ->> 'table', v_reference, v_kept);
end
$$;

comment on function ai.rfqs_by_reference(text, integer) is
  'The RFQs that the application knows by this reference: its request_id, or the column that is mapped to it. Reads the whole table where the application has no index on it.';
