import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { renderManual } from "./markdown.ts";

const manual = new URL("../../../docs/operating/cli.md", import.meta.url);

test("docs/operating/cli.md says what the grammar says", () => {
  if (process.env.UPDATE_GOLDEN) writeFileSync(manual, renderManual());
  expect(readFileSync(manual, "utf8")).toBe(renderManual());
});
