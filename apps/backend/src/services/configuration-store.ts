import type { StoredCandidate, StoredCommit } from "@leasewire/db";

export type { StoredCandidate, StoredCommit };

/** Commits and candidate of this node, as `@leasewire/db` keeps them. */
export interface ConfigurationStore {
  /** Newest first, at most `max`. */
  commits(max: number): Promise<readonly StoredCommit[]>;
  commit(id: string): Promise<StoredCommit | null>;
  candidate(): Promise<StoredCandidate>;
  saveCandidate(candidate: StoredCandidate): Promise<void>;
  /** Both in one transaction: a commit that is there has its candidate with it. */
  addCommit(commit: StoredCommit, candidate: StoredCandidate): Promise<void>;
}
