import * as z from "zod";
import { readConfig } from "../../shared/lambda/read-config.ts";
import type { ConnectSearchOptions } from "../../shared/search/search-client.ts";
import { requireSearch, searchAddress, searchSettings } from "../../shared/search/search-settings.ts";
import type { Environment } from "../stack/settings.ts";

const schema = requireSearch(z.object(searchSettings));

/** How to reach OpenSearch at this address; whether requests are signed by the same variables of the environment as a function's. */
export const searchOf = (url: string, env: Environment): Pick<ConnectSearchOptions, "url" | "signFor"> =>
  searchAddress(readConfig(schema, { ...env, OPENSEARCH_URL: url }));
