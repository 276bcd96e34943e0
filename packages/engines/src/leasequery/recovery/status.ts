import type { Family } from "@leasewire/bindings";
import { formatOpaque } from "@leasewire/net";
import { StatusCode4, StatusCode6, statusCodeName4, statusCodeName6 } from "@leasewire/wire";

/** `NAME (CODE): TEXT`, printable. */
export function showStatus(family: Family, code: number, text: Uint8Array | undefined): string {
  const name = (family === 4 ? statusCodeName4(code) : statusCodeName6(code)) ?? "status";
  const said = text === undefined || text.length === 0 ? "" : `: ${formatOpaque(text)}`;
  return `${name} (${code})${said}`;
}

/** What a status means for whoever asked, as a sentence with the remedy. */
export function explainStatus(family: Family, code: number): string {
  if (family === 4) {
    switch (code) {
      case StatusCode4.MalformedQuery:
        return "The server does not understand the query.";
      case StatusCode4.NotAllowed:
        return "The server does not allow this relay to ask; permit it there.";
      case StatusCode4.QueryTerminated:
        return "The server ended the query before it was complete.";
      case StatusCode4.DataMissing:
        return "The server no longer knows every change since the time asked for.";
      case StatusCode4.TLSConnectionRefused:
        return "The server refuses TLS; give it certificates, or use insecure mode.";
      default:
        return "The server could not answer the query.";
    }
  }
  switch (code) {
    case StatusCode6.UnknownQueryType:
      return "The server does not support this kind of query; ask by another key.";
    case StatusCode6.MalformedQuery:
      return "The server does not understand the query.";
    case StatusCode6.NotConfigured:
      return "The address or link is not in the server's configuration.";
    case StatusCode6.NotAllowed:
      return "The server does not allow this relay to ask; permit it there.";
    case StatusCode6.QueryTerminated:
      return "The server ended the query before it was complete.";
    case StatusCode6.DataMissing:
      return "The server no longer knows every change since the time asked for.";
    case StatusCode6.NotSupported:
      return "The server has no active leasequery.";
    case StatusCode6.TLSConnectionRefused:
      return "The server refuses TLS; give it certificates, or use insecure mode.";
    default:
      return "The server could not answer the query.";
  }
}

/** A status as shown, and what it means, as sentences. */
export function sayStatus(family: Family, code: number, shown: string | null): string {
  const explanation = explainStatus(family, code);
  return shown === null ? explanation : `${shown}${/[.!?]$/.test(shown) ? "" : "."} ${explanation}`;
}

/** Whether asking again would bring the same. */
export function isFinal(family: Family, code: number): boolean {
  return family === 4
    ? code === StatusCode4.MalformedQuery || code === StatusCode4.NotAllowed
    : code === StatusCode6.UnknownQueryType ||
        code === StatusCode6.MalformedQuery ||
        code === StatusCode6.NotConfigured ||
        code === StatusCode6.NotAllowed ||
        code === StatusCode6.NotSupported;
}

export function isTerminated(family: Family, code: number): boolean {
  return code === (family === 4 ? StatusCode4.QueryTerminated : StatusCode6.QueryTerminated);
}
