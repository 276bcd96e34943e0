import { type FileHandle, open, rm } from "node:fs/promises";
import type { ImportRefusal } from "@leasewire/api";
import { importLimits } from "./limits.ts";

/** The refused rows of an import as a text file, one line each; nothing is made where none is refused. */
export class RefusedText {
  readonly path: string;
  #waiting = "";
  #octets = 0;
  #file: FileHandle | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** All is printable ASCII: it comes from the parsers so. */
  add({ line, message, text }: ImportRefusal): void {
    if (this.#octets > importLimits.refusedTextOctetsMax) return;
    const sentence = `line ${line}: ${message}${text === "" ? "" : ` | ${text}`}\n`;
    this.#octets += sentence.length;
    this.#waiting +=
      this.#octets > importLimits.refusedTextOctetsMax
        ? `The list is longer than ${importLimits.refusedTextOctetsMax} octets: further rows are only counted.\n`
        : sentence;
  }

  async flush(): Promise<void> {
    if (this.#waiting === "") return;
    this.#file ??= await open(this.path, "w", 0o600);
    const text = this.#waiting;
    this.#waiting = "";
    await this.#file.write(text);
  }

  async close(): Promise<void> {
    await this.flush().catch(() => {});
    await this.#file?.close();
    this.#file = null;
  }

  async remove(): Promise<void> {
    await rm(this.path, { force: true });
  }
}
