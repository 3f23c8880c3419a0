/** `sst dev --stage local`: the system on a laptop, a pane a program. Nothing is deployed, no account is asked for. */
export const local = () => {
  new sst.x.DevCommand("System", { dev: { title: "system", command: "npm start", autostart: true } });
  new sst.x.DevCommand("Emulator", {
    dev: { title: "LocalStack", command: "docker compose --profile localstack up localstack", autostart: false },
  });
  new sst.x.DevCommand("Groups", {
    dev: { title: "groups", command: "npm run sluice -- groups watch", autostart: false },
  });
  new sst.x.DevCommand("Outbox", {
    dev: { title: "outbox", command: "npm run sluice -- outbox status", autostart: false },
  });
};
