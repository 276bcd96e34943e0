import { scopesOf } from "../instances.ts";
import type { Rule } from "./rule.ts";

/** `default` is what an instance is called where no name is given. */
export const instanceNameReserved: Rule = {
  name: "instance-name-reserved",
  demands: "No logical system or routing instance is named default.",
  source: "Leasewire",
  check: (tree) =>
    scopesOf(tree)
      .filter(({ prefix }) => prefix[prefix.length - 1] === "default")
      .map(({ prefix }) => ({
        severity: "error" as const,
        rule: "instance-name-reserved",
        path: prefix.join(" "),
        message: `the name default is reserved for what is outside ${prefix[prefix.length - 2]}: choose another`,
        remedy: `delete ${prefix.join(" ")}`,
      })),
};
