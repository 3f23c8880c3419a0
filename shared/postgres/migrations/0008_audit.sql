-- Up Migration

-- What operators did. A run writes `started` before it touches anything and one more row when it ends, so that no row is ever changed:
-- a run whose last row is `started` goes on, or its process died.
create table audit (
  id bigint generated always as identity primary key,
  run uuid not null,
  at timestamptz not null default clock_timestamp(),
  -- Who: a person, or the user and host of a program.
  actor text not null constraint audit_actor_check check (actor <> ''),
  -- The command's words, e.g. `outbox unpark`.
  operation text collate "C" not null,
  -- What it was done to: a group, a row, a function.
  target text not null,
  outcome text collate "C" not null
    constraint audit_outcome_check check (outcome in ('started', 'done', 'failed', 'refused')),
  -- The operator's word.
  reason text,
  before jsonb,
  after jsonb,
  -- Of a failed or refused run: the fault's code and message.
  fault text
);

create index audit_run on audit (run, id);
create index audit_at on audit (at);
-- A run that failed may be taken up again and then succeed; one that is done is over.
create unique index audit_done on audit (run) where outcome = 'done';

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'the audit is append-only: % is refused', lower(tg_op) using errcode = 'insufficient_privilege';
end $$;
create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function audit_refuse_change();

-- What an operator has paused and not resumed. The host reads it when it starts; health checks warn of old ones.
create table pause (
  -- The function whose schedule or mapping is held off.
  function text collate "C" primary key,
  actor text not null,
  reason text,
  paused_at timestamptz not null default clock_timestamp()
);
