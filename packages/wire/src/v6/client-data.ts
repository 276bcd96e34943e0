import { inOption, type WireResult } from "../error.ts";
import { type Format, octetCount } from "../format.ts";
import { uint32 } from "../formats/numbers.ts";
import { duid } from "../formats/octet-strings.ts";
import { OptionCode6 } from "./codes.ts";
import { encodeOptions6, type Option6 } from "./encode.ts";
import { type IaAddress6, type IaPrefix6, iaAddress, iaPrefix } from "./identity-association.ts";
import { type LqRelayData6, lqRelayData } from "./lq-relay-data.ts";
import { checkOptionArea6, options6 } from "./option-area.ts";

/**
 * Option 45 (RFC 5007 §4.1.2.2): all that a server knows of one client on one link. A complete one has a DUID, an address or
 * prefix, and a CLT_TIME (§4.4.2); whether an incomplete one is used is for the requestor to decide (§4.3.3).
 */
export interface ClientData6 {
  readonly clientDuid?: Uint8Array;
  readonly addresses: readonly IaAddress6[];
  readonly prefixes: readonly IaPrefix6[];
  /** Option 46: seconds since the server's last exchange with the client. */
  readonly cltTimeSeconds?: number;
  readonly relayData?: LqRelayData6;
  /** Everything else, in order; a second option of a kind that has a field of its own included. */
  readonly options: readonly Option6[];
}

export const clientData: Format<ClientData6> = {
  nested: { kind: "options6", from: 0 },
  decode: decodeClientData,
  encode: (value) => {
    const options: Option6[] = [];
    if (value.clientDuid !== undefined) options.push({ code: OptionCode6.CLIENTID, data: value.clientDuid });
    for (const address of value.addresses) options.push({ code: OptionCode6.IAADDR, data: iaAddress.encode(address) });
    for (const prefix of value.prefixes) options.push({ code: OptionCode6.IAPREFIX, data: iaPrefix.encode(prefix) });
    if (value.cltTimeSeconds !== undefined)
      options.push({ code: OptionCode6.CLT_TIME, data: uint32.encode(value.cltTimeSeconds) });
    if (value.relayData !== undefined)
      options.push({ code: OptionCode6.LQ_RELAY_DATA, data: lqRelayData.encode(value.relayData) });
    return encodeOptions6([...options, ...value.options]);
  },
  show: (value) => octetCount(clientData.encode(value).length),
};

/** Reads through the area once: there may be thousands of addresses. */
function decodeClientData(data: Uint8Array): WireResult<ClientData6> {
  const checked = checkOptionArea6(data);
  if (!checked.ok) return checked;
  const addresses: IaAddress6[] = [];
  const prefixes: IaPrefix6[] = [];
  const options: Option6[] = [];
  let clientDuid: Uint8Array | undefined;
  let cltTimeSeconds: number | undefined;
  let relayData: LqRelayData6 | undefined;
  for (const option of options6(data)) {
    switch (option.code) {
      case OptionCode6.IAADDR: {
        const address = inOption(iaAddress.decode(option.data), option.code, "IAADDR", option.offset + 4);
        if (!address.ok) return address;
        addresses.push(address.value);
        continue;
      }
      case OptionCode6.IAPREFIX: {
        const prefix = inOption(iaPrefix.decode(option.data), option.code, "IAPREFIX", option.offset + 4);
        if (!prefix.ok) return prefix;
        prefixes.push(prefix.value);
        continue;
      }
      case OptionCode6.CLIENTID: {
        if (clientDuid !== undefined) break;
        const read = inOption(duid.decode(option.data), option.code, "CLIENTID", option.offset + 4);
        if (!read.ok) return read;
        clientDuid = read.value;
        continue;
      }
      case OptionCode6.CLT_TIME: {
        if (cltTimeSeconds !== undefined) break;
        const read = inOption(uint32.decode(option.data), option.code, "CLT_TIME", option.offset + 4);
        if (!read.ok) return read;
        cltTimeSeconds = read.value;
        continue;
      }
      case OptionCode6.LQ_RELAY_DATA: {
        if (relayData !== undefined) break;
        const read = inOption(lqRelayData.decode(option.data), option.code, "LQ_RELAY_DATA", option.offset + 4);
        if (!read.ok) return read;
        relayData = read.value;
        continue;
      }
    }
    options.push({ code: option.code, data: option.data });
  }
  return {
    ok: true,
    value: {
      ...(clientDuid === undefined ? {} : { clientDuid }),
      addresses,
      prefixes,
      ...(cltTimeSeconds === undefined ? {} : { cltTimeSeconds }),
      ...(relayData === undefined ? {} : { relayData }),
      options,
    },
  };
}
