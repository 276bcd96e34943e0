/** As the API takes them. */
export const linesMax = 10_000;
/** Lines for which servers are asked in one call. */
export const askedAtOnce = 100;

/** Lines that hold something; a list on one line, separated by commas, semicolons or tabs, is taken apart too. */
export function linesOf(text: string): readonly string[] {
  return text
    .split(/[\r\n]+/)
    .flatMap((line) => (/[,;\t]/.test(line) && !line.includes("ascii:") ? line.split(/[,;\t]+/) : [line]))
    .map((line) => line.trim().replace(/^(["'])(.*)\1$/, "$2"))
    .filter((line) => line !== "");
}
