import type { Answer, Refusal } from "@leasewire/api";
import { ThreadGone } from "../threads/rpc.ts";

export function value<T>(result: T): { readonly ok: true; readonly value: T } {
  return { ok: true, value: result };
}

export function refusal(code: Refusal["code"], message: string, field?: string): { ok: false; refusal: Refusal } {
  return { ok: false, refusal: { code, message, field } };
}

/** Asks the engine thread; where it is gone, that is a refusal and not a fault of the caller's. */
export async function fromEngine<T>(ask: () => Promise<Answer<T>>): Promise<Answer<T>> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof ThreadGone)
      return refusal("UNAVAILABLE", "The engines are stopped; Leasewire is restarting. Try again in a few seconds.");
    throw error;
  }
}
