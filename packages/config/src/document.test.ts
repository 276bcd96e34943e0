import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { configurationReference } from "./document.ts";
import { schemaNodes } from "./schema/walk.ts";

const file = new URL("../../../docs/operating/configuration.md", import.meta.url);

test("docs/operating/configuration.md is current (UPDATE_DOCS=1 rewrites it)", () => {
  if (process.env.UPDATE_DOCS === "1") writeFileSync(file, configurationReference());
  expect(readFileSync(file, "utf8")).toBe(configurationReference());
});

test("every statement is explained", () => {
  const unexplained = schemaNodes().filter(({ help }) => help.length < 5);
  expect(unexplained).toEqual([]);
});
