-- Up Migration

-- Each function of the service signs in as a user of its own, which owns nothing
-- (`shared/catalogue/database-users.ts` says which user may do what). What needs the owner's rights
-- is a function of the schema, as migration 0013 describes.

-- A process writes the counts of its own function and no other's: the user's name is `sluice_` and
-- the function's, with `_` for `-`. The owner is not bound by it.
alter table function_counts enable row level security;
create policy function_counts_own on function_counts
  using (function = replace(substr(current_user, length('sluice_') + 1), '_', '-'))
  with check (function = replace(substr(current_user, length('sluice_') + 1), '_', '-'));

-- Adds the counts of processes that have been silent for an hour to those of the ended ones, of all
-- functions. Lambda mostly drops a process that it has not invoked for so long; another one begins
-- a new row. It is one statement, so that a sum that is taken meanwhile has each count once.
create function function_counts_fold() returns void language sql volatile
security definer set search_path = public, pg_temp
as $$
  with folded as (
    delete from function_counts
    where process <> '00000000-0000-0000-0000-000000000000' and counted_at < clock_timestamp() - interval '1 hour'
    returning function, counts
  ), totals as (
    select function, series, sum(value::numeric) as total
    from folded, jsonb_each_text(counts) as each (series, value)
    group by function, series
  )
  insert into function_counts (function, process, counts)
  select function, '00000000-0000-0000-0000-000000000000', jsonb_object_agg(series, total) from totals group by function order by function
  on conflict (function, process) do update
  set counts = function_counts_sum(function_counts.counts, excluded.counts), counted_at = clock_timestamp()
$$;

-- What all processes of each function have counted, those that have ended too.
create function function_counts_totals() returns table (function text, counts jsonb) language sql stable
security definer set search_path = public, pg_temp
as $$
  select function, jsonb_object_agg(series, total) as counts
  from (
    select function, series, sum(value::numeric) as total
    from function_counts, jsonb_each_text(counts) as each (series, value)
    group by function, series
  ) as totals
  group by function
$$;

create function product_view_require_name(name text) returns text language plpgsql immutable as $$
begin
  if name !~ '^product_view_[0-9]{6}$' then
    raise exception '% is no table of product_view', name using errcode = 'invalid_parameter_value';
  end if;
  return name;
end $$;

-- Makes an empty table of product_view, with its indexes, in the shape of the first one (migration
-- 0004), and gives users the rights that they have to the tables that are there. Does nothing when
-- it is there.
create function product_view_create(name text) returns void language plpgsql volatile
security definer set search_path = public, pg_temp
as $$
declare
  held record;
begin
  perform product_view_require_name(name);
  execute format('create table if not exists %I (
    id uuid primary key,
    version bigint not null,
    archived boolean not null,
    sku text,
    document json,
    written_at timestamptz not null default now(),
    constraint %I check (archived = (document is null) and archived = (sku is null))
  ) with (fillfactor = 85)', name, name || '_tombstone');
  execute format('create index if not exists %I on %I (sku) where not archived', name || '_sku', name);
  execute format('create index if not exists %I on %I (written_at) where archived', name || '_tombstones', name);
  for held in
    select distinct acl.grantee::regrole as grantee, acl.privilege_type as verb
    from pg_class c cross join lateral aclexplode(c.relacl) as acl
    where c.relnamespace = 'public'::regnamespace and c.relname ~ '^product_view_[0-9]{6}$'
      and acl.grantee <> c.relowner and acl.grantee <> 0
  loop
    execute format('grant %s on table %I to %s', held.verb, name, held.grantee);
  end loop;
end $$;

-- Lets product_view show this table. It waits for readers that are at work, so the caller limits
-- the wait.
create function product_view_point(name text) returns void language plpgsql volatile
security definer set search_path = public, pg_temp
as $$
begin
  perform product_view_require_name(name);
  execute format('create or replace view product_view as select id, version, archived, sku, document, written_at from %I', name);
end $$;

-- Drops a table that product_view does not show; the one that it shows is refused. Does nothing
-- when it is gone.
create function product_view_drop(name text) returns void language plpgsql volatile
security definer set search_path = public, pg_temp
as $$
begin
  perform product_view_require_name(name);
  execute format('drop table if exists %I', name);
end $$;
