import { formatIpv4, formatMac, formatOpaque } from "@leasewire/net";
import { describeOption, plainField, undecodable } from "../describe-value.ts";
import type { DescribedField } from "../format.ts";
import { describeNested } from "../v6/describe.ts";
import { broadcastFlag, OptionCode4, opName4 } from "./codes.ts";
import { decodeMessage4, type Message4 } from "./message.ts";
import { checkOptionArea4, nextOption4, type OptionInstance4, optionEnd4, options4 } from "./option-area.ts";
import { optionDefinition4 } from "./registry.ts";

/** Every field and option of a DHCPv4 message, in the order of the wire. `base` is added to every offset. */
export function describeMessage4(bytes: Uint8Array, base = 0, depth = 0): readonly DescribedField[] {
  const decoded = decodeMessage4(bytes);
  if (!decoded.ok) return describeBroken(bytes, base, depth, decoded.error.message);
  const message = decoded.value;
  return [
    ...describeHeader(message, base),
    ...describeInstances(message.options(), (code) => message.option(code), base, depth),
    ...describeEnd(message, base),
  ];
}

/** Options without a message around them, such as those kept with a binding. */
export function describeOptions4(area: Uint8Array): readonly DescribedField[] {
  const instances = [...options4(area)];
  const join = (code: number): Uint8Array => {
    const parts = instances.filter((instance) => instance.code === code).map(({ data }) => data);
    return parts.length === 1 ? (parts[0] as Uint8Array) : Uint8Array.from(parts.flatMap((part) => [...part]));
  };
  const fields = describeInstances(instances, join, 0, 0);
  const checked = checkOptionArea4(area, 0, area.length);
  if (checked.ok) return fields;
  return [...fields, undecodable(area.subarray(checked.error.offset), checked.error.offset, checked.error.message)];
}

function describeHeader(message: Message4, base: number): DescribedField[] {
  const { op, htype, hlen, flags, sname, file } = message;
  const fields = [
    plainField("op", `${opName4(op) ?? "unknown"} (${op})`, base, 1),
    plainField("htype", htype === 1 ? "Ethernet (1)" : String(htype), base + 1, 1),
    plainField("hlen", String(hlen), base + 2, 1),
    plainField("hops", String(message.hops), base + 3, 1),
    plainField("xid", `0x${message.xid.toString(16).padStart(8, "0")}`, base + 4, 4),
    plainField("secs", String(message.secs), base + 8, 2),
    plainField(
      "flags",
      `0x${flags.toString(16).padStart(4, "0")}${(flags & broadcastFlag) !== 0 ? " (broadcast)" : ""}`,
      base + 10,
      2,
    ),
    plainField("ciaddr", formatIpv4(message.ciaddr), base + 12, 4),
    plainField("yiaddr", formatIpv4(message.yiaddr), base + 16, 4),
    plainField("siaddr", formatIpv4(message.siaddr), base + 20, 4),
    plainField("giaddr", formatIpv4(message.giaddr), base + 24, 4),
    plainField("chaddr", hlen === 0 ? "none" : formatMac(message.chaddr), base + 28, 16),
    plainField("sname", (message.overload & 2) !== 0 ? "holds options" : formatOpaque(sname) || "none", base + 44, 64),
    plainField("file", (message.overload & 1) !== 0 ? "holds options" : formatOpaque(file) || "none", base + 108, 128),
    plainField("magic cookie", "DHCP", base + 236, 4),
  ];
  return fields;
}

/** A split value is decoded at its first instance; the others say that they go on from it. */
function describeInstances(
  instances: Iterable<OptionInstance4>,
  join: (code: number) => Uint8Array | undefined,
  base: number,
  depth: number,
): DescribedField[] {
  const fields: DescribedField[] = [];
  const seen = new Set<number>();
  for (const { code, data, offset } of instances) {
    const whole = { offset: base + offset, length: 2 + data.length };
    if (seen.has(code)) {
      const name = `${code} ${optionDefinition4(code)?.name ?? "unknown option"}`;
      fields.push({
        name,
        value: formatOpaque(data),
        ...whole,
        note: "continues the option of the same code (RFC 3396)",
      });
      continue;
    }
    seen.add(code);
    const value = join(code) ?? data;
    const field = describeOption(
      { code, data: value, offset: base + offset, headerLength: 2 },
      optionDefinition4(code),
      depth,
      describeNested,
    );
    fields.push(
      value.length === data.length
        ? field
        : { ...field, ...whole, note: field.note ?? "joined from several parts (RFC 3396)" },
    );
  }
  return fields;
}

function describeEnd(message: Message4, base: number): DescribedField[] {
  const [from, to] = message.areas()[0] as readonly [number, number];
  let at = from;
  for (let next = nextOption4(message.bytes, at, to); next >= 0; next = nextOption4(message.bytes, at, to))
    at = optionEnd4(message.bytes, next);
  const end = message.bytes.indexOf(OptionCode4.end, at);
  if (end < 0)
    return [{ ...plainField("end", "missing", base + to, 0), note: "the options do not end with option 255" }];
  const fields = [plainField("255 End", "", base + end, 1)];
  if (end + 1 < to) fields.push(plainField("padding", `${to - end - 1} octets`, base + end + 1, to - end - 1));
  return fields;
}

/** As many options as there are before the fault. */
function describeBroken(bytes: Uint8Array, base: number, depth: number, why: string): DescribedField[] {
  if (bytes.length < 240) return [undecodable(bytes, base, why)];
  const fields: DescribedField[] = [];
  let end = 240;
  for (const { code, data, offset } of options4(bytes, 240)) {
    fields.push(
      describeOption(
        { code, data, offset: base + offset, headerLength: 2 },
        optionDefinition4(code),
        depth,
        describeNested,
      ),
    );
    end = offset + 2 + data.length;
    if (fields.length >= 1_024) break;
  }
  return [
    undecodable(bytes.subarray(0, 240), base, why),
    ...fields,
    ...(end < bytes.length ? [undecodable(bytes.subarray(end), base + end, why)] : []),
  ];
}
