import { formatIpv6, type Ipv6Address } from "@leasewire/net";
import { type Format, wrongLength } from "../format.ts";
import { queryTypeName6 } from "./codes.ts";
import type { Option6 } from "./encode.ts";
import { withOptions } from "./identity-association.ts";
import { decodeOptions6 } from "./option-area.ts";

/** Option 44 (RFC 5007 §4.1.2.1). */
export interface LqQuery6 {
  readonly queryType: number;
  /** `::` for all links; for QUERY_BY_LINK_ADDRESS the key. A view when decoded. */
  readonly linkAddress: Ipv6Address;
  readonly options: readonly Option6[];
}

export const lqQuery: Format<LqQuery6> = {
  nested: { kind: "options6", from: 17 },
  decode: (data) => {
    if (data.length < 17) return wrongLength(data, "at least 17 are needed");
    const options = decodeOptions6(data, 17);
    if (!options.ok) return options;
    return {
      ok: true,
      value: { queryType: data[0] as number, linkAddress: data.subarray(1, 17) as Ipv6Address, options: options.value },
    };
  },
  encode: ({ queryType, linkAddress, options }) => {
    const out = withOptions(17, options);
    out[0] = queryType;
    out.set(linkAddress, 1);
    return out;
  },
  show: ({ queryType, linkAddress }) =>
    `${queryTypeName6(queryType) ?? "query type"} (${queryType}), link-address ${formatIpv6(linkAddress)}`,
};
