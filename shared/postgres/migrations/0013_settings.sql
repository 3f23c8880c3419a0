-- Up Migration

-- Settings of one transaction, as functions of the schema. RDS Proxy pins a client to its
-- connection when a statement sets a parameter, by `set` as well as by `set_config`, and it does
-- not look into functions: "Avoiding pinning an RDS Proxy",
-- https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-proxy-pinning.html. Nothing
-- outlives the transaction, so nothing is lost or left behind when the next one runs on another
-- connection. `shared/postgres/client-statements.unit.test.ts` holds the code to it.
--
-- What needs the owner's rights runs with them, `security definer`: such a function does one thing,
-- finds its names in this schema alone (after pg_catalog), and does not trust its arguments.
-- `shared/catalogue/database-users.ts` lists the users that may execute it.

-- The first two return text and not void: PostgreSQL inlines them, and a call costs what
-- `set_config` costs.

-- How long each later wait for a lock in this transaction may take; past it, SQLSTATE 55P03.
create function limit_lock_wait(milliseconds integer) returns text language sql volatile as $$
  select set_config('lock_timeout', milliseconds::text, true);
$$;

-- How long each later statement of this transaction may take; past it, SQLSTATE 57014.
create function limit_statement(milliseconds integer) returns text language sql volatile as $$
  select set_config('statement_timeout', milliseconds::text, true);
$$;

-- Marks rows SENT whose shard's lease the drainer still holds, each in its epoch. Answers how many
-- it marked. The commit is not waited for: a crash of the server may take a mark back, and then the
-- row is sent again, which may happen at any rate. A `set` clause would end with the function,
-- before the commit; this setting lasts until the transaction has ended.
create or replace function outbox_mark_sent(drainer uuid, shards smallint[], epochs bigint[], ids bigint[]) returns integer
language plpgsql volatile
set enable_seqscan = off set enable_sort = off set enable_hashjoin = off set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  held smallint[];
  marked integer;
begin
  perform set_config('synchronous_commit', 'off', true);
  select array_agg(l.shard) into held
  from outbox_lease l join unnest(shards, epochs) as mine (shard, epoch) on mine.shard = l.shard and mine.epoch = l.epoch
  where l.owner = drainer and l.expires_at > clock_timestamp();
  update outbox set status = 'SENT', sent_at = clock_timestamp()
  where id = any (ids) and shard = any (held) and status = 'PENDING';
  get diagnostics marked = row_count;
  return marked;
end $$;

-- Makes the partition of a day (UTC) between today and 31 days ahead, as `outbox_add_day` does, one
-- caller at a time. It waits for an earlier caller without limit, and for the locks of the table
-- only briefly: every writer queues behind DDL that waits.
create function outbox_ensure_day(day date) returns boolean language plpgsql volatile
security definer set search_path = public, pg_temp
as $$
declare
  today date := (now() at time zone 'UTC')::date;
begin
  if (day between today and today + 31) is not true then
    raise exception 'partitions are made from today to 31 days ahead, and % is outside', day
      using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(7241003);
  perform set_config('lock_timeout', '1s', true);
  return outbox_add_day(day);
end $$;

-- How many days before today are kept: today's own always is.
create function outbox_require_retention(days integer) returns integer language plpgsql immutable as $$
begin
  if (days between 0 and 3650) is not true then
    raise exception '% is no number of days to keep', days using errcode = 'invalid_parameter_value';
  end if;
  return days;
end $$;

-- Drops the partition of a day (UTC) that is more than `retention_days` before today. Rows that are
-- PENDING or PARKED move to the default partition first: their day has no partition any more.
-- Answers `dropped` and how many rows moved; `kept` when more than `move_most` would have to,
-- because writers wait meanwhile; `gone` when there is no such partition. The query has two
-- branches, each with the condition of a partial index, and no sequential scan: a day is never read
-- through under the lock. A day of years before Christ has the same digits in its partition's name
-- as one of today, so days begin with 2020.
create function outbox_drop_day(day date, retention_days integer, move_most integer)
returns table (outcome text, moved bigint) language plpgsql volatile
security definer set search_path = public, pg_temp
set enable_seqscan = off
as $$
declare
  leaf text := 'outbox_' || to_char(day, 'YYYYMMDD');
  columns text := 'id, created_at, event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version, type, dataschema, '
    'payload, traceparent, correlation_id, causation_id, status, attempts, last_error, reason, sent_at';
  not_final text;
begin
  if (day >= date '2020-01-01') is not true or (move_most between 0 and 10000) is not true then
    raise exception 'the partition of % cannot be dropped with up to % rows to move: days begin with 2020, and 10000 rows are the most',
      day, move_most using errcode = 'invalid_parameter_value';
  end if;
  perform pg_advisory_xact_lock(7241003);
  perform set_config('lock_timeout', '1s', true);
  moved := 0;
  if day >= (now() at time zone 'UTC')::date - outbox_require_retention(retention_days)
    or not exists (select from pg_inherits where inhparent = 'outbox'::regclass and inhrelid = to_regclass(leaf)) then
    outcome := 'gone';
    return next;
    return;
  end if;
  not_final := format('select %1$s from %2$I where status = ''PENDING'' union all select %1$s from %2$I where status = ''PARKED''',
    columns, leaf);
  execute format('select count(*) from (%s limit $1) as found', not_final) into moved using move_most + 1;
  if moved > move_most then
    outcome := 'kept';
    moved := 0;
    return next;
    return;
  end if;
  lock table outbox in access exclusive mode;
  execute format('alter table outbox detach partition %I', leaf);
  execute format('insert into outbox (%1$s) overriding system value select %1$s from (%2$s) as kept order by id', columns, not_final);
  get diagnostics moved = row_count;
  execute format('drop table %I', leaf);
  outcome := 'dropped';
  return next;
end $$;

-- Deletes what is SENT or SKIPPED and as old in the default partition. Answers how many rows.
create function outbox_purge_default(retention_days integer) returns bigint language plpgsql volatile
security definer set search_path = public, pg_temp
as $$
declare
  deleted bigint;
begin
  delete from outbox_default where status in ('SENT', 'SKIPPED')
    and created_at < ((now() at time zone 'UTC')::date - outbox_require_retention(retention_days))::timestamp at time zone 'UTC';
  get diagnostics deleted = row_count;
  return deleted;
end $$;

-- Keeps the target set of the projections as it is until the transaction ends; readers go on.
create function projection_target_hold() returns void language plpgsql volatile
security definer set search_path = public, pg_temp
as $$
begin
  perform set_config('lock_timeout', '2s', true);
  lock table projection_target in share mode;
end $$;
