-- Up Migration

-- A rebuild of a projection's read models: new targets beside the live ones, filled from the write model, compared with it, and put in
-- the place of the old ones. A step is written when it is done, so that whoever takes the run up goes on with the next; each can be done twice.
create table rebuild_run (
  id uuid primary key,
  projection text collate "C" not null,
  -- Numbers the targets; never used twice, so that nothing written late to one that is gone reaches another of its name.
  generation integer not null,
  actor text not null,
  reason text,
  new_index text not null,
  new_table text not null,
  -- What was live when it began.
  old_index text not null,
  old_table text not null,
  -- What is being done with it, and the step that comes next; null: that is done.
  course text collate "C" not null default 'build'
    constraint rebuild_run_course_check check (course in ('build', 'swap', 'rollback', 'retire', 'abort')),
  step text collate "C",
  -- Of the course: its row in the audit.
  audit_run uuid not null,
  -- How far the step is: the last id, and how many rows of how many.
  position uuid,
  done bigint not null default 0,
  total bigint not null,
  step_started_at timestamptz not null default clock_timestamp(),
  -- How long the load took, for the estimate of the next one.
  load_ms bigint,
  -- The newest outbox row, and where the logs ended ([{topic, partition, offset}], offsets as text), when the load was done.
  outbox_goal bigint,
  goal jsonb,
  -- What the comparison has found so far; when it ended, and when both were found to be equal.
  differences jsonb not null default '[]',
  compared_at timestamptz,
  -- The marks of `rebuild_needed` that the swap took away; a rollback puts them back.
  marks jsonb not null default '[]',
  -- What it waits for, and what it stopped at.
  note text,
  fault text,
  started_at timestamptz not null default clock_timestamp(),
  changed_at timestamptz not null default clock_timestamp()
);

create index rebuild_run_started on rebuild_run (started_at);
create unique index rebuild_run_generation on rebuild_run (projection, generation);
-- One at a time, until the targets that it does not need any more are gone.
create unique index rebuild_run_open on rebuild_run (projection) where step is not null or course not in ('retire', 'abort');
