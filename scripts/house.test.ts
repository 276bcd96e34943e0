import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";

// The rules of the house that the linters have no word for. Layers and undeclared imports are checked by
// `turbo boundaries`, clocks and I/O in pure packages by biome.

const root = path.dirname(import.meta.dirname);

/** `apps/web` and `apps/cli` run elsewhere: of the other packages they may only know the types, and the pure parts. */
const outside = { folders: ["apps/web", "apps/cli"], values: new Set(["@leasewire/net", "@leasewire/config"]) };
const pure = ["net", "wire", "bindings", "config", "engines", "leasefile", "sim"].map((name) => `packages/${name}`);

function valueImports(source: string): string[] {
  const found: string[] = [];
  for (const [, clause, from] of source.matchAll(
    /^\s*(?:import|export)\s+([^;"']*?)\s*from\s*["'](@leasewire\/[^"']+)["']/gms,
  )) {
    if (!/^type\b/.test(clause!)) found.push(from!);
  }
  for (const [, from] of source.matchAll(/\bimport\s*\(?\s*["'](@leasewire\/[^"']+)["']/g)) found.push(from!);
  return found;
}

const usesRandom = (source: string) => /\bMath\s*\.\s*random\b/.test(source);

function sources(folder: string, { tests }: { tests: boolean }): string[] {
  return readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|tsx|mjs)$/.test(entry.name))
    .filter((entry) => tests || (!/\.test\.tsx?$/.test(entry.name) && !/[\\/]test([\\/]|$)/.test(entry.parentPath)))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](node_modules|\.next|generated)[\\/]/.test(file));
}

describe("the rules notice a breach", () => {
  test.each([
    [`import { appRouter } from "@leasewire/api";`, ["@leasewire/api"]],
    [`import {\n  type AppRouter,\n  appRouter,\n} from "@leasewire/api";`, ["@leasewire/api"]],
    [`export { x } from "@leasewire/db";`, ["@leasewire/db"]],
    [`const x = await import("@leasewire/db");`, ["@leasewire/db"]],
    [`import type { AppRouter } from "@leasewire/api";`, []],
  ])("%s", (source, expected) => {
    expect(valueImports(source)).toEqual(expected);
  });

  test("randomness", () => expect(usesRandom("const a = Math.random()")).toBe(true));
});

describe("the house", () => {
  test.each(outside.folders)("%s takes only types from the packages, besides net and config", (folder) => {
    const breaches = sources(folder, { tests: false }).flatMap((file) =>
      valueImports(readFileSync(file, "utf8"))
        .filter((from) => !outside.values.has(from))
        .map((from) => `${path.relative(root, file)} imports ${from}`),
    );
    expect(breaches).toEqual([]);
  });

  test.each(pure)("%s draws no random numbers of its own", (folder) => {
    expect(sources(folder, { tests: false }).filter((file) => usesRandom(readFileSync(file, "utf8")))).toEqual([]);
  });
});
