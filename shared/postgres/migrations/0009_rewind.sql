-- Up Migration

-- Who changes a read model as a whole: a rewind, a rebuild or a redrive, one at a time. It is held by a run, not by a process:
-- when a process dies its lease expires, and another process may take up the same run, in the next epoch; another run may not,
-- as nobody knows what the first one left half-done until it is finished or restored.
create table read_model_lease (
  projection text collate "C" primary key,
  -- Null: nobody holds it. The row stays, so that epochs only ever grow.
  run uuid,
  operation text,
  -- The process that is at work on the run.
  owner text,
  epoch bigint not null default 1,
  expires_at timestamptz,
  constraint read_model_lease_held_check check ((run is null) = (expires_at is null) and (run is null) = (operation is null))
);

-- A rewind of a consumer group: what was asked for, what was found, and how far it came. A step is written when it is done,
-- so that whoever takes the run up goes on with the next; each can be done twice.
create table rewind_run (
  id uuid primary key,
  group_id text collate "C" not null,
  projection text collate "C" not null,
  actor text not null,
  operation text not null,
  reason text,
  -- The same text for the same request: a second run of a command takes the first one up.
  request text not null,
  plan jsonb not null,
  plan_hash text not null,
  undo_of uuid references rewind_run (id),
  -- The step that comes next.
  step text not null default 'note-mapping',
  -- back: something failed, and what was found is being put back.
  course text not null default 'forward' constraint rewind_run_course_check check (course in ('forward', 'back')),
  mapping_found text constraint rewind_run_mapping_check check (mapping_found in ('Enabled', 'Disabled', 'Absent')),
  -- What was committed once the group was empty, and where the logs ended: [{topic, partition, offset}], offsets as text.
  prior jsonb,
  goal jsonb,
  outcome text constraint rewind_run_outcome_check check (outcome in ('done', 'restored', 'superseded')),
  fault text,
  started_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  constraint rewind_run_ended_check check ((outcome is null) = (ended_at is null))
);

create index rewind_run_started on rewind_run (started_at);
create unique index rewind_run_open on rewind_run (projection) where outcome is null;

-- Read models that lack what a forward move has skipped, a row a run, until a rebuild.
create table rebuild_needed (
  projection text collate "C" not null,
  run uuid not null,
  reason text not null,
  skipped bigint not null,
  marked_at timestamptz not null default clock_timestamp(),
  primary key (projection, run)
);
