-- Finding RFQs by the application's own reference. Migrate replaces it.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- set by attach/10_check.sql
  v_key constant text := format(v_attach ->> 'key', 'r.' || quote_ident(v_attach -> 'columns' ->> 'id'));
  v_reference constant text := quote_ident(coalesce(v_attach -> 'columns' ->> 'request_id', 'request_id'));
  v_kept constant text := case  -- as in attach/35_read.sql
    when (v_attach ->> 'id_is_unique')::boolean then ''
    when v_attach ->> 'ai_columns' = 'table' then ' and r.ai_reason is distinct from ''duplicate_id'''
    else format(' and not exists (select from ai.refused_rows x where x.rfq_id = %s and x.part = r.tableoid and x.place = r.ctid)', v_key)
  end;
begin
  -- The name of a column that the table no longer has resolves to the row d, which is null.
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
  'RFQs with this reference of the application, which is request_id or the column mapped to it. Reads the whole table unless that column has an index.';
