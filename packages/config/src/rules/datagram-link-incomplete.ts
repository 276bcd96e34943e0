import { containerAt } from "../tree.ts";
import { logicalUnits } from "./logical-units.ts";
import type { Rule } from "./rule.ts";

const words = ["local-address", "local-port", "remote-address", "remote-port"];

/** A link has two ends. */
export const datagramLinkIncomplete: Rule = {
  name: "datagram-link-incomplete",
  demands: "datagram-link has local-address, local-port, remote-address and remote-port for each of its families.",
  source: "Leasewire",
  check: (tree) =>
    logicalUnits(tree).flatMap(({ node, path, name }) =>
      ["inet", "inet6"].flatMap((family) => {
        const link = containerAt(node, "datagram-link", family);
        const missing = link === undefined ? [] : words.filter((word) => !link.children.has(word));
        if (missing.length === 0) return [];
        const address = family === "inet" ? "127.0.0.1" : "::1";
        const example = missing.flatMap((word) => [word, word.endsWith("port") ? "20067" : address]);
        return [
          {
            severity: "error" as const,
            rule: "datagram-link-incomplete",
            path: `${path} datagram-link ${family}`,
            message: `${name} datagram-link ${family} lacks ${missing.join(" and ")}: datagrams need both ends`,
            remedy: `set ${path} datagram-link ${family} ${example.join(" ")}`,
          },
        ];
      }),
    ),
};
