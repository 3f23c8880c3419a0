/**
 * `sst dev --stage local`: the system on a laptop, a pane a program. Nothing is deployed, no account is asked for.
 * The system needs no emulated AWS; LocalStack is there for the emulator tier, as an engine is for its functions.
 */
export const local = () => {
  new sst.x.DevCommand("System", { dev: { title: "system", command: "npm start", autostart: true } });
  new sst.x.DevCommand("Emulator", {
    dev: { title: "LocalStack", command: "docker compose --profile localstack up localstack", autostart: false },
  });
  new sst.x.DevCommand("EmulatorTier", {
    dev: {
      title: "emulator tier",
      command: "npm run test:emulator",
      autostart: false,
    },
    environment: { AWS_ENDPOINT_URL: "http://127.0.0.1:4566" },
  });
  new sst.x.DevCommand("Groups", {
    dev: { title: "groups", command: "npm run sluice -- groups watch", autostart: false },
  });
  new sst.x.DevCommand("Outbox", {
    dev: { title: "outbox", command: "npm run sluice -- outbox status", autostart: false },
  });
};
