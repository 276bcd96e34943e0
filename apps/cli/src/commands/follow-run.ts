import type { CommandContext } from "./context.ts";

/** How a run of either kind is watched. */
export interface Followed<Run> {
  read(): Promise<Run>;
  cancel(): Promise<unknown>;
  /** Nothing about it is waited for any more. */
  done(run: Run): boolean;
  /** Its progress, drawn anew with every look. */
  render(run: Run): string;
  readonly pollPeriodMs: number;
}

/** Looks at a run until it is done, drawing its progress where somebody sees it; an interrupt cancels it. */
export async function followRun<Run>(context: CommandContext, followed: Followed<Run>): Promise<Run> {
  const { output } = context;
  const interrupted = context.listenForInterrupt();
  let cancelled = false;
  let drawnLines = 0;
  for (;;) {
    if (interrupted.aborted && !cancelled) {
      cancelled = true;
      // It may have ended in this very moment; then its outcome is shown all the same.
      await followed.cancel().catch(() => undefined);
    }
    const run = await followed.read();
    const done = followed.done(run);
    if (output.progressOnStderr) {
      const erase = drawnLines === 0 ? "" : `\u001b[${drawnLines}A\u001b[J`;
      const text = done ? "" : followed.render(run);
      output.stderr(erase + text);
      drawnLines = text.split("\n").length - 1;
    }
    if (done) return run;
    await context.sleep(followed.pollPeriodMs);
  }
}
