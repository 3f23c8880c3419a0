import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { databaseUsers } from "../shared/catalogue/database-users.ts";
import { productIndex } from "../shared/catalogue/product-index.ts";
import { topics } from "../shared/catalogue/topics.ts";
import type { WithMaker } from "./function.ts";
import { kafkaPolicies } from "./policies/kafka.ts";
import { searchPolicies } from "./policies/search.ts";

/** What the function brings into being. */
const wanted = (): string => {
  const folder = join($cli.paths.root, "shared/postgres/migrations");
  const hash = createHash("sha256").update(JSON.stringify([topics, productIndex, databaseUsers]));
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)));
  return hash.digest("hex");
};

/**
 * Migrations, the database's users, topics, index and alias, before any other function of this
 * release is deployed.
 */
export const provisioning = ({ make, stage, db, kafka, index }: WithMaker) => {
  const may = kafkaPolicies(kafka);
  const topicDurability = stage.kafka.kind === "serverless" ? "of-the-cluster" : "replicated";
  const names = Object.values(topics).map(({ name }) => name);
  const made = make("provision", {
    environment: {
      ...index.environment,
      ...kafka.environment,
      TOPIC_DURABILITY: topicDurability,
    },
    permissions: [...may.connect, may.create(names), ...searchPolicies(index).provision],
    reserved: 1,
  });
  // It is invoked again when what is wanted is another, or a store is: a new one is empty.
  const triggers = {
    wanted: wanted(),
    topicDurability,
    database: db.cluster.clusterResourceId,
    kafka: kafka.arn,
    index: index.domain.domainId,
  };
  return new aws.lambda.Invocation(
    "Provisioned",
    { functionName: made.name, input: "{}", triggers },
    { dependsOn: [made, ...db.ready, kafka.cluster, index.domain] },
  );
};
