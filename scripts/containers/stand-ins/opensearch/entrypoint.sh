#!/bin/bash
# As the official entrypoint: a variable with a dot in its name, or all in small letters, is a
# setting.
set -euo pipefail
base=/usr/share/opensearch/data
mkdir -p "$base/node_1/config"
{
  echo "network.host: 0.0.0.0"
  env --null | while IFS='=' read -r -d '' name value; do
    if [[ "$name" =~ ^[a-z0-9_]+(\.[a-z0-9_]+)+$ ]]; then echo "$name: $value"; fi
  done
} >"$base/node_1/config/opensearch.yml"
read -ra options <<<"${OPENSEARCH_JAVA_OPTS:-}"
exec java "${options[@]}" -Djava.awt.headless=true -cp "/opt/opensearch/jars/*" \
  org.codelibs.opensearch.runner.OpenSearchRunner -basePath "$base" -numOfNode 1 -baseHttpPort 9199 -clusterName sluice
