import { type ChildProcess, spawn } from "node:child_process";
import type { RelayRoute } from "@leasewire/engines";
import { formatIpv4, formatIpv6, type Ipv6Address, ipv4FromBytes } from "@leasewire/net";
import { engineThreadLimits } from "../limits.ts";

/** A route on its way to the system. */
export interface DeviceRoute extends Pick<RelayRoute, "kind" | "prefix" | "length" | "nextHop"> {
  /** Linux device. */
  readonly device: string;
  /** Linux VRF device. */
  readonly vrf: string | undefined;
}

export interface RouteTableParts {
  readonly onFault: (error: Error) => void;
  /** The program that takes commands a line; absent: `ip` of iproute2. */
  readonly program?: readonly string[];
}

/** Marks the routes in the system's tables as ours (`ip route show proto 67`). */
export const routeProtocol = 67;

/**
 * Routes to clients, given to the system by one `ip` process that reads commands as long as there are any: starting one for
 * each route would cost more than the lease. What it refuses is counted; where it ends it is started again.
 */
export class RouteTable {
  readonly #parts: RouteTableParts;
  #child: ChildProcess | null = null;
  #waiting: string[] = [];
  #restart: NodeJS.Timeout | null = null;
  #closed = false;
  written = 0;
  failed = 0;
  /** More than `routesWaitingMax` waited. */
  dropped = 0;
  restarts = 0;

  constructor(parts: RouteTableParts) {
    this.#parts = parts;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  put(route: DeviceRoute): void {
    if (this.#closed) return;
    if (this.#waiting.length >= engineThreadLimits.routesWaitingMax) {
      this.dropped += 1;
      return;
    }
    this.#waiting.push(commandOf(route));
    this.#pump();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#restart !== null) clearTimeout(this.#restart);
    const child = this.#child;
    if (child === null) return;
    const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));
    const impatience = setTimeout(() => child.kill(), engineThreadLimits.routesCloseMsMax);
    child.stdin?.end(this.#waiting.splice(0).join(""));
    await ended;
    clearTimeout(impatience);
  }

  /** Writes as much as the process takes; the rest when it has read that. */
  #pump(): void {
    if (this.#restart !== null || this.#waiting.length === 0) return;
    this.#child ??= this.#start();
    const { stdin } = this.#child;
    if (stdin === null || stdin.writableNeedDrain || !stdin.writable) return;
    const lines = this.#waiting;
    this.#waiting = [];
    this.written += lines.length;
    stdin.write(lines.join(""));
  }

  #start(): ChildProcess {
    const [command = "ip", ...words] = this.#parts.program ?? ["ip", "-force", "-batch", "-"];
    const child = spawn(command, words, { stdio: ["pipe", "ignore", "pipe"] });
    let partial = "";
    child.stderr?.setEncoding("utf8");
    child.stderr?.on("data", (text: string) => {
      const lines = (partial + text).split("\n");
      partial = (lines.pop() ?? "").slice(-errorLineMax);
      for (const line of lines) if (line.startsWith("Command failed")) this.failed += 1;
    });
    child.stdin?.on("drain", () => this.#pump());
    child.stdin?.on("error", () => {});
    child.once("error", (error) => this.#ended(child, error));
    child.once("close", () => this.#ended(child, null));
    return child;
  }

  #ended(child: ChildProcess, error: Error | null): void {
    if (this.#child !== child) return;
    this.#child = null;
    if (this.#closed) return;
    this.restarts += 1;
    if (error !== null) this.#parts.onFault(new Error(`Routes cannot be given to the system: ${error.message}`));
    this.#restart = setTimeout(() => {
      this.#restart = null;
      this.#pump();
    }, engineThreadLimits.routesRestartMs);
    this.#restart.unref();
  }
}

/** More of one line is not needed to know what it says. */
const errorLineMax = 1024;

function commandOf({ kind, prefix, length, nextHop, device, vrf }: DeviceRoute): string {
  const address = prefix.length === 16 ? formatIpv6(prefix as Ipv6Address) : formatIpv4(ipv4FromBytes(prefix));
  const destination = `${address}/${length}`;
  return [
    `route ${kind === "add" ? "replace" : "del"} ${destination}`,
    nextHop === undefined ? "" : ` via ${nextHop}`,
    ` dev ${device}`,
    vrf === undefined ? "" : ` vrf ${vrf}`,
    ` proto ${routeProtocol}\n`,
  ].join("");
}
