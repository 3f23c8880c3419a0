-- Up Migration

-- Which dead letters were replayed, so that none goes twice: a row is written, as a claim, before its record is sent, and `sent_at` is set
-- when the broker has acknowledged it. A claim without `sent_at` whose time is over belongs to a run that died: its record goes once more.
-- Rows of records that their topic no longer holds are deleted when the next run starts.
create table dead_letter_replay (
  -- The dead-letter topic, and the record's place in it.
  topic text collate "C" not null,
  partition integer not null,
  record_offset bigint not null,
  -- The record's own time, milliseconds since 1970: in a topic that was made anew, the same offset is another record.
  written_at bigint not null,
  run uuid not null,
  claimed_until timestamptz not null,
  sent_at timestamptz,
  primary key (topic, partition, record_offset)
);
