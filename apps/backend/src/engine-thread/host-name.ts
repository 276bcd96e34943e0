import type { Family } from "@leasewire/api";
import { formatOpaque } from "@leasewire/net";
import { decodeName, OptionCode4, OptionCode6, options4, options6, showName } from "@leasewire/wire";

/** Client FQDN of RFC 4702 §2.1: the name is in labels. */
const encodedFlag = 0x04;

/**
 * The name a client gave itself, printable; null where it gave none. v4: host name (12), else client FQDN (81); v6: client
 * FQDN (39). `options` are the kept options in wire form.
 */
export function hostName(family: Family, options: Uint8Array | undefined): string | null {
  if (options === undefined || options.length === 0) return null;
  return family === 4 ? hostName4(options) : hostName6(options);
}

function hostName4(area: Uint8Array): string | null {
  let fqdn: string | null = null;
  for (const { code, data } of options4(area)) {
    if (code === OptionCode4.hostName && data.length > 0) return formatOpaque(data);
    if (code !== OptionCode4.clientFqdn || data.length < 4) continue;
    fqdn = ((data[0] as number) & encodedFlag) !== 0 ? labels(data.subarray(3)) : formatOpaque(data.subarray(3));
  }
  return fqdn;
}

function hostName6(area: Uint8Array): string | null {
  for (const { code, data } of options6(area)) {
    if (code === OptionCode6.CLIENT_FQDN && data.length > 1) return labels(data.subarray(1));
  }
  return null;
}

/** A partial name lacks the root (RFC 4704 §4.2). */
function labels(name: Uint8Array): string {
  const terminated = new Uint8Array(name.length + 1);
  terminated.set(name);
  const read = decodeName(terminated, 0, false);
  return read.ok && read.value.name.length > 0 ? showName(read.value.name) : formatOpaque(name);
}
