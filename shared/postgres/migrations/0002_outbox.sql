-- Up Migration

-- The transactional outbox: rows written with the change that they tell of, sent to Kafka by the relay (shared/outbox).
-- Partitioned by day, so that what is sent is dropped with its day and never swept row by row.

create table outbox (
  id bigint generated always as identity,
  created_at timestamptz not null default now(),
  event_id uuid not null,
  topic text not null,
  partition_key text not null,
  aggregate_type text not null,
  aggregate_id text not null,
  aggregate_version bigint,
  type text not null,
  dataschema text not null,
  payload text not null,
  traceparent text,
  correlation_id text,
  causation_id text,
  -- 16 shards, as many as outbox_lease has rows. Changed only on a drained outbox: a key whose shard changed could be sent by two.
  shard smallint not null generated always as ((hashtextextended(partition_key, hashtextextended(topic, 0)) & 15)::smallint) stored,
  status text not null default 'PENDING',
  attempts integer not null default 0,
  last_error text,
  -- The operator's word for an unparked or skipped row.
  reason text,
  sent_at timestamptz,
  constraint outbox_status check (status in ('PENDING', 'SENT', 'PARKED', 'SKIPPED'))
) partition by range (created_at);

comment on column outbox.attempts is 'sends that this row itself was the fault of; a broker that is away is none';

-- The only index that a write pays for: it serves claims in order and marks by id, and a row leaves it when it is sent.
-- There is no primary key: nothing looks rows up by it, and the identity and the event id are made unique where they are made.
create index outbox_pending on outbox (id, shard) where status = 'PENDING';
create index outbox_parked on outbox (topic, partition_key, id) where status = 'PARKED';

-- Catches rows of days that nobody has made a partition for, and keeps rows that outlive their day's partition.
-- Storage parameters go on each leaf, as a partitioned table takes none. Vacuum is eager because every claim starts at the head of
-- outbox_pending, where the entries of sent rows lie until it has run. Analyze never comes: the plans that matter are pinned, and its
-- snapshot, held while it samples, keeps the entries of all that is marked meanwhile in the way (a claim of 2,000 rows rose from 16 to 80 ms).
create table outbox_default partition of outbox default with (
  autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
  autovacuum_analyze_threshold = 2000000000
);

-- Who drains which shard, by this database's clock. The epoch grows with each change of hands.
create table outbox_lease (
  shard smallint primary key,
  owner uuid,
  epoch bigint not null default 0,
  expires_at timestamptz not null default '-infinity'
) with (fillfactor = 50);
insert into outbox_lease (shard) select generate_series(0, 15);

-- Who is there to drain, so that each takes no more than its share.
create table outbox_drainer (
  owner uuid primary key,
  expires_at timestamptz not null
) with (fillfactor = 50);

-- Makes the partition of a day (UTC) and moves into it what the default partition holds of that day. False when it is there already.
-- Attaching locks out neither readers nor writers of the other days. Only when there are rows to move is the whole table locked:
-- a claim that was planned before and runs after the move would not see the moved rows, and could send their successors first.
create function outbox_add_day(day date) returns boolean language plpgsql as $$
declare
  leaf text := 'outbox_' || to_char(day, 'YYYYMMDD');
  starts timestamptz := day::timestamp at time zone 'UTC';
  ends timestamptz := (day + 1)::timestamp at time zone 'UTC';
  whole boolean;
  columns text := 'id, created_at, event_id, topic, partition_key, aggregate_type, aggregate_id, aggregate_version, type, dataschema, '
    'payload, traceparent, correlation_id, causation_id, status, attempts, last_error, reason, sent_at';
