/** DESIGN.md: functions -> catalogue -> generic features -> messaging -> domain. */
const features = "^shared/(outbox|projection|inbox|search|postgres|operations|observability|http|lambda)/";
const notTests = "\\.(unit|int|e2e|emulator|manual|containers)\\.test\\.ts$|/testing/";

const forbid = (name, comment, from, to) => ({ name, comment, severity: "error", from, to });

module.exports = {
  forbidden: [
    forbid("no-circular", "A cycle has no order in which to read it.", {}, { circular: true }),
    forbid(
      "domain-imports-nothing",
      "The domain is pure.",
      { path: "^shared/domain/" },
      { path: "^(shared/(?!domain/)|functions|scripts)" },
    ),
    forbid(
      "messaging-below-features",
      "Messaging holds the ports: it knows the domain at the most.",
      { path: "^shared/messaging/", pathNot: notTests },
      { path: "^(shared/(?!messaging/|domain/)|functions|scripts)" },
    ),
    forbid(
      "features-below-catalogue",
      "A feature is generic: it imports features, messaging and domain, and ports instead of kafka/.",
      { path: features, pathNot: notTests },
      { path: "^(shared/(catalogue|kafka)/|functions|scripts)" },
    ),
    forbid(
      "kafka-implements-ports",
      "The adapter imports the ports and nothing above them.",
      { path: "^shared/kafka/", pathNot: notTests },
      { path: "^(shared/(?!kafka/|messaging/|domain/|observability/)|functions|scripts)" },
    ),
    forbid(
      "catalogue-below-functions",
      "The catalogue composes features; which broker carries them it does not know.",
      { path: "^shared/catalogue/", pathNot: notTests },
      { path: "^(shared/kafka/|functions|scripts)" },
    ),
    forbid(
      "nothing-imports-functions",
      "Handlers are found by path.",
      { pathNot: `^functions/|^scripts/bench/|${notTests}` },
      { path: "^functions/" },
    ),
    forbid(
      "stacks-name-handlers-by-path",
      "What is deployed is bundled by SST from a path; the stacks read names, sizes and schemas, and run nothing.",
      { path: "^(stacks/|sst\\.config\\.ts$)", pathNot: notTests },
      {
        path: "^(functions/|shared/(?!catalogue/|messaging/)|scripts/(?!host/functions\\.ts$|package/esbuild-settings\\.ts$))",
      },
    ),
    forbid(
      "nothing-imports-stacks",
      "The program is SST's to run.",
      { path: "^(functions|shared|scripts)/" },
      { path: "^stacks/" },
    ),
    forbid(
      "functions-stand-apart",
      "Each function is a package of its own.",
      { path: "^functions/([^/]+)/", pathNot: `${notTests}|^functions/operations/` },
      { path: "^(functions/(?!$1/)|scripts)" },
    ),
    forbid(
      "operations-runs-the-tool",
      "It alone may import the tool, and of scripts/ nothing else: what the tool writes on a stage is the same by construction.",
      { path: "^functions/operations/", pathNot: notTests },
      { path: "^(functions/(?!operations/)|scripts/(?!sluice/))" },
    ),
    forbid(
      "only-tests-import-testing",
      "Test code is not shipped.",
      { pathNot: notTests },
      { path: "/testing/|\\.test\\.ts$" },
    ),
    forbid(
      "shipped-code-has-dependencies",
      "What runs on Lambda may not lean on a dev dependency.",
      { path: "^(functions|shared)/", pathNot: notTests },
      { dependencyTypes: ["npm-dev", "npm-no-pkg", "npm-unknown"], dependencyTypesNot: ["type-only"] },
    ),
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    enhancedResolveOptions: { exportsFields: ["exports"], conditionNames: ["import", "node", "default", "types"] },
  },
};
