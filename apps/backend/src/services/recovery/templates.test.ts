import type { BulkStartInput, Principal, TemplateSaveInput } from "@leasewire/api";
import type { StoredTemplate } from "@leasewire/db";
import { expect, test } from "vitest";
import type { RunningBulkRun } from "../../engine-thread/messages.ts";
import { refusal, value } from "../answer.ts";
import type { Clock } from "../clock.ts";
import { TemplateServices } from "./templates.ts";

const who: Principal = { userId: "1", email: "a@example.net", name: "A", role: "operator", via: "session" };
const input: BulkStartInput = { family: 4, key: { kind: "relay-id" } };
const save = (name: string, more: Partial<TemplateSaveInput> = {}): TemplateSaveInput => ({
  name,
  input,
  everyMinutes: null,
  ...more,
});

/** Time that passes when it is told to. */
class VirtualClock implements Clock {
  ms = 1_000_000;
  #alarms = new Map<() => void, number>();
  now = () => this.ms;
  at(timeMs: number, wake: () => void) {
    this.#alarms.set(wake, timeMs);
    return () => void this.#alarms.delete(wake);
  }
  async pass(minutes: number) {
    this.ms += minutes * 60_000;
    for (const [wake, atMs] of [...this.#alarms]) {
      if (atMs > this.ms) continue;
      this.#alarms.delete(wake);
      wake();
    }
    for (let turn = 0; turn < 20; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

async function opened(kept = new Map<string, StoredTemplate>()) {
  const clock = new VirtualClock();
  const started: { id: string; startedBy: string; cause: string }[] = [];
  const audit: string[] = [];
  const engine = { refuse: false, running: false };
  const templates = new TemplateServices({
    node: "n",
    engine: {
      startBulkRun: async (id, _input, startedBy, cause) => {
        if (engine.refuse) return refusal("CONFLICT", "No server is configured.");
        started.push({ id, startedBy, cause });
        return value({ id, command: "request" } as RunningBulkRun);
      },
      bulkRun: async (id) => ({ id, finishedAtMs: engine.running ? null : 1 }) as RunningBulkRun,
    },
    store: {
      list: async () => [...kept.values()] as never,
      put: async (_node, template) => void kept.set(template.id, template),
      remove: async (_node, id) => kept.delete(id),
    },
    audit: (_who, action, subject, done) => audit.push(`${action} ${subject} ${done}`),
    auditRepetition: ({ name }, done) => audit.push(`repetition ${name} ${done}`),
    clock,
    onFault: (error) => {
      throw error;
    },
  });
  await templates.open();
  templates.start();
  return { templates, services: templates.services, clock, started, engine, audit, kept };
}

async function list({ services }: Awaited<ReturnType<typeof opened>>) {
  const answer = await services.list();
  if (!answer.ok) throw new Error(answer.refusal.message);
  return answer.value;
}

test("a template is repeated by its author's name; what was missed meanwhile is not made up for", async () => {
  const world = await opened();
  await world.services.save(who, save("often", { everyMinutes: 10 }));
  await world.clock.pass(9);
  expect(world.started).toEqual([]);
  await world.clock.pass(1);
  expect(world.started).toMatchObject([{ startedBy: "a@example.net", cause: "repetition" }]);
  await world.clock.pass(35);
  expect(world.started).toHaveLength(2);
  const [template] = await list(world);
  expect(template).toMatchObject({ lastRunId: world.started[1]!.id, lastRefusal: null });
  expect((template!.nextRunAtMs! - world.clock.ms) / 60_000).toBe(5);
  expect(world.audit).toEqual(["templates.save often true", "repetition often true", "repetition often true"]);
});

test("a repetition that is refused, or whose last run is still under way, says so and is tried at the next time", async () => {
  const world = await opened();
  await world.services.save(who, save("often", { everyMinutes: 10 }));
  world.engine.refuse = true;
  await world.clock.pass(10);
  expect((await list(world))[0]).toMatchObject({ lastRefusal: "No server is configured.", lastRunId: null });
  world.engine.refuse = false;
  await world.clock.pass(10);
  expect((await list(world))[0]?.lastRefusal).toBeNull();
  world.engine.running = true;
  await world.clock.pass(10);
  expect((await list(world))[0]?.lastRefusal).toBe("The run before it is still under way.");
  expect(world.started).toHaveLength(1);
});

test("after a restart repetitions go on; a new pace begins anew, an old one does not", async () => {
  const before = await opened();
  const saved = await before.services.save(who, save("often", { everyMinutes: 10 }));
  before.templates.stop();
  await before.clock.pass(60);
  expect(before.started).toEqual([]);
  const world = await opened(before.kept);
  await world.clock.pass(10);
  expect(world.started).toHaveLength(1);
  const id = saved.ok ? saved.value.id : "";
  const due = (await list(world))[0]!.nextRunAtMs;
  await world.services.save(who, save("renamed", { id, everyMinutes: 10 }));
  expect((await list(world))[0]).toMatchObject({ name: "renamed", nextRunAtMs: due });
  await world.services.save(who, save("renamed", { id }));
  expect((await list(world))[0]?.nextRunAtMs).toBeNull();
});

test("refused: two under one name, what is not there", async () => {
  const { services } = await opened();
  await services.save(who, save("one"));
  expect(await services.save(who, save("one"))).toMatchObject({ refusal: { code: "CONFLICT", field: "name" } });
  expect(await services.save(who, save("two", { id: "x" }))).toMatchObject({ refusal: { code: "NOT_FOUND" } });
  expect(await services.run(who, "x")).toMatchObject({ refusal: { code: "NOT_FOUND" } });
  expect(await services.remove(who, "x")).toMatchObject({ refusal: { code: "NOT_FOUND" } });
});
