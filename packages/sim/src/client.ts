/** What the clients of both families are told alike. */
export type ClientInput<Message> =
  /** Switched on. */
  | { readonly kind: "start" }
  /** Switched off: says nothing to anybody, and what it holds runs out. */
  | { readonly kind: "stop" }
  /** Gives back what it holds, and is switched off. */
  | { readonly kind: "release" }
  /** From its relay. */
  | { readonly kind: "message"; readonly message: Message }
  /** Time passed: whatever is due is done. */
  | { readonly kind: "deadline" };

/** What became of a client: it holds something, for longer, no longer, or gave it back. */
export type ClientEvent = "bound" | "renewed" | "lost" | "released";
