import { describe, expect, test } from "vitest";
import { Watched, type WatchedParts, type WatchedView } from "./watched.ts";

function world() {
  const asked: WatchedView[] = [];
  const told: [WatchedView, unknown][] = [];
  const faults: unknown[] = [];
  const open = new Map<WatchedView, number>();
  const state = { value: 1, fail: false };
  const ask = (view: WatchedView) => async () => {
    asked.push(view);
    if (state.fail) throw new Error("gone");
    return { ok: true, value: [state.value] };
  };
  const services = Object.fromEntries(
    (["pools", "connections", "guard", "imports"] as const).map((view) => [view, { list: ask(view) }]),
  ) as unknown as WatchedParts["services"];
  const watched = new Watched({
    services,
    watchers: (view) => open.get(view) ?? 0,
    tell: (view, value) => told.push([view, value]),
    onFault: (error) => faults.push(error),
  });
  return { watched, asked, told, faults, open, state };
}

describe("views that are watched", () => {
  test("nobody looks: nothing is asked", async () => {
    const { watched, asked, told } = world();
    await watched.look();
    expect([asked, told]).toEqual([[], []]);
  });

  test("told once, and again when it changes", async () => {
    const { watched, told, open, state } = world();
    open.set("pools", 1);
    await watched.look();
    await watched.look();
    expect(told).toEqual([["pools", [1]]]);
    state.value = 2;
    await watched.look();
    expect(told).toEqual([
      ["pools", [1]],
      ["pools", [2]],
    ]);
  });

  test("whoever looks again is told again", async () => {
    const { watched, told, open } = world();
    open.set("guard", 1);
    await watched.look();
    open.set("guard", 0);
    await watched.look();
    open.set("guard", 1);
    await watched.look();
    expect(told.length).toBe(2);
  });

  test("a fault is told and the next round goes on", async () => {
    const { watched, told, faults, open, state } = world();
    open.set("connections", 1);
    state.fail = true;
    await watched.look();
    state.fail = false;
    await watched.look();
    expect(faults.length).toBe(1);
    expect(told).toEqual([["connections", [1]]]);
  });
});
