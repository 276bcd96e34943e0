import { relayLevels, serverLevels } from "../instances.ts";
import { containerAt } from "../tree.ts";
import { levelName, pathText, type Rule, setAt } from "./rule.ts";

const words = ["certificate-file", "private-key-file", "ca-file"] as const;
const examples = {
  "certificate-file": "/etc/leasewire/server.pem",
  "private-key-file": "/etc/leasewire/server.key",
  "ca-file": "/etc/leasewire/ca.pem",
} as const;

/** Both ends prove who they are: a server that cannot check its requestors gives every binding to anyone, a relay agent believes anyone. */
export const tlsIncomplete: Rule = {
  name: "tls-incomplete",
  demands: "tls has certificate-file, private-key-file and ca-file.",
  source: "RFC 7724 §8.1, RFC 7653 §9.1",
  check: (tree) =>
    [...relayLevels(tree), ...serverLevels(tree)].flatMap((level) => {
      const tls = containerAt(level.node, "tls");
      if (tls === undefined) return [];
      const missing = words.filter((word) => !tls.children.has(word));
      if (missing.length === 0) return [];
      return [
        {
          severity: "error" as const,
          rule: "tls-incomplete",
          path: pathText(level, "tls"),
          message: `${levelName(level)} tls lacks ${missing.join(" and ")}: each end shows a certificate and checks the other's`,
          remedy: setAt(level, "tls", ...missing.flatMap((word) => [word, examples[word]])),
        },
      ];
    }),
};

/** The statement that names all three files. */
export const tlsExample = words.flatMap((word) => [word, examples[word]]).join(" ");
