-- Under which search_path the application's own triggers run when rfqflow writes to its table. Each function of rfqflow pins
-- pg_catalog, pg_temp; under that a trigger which says `insert into audit_log` would fail. Before the functions, which
-- call what is made here; replaced on each migrate.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- attach/10_check.sql left it there
  v_owner constant oid := (select c.relowner from pg_class c where c.oid = (v_attach ->> 'table')::regclass);
  v_schemas name[] := '{}';
  v_before constant text := current_setting('search_path');
  v_path text;
  v_role oid;
  v_trigger record;
begin
  -- The schemas in which the application's own statements look for a name: those of the table's owner, of the database
  -- and of each role that inserts, then the table's.
  for v_path, v_role in
    select coalesce(s.path, '"$user", public'), coalesce(nullif(s.setrole, 0), o.role)
    from (values (v_owner)) o (role)
    left join lateral (
      select substring(c.line from '^search_path=(.*)$') as path, d.setrole
      from pg_db_role_setting d
      cross join unnest(d.setconfig) c (line)
      where d.setdatabase in (0, (select b.oid from pg_database b where b.datname = current_database()))
        and c.line like 'search_path=%'
        and (d.setrole in (0, o.role) or has_table_privilege(d.setrole, (v_attach ->> 'table')::regclass, 'insert'))
      order by d.setrole = o.role desc, d.setrole = 0 desc, d.setdatabase = 0, d.setrole
    ) s on true
  loop
    -- Parsed by the server itself, as the application's session does it.
    perform set_config('search_path', replace(v_path, '"$user"', quote_ident(pg_get_userbyid(v_role))), true);
    v_schemas := v_schemas || current_schemas(false);
  end loop;
  perform set_config('search_path', v_before, true);
  v_schemas := array(
    select s.name
    from unnest(v_schemas || (select n.nspname from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.oid = (v_attach ->> 'table')::regclass) || array['public']::name[]) with ordinality s (name, place)
    where s.name !~ '^pg_'
    group by s.name
    order by min(s.place));

  -- By names, since a role may be dropped and made anew.
  execute format(
    $make$
      create or replace function ai.is_trusted(p_role name)
      returns boolean
      language sql stable security definer  -- the question is about the owner
      set search_path = pg_catalog, pg_temp
      as $body$
        select coalesce((
          select r.rolsuper or pg_has_role(r.oid, current_user, 'member') or pg_has_role(r.oid, (
            select c.relowner from pg_class c where c.oid = to_regclass(%1$L)), 'member')
            or exists (select from pg_roles w where w.rolname = 'rfqflow_worker' and pg_has_role(r.oid, w.oid, 'member'))
          from pg_roles r
          where r.rolname = p_role), false);
      $body$
    $make$, v_attach ->> 'table');

  execute format(
    $make$
      create or replace function ai.exposed_rights()
      returns table (finding text, remedy text)
      language sql stable security definer  -- the question is about the owner
      set search_path = pg_catalog, pg_temp
      as $body$
        select format('the role %%s may put triggers on %%s: they run with the rights of %%s when rfqflow writes an answer',
            coalesce(nullif(x.grantee, 0)::regrole::text, 'public'), c.oid::regclass, current_user),
          format('revoke trigger on %%s from %%s', c.oid::regclass, coalesce(nullif(x.grantee, 0)::regrole::text, 'public'))
        from pg_class c
        cross join lateral aclexplode(c.relacl) x
        where c.oid in (select to_regclass(%1$L)::oid union select p.relid::oid from pg_partition_tree(to_regclass(%1$L)) p)
          and x.privilege_type = 'TRIGGER' and x.grantee <> c.relowner
          and (x.grantee = 0 or not pg_has_role(x.grantee, current_user, 'member') and not pg_has_role(x.grantee, c.relowner, 'member'))
        union all
        select format('rfqflow''s functions belong to %%s, %%s to %%s: that role''s triggers run with the rights of the other',
            current_user, c.oid::regclass, c.relowner::regrole),
          format('install rfqflow as %%s, or give it the table: alter table %%s owner to %%I', c.relowner::regrole, c.oid::regclass, current_user)
        from pg_class c
        where c.oid = to_regclass(%1$L) and not pg_has_role(c.relowner, current_user, 'member');
      $body$
    $make$, v_attach ->> 'table');

  execute format(
    $make$
      create or replace function ai.application_path()
      returns text
      language plpgsql stable security definer  -- who is trusted is asked of the owner
      set search_path = pg_catalog, pg_temp
      as $body$
      begin
        return (select concat_ws(', ', 'pg_catalog', string_agg(quote_ident(n.nspname), ', ' order by s.place), 'pg_temp')
        from unnest(%1$L::name[]) with ordinality s (name, place)
        join pg_namespace n on n.nspname = s.name
        -- A trigger runs with the owner's rights here: never in a schema where others could put a function in its way.
        where not exists (
          select
          from (
            select n.nspowner as role
            union all
            select x.grantee from aclexplode(n.nspacl) x where x.privilege_type = 'CREATE'
          ) w
          where w.role = 0 or not exists (
            select
            from pg_roles r
            join pg_database d on d.datname = current_database()
            where r.oid = case when w.role = 'pg_database_owner'::regrole then d.datdba else w.role end
              and (r.rolsuper or pg_has_role(r.oid, current_user, 'member') or pg_has_role(r.oid, (
                select c.relowner from pg_class c where c.oid = to_regclass(%2$L)), 'member')))));
      end
      $body$
    $make$, v_schemas, v_attach ->> 'table');

  execute format(
    $make$
      create or replace function ai.unsafe_triggers()
      returns table (trigger_name text, function_name text, unknown_name text, remedy text)
      language sql stable security definer  -- as ai.application_path
      set search_path = pg_catalog, pg_temp
      set standard_conforming_strings = on  -- its patterns are full of backslashes
      as $body$
        with recursive
        path as (select ', ' || ai.application_path() || ',' as text),
        -- The table and its parts: an update fires the triggers of the part.
        fired as (
          select t.tgname::text as trigger_name, t.tgfoid as function
          from (
            select to_regclass(%2$L)::oid as relid union select p.relid::oid from pg_partition_tree(to_regclass(%2$L)) p
          ) x
          join pg_trigger t on t.tgrelid = x.relid and not t.tgisinternal and t.tgenabled <> 'D'
          join pg_proc f on f.oid = t.tgfoid and f.pronamespace <> 'ai'::regnamespace
        ),
        -- What they call by an unqualified name, too.
        reached as (
          select f.trigger_name, f.function from fired f
          union
          select r.trigger_name, c.oid
          from reached r
          join pg_proc p on p.oid = r.function
          cross join lateral regexp_matches(p.prosrc, '(?:^|[^.\w"])"?([[:alpha:]_]\w*)"?\s*\(', 'g') w (called)
          join pg_proc c on c.proname = lower(w.called[1]) and c.pronamespace = any (
            array(select n.oid from pg_namespace n where n.nspname = any (%1$L::name[])))
          where not exists (select from unnest(p.proconfig) s (line) where s.line like 'search_path=%%')
        ),
        words as (
          select distinct r.trigger_name, p.oid, w.found[1] as word
          from reached r
          join pg_proc p on p.oid = r.function
          join pg_language l on l.oid = p.prolang and l.lanname in ('plpgsql', 'sql')
          -- Without comments and texts.
          cross join lateral regexp_matches(
            regexp_replace(regexp_replace(p.prosrc, '--[^\n]*|/\*.*?\*/|''(?:[^'']|'''')*''', ' ', 'g'), '\s*\.\s*', '.', 'g'),
            '(?:^|[^.\w"])("[^"]+"|[[:alpha:]_]\w*)(?!\w*"?\s*\.)', 'g') w (found)
          where not exists (select from unnest(p.proconfig) s (line) where s.line like 'search_path=%%')
        )
        select w.trigger_name, w.oid::regprocedure::text, min(n.nspname || '.' || o.name),
          format('alter function %%s set search_path = %%s, pg_temp', w.oid::regprocedure,
            (select string_agg(quote_ident(s), ', ') from unnest(%1$L::name[]) s
             where s in (select x.nspname from pg_namespace x)))
        from words w
        cross join path
        join (
          select c.relname as name, c.relnamespace as schema from pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'f', 'S')
          union
          select f.proname, f.pronamespace from pg_proc f
          union
          select t.typname, t.typnamespace from pg_type t where t.typtype in ('d', 'e')
        ) o on o.name = case when left(w.word, 1) = '"' then btrim(w.word, '"') else lower(w.word) end
        join pg_namespace n on n.oid = o.schema and n.nspname = any (%1$L::name[])
          and strpos(path.text, ', ' || quote_ident(n.nspname) || ',') = 0
        group by w.trigger_name, w.oid;
      $body$
    $make$, v_schemas, v_attach ->> 'table');

  for v_trigger in select u.* from ai.unsafe_triggers() u loop
    raise warning 'the trigger % of % would fail when rfqflow writes an answer: %() uses % without its schema', v_trigger.trigger_name,
      v_attach ->> 'table', v_trigger.function_name, v_trigger.unknown_name
      using hint = v_trigger.remedy || ', or revoke create on that schema from whoever is not trusted.';
  end loop;
end
$$;

comment on function ai.is_trusted(name) is
  'Whether this role may hold a lock of rfqflow''s: a worker, the owner of rfqflow''s functions or of the table, or a superuser.';
comment on function ai.exposed_rights() is
  'Roles that can run code with the rights of rfqflow''s owner, by a trigger on the application''s table; each with the statement that ends it.';
comment on function ai.application_path() is
  'The path under which the application''s triggers run when rfqflow writes to its table: the schemas they know as of the last migrate, without those in which an untrusted role may create objects.';
comment on function ai.unsafe_triggers() is
  'Triggers of the application''s table whose functions use a name of a schema that ai.application_path leaves out, without that schema: they would fail. Each with the statement that mends it.';
