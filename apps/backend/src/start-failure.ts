/** The program cannot start: `message` is the one line the operator sees. What, where, and the remedy. */
export class StartFailure extends Error {
  override readonly name = "StartFailure";
}

/** The plain reason in an error of the system or of a library: its first line, without a stack and full stop, of bounded length. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const line = text
    .split("\n")
    .map((part) => part.trim())
    .find((part) => part !== "");
  return printable(line ?? "no reason was given")
    .slice(0, 300)
    .replace(/\.$/, "");
}

/** Control characters in a text would let its author write lines of his own into a log or onto a terminal. */
export function printable(text: string): string {
  return text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
}
