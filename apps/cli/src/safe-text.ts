/**
 * Text from clients, servers and other people is hostile: written raw, an escape sequence in a host name could move the
 * cursor, retitle the terminal or paste a command. Everything that is not a plain visible character becomes `\u{…}`.
 */

// C0, DEL, C1; the marks that reorder or hide text; line and paragraph separators; halves of surrogate pairs.
const unsafe =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const unsafeExceptLayout = new RegExp(`(?![\\n\\t])(?:${unsafe.source})`, "g");

/** For one line: no line breaks, no tabs. */
export function safeLine(text: string): string {
  return text.replace(unsafe, escapeCharacter);
}

/** For whole texts such as a configuration: keeps line breaks and tabs. */
export function safeText(text: string): string {
  return text.replaceAll("\r\n", "\n").replace(unsafeExceptLayout, escapeCharacter);
}

/** JSON that is safe on a terminal and still means the same: JSON itself leaves DEL, C1 and the reordering marks raw. */
export function safeJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    unsafeExceptLayout,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function escapeCharacter(character: string): string {
  return `\\u{${character.charCodeAt(0).toString(16)}}`;
}
