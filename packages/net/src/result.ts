/**
 * Errors that come from input are values. `message` is a whole sentence for a person: what was refused, why, and how to mend it.
 * `code` is stable and precise enough to count by.
 */
export interface NetError {
  readonly code: string;
  readonly message: string;
}

export type Result<T, E = NetError> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: E };

export function ok<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function err<E>(error: E): { ok: false; error: E } {
  return { ok: false, error };
}

/** Refuses with a code and a sentence. */
export function refuse(code: string, message: string): { ok: false; error: NetError } {
  return { ok: false, error: { code, message } };
}

const quotedLengthMax = 48;

/**
 * Repeats a person's input inside a sentence. Input may be hostile or huge: what is not printable ASCII becomes `\u{…}`, and the
 * text is cut after 48 characters.
 */
export function quote(text: string): string {
  let out = "";
  let count = 0;
  for (const character of text) {
    if (count === quotedLengthMax) return `"${out}…"`;
    const code = character.codePointAt(0) ?? 0;
    out +=
      code < 0x20 || code > 0x7e || character === '"' || character === "\\" ? `\\u{${code.toString(16)}}` : character;
    count += 1;
  }
  return `"${out}"`;
}
