-- Up Migration

-- Which commands a consumer has done; a row is written in the transaction of the effect, and goes when that is rolled back.
-- Not partitioned: the event id is a UUIDv7, so new rows come at the right edge of the key and the purge takes them from the left one.
--
-- Rows are never updated. With the usual scale factors, a fifth of four weeks of commands would be dead at the left edge before
-- a vacuum came, and every page of the purge would step over them; and none would be frozen until the whole table had to be.
-- So: by fixed numbers, and frozen at the first vacuum, as nothing comes to a row after its insert but its delete.
create table inbox (
  consumer text collate "C" not null,
  event_id uuid not null,
  received_at timestamptz not null default now(),
  primary key (consumer, event_id)
) with (
  autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_scale_factor = 0,
  autovacuum_vacuum_insert_threshold = 100000, autovacuum_vacuum_insert_scale_factor = 0,
  autovacuum_vacuum_cost_delay = 0, autovacuum_freeze_min_age = 0
);
