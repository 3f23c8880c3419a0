/** What is deployed where: stages are in stacks/stage.ts, each part in a file of stacks/. How: docs/DEPLOY.md. */
export default $config({
  app: ({ stage }) => ({
    name: "sluice",
    ...(stage === "local"
      ? { home: "local" } // commands only: a laptop needs no account
      : {
          home: "aws",
          removal: stage === "prod" ? "retain" : "remove",
          protect: stage === "prod", // `sst remove` refuses
          providers: {
            // on everything: costs are told by them
            aws: { version: "7.20.0", defaultTags: { tags: { application: "sluice", stage } } },
            random: { version: "4.16.6" },
          },
        }),
  }),
  async run() {
    if ($app.stage === "local") return (await import("./stacks/local.ts")).local();
    const { stageSettings } = await import("./stacks/stage.ts");
    const { network } = await import("./stacks/network.ts");
    const { database } = await import("./stacks/database.ts");
    const { messaging } = await import("./stacks/messaging.ts");
    const { search } = await import("./stacks/search.ts");
    const { functionMaker } = await import("./stacks/function.ts");
    const { provisioning } = await import("./stacks/provisioning.ts");
    const { consumers } = await import("./stacks/consumers.ts");
    const { publisher } = await import("./stacks/publisher.ts");
    const { sweeper } = await import("./stacks/sweeper.ts");
    const { verifier } = await import("./stacks/verifier.ts");
    const { deadLetterMonitor } = await import("./stacks/dead-letter-monitor.ts");
    const { identity } = await import("./stacks/identity.ts");
    const { api } = await import("./stacks/api.ts");
    const { operations } = await import("./stacks/operations.ts");
    const { monitoring } = await import("./stacks/monitoring.ts");

    const stage = stageSettings($app.stage);
    const net = await network(stage);
    const parts = { stage, net, db: database(stage, net), kafka: messaging(stage, net), index: search(stage, net) };
    const provisioned = provisioning({ ...parts, make: functionMaker(parts) });
    const all = { ...parts, make: functionMaker(parts, [provisioned]) }; // nothing else is deployed before the schema and the topics are
    const mapped = consumers(all);
    const published = publisher(all);
    const served = api({ ...all, issuer: identity(stage) });
    const scheduled = {
      "outbox-publisher": published,
      "reservation-sweeper": sweeper(all),
      "projection-verifier": verifier(all),
      "dead-letter-monitor": deadLetterMonitor(all),
    };
    const { made: operated, machines } = operations({
      ...all,
      mapped,
      publisher: published,
      scheduled,
      others: { api: served.fn, probes: served.probes },
    });
    monitoring({
      ...all,
      mapped,
      machines,
      apiId: served.apiId,
      others: { ...scheduled, ...operated, api: served.fn, probes: served.probes },
    });
    return { url: served.url };
  },
});
