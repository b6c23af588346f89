-- The search_path for the application's own triggers when rfqflow writes to the application's table. rfqflow's functions use pg_catalog,
-- pg_temp; under that path, a trigger with `insert into audit_log` would fail. Other functions call ai.application_path(), so this file
-- precedes them. Each migrate replaces it.

do $$
declare
  v_attach constant jsonb := current_setting('rfqflow.attach');  -- set by attach/10_check.sql
  v_owner constant oid := (select c.relowner from pg_class c where c.oid = (v_attach ->> 'table')::regclass);
  v_schemas name[] := '{}';
  v_found name[];
  v_before constant text := current_setting('search_path');
  v_path text;
  v_role oid;
  v_trigger record;
begin
  -- The schemas in which the application's statements look up names: first the path of the table's owner, then the table's schema, then the
  -- path of each role that inserts. A role sets its own path, so its schemas must not come before the owner's.
  for v_path, v_role in
    with settings as (
      select d.setrole, d.setdatabase, substring(c.line from '^search_path=(.*)$') as path
      from pg_db_role_setting d
      cross join unnest(d.setconfig) c (line)
      where d.setdatabase in (0, (select b.oid from pg_database b where b.datname = current_database())) and c.line like 'search_path=%'
    )
    select x.path, x.role
    from (
      select 1 as place, coalesce((
        select s.path from settings s
        where s.setrole in (0, v_owner) order by s.setrole = 0, s.setdatabase = 0 limit 1), '"$user", public') as path, v_owner as role
      union all
      select 2, quote_ident(n.nspname) || ', public', v_owner
      from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = (v_attach ->> 'table')::regclass
      union all
      select 3, s.path, s.setrole from settings s
      where s.setrole not in (0, v_owner) and has_table_privilege(s.setrole, (v_attach ->> 'table')::regclass, 'insert')
    ) x
    order by x.place, x.role
  loop
    -- The server parses the setting, as it does in the application's session. No other name is looked up under that path: other roles may
    -- have put functions into its schemas.
    v_path := replace(v_path, '"$user"', quote_ident(pg_get_userbyid(v_role)::text));
    perform pg_catalog.set_config('search_path', v_path, true);
    v_found := pg_catalog.current_schemas(false);
    perform pg_catalog.set_config('search_path', v_before, true);
    v_schemas := v_schemas || v_found;
  end loop;
  v_schemas := array(
    select s.name
    from unnest(v_schemas) with ordinality s (name, place)
    where s.name !~ '^pg_'
    group by s.name
    order by min(s.place));

  -- Stores the roles by name, since an administrator may drop a role and create it again.
  execute format(
    $make$
      create or replace function ai.is_trusted(p_role name)
      returns boolean
      language sql stable security definer  -- it checks the owner's rights
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
      language sql stable security definer  -- it checks the owner's rights
      set search_path = pg_catalog, pg_temp
      as $body$
        with recursive parts as (
          select c.oid, c.relowner as root_owner from pg_class c where c.oid = to_regclass(%1$L)
          union
          select h.inhrelid, p.root_owner from parts p join pg_inherits h on h.inhparent = p.oid
        )
        select format('role %%s may create triggers on %%s, which run with the rights of %%s when rfqflow writes an answer',
            coalesce(nullif(x.grantee, 0)::regrole::text, 'public'), c.oid::regclass, current_user),
          format('revoke trigger on %%s from %%s', c.oid::regclass, coalesce(nullif(x.grantee, 0)::regrole::text, 'public'))
        from parts p
        join pg_class c on c.oid = p.oid
        cross join lateral aclexplode(c.relacl) x
        where x.privilege_type = 'TRIGGER' and x.grantee <> c.relowner
          and (x.grantee = 0 or not pg_has_role(x.grantee, current_user, 'member') and not pg_has_role(x.grantee, c.relowner, 'member'))
        union all
        -- Includes partitions, whose own triggers fire for their rows.
        select format('rfqflow''s functions belong to %%s, but %%s belongs to %%s: triggers of the table''s owner run with the rights of the functions'' owner',
            current_user, c.oid::regclass, c.relowner::regrole),
          case when c.relowner = p.root_owner
            then format('install rfqflow as %%s, or give it the table: alter table %%s owner to %%I', c.relowner::regrole, c.oid::regclass, current_user)
            else format('alter table %%s owner to %%s', c.oid::regclass, p.root_owner::regrole) end
        from parts p
        join pg_class c on c.oid = p.oid
        where not pg_has_role(c.relowner, current_user, 'member')
          and (c.oid = to_regclass(%1$L) or c.relowner <> p.root_owner);
      $body$
    $make$, v_attach ->> 'table');

  execute format(
    $make$
      create or replace function ai.application_path()
      returns text
      language plpgsql stable security definer  -- only the owner may read which roles are trusted
      set search_path = pg_catalog, pg_temp
      as $body$
      declare
        v_code text;
      begin
        -- Any session can add temporary tables and types to its path. If the application's code uses a name that no schema of the path has,
        -- PostgreSQL would take the session's temporary object, with the owner's rights.
        if pg_my_temp_schema() <> 0 and exists (
          select
          from (
            select c.relowner as role from pg_class c where c.relnamespace = pg_my_temp_schema()
            union all
            select t.typowner from pg_type t where t.typnamespace = pg_my_temp_schema()
          ) o
          where not pg_has_role(o.role, current_user, 'member') and not pg_has_role(o.role, (
            select c.relowner from pg_class c where c.oid = to_regclass(%2$L)), 'member'))
        then
          v_code := (
            with parts as (
              select to_regclass(%2$L)::oid as relid union select p.relid::oid from pg_partition_tree(to_regclass(%2$L)) p
            ),
            code as (
              select 'pg_trigger'::regclass as class, t.oid from parts join pg_trigger t on t.tgrelid = relid
              union all
              select 'pg_constraint'::regclass, k.oid from pg_constraint k
              where k.conrelid in (select relid from parts)
                or k.contypid in (select a.atttypid from parts join pg_attribute a on a.attrelid = relid and a.attnum > 0)
              union all
              select 'pg_attrdef'::regclass, e.oid from parts join pg_attrdef e on e.adrelid = relid
              union all
              select 'pg_policy'::regclass, y.oid from parts join pg_policy y on y.polrelid = relid
              union all
              select 'pg_rewrite'::regclass, w.oid from parts join pg_rewrite w on w.ev_class = relid
              union all
              select 'pg_class'::regclass, i.indexrelid from parts join pg_index i on i.indrelid = relid
            )
            select min(f.oid::regprocedure::text)
            from code
            join pg_depend d on d.classid = code.class and d.objid = code.oid and d.refclassid = 'pg_proc'::regclass
            join pg_proc f on f.oid = d.refobjid and f.pronamespace <> 'ai'::regnamespace
            join pg_language l on l.oid = f.prolang and l.lanname not in ('internal', 'c')
            where not exists (select from unnest(f.proconfig) s (line) where s.line ~ '^search_path=.*[[:<:]]pg_temp[[:>:]]'));
          if v_code is not null then
            raise exception 'this session has temporary objects, which %% could mistake for the application''s', v_code
              using errcode = 'insufficient_privilege',
                hint = format('discard temp, or alter function %%s set search_path = ..., pg_temp', v_code);
          end if;
        end if;
        return (select concat_ws(', ', 'pg_catalog', string_agg(quote_ident(n.nspname), ', ' order by s.place), 'pg_temp')
        from unnest(%1$L::name[]) with ordinality s (name, place)
        join pg_namespace n on n.nspname = s.name
        -- Triggers run with the owner's rights here. So the path leaves out each schema in which another role could create a function of
        -- the same name.
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
      create or replace function ai.fire_constraints()
      returns void
      language plpgsql volatile security definer  -- only definer functions call it
      set search_path = pg_catalog, pg_temp
      as $body$
      declare
        v_names text;
        v_deferred text;
      begin
        with constraint_triggers as (
          select k.conname, k.connamespace, t.tginitdeferred, pg_has_role(c.relowner, current_user, 'member')
            or pg_has_role(c.relowner, (select x.relowner from pg_class x where x.oid = to_regclass(%1$L)), 'member') as is_trusted
          from pg_trigger t
          join pg_constraint k on k.oid = t.tgconstraint
          join pg_class c on c.oid = t.tgrelid
          where t.tgdeferrable and not t.tgisinternal and t.tgenabled <> 'D'
        )
        select string_agg(x.name, ', '), string_agg(x.name, ', ') filter (where x.is_deferred)
        into v_names, v_deferred
        from (
          select format('%%I.%%I', n.nspname, k.conname) as name, bool_or(k.tginitdeferred) as is_deferred
          from constraint_triggers k
          join pg_namespace n on n.oid = k.connamespace
          group by n.nspname, k.conname
          -- SET CONSTRAINTS applies to all constraints with this name in the schema. Before PostgreSQL 18, triggers of other roles would
          -- run here with the owner's rights. Since PostgreSQL 18, triggers queued here run with those rights at COMMIT.
          having bool_or(k.is_trusted) and (bool_and(k.is_trusted) or current_setting('server_version_num')::integer >= 180000)
        ) x;
        if v_names is not null then
          perform set_config('search_path', ai.application_path(), true);
          execute 'set constraints ' || v_names || ' immediate';
          if v_deferred is not null then
            execute 'set constraints ' || v_deferred || ' deferred';
          end if;
        end if;
      end
      $body$
    $make$, v_attach ->> 'table');

  execute format(
    $make$
      create or replace function ai.unsafe_triggers()
      returns table (trigger_name text, function_name text, unknown_name text, remedy text)
      language sql stable security definer  -- callers have no rights on the tables
      set search_path = pg_catalog, pg_temp
      set standard_conforming_strings = on  -- its patterns are full of backslashes
      as $body$
        with recursive
        path as (select ', ' || ai.application_path() || ',' as text),
        -- The table and its partitions: an update fires the partition's triggers.
        fired as (
          select t.tgname::text as trigger_name, t.tgfoid as function
          from (
            select to_regclass(%2$L)::oid as relid union select p.relid::oid from pg_partition_tree(to_regclass(%2$L)) p
          ) x
          join pg_trigger t on t.tgrelid = x.relid and not t.tgisinternal and t.tgenabled <> 'D'
          join pg_proc f on f.oid = t.tgfoid and f.pronamespace <> 'ai'::regnamespace
        ),
        -- Includes functions that the triggers call by an unqualified name.
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
          -- Removes comments and string literals.
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
    raise warning 'trigger % of % would fail when rfqflow writes an answer: % uses % without its schema', v_trigger.trigger_name,
      v_attach ->> 'table', v_trigger.function_name, v_trigger.unknown_name
      using hint = v_trigger.remedy || ', or revoke create on that schema from roles that you do not trust.';
  end loop;
end
$$;

comment on function ai.is_trusted(name) is
  'True if this role may hold rfqflow''s locks: a worker''s role, the owner of rfqflow''s functions or of the application''s table, or a superuser.';
comment on function ai.exposed_rights() is
  'Roles that can run code with the rights of rfqflow''s owner, through a trigger on the application''s table. Each row has the SQL statement that prevents it.';
comment on function ai.application_path() is
  'The search_path for the application''s triggers when rfqflow writes to the application''s table. It has the schemas found at the last migrate, except those in which an untrusted role may create objects.';
comment on function ai.fire_constraints() is
  'Fires the deferred triggers of the application''s tables now, under ai.application_path. At COMMIT, these triggers would run under the caller''s path, and since PostgreSQL 18 with the rights of rfqflow''s owner.';
comment on function ai.unsafe_triggers() is
  'Triggers of the application''s table that would fail when rfqflow writes to it: their functions use an unqualified name of a schema that ai.application_path leaves out. Each row has the SQL statement that corrects the trigger.';
