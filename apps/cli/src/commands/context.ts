import type { Client, Connection } from "../client.ts";
import type { Output } from "../output.ts";
import type { Arguments } from "../parse.ts";
import { safeJson } from "../safe-text.ts";

/** What each command gets to work with. */
export interface CommandContext {
  readonly client: Client;
  /** Where the client asks; for files, which go over HTTP as they are. */
  readonly connection: Connection;
  readonly arguments: Arguments;
  readonly json: boolean;
  readonly output: Output;
  /** Milliseconds since 1970. */
  now(): number;
  sleep(ms: number): Promise<void>;
  readFile(path: string): Promise<string>;
  /** Asks the person at the terminal, yes or no; null where there is none to ask. */
  readonly ask: ((question: string) => Promise<boolean>) | null;
  /** From now on the first interrupt aborts this signal instead of ending the program. */
  listenForInterrupt(): AbortSignal;
}

/** 0 done, 1 refused or failed. Usage errors (2) never get this far. */
export type ExitCode = 0 | 1;

export function printJson({ output }: CommandContext, value: unknown): void {
  output.stdout(`${safeJson(value, 2)}\n`);
}

/** Shows what the API answered: as JSON where that is asked for, otherwise as text. */
export function print<T>(context: CommandContext, value: T, render: (value: T) => string): 0 {
  if (context.json) printJson(context, value);
  else context.output.stdout(render(value));
  return 0;
}

/** Something a command refuses by itself, for the same reasons and in the same voice as the API. */
export class CommandRefusal extends Error {}
