-- Up Migration

-- What was answered to a request that carried an Idempotency-Key, written in the transaction of its effect.
create table idempotency_keys (
  caller text collate "C" not null,
  -- Method and path template, e.g. `POST /things`.
  route text collate "C" not null,
  key text collate "C" not null,
  -- SHA-256 of the request's body: the same key with another body is refused.
  request_hash bytea not null,
  -- Null only inside the transaction that works on the request; nobody else sees it so.
  status smallint,
  -- The route's own headers. Those that belong to one exchange, such as the correlation id, are not here.
  headers json,
  -- Text, so that a replay is the same byte for byte.
  body text,
  expires_at timestamptz not null,
  primary key (caller, route, key)
);

-- For the purge of what has expired.
create index idempotency_keys_expires_at_idx on idempotency_keys (expires_at);