begin
  if to_regclass(leaf) is not null then return false; end if;
  whole := exists (select from outbox_default where created_at >= starts and created_at < ends);
  if whole then lock table outbox in access exclusive mode; else lock table outbox in share update exclusive mode; end if;
  if to_regclass(leaf) is not null then return false; end if;
  lock table outbox_default in access exclusive mode;
  if not whole and exists (select from outbox_default where created_at >= starts and created_at < ends) then
    raise exception 'rows came into outbox_default for % meanwhile', day using errcode = 'lock_not_available';
  end if;
  execute format('create table %I (like outbox including defaults including constraints including generated including storage) with (
    autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_cost_delay = 0,
    autovacuum_analyze_threshold = 2000000000)', leaf);
  if whole then
    execute format('with moved as (delete from outbox_default where created_at >= $1 and created_at < $2 returning *)
      insert into %I (%s) select %s from moved order by id', leaf, columns, columns) using starts, ends;
  end if;
  execute format('alter table outbox attach partition %I for values from (%L) to (%L)', leaf, starts, ends);
  return true;
end $$;

select outbox_add_day((now() at time zone 'UTC')::date + ahead) from generate_series(0, 7) as ahead;

-- The oldest rows that may be sent, of the given shards, up to max_rows and to max_bytes of payload (the first row goes whatever its size).
-- Left out: what is in flight; rows with a parked row of their key before them; topics and keys that are held back.
-- Ids are looked for in the spans [from_ids[n], to_ids[n]], ascending: all ids but a run of them that are in flight without a gap.
--
-- A function, because it carries its plan settings with it: it is planned once a connection, whatever stands between, and without
-- statistics or with stale ones the planner would rather sort the whole backlog (150 ms instead of 3). Not `stable`: each call takes
-- its snapshot after it has the locks, and so sees rows that a finished DDL has moved.
-- The conditions are hashed subplans and not joins, because those keep the order of the index scan.
create function outbox_claim(
  shards smallint[], from_ids bigint[], to_ids bigint[], in_flight bigint[],
  held_topics text[], held_key_topics text[], held_keys text[], max_rows integer, max_bytes bigint
) returns table (
  id bigint, event_id uuid, topic text, partition_key text, type text, dataschema text,
  other_aggregate_id text, -- null: the same as the partition key
  aggregate_version text, traceparent text, correlation_id text, causation_id text, payload text
) language plpgsql volatile
set enable_seqscan = off set enable_sort = off set enable_bitmapscan = off set max_parallel_workers_per_gather = 0 set jit = off
set plan_cache_mode = force_generic_plan set work_mem = '64MB'
as $$
begin
  return query
  with blocked as materialized (
    select p.topic, p.partition_key, min(p.id) as id from outbox p where p.status = 'PARKED' group by p.topic, p.partition_key
    union all
    select h.topic, h.partition_key, 0 from unnest(held_key_topics, held_keys) as h (topic, partition_key)
  ), head as (
    select found.*
    from unnest(from_ids, to_ids) as span (from_id, to_id)
    cross join lateral (
      select o.id, o.event_id, o.topic, o.partition_key, o.type, o.dataschema, nullif(o.aggregate_id, o.partition_key),
        o.aggregate_version::text, o.traceparent, o.correlation_id, o.causation_id, o.payload
      from outbox o
      where o.status = 'PENDING' and o.id >= span.from_id and o.id <= span.to_id and o.shard = any (shards)
        and o.id not in (select unnest(in_flight))
        and o.topic <> all (held_topics)
        and ((o.topic, o.partition_key) not in (select b.topic, b.partition_key from blocked b)
          or not exists (
            select from blocked b where b.topic = o.topic and b.partition_key = o.partition_key and b.id < o.id))
      order by o.id
      limit max_rows
    ) as found (id, event_id, topic, partition_key, type, dataschema, other_aggregate_id, aggregate_version, traceparent,
      correlation_id, causation_id, payload)
    limit max_rows
  )
  select w.id, w.event_id, w.topic, w.partition_key, w.type, w.dataschema, w.other_aggregate_id, w.aggregate_version,
    w.traceparent, w.correlation_id, w.causation_id, w.payload
  from (select h.*, sum(octet_length(h.payload)) over (rows unbounded preceding) as upto from head h) w
  where w.upto - octet_length(w.payload) < max_bytes;
end $$;

-- Marks rows SENT whose shard's lease the drainer still holds, each in its epoch. Answers how many it marked.
create function outbox_mark_sent(drainer uuid, shards smallint[], epochs bigint[], ids bigint[]) returns integer
language plpgsql volatile
set enable_seqscan = off set enable_sort = off set enable_hashjoin = off set jit = off set plan_cache_mode = force_generic_plan
as $$
declare
  held smallint[];
  marked integer;
begin
  select array_agg(l.shard) into held
  from outbox_lease l join unnest(shards, epochs) as mine (shard, epoch) on mine.shard = l.shard and mine.epoch = l.epoch
  where l.owner = drainer and l.expires_at > clock_timestamp();
  update outbox set status = 'SENT', sent_at = clock_timestamp()
  where id = any (ids) and shard = any (held) and status = 'PENDING';
  get diagnostics marked = row_count;
  return marked;
end $$;
