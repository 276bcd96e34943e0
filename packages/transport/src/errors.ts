/** Why a socket could not be opened; `message` is a sentence with the remedy. */
export interface TransportError {
  readonly code:
    | "port-in-use"
    | "address-not-ours"
    | "permission"
    | "address-invalid"
    | "family-unavailable"
    | "descriptors-exhausted"
    | "device-unknown"
    | "addon-required"
    | "open-failed";
  readonly message: string;
}

/** Says what a failed bind means, from the system's code (`EADDRINUSE` …). `where` is `ADDRESS port N`. */
export function explainBindFailure(
  systemCode: string | undefined,
  where: string,
  port: number,
  device?: string,
): TransportError {
  switch (systemCode) {
    case "EADDRINUSE":
      return {
        code: "port-in-use",
        message: `Cannot listen on ${where}: another program uses it. Stop that program ("ss -ulpn" names it), or choose another listen-port.`,
      };
    case "EADDRNOTAVAIL":
      return {
        code: "address-not-ours",
        message: `Cannot listen on ${where}: this machine does not have the address. Correct listen-address, or add the address to an interface.`,
      };
    case "EACCES":
    case "EPERM":
      return {
        code: "permission",
        message:
          port < 1024
            ? `Cannot listen on ${where}: ports below 1024 need a privilege. Give the program CAP_NET_BIND_SERVICE, start it as root, or choose a listen-port of 1024 or above.`
            : `Cannot listen on ${where}: the operating system does not permit it. Check the security policy of the program.`,
      };
    case "EINVAL":
      return {
        code: "address-invalid",
        message: `Cannot listen on ${where}: the operating system does not take the address. Correct listen-address.`,
      };
    case "EAFNOSUPPORT":
      return {
        code: "family-unavailable",
        message: `Cannot listen on ${where}: the address family is switched off on this machine.`,
      };
    case "EMFILE":
    case "ENFILE":
      return {
        code: "descriptors-exhausted",
        message: `Cannot listen on ${where}: too many files and sockets are open. Raise the limit of open files.`,
      };
    case "ENODEV":
      return {
        code: "device-unknown",
        message: `Cannot listen on ${where}: this machine has no device ${device ?? "of that name"}. Correct the name ("ip link" lists them), or add the device.`,
      };
    default:
      return {
        code: "open-failed",
        message: `Cannot listen on ${where}: the operating system says ${systemCode ?? "no reason"}.`,
      };
  }
}

/** Why a datagram was not sent, as a clause: "error: …" can be put before it. */
export function explainSendFailure(systemCode: string | undefined, address: string): string {
  switch (systemCode) {
    case "ENETUNREACH":
      return `network unreachable: there is no route to ${address}`;
    case "EHOSTUNREACH":
      return `host unreachable: ${address} does not answer on its link`;
    case "ENETDOWN":
      return "network down: the interface is not up";
    case "EACCES":
    case "EPERM":
      return `not permitted: the operating system (perhaps a firewall) refuses to send to ${address}`;
    case "ENODEV":
      return "no such device: the interface is gone";
    case "EADDRNOTAVAIL":
      return "address not available: the listen-address is no longer on this machine";
    case "EINVAL":
      return `invalid argument: ${address} cannot be reached from the listen-address`;
    case "ENOBUFS":
    case "EAGAIN":
    case "ENOMEM":
      return "no buffer space: the machine is out of memory for packets";
    case "EMSGSIZE":
      return "message too long for the network";
    case "ECONNREFUSED":
      return `connection refused: nothing listens at ${address}`;
    default:
      return `the operating system says ${systemCode ?? "no reason"}`;
  }
}

/** The system's code of a failure (`EADDRINUSE` …), where it has one. */
export function systemCodeOf(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
