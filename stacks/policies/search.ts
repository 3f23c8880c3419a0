import { productAlias } from "../../shared/catalogue/product-index.ts";
import type { Search } from "../search.ts";
import type { Statement } from "./statement.ts";

/** What a role may ask of OpenSearch, path by path: the alias that readers name, and the indexes behind it. */
export const searchPolicies = ({ arn }: Pick<Search, "arn">) => {
  const at = (paths: readonly string[], ...verbs: readonly string[]): Statement => ({
    actions: verbs.map((verb) => `es:ESHttp${verb}`),
    resources: paths.map((path) => $interpolate`${arn}/${path}`),
  });
  const indexes = `${productAlias}-v*`;
  return {
    /** Whether the alias is there. */
    ping: [at([productAlias], "Head")],
    /** Searching is a POST; so the path says that it is a search. */
    read: [at([productAlias, `_alias/${productAlias}`], "Get", "Head"), at([`${productAlias}/_search`], "Get", "Post")],
    write: [at([`${indexes}/_bulk`], "Post")],
    /** What is compared has to be visible first, and what differs is read by its id. */
    verify: [at([`${indexes}/_refresh`, `${indexes}/_search`, `${indexes}/_mget`], "Post")],
    /** Comparing with the write model, and writing one document anew. */
    repair: [
      at([indexes, `_alias/${productAlias}`], "Get", "Head"),
      at([`${indexes}/_bulk`, `${indexes}/_refresh`, `${indexes}/_search`, `${indexes}/_mget`], "Post"),
    ],
    /** New indexes beside the live ones, loaded, compared, the alias moved in one call, old ones deleted. */
    rebuild: [
      at([indexes], "Get", "Head", "Put", "Delete"),
      at([`${indexes}/_settings`], "Put"),
      at([`${indexes}/_bulk`, `${indexes}/_refresh`, `${indexes}/_search`, `${indexes}/_mget`], "Post"),
      at([`_alias/${productAlias}`], "Get"),
      at(["_aliases"], "Post"),
    ],
    provision: [
      at([indexes], "Get", "Head", "Put"),
      at([`_alias/${productAlias}`], "Get"),
      at([`${indexes}/_alias/${productAlias}`], "Put"),
      at(["_cluster/settings"], "Put"),
    ],
  };
};
