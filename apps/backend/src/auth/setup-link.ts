import { createHash, randomBytes, timingSafeEqual } from "node:crypto";

/** The one-time link that makes the first administrator. Only its hash is kept, in memory: a restart makes a new one. */
export class SetupLink {
  #hash: Buffer | null = null;

  /** Makes the link's token; an earlier one is worth nothing from now on. */
  issue(): string {
    const token = randomBytes(32).toString("base64url");
    this.#hash = digest(token);
    return token;
  }

  matches(token: string): boolean {
    return this.#hash !== null && timingSafeEqual(digest(token), this.#hash);
  }

  used(): void {
    this.#hash = null;
  }
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
