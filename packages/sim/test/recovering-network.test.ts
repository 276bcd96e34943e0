import { type Binding, BindingState } from "@leasewire/bindings";
import { formatIpv4, formatIpv6, ipv4FromBytes, ipv6FromBytes } from "@leasewire/net";
import { expect, test } from "vitest";
import { bindingsThrough, type Faults, faultless, gateways, RecoveringNetwork } from "./recovering-network.ts";

/**
 * Everything between households, relay agents and their server goes wrong that can: datagrams are lost, doubled, overtaken
 * and cut off, connections break inside messages and between them, both sides fall over, clocks are hours apart. Then the
 * households fall silent, so that nothing but leasequery can mend what the relay agents know.
 *
 * `SEEDS=5000 npm run test:seeds` runs thousands of histories; `RECOVERY_SEEDS=500 RECOVERY_SEED_FIRST=1000` a part of them;
 * `RECOVERY_SEED=1234 npx vitest run packages/sim/test/recovering-network.test.ts` replays one.
 */
const seedOf = process.env.RECOVERY_SEED;
const first = Number(process.env.RECOVERY_SEED_FIRST ?? 1);
const seeds =
  seedOf !== undefined
    ? [Number(seedOf)]
    : Array.from({ length: Number(process.env.RECOVERY_SEEDS ?? 8) }, (_, i) => first + i);

test("relay agents end up with what the server knows of their clients", { timeout: 3_600_000 }, () => {
  const failed: string[] = [];
  const seen = { lost: 0, duplicated: 0, truncated: 0, resets: 0, recovered: 0, compared: 0, goodbyes: 0 };
  for (const seed of seeds) {
    try {
      const { network, compared, goodbyes } = live(seed);
      for (const name of ["lost", "duplicated", "truncated", "resets", "recovered"] as const)
        seen[name] += network.counts[name];
      seen.compared += compared;
      seen.goodbyes += goodbyes;
    } catch (error) {
      failed.push(
        `RECOVERY_SEED=${seed} npx vitest run packages/sim/test/recovering-network.test.ts replays: ${(error as Error).message}`,
      );
    }
  }
  if (process.env.RECOVERY_SEEDS !== undefined) console.info(`${seeds.length} histories:`, JSON.stringify(seen));
  if (failed.length > 0)
    throw new Error(`${failed.length} of ${seeds.length} seeds failed\n${failed.slice(0, 10).join("\n")}`);
  if (seedOf !== undefined) return;
  // The histories are worth something only if all of it has happened.
  for (const [what, count] of Object.entries(seen))
    if (what !== "goodbyes") expect([what, count > 0]).toEqual([what, true]);
});

const storms: readonly Faults[] = [
  { loss: 0.1, duplication: 0.1, truncation: 0.05, delayMsMax: 1_500, reset: 0.1 },
  { loss: 0.3, duplication: 0, truncation: 0, delayMsMax: 50, reset: 0.3 },
  { loss: 0, duplication: 0.3, truncation: 0, delayMsMax: 4_000, reset: 0.05 },
  { loss: 0.05, duplication: 0.05, truncation: 0.3, delayMsMax: 200, reset: 0.02 },
];

function live(seed: number) {
  const network = new RecoveringNetwork({
    seed,
    faults: storms[seed % storms.length]!,
    households: 12,
    skewSeconds: [0, 7200, -7200, 36_000, -50_000][Math.floor(seed / storms.length) % 5]!,
  });
  for (let step = 0; step < 30; step += 1) {
    network.pass(network.below(40) + network.below(1000) / 1000);
    switch (network.below(10)) {
      case 0:
        network.restartServer();
        break;
      case 1:
        network.restartRelays(network.below(2) === 0);
        break;
      case 2:
        network.breakConnections();
        break;
      default:
        network.storeRelays();
    }
  }
  network.silent = true;
  network.faults = faultless;
  // The last word may be a crash.
  if (network.below(2) === 0) network.restartRelays(network.below(2) === 0);
  network.storeRelays();
  // Reconnects back off to a minute; a gap is filled within five.
  network.pass(400);
  network.storeRelays();
  network.pass(400);
  return { network, ...compare(network) };
}

function compare(network: RecoveringNetwork): { compared: number; goodbyes: number } {
  let compared = 0;
  let goodbyes = 0;
  const differences: string[] = [];
  for (const family of [4, 6] as const) {
    for (const { relayId, instance } of gateways) {
      const told = index(bindingsThrough(network.server[family], { relayId }));
      const held = index(bindingsThrough(network.relay[family], { instance }));
      for (const [address, at] of told) {
        const here = held.get(address);
        const isActive = at.state === BindingState.ACTIVE;
        if (!isActive) {
          if (here?.state === BindingState.ACTIVE) differences.push(`${address} of ${instance}: not ended`);
          continue;
        }
        compared += 1;
        const skew = network.skewSeconds;
        const heard = at.clientLastTransactionTimeSeconds - skew;
        if (here === undefined) {
          differences.push(`${address} of ${instance}: missing`);
        } else if (here.state !== BindingState.ACTIVE) {
          // A release on its way through the relay agent that the server never got: nobody will tell it.
          if (here.state === BindingState.RELEASED && here.clientLastTransactionTimeSeconds >= heard) goodbyes += 1;
          else differences.push(`${address} of ${instance}: state ${here.state}`);
        } else {
          const off = here.expiresAtSeconds - (at.expiresAtSeconds - skew);
          // Whole seconds of two clocks, and an answer that took its time.
          if (Math.abs(off) > 6) differences.push(`${address} of ${instance}: ends ${off} s off`);
          if (String(here.clientId) !== String(at.clientId))
            differences.push(`${address} of ${instance}: another client`);
          if (here.interfaceName === undefined) differences.push(`${address} of ${instance}: on no interface`);
          const late = here.clientLastTransactionTimeSeconds - heard;
          // A DHCPv6 message tells all leases of a client with the latest of their times (RFC 5007 §4.1.2.3).
          if (late < -6 || (family === 4 && late > 6))
            differences.push(`${address} of ${instance}: heard ${late} s off`);
        }
      }
      for (const [address, { state }] of held)
        if (state === BindingState.ACTIVE && !told.has(address))
          differences.push(`${address} of ${instance}: invented`);
    }
  }
  for (const { relay, phase } of [...network.recovery.streams.values()])
    if (phase !== "Active") differences.push(`stream of ${relay.instance} (${relay.family}): ${phase}`);
  if (differences.length > 0)
    throw new Error(`${differences.length} differences: ${differences.slice(0, 8).join("; ")}`);
  return { compared, goodbyes };
}

function index(bindings: readonly Binding[]): Map<string, Binding> {
  return new Map(bindings.map((one) => [`${text(one.address)}/${one.prefixLength}`, one]));
}

function text(address: Uint8Array): string {
  return address.length === 4 ? formatIpv4(ipv4FromBytes(address)) : formatIpv6(ipv6FromBytes(address));
}
