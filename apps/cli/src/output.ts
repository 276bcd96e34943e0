/** Where the command line writes to. Tests collect it. */
export interface Output {
  stdout(text: string): void;
  stderr(text: string): void;
  /** Resolves when what was written has left, so that a slow reader holds us up instead of filling memory. */
  drained(): Promise<void>;
  /** Whether a person watches stderr, so that progress may be drawn over itself there. */
  readonly progressOnStderr: boolean;
}
