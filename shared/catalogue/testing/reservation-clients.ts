import type { ReservationState } from "../../domain/reservations/reservation.ts";
import { seededRandom } from "../../testing/seeded-random.ts";
import type { StateWatch } from "./state-watch.ts";
import type { WholeCatalogue } from "./whole-catalogue.ts";

/** A quantity that no line has but those that the test makes fail. */
export const failingQuantity = 13;

export type ClientsOptions = {
  readonly ask: WholeCatalogue["ask"];
  readonly past: StateWatch;
  readonly products: readonly string[];
  readonly clients: number;
  readonly reservations: number;
  /** Hears of each reservation that was placed: the how manieth it is. */
  readonly onPlaced: (count: number) => Promise<void>;
};

/** What clients were told: of each reservation that was placed, how it ended where that was an answer to them. */
export type Told = ReadonlyMap<string, ReservationState | undefined>;

/** What a client does about a reservation: confirms or cancels it once it has left these states, or leaves it to its deadline. */
type Plan = {
  readonly quantities: readonly number[];
  readonly expiresInSeconds: number;
  readonly ending?: { readonly how: "confirm" | "cancel"; readonly onceLeft: readonly ReservationState[] };
};

/** How many reservations a client has open that it will confirm or cancel. */
const openAtOnce = 60;

const decided: readonly ReservationState[] = ["placed", "reserving"];

const endingOf = (chance: number): Plan["ending"] => {
  if (chance < 0.45) return { how: "confirm", onceLeft: decided };
  if (chance < 0.6) return { how: "cancel", onceLeft: decided };
  if (chance < 0.7) return { how: "cancel", onceLeft: ["placed"] }; // while its lines are being reserved
  return chance < 0.8 ? { how: "cancel", onceLeft: [] } : undefined; // at once
};

const planOf = (random: () => number, number: number): Plan => {
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1));
  const quantities = Array.from({ length: between(1, 4) }, () => between(1, 6));
  const ending = endingOf(random());
  const expiresInSeconds = ending === undefined || random() < 0.1 ? between(1, 3) : 900;
  // Early, as there is stock then: such a line is to fail, and not to be refused.
  const failing = [failingQuantity, ...quantities];
  if (number === 2) return { quantities: failing, expiresInSeconds: 3 };
  if (number === 4)
    return { quantities: failing, expiresInSeconds: 900, ending: { how: "cancel", onceLeft: ["placed"] } };
  return { quantities, expiresInSeconds, ...(ending && { ending }) };
};

/** One of several that work through the reservations, each with choices of its own that are the same in every run. */
class Client {
  readonly #options: ClientsOptions;
  readonly #random: () => number;
  readonly #told: Map<string, ReservationState | undefined>;

  constructor(options: ClientsOptions, number: number, told: Map<string, ReservationState | undefined>) {
    this.#options = options;
    this.#random = seededRandom(number);
    this.#told = told;
  }

  async run(reservations: number): Promise<void> {
    const open: Promise<void>[] = [];
    for (let number = 0; number < reservations; number++) {
      const plan = planOf(this.#random, number);
      const id = await this.#place(plan);
      if (plan.ending === undefined) continue;
      const end = this.#end(id, plan.ending);
      end.catch(() => {}); // told when its turn comes
      open.push(end);
      if (open.length > openAtOnce) await open.shift();
    }
    await Promise.all(open);
  }

  async #place({ quantities, expiresInSeconds }: Plan): Promise<string> {
    const left = [...this.#options.products];
    const take = () => left.splice(Math.floor(this.#random() * left.length), 1)[0];
    const body = { expiresInSeconds, lines: quantities.map((quantity) => ({ productId: take(), quantity })) };
    const { status, body: placed } = await this.#options.ask("POST /reservations", { body });
    if (status !== 202) throw new Error(`POST /reservations answered ${status}: ${JSON.stringify(placed)}`);
    this.#told.set(placed.id, undefined);
    await this.#options.onPlaced(this.#told.size);
    return placed.id;
  }

  /** Refused is right, too: it has ended otherwise, or its deadline has passed. */
  async #end(id: string, { how, onceLeft }: NonNullable<Plan["ending"]>): Promise<void> {
    if (onceLeft.length > 0) await this.#options.past(id, onceLeft);
    const { status, body } = await this.#options.ask(`POST /reservations/${id}/${how}`);
    if (status === 200) this.#told.set(id, how === "confirm" ? "confirmed" : "cancelled");
    else if (status !== 409) throw new Error(`${how} answered ${status}: ${JSON.stringify(body)}`);
  }
}

/** Clients that place reservations and confirm, cancel or leave them, all at the same time. */
export const runClients = async (options: ClientsOptions): Promise<Told> => {
  const { clients, reservations } = options;
  const told = new Map<string, ReservationState | undefined>();
  const shares = Array.from({ length: clients }, (_, number) => Math.floor((reservations + number) / clients));
  await Promise.all(shares.map((share, number) => new Client(options, number, told).run(share)));
  return told;
};
