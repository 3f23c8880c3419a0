#!/usr/bin/env bash
# Prints an access token for a stage's API: `bash ops/aws/token.sh dev`. It lasts an hour. With an
# issuer of your own: TOKEN_URL, CLIENT_ID and CLIENT_SECRET; else the stage's own user pool is
# asked, with AWS credentials.
set -euo pipefail
stage=${1:?"which stage? bash ops/aws/token.sh dev"}
scope=${SCOPE:-sluice/read sluice/write}

if [ -z "${TOKEN_URL:-}" ]; then
  region=${AWS_REGION:?"set AWS_REGION, the region that the stage is in"}
  account=$(aws sts get-caller-identity --query Account --output text)
  pool=$(aws cognito-idp list-user-pools --max-results 60 --query "UserPools[?Name=='sluice-$stage'].Id | [0]" --output json | jq -er .) ||
    { echo "account $account has no user pool sluice-$stage in $region" >&2; exit 1; }
  CLIENT_ID=$(aws cognito-idp list-user-pool-clients --user-pool-id "$pool" --query "UserPoolClients[?ClientName=='programs'].ClientId | [0]" --output json | jq -er .)
  CLIENT_SECRET=$(aws cognito-idp describe-user-pool-client --user-pool-id "$pool" --client-id "$CLIENT_ID" --query UserPoolClient.ClientSecret --output text)
  TOKEN_URL="https://sluice-$stage-$account.auth.$region.amazoncognito.com/oauth2/token"
fi

# The secret reaches curl by its standard input: a command line can be read by every user of the
# machine.
quoted() { local text=${1//\\/\\\\}; printf '"%s"' "${text//\"/\\\"}"; }
curl -sS --fail-with-body --config - "$TOKEN_URL" <<CONFIG | jq -er .access_token
user = $(quoted "$CLIENT_ID:$CLIENT_SECRET")
data = "grant_type=client_credentials&scope=${scope// /+}"
CONFIG
