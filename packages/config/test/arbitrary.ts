import fc from "fast-check";
import { type BlockSchema, isAnonymous, type SchemaNode } from "../src/schema/node.ts";
import { ROOT_SCHEMA } from "../src/schema/root.ts";
import type { ValueType } from "../src/schema/value.ts";
import { writeWord } from "../src/text/tokens.ts";

const name = fc.constantFrom("a", "b", "core", "x-1", "Z_9.z");
const ipv4 = fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(255)).map(([a, b]) => `192.0.${a}.${b}`);
const ipv6 = fc.nat(0xffff).map((n) => `2001:db8::${n.toString(16)}`);
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 30 })
  .filter((value) => !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value) && value.isWellFormed());

function value(type: ValueType): fc.Arbitrary<string> {
  switch (type.kind) {
    case "flag":
      return fc.constant("");
    case "integer":
      return fc.integer({ min: type.min, max: type.max }).map(String);
    case "enum":
      return fc.constantFrom(...type.values.map((one) => one.value));
    case "ipv4":
      return ipv4;
    case "ipv6":
      return ipv6;
    case "ip":
      return fc.oneof(ipv4, ipv6);
    case "ipv4-prefix":
      return fc.constantFrom("192.0.2.0/24", "198.51.100.0/25");
    case "ipv6-prefix":
      return fc.constantFrom("2001:db8::/32", "2001:db8:1::/48");
    case "ipv4-interface":
      return ipv4.map((address) => `${address}/24`);
    case "ipv6-interface":
      return ipv6.map((address) => `${address}/64`);
    case "duid":
      return fc.uint8Array({ minLength: 3, maxLength: 20 }).map(hex);
    case "hex":
      return fc.uint8Array({ minLength: 1, maxLength: 20 }).map(hex);
    case "mac":
      return fc.uint8Array({ minLength: 6, maxLength: 6 }).map(hex);
    case "octets":
      return fc.uint8Array({ minLength: 2, maxLength: 20 }).map(hex);
    case "interface-name":
      return type.unit === "none"
        ? fc.constantFrom("ge-0/0/0", "ge-0/0/10", "xe-1", "inactive:")
        : fc.constantFrom("ge-0/0/0.1", "irb.10", "ps0.7");
    case "name":
      return name;
    case "text":
      return text.map((one) => one.slice(0, type.lengthMax)).filter((one) => one.isWellFormed());
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((octet) => octet.toString(16).padStart(2, "0")).join("");
}

/** Words of one statement that the schema allows, written as they have to be. */
export const statementWords: fc.Arbitrary<string[]> = wordsOf(ROOT_SCHEMA, 14);

function wordsOf(block: BlockSchema, depthMax: number): fc.Arbitrary<string[]> {
  return fc.constantFrom(...block.children).chain((child) => childWords(child, depthMax));
}

function childWords(child: SchemaNode, depthMax: number): fc.Arbitrary<string[]> {
  switch (child.kind) {
    case "leaf":
      return child.type.kind === "flag"
        ? fc.constant<string[]>([child.name])
        : value(child.type).map((one) => [child.name, writeWord(one)]);
    case "leaf-list":
      return value(child.type).map((one) => [child.name, writeWord(one)]);
    case "container": {
      const alone = fc.constant<string[]>([child.name]);
      if (child.children.length === 0) return alone;
      const inside = wordsOf(child, depthMax - 1).map((words) => [child.name, ...words]);
      return child.presence ? fc.oneof(alone, inside) : inside;
    }
    case "list": {
      const heads = value(child.key.type).map((key) =>
        isAnonymous(child) ? [writeWord(key)] : [child.name, writeWord(key)],
      );
      if (child.children.length === 0) return heads;
      return fc.oneof(
        heads,
        fc
          .tuple(
            heads,
            fc.constant(child).chain((one) => wordsOf(one, depthMax - 1)),
          )
          .map(([head, rest]) => [...head, ...rest]),
      );
    }
  }
}

/** Text of a whole configuration, some of it deactivated. */
export const configurationText: fc.Arbitrary<string> = fc
  .array(fc.tuple(statementWords, fc.nat(9), fc.nat(20)), { maxLength: 25 })
  .map((statements) =>
    statements
      .flatMap(([words, dice, cut]) => {
        const set = `set ${words.join(" ")}`;
        return dice === 0 ? [set, `deactivate ${words.slice(0, 1 + (cut % words.length)).join(" ")}`] : [set];
      })
      .join("\n"),
  );
