import { formatHex, formatOpaque } from "@leasewire/net";
import type { DescribedField } from "./format.ts";
import { describeDepthMax } from "./limits.ts";
import type { OptionDefinition } from "./registry.ts";

/** Describes what stands inside a value: DHCPv6 options or a message. Handed down, since the two families refer to each other. */
export type DescribeNested = (
  kind: "options6" | "message6" | "message4",
  data: Uint8Array,
  base: number,
  depth: number,
) => readonly DescribedField[];

export interface OptionOctets {
  readonly code: number;
  readonly data: Uint8Array;
  /** Of the option's first octet, in the whole message. */
  readonly offset: number;
  readonly headerLength: number;
}

/** One option by its definition: its value in a line, its parts below. */
export function describeOption(
  option: OptionOctets,
  definition: OptionDefinition | undefined,
  depth: number,
  nested: DescribeNested,
): DescribedField {
  const { code, data, headerLength } = option;
  const field = {
    name: `${code} ${definition?.name ?? "unknown option"}`,
    offset: option.offset,
    length: headerLength + data.length,
  };
  if (definition === undefined) return { ...field, value: formatOpaque(data) };
  const { format } = definition;
  const dataOffset = option.offset + headerLength;
  if (depth >= describeDepthMax) return { ...field, value: formatOpaque(data), note: "nested too deeply to be shown" };
  const decoded = format.decode(data);
  if (!decoded.ok) return { ...field, value: formatOpaque(data), note: `undecodable: ${decoded.error.message}` };
  const children: DescribedField[] = [];
  for (const part of format.parts?.(data) ?? []) children.push({ ...part, offset: part.offset + dataOffset });
  if (format.nested !== undefined) {
    const { kind, from } = format.nested;
    children.push(...nested(kind, data.subarray(from), dataOffset + from, depth + 1));
  }
  return children.length === 0
    ? { ...field, value: format.show(decoded.value) }
    : { ...field, value: format.show(decoded.value), children };
}

/** What is left when decoding had to stop. */
export function undecodable(bytes: Uint8Array, offset: number, why: string): DescribedField {
  return { name: "undecodable", value: `0x${formatHex(bytes)}`, offset, length: bytes.length, note: why };
}

export function plainField(name: string, value: string, offset: number, length: number): DescribedField {
  return { name, value, offset, length };
}
