import type { Finding } from "@leasewire/config";
import type { TransportError } from "@leasewire/transport";

/** The finding for a socket that cannot be opened for the relay or server at `path`: at the statement that mends it. */
export function listenFinding(path: string, { code, message }: TransportError): Finding {
  const [word, value] =
    code === "address-not-ours" || code === "address-invalid"
      ? (["listen-address", "ADDRESS"] as const)
      : (["listen-port", "PORT"] as const);
  return {
    severity: "error",
    rule: `listen-${code}`,
    path: `${path} ${word}`,
    message,
    remedy: `set ${path} ${word} ${value}`,
  };
}
