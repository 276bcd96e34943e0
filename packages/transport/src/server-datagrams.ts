import type { Result } from "@leasewire/net";
import { addon, addonAbsence } from "./addon.ts";
import { openBatched } from "./batched-datagrams.ts";
import type { DatagramEndpoint, DatagramHandlers, DatagramImplementation, ServerDatagrams } from "./datagrams.ts";
import type { TransportError } from "./errors.ts";
import { openPlain } from "./plain-datagrams.ts";

/** Opens the socket, batched where that is built, otherwise through node:dgram. */
export function openServerDatagrams(
  endpoint: DatagramEndpoint,
  handlers: DatagramHandlers,
): Promise<Result<ServerDatagrams, TransportError>> {
  const wanted = endpoint.implementation ?? implementationOfEnvironment();
  const native = wanted === "plain" ? null : addon();
  if (native !== null) return openBatched(native, endpoint, handlers);
  const absence = wanted === "plain" ? "LEASEWIRE_DATAGRAMS or the program asks for plain sockets" : addonAbsence();
  if (wanted === "batched") return Promise.resolve({ ok: false, error: addonMissing(endpoint, absence) });
  return openPlain(endpoint, handlers, absence);
}

function implementationOfEnvironment(): DatagramImplementation | undefined {
  const value = process.env.LEASEWIRE_DATAGRAMS;
  return value === "batched" || value === "plain" ? value : undefined;
}

function addonMissing(endpoint: DatagramEndpoint, absence: string): TransportError {
  return {
    code: "addon-required",
    message: `Cannot listen on ${endpoint.address ?? "every address"} port ${endpoint.port} with batched sockets: ${absence}.`,
  };
}
