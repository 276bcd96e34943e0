import type { Format } from "./format.ts";

/** What a registry says of an option code. */
export interface OptionDefinition<T = unknown> {
  /** For people, in the words of the RFC. */
  readonly name: string;
  readonly format: Format<T>;
}

export function define<T>(name: string, format: Format<T>): OptionDefinition<T> {
  return { name, format };
}

/** The type of value that a definition reads and writes. */
export type ValueOf<D> = D extends OptionDefinition<infer T> ? T : never;
