import type { Finding } from "@leasewire/config";
import { z } from "zod";

/** Largest configuration text taken, in characters. */
export const configurationTextLengthMax = 1_000_000;
const text = z.string().max(configurationTextLengthMax);

export const configurationLoadInput = z.object({
  text,
  /** `replace`: the text is the whole configuration. `apply`: its set and delete statements change the candidate. */
  mode: z.enum(["replace", "apply"]).default("replace"),
});

/** Text to look at instead of the candidate; it is not kept. */
export const configurationTextInput = z.object({ text: text.optional() });

export const configurationCompareInput = z.object({
  text: text.optional(),
  /** Compare with commit number N back (0 = active). */
  rollback: z.number().int().min(0).max(49).default(0),
});

export const configurationCommitInput = z.object({
  comment: z.string().max(512).optional(),
  /** `commit confirmed N`: reverts by itself after N minutes unless confirmed by another commit. */
  confirmedMinutes: z.number().int().min(1).max(65535).optional(),
});

export const configurationRollbackInput = z.object({ number: z.number().int().min(0).max(49) });

export interface ConfigurationCommit {
  /** 0 is the active configuration, 1 the one before it … */
  readonly number: number;
  readonly id: string;
  readonly atMs: number;
  readonly by: string;
  readonly comment: string | null;
  readonly via: "web" | "cli" | "first start" | "automatic rollback";
}

export interface ConfigurationView {
  /** `set` statements in canonical order. */
  readonly text: string;
  readonly braces: string;
  readonly commit: ConfigurationCommit | null;
  /** Set while a `commit confirmed` waits for its confirmation. */
  readonly confirmBeforeMs: number | null;
}

export interface CandidateView {
  readonly text: string;
  readonly changed: boolean;
  /** Who changed it last; null when it equals the active configuration. */
  readonly changedBy: string | null;
}

export interface CheckResult {
  /** True when there is no finding of severity error. */
  readonly ok: boolean;
  readonly findings: readonly Finding[];
}

export interface LoadResult extends CheckResult {
  readonly candidate: CandidateView;
}

export interface CompareResult {
  readonly diff: string;
  readonly added: readonly string[];
  readonly removed: readonly string[];
}

export interface CommitResult extends CheckResult {
  /** null when nothing was committed: findings say why. */
  readonly commit: ConfigurationCommit | null;
  readonly confirmBeforeMs: number | null;
}
