-- Up Migration

-- The write model: one row a product, always its newest state. Readers are served by the read models, not from here.
create table products (
  id uuid primary key,
  -- Compared byte by byte: a sku is an identifier, not a word. An archived product keeps its own, as old orders name it.
  sku text collate "C" not null constraint products_sku_key unique,
  title text not null,
  description text not null,
  category text not null,
  price_amount bigint not null constraint products_price_amount_check check (price_amount >= 0),
  price_currency text collate "C" not null,
  stock integer not null constraint products_stock_check check (stock >= 0),
  attributes jsonb not null,
  status text collate "C" not null constraint products_status_check check (status in ('draft', 'active', 'archived')),
  version integer not null constraint products_version_check check (version >= 1),
  -- By the writer's clock, to the millisecond, as the events carry them.
  created_at timestamptz(3) not null,
  updated_at timestamptz(3) not null
)
-- Room in each page for the next version of its rows: neither index names what a change usually touches.
with (fillfactor = 80);
