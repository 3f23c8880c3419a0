import { provisionCatalogue } from "../../shared/catalogue/provision.ts";
import { provisionDatabase } from "../../shared/catalogue/provision-database.ts";
import { kafkaConnection } from "../../shared/kafka/kafka-connection.ts";
import { ensureTopics } from "../../shared/kafka/topics.ts";
import { readConfig } from "../../shared/lambda/read-config.ts";
import { createObservability, observed } from "../../shared/observability/observed.ts";
import { connectDatabase } from "../../shared/postgres/database-settings.ts";
import { untilReachable } from "../../shared/postgres/until-reachable.ts";
import { refuseAutoCreation } from "../../shared/search/refuse-auto-creation.ts";
import { connectSearch } from "../../shared/search/search-client.ts";
import { searchAddress } from "../../shared/search/search-settings.ts";
import { provisionConfig } from "./config.ts";
import { durabilities } from "./durabilities.ts";
import { untilUsersSignIn } from "./until-users-sign-in.ts";

const name = "provision";
const patienceMs = 5 * 60_000;
const config = readConfig(provisionConfig, process.env);
const observability = createObservability(name);
const { log } = observability;
const connection = kafkaConnection(config, { clientId: name, log });
const db = connectDatabase(config, { max: 1, applicationName: name });
const search = connectSearch({ ...searchAddress(config), timeoutMs: 60_000 });

/** Each deploy invokes it before it replaces the other functions. Answers what it did. */
export const handler = observed(observability, async () => {
  const done: string[] = [];
  const say = (line: string) => done.push(line);
  await untilReachable(db, { patienceMs, log }); // a new stage's cluster may not answer yet
  await refuseAutoCreation(search);
  await provisionCatalogue({
    prepareDatabase: () => provisionDatabase(config.DATABASE_URL, { log: say, signIn: config.DATABASE_USERS }),
    ensureTopics: (wanted) => ensureTopics(connection, wanted, durabilities[config.TOPIC_DURABILITY]),
    ...{ db, search, log: say },
  });
  await untilUsersSignIn(config, { patienceMs, log });
  log.info("provisioned", { done });
  return { done };
});
