import { formatIpv6 } from "@leasewire/net";
import { describeOption, plainField, undecodable } from "../describe-value.ts";
import type { DescribedField } from "../format.ts";
import { describeDepthMax } from "../limits.ts";
import { describeMessage4 } from "../v4/describe.ts";
import { isRelayMessageType6, messageTypeName6 } from "./codes.ts";
import { checkOptionArea6, options6 } from "./option-area.ts";
import { optionDefinition6 } from "./registry.ts";

/** Every field and option of a DHCPv6 message, relayed messages inside it included. `base` is added to every offset. */
export function describeMessage6(bytes: Uint8Array, base = 0, depth = 0): readonly DescribedField[] {
  const type = bytes[0];
  const headerLength = type !== undefined && isRelayMessageType6(type) ? 34 : 4;
  if (type === undefined || bytes.length < headerLength)
    return [undecodable(bytes, base, `a message of this type has at least ${headerLength} octets`)];
  const typeField = plainField("msg-type", `${messageTypeName6(type) ?? "unknown"} (${type})`, base, 1);
  const header =
    headerLength === 4
      ? [typeField, plainField("transaction-id", `0x${hex24(bytes)}`, base + 1, 3)]
      : [
          typeField,
          plainField("hop-count", String(bytes[1]), base + 1, 1),
          plainField("link-address", formatIpv6(bytes.subarray(2, 18)), base + 2, 16),
          plainField("peer-address", formatIpv6(bytes.subarray(18, 34)), base + 18, 16),
        ];
  return [...header, ...describeArea(bytes.subarray(headerLength), base + headerLength, depth)];
}

/** Options without a message around them, such as those kept with a binding. */
export function describeOptions6(area: Uint8Array): readonly DescribedField[] {
  return describeArea(area, 0, 0);
}

/** What stands inside an option's value. */
export function describeNested(
  kind: "options6" | "message6" | "message4",
  data: Uint8Array,
  base: number,
  depth: number,
): readonly DescribedField[] {
  if (depth >= describeDepthMax) return [undecodable(data, base, "nested too deeply to be shown")];
  switch (kind) {
    case "options6":
      return describeArea(data, base, depth);
    case "message6":
      return describeMessage6(data, base, depth);
    case "message4":
      return describeMessage4(data, base, depth);
  }
}

function describeArea(area: Uint8Array, base: number, depth: number): DescribedField[] {
  const fields: DescribedField[] = [];
  const checked = checkOptionArea6(area);
  const end = checked.ok ? area.length : checked.error.offset;
  for (const { code, data, offset } of options6(area, 0, end)) {
    fields.push(
      describeOption(
        { code, data, offset: base + offset, headerLength: 4 },
        optionDefinition6(code),
        depth,
        describeNested,
      ),
    );
  }
  if (!checked.ok) fields.push(undecodable(area.subarray(end), base + end, checked.error.message));
  return fields;
}

function hex24(bytes: Uint8Array): string {
  return [1, 2, 3].map((at) => (bytes[at] as number).toString(16).padStart(2, "0")).join("");
}
