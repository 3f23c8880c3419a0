# One image for every service of docker-compose.yml: the host that runs a function, and the tool. Built from the sources as they are: Node 24 runs
# TypeScript by itself. Why each line is so: docs/decisions/compose.md.

FROM node:24.9.0-bookworm-slim AS dependencies
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
COPY patches patches
# The development dependencies come first, because patch-package is one of them and patches kafkajs.
# Then they go again, and so do the optional packages: SST's CLI is one and weighs 72 MB. The
# image's npm does not know `allowScripts` of package.json, so no package runs a script here;
# otherwise `node` would download a second Node.
RUN npm ci --no-audit --ignore-scripts \
  && npx patch-package \
  && npm prune --omit=dev --omit=optional --no-audit --ignore-scripts

FROM node:24.9.0-bookworm-slim
WORKDIR /sluice
COPY --from=dependencies /sluice/node_modules node_modules
COPY package.json tsconfig.json ./
COPY functions functions
COPY shared shared
COPY scripts scripts
# The one folder that is written to, by the user `node` of the image, 1000. A volume that is mounted in it takes its owner from here.
RUN ln -s /sluice/scripts/sluice.ts /usr/local/bin/sluice \
  && install --directory --owner=node --group=node .sluice .sluice/compose .sluice/compose/hosts
ENV NODE_ENV=production SLUICE_STACK=compose
USER 1000
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 CMD ["node", "scripts/health.ts"]
CMD ["node", "scripts/start.ts", "--json"]
