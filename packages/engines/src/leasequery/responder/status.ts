const encoder = new TextEncoder();

/** The text of a status option, for people: UTF-8 without NUL. */
export function statusText(text: string): Uint8Array {
  return encoder.encode(text);
}
