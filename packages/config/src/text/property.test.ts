import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { configurationText, statementWords } from "../../test/arbitrary.ts";
import { checkConfiguration } from "../check.ts";
import { compareConfigurations, compareStatements, patchStatements } from "../compare.ts";
import { completions } from "../completions.ts";
import { localServerConfigurations, relayConfigurations } from "../effective.ts";
import { printBraces } from "../print-braces.ts";
import { printSet } from "../print-set.ts";
import { type ConfigTree, EMPTY_TREE } from "../tree.ts";
import { applyStatements, parseConfiguration } from "./parse.ts";

/** A valid tree: lines that the schema refuses, such as a deactivate of a heading, are left out. */
function treeOf(text: string): ConfigTree {
  let tree = EMPTY_TREE;
  for (const line of text.split("\n")) tree = applyStatements(tree, line).tree;
  return tree;
}

const trees = configurationText.map(treeOf);

describe("for every configuration", () => {
  test("what is printed as set statements reads back the same", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const text = printSet(tree);
        const again = parseConfiguration(text);
        expect(again.findings).toEqual([]);
        expect(again.tree).toEqual(tree);
        expect(printSet(again.tree)).toBe(text);
      }),
      { numRuns: 400 },
    );
  });

  test("so does what is printed in curly braces", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        const again = parseConfiguration(printBraces(tree));
        expect(again.findings).toEqual([]);
        expect(printSet(again.tree)).toBe(printSet(tree));
      }),
      { numRuns: 400 },
    );
  });

  test("a patch leads from any to any other, and compare is empty only for equals", () => {
    fc.assert(
      fc.property(trees, trees, (from, to) => {
        const patched = applyStatements(from, patchStatements(from, to));
        expect(patched.findings).toEqual([]);
        expect(printSet(patched.tree)).toBe(printSet(to));
        const same = printSet(from) === printSet(to);
        expect(compareConfigurations(from, to) === "").toBe(same);
        if (same) expect(compareStatements(from, to)).toEqual({ added: [], removed: [] });
      }),
      { numRuns: 400 },
    );
  });

  test("check, typed views and printers take it", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        for (const finding of checkConfiguration(tree)) expect(finding.message.length).toBeGreaterThan(10);
        relayConfigurations(tree);
        localServerConfigurations(tree);
      }),
      { numRuns: 300 },
    );
  });

  test("remedies are statements that can be read", () => {
    fc.assert(
      fc.property(trees, (tree) => {
        for (const { remedy, rule } of checkConfiguration(tree)) {
          if (remedy === undefined) continue;
          const { findings } = applyStatements(tree, remedy);
          expect(findings, `${rule}: ${remedy}`).toEqual([]);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("no text throws", () => {
  const swallow = (text: string): void => {
    const { tree, findings } = parseConfiguration(text);
    for (const finding of findings) {
      if (finding.line !== undefined) expect(finding.column).toBeGreaterThanOrEqual(1);
    }
    if (findings.some(({ severity }) => severity === "error")) expect(tree).toBe(EMPTY_TREE);
    completions(tree, text.split("\n")[0] ?? "");
  };

  test("arbitrary strings", () => {
    fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 300 }), swallow), { numRuns: 1500 });
  });

  test("strings of what matters to the reader", () => {
    const unit = fc.constantFrom(
      ...'{}[];#"\\\n\r\t /*.:',
      "set ",
      "delete ",
      "deactivate ",
      "inactive: ",
      "system ",
      "host-name ",
      "interfaces ",
      "forwarding-options ",
      "dhcp-relay ",
      "__proto__ ",
      "constructor ",
      "<name> ",
      "\u0000",
      "\ud800",
    );
    fc.assert(
      fc.property(
        fc.array(unit, { maxLength: 60 }).map((parts) => parts.join("")),
        swallow,
      ),
      {
        numRuns: 3000,
      },
    );
  });

  test("mutated statements", () => {
    const mutated = fc
      .tuple(statementWords, fc.nat(), fc.nat(), fc.string({ unit: "binary", maxLength: 3 }))
      .map(([words, at, length, insert]) => {
        const text = `set ${words.join(" ")}`;
        const start = at % (text.length + 1);
        return text.slice(0, start) + insert + text.slice(start + (length % 4));
      });
    fc.assert(fc.property(mutated, swallow), { numRuns: 3000 });
  });
});
