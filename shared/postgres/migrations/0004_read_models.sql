-- Up Migration

-- Where a projection writes: concrete indexes and tables. Read in every batch, so that a target added by a rebuild
-- is written from its commit on.
create table projection_target (
  projection text not null,
  kind text not null check (kind in ('search', 'table')),
  name text not null,
  -- live: readers see it; building: a rebuild fills it; retiring: kept fresh for a rollback. All are written.
  state text not null check (state in ('building', 'live', 'retiring')),
  created_at timestamptz not null default now(),
  primary key (projection, kind, name)
);

create unique index projection_target_live on projection_target (projection, kind) where state = 'live';

-- A row for as long as a projection's group is rewound: equal versions are then written again instead of being duplicates.
create table projection_rewind (
  projection text primary key,
  run text not null,
  registered_at timestamptz not null default now()
);

-- Every table target has id, version, archived and written_at; the rest is its own.
create table product_view_000001 (
  id uuid primary key,
  version bigint not null,
  archived boolean not null,
  sku text,
  -- json, not jsonb: the text is kept as it came, so that both read models hold the same bytes and can be compared.
  document json,
  written_at timestamptz not null default now(),
  -- An archived row is a tombstone: it holds a version against older events, and nothing else.
  constraint product_view_000001_tombstone check (archived = (document is null) and archived = (sku is null))
) with (fillfactor = 85);

-- Not unique: events of two products that pass a sku on may come in either order.
create index product_view_000001_sku on product_view_000001 (sku) where not archived;
create index product_view_000001_tombstones on product_view_000001 (written_at) where archived;

-- What readers name. A rebuild swaps it to another table in one transaction.
create view product_view as
  select id, version, archived, sku, document, written_at from product_view_000001;

insert into projection_target (projection, kind, name, state)
values ('product-event-projection', 'table', 'product_view_000001', 'live');
