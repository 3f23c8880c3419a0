-- Up Migration

-- Units of a product: `stock` is free, `reserved` is held for reservations, `committed` was taken by confirmed ones.
-- Reserving, releasing and committing move units among the three and never change their sum.
alter table products
  add column reserved integer not null default 0 constraint products_reserved_check check (reserved >= 0),
  add column committed integer not null default 0 constraint products_committed_check check (committed >= 0);

-- What became of one line of a reservation at its product. It makes reserving, releasing and committing idempotent by line.
-- A row `released` with quantity 0 is a tombstone: the line was released before anybody had reserved it, and whoever comes late takes nothing.
-- No foreign keys: a release must leave its tombstone whatever else there is.
create table stock_hold (
  reservation_id uuid not null,
  line smallint not null,
  product_id uuid not null,
  quantity integer not null constraint stock_hold_quantity_check check (quantity >= 0),
  state text collate "C" not null constraint stock_hold_state_check check (state in ('reserved', 'refused', 'released', 'committed')),
  -- Of a refused one: why.
  reason text,
  changed_at timestamptz not null default now(),
  primary key (reservation_id, line)
) with (fillfactor = 80);

-- The saga's process: one row a reservation, always its newest state. Whoever moves it has locked its row.
create table reservation (
  id uuid primary key,
  state text collate "C" not null constraint reservation_state_check
    check (state in ('placed', 'reserving', 'reserved', 'confirmed', 'rejected', 'cancelled', 'expired')),
  version integer not null constraint reservation_version_check check (version >= 1),
  -- [{productId, quantity, outcome, reason}], in the order of the request.
  lines jsonb not null,
  -- [{state, at}], oldest first.
  history jsonb not null,
  -- By the writer's clock, to the millisecond, as the events carry them.
  placed_at timestamptz(3) not null,
  expires_at timestamptz(3) not null,
  updated_at timestamptz(3) not null,
  -- When the sweeper last asked for its end; by the database's clock.
  expiry_asked_at timestamptz
) with (fillfactor = 60);

-- What the sweeper looks for. A reservation leaves it when it ends.
create index reservation_open on reservation (expires_at) where state in ('placed', 'reserving', 'reserved');
