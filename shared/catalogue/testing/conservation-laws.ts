import type { Database } from "../../postgres/queryable.ts";

const lines = `
  select r.id as reservation_id, (l.place - 1)::smallint as line, (l.of ->> 'productId')::uuid as product_id,
    (l.of ->> 'quantity')::int as quantity, l.of ->> 'outcome' as outcome, r.state
  from reservation r cross join jsonb_array_elements(r.lines) with ordinality as l (of, place)`;

/**
 * What holds when all reservations have ended and all commands are done, each as a query for what breaks it.
 * Units come in by creating a product and by adjusting its stock; the outbox has every message that there was.
 */
const laws: Readonly<Record<string, string>> = {
  "no count is below zero":
    "select id, stock, reserved, committed from products where least(stock, reserved, committed) < 0",
  "no unit is made or lost": `
    select id, units, stock, reserved, committed from products
    join (
      select aggregate_id::uuid as id, sum((payload::json ->> case type when 'product.created' then 'stock' else 'delta' end)::int) as units
      from outbox where type in ('product.created', 'product.adjust-stock') group by 1
    ) as made using (id)
    where stock + reserved + committed <> units`,
  "every reservation has ended": "select id, state from reservation where state in ('placed', 'reserving', 'reserved')",
  "an ended reservation holds nothing": "select id, reserved from products where reserved <> 0",
  "what is taken are the lines of the confirmed": `
    select p.id, p.committed, coalesce(t.units, 0) as units from products p
    left join (select product_id as id, sum(quantity) as units from (${lines}) as l where state = 'confirmed' group by 1) as t using (id)
    where p.committed <> coalesce(t.units, 0)`,
  "the hold of each line agrees with its reservation's end": `
    select l.*, h.state as held, h.quantity as units from (${lines}) as l
    full join stock_hold h using (reservation_id, line)
    where (h.product_id = l.product_id and case
      when l.state = 'confirmed' then h.state = 'committed' and h.quantity = l.quantity
      when l.outcome = 'refused' then h.state = 'refused' and h.quantity = 0
      else h.state = 'released' end) is not true`,
  "every command is in the inbox, and nothing else": `
    select event_id, type from (select event_id, type from outbox where topic = 'product.commands') as sent
    full join inbox using (event_id) where type is null or consumer is null`,
  "one word about each line, one rejection of each command": `
    select min(type), count(*) from outbox
    where type = 'reservation.record-line' or type like '%-rejected'
    group by coalesce(payload::json ->> 'command', aggregate_id || '/' || (payload::json ->> 'line')) having count(*) > 1`,
  "every version of an aggregate is told of once": `
    select aggregate_id, array_agg(aggregate_version order by id) as versions from outbox
    where aggregate_version is not null group by aggregate_id
    having array_agg(aggregate_version order by id) <> array(select generate_series(1, max(aggregate_version)))`,
  "the last version told of is the row's": `
    select id, held.version, told.version as told
    from (select id, version from products union all select id, version from reservation) as held
    left join (
      select aggregate_id::uuid as id, max(aggregate_version) as version from outbox where aggregate_version is not null group by 1
    ) as told using (id)
    where held.version is distinct from told.version`,
  "commands of a product are done in their order": `
    select aggregate_id, change, before from (
      select aggregate_id, (payload::json #>> '{attributes,change}')::int as change,
        lag((payload::json #>> '{attributes,change}')::int) over (partition by aggregate_id order by aggregate_version) as before
      from outbox where type = 'product.updated'
    ) as updates where change <= before`,
  "every message was sent": "select status, count(*) from outbox where status <> 'SENT' group by status",
};

/** The laws that are broken, each with some of the rows that break it. */
export const brokenLaws = async (db: Database): Promise<Readonly<Record<string, readonly unknown[]>>> => {
  const broken: Record<string, readonly unknown[]> = {};
  for (const [law, text] of Object.entries(laws)) {
    const { rows } = await db.query({ text: `${text} limit 3` });
    if (rows.length > 0) broken[law] = rows;
  }
  return broken;
};
