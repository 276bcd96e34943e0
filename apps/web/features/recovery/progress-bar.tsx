"use client";

import { formatCount, formatCountOf, formatSpan } from "#lib/format.ts";
import { useNowSeconds } from "#lib/now.ts";
import { isLess, type Progress } from "./progress.ts";
import classes from "./recovery.module.css";

/** How far a run or one of its servers is: a bar where the end is known, and in words. */
export function RecoveryProgress(props: {
  readonly progress: Progress;
  readonly label: string;
  /** Bindings are still arriving. */
  readonly moving: boolean;
}) {
  const { progress, moving } = props;
  const { percent } = progress;
  return (
    <div className={classes.progressCell}>
      {percent === null ? (
        moving && (
          <div className={classes.bar} role="progressbar" aria-label={props.label} data-unknown>
            <span />
          </div>
        )
      ) : (
        <div
          className={classes.bar}
          role="progressbar"
          aria-label={props.label}
          aria-valuemin={0}
          aria-valuemax={100}
          aria-valuenow={Math.floor(percent)}
          data-done={percent === 100 || undefined}
        >
          <span style={{ width: `${percent}%` }} />
        </div>
      )}
      <div className={classes.progressWords}>
        <span>
          {isLess(progress)
            ? `${formatCount(progress.received)} of ${formatCount(progress.expected ?? 0)}`
            : formatCountOf(progress.received, "binding")}
        </span>
        {moving && <Speed progress={progress} />}
      </div>
    </div>
  );
}

function Speed({ progress: { ratePerSecond, etaMs } }: { readonly progress: Progress }) {
  const now = useNowSeconds();
  const left = etaMs === null ? "" : `, ${formatSpan(Math.max(0, etaMs / 1000 - now))} left`;
  return (
    <span className={classes.dim}>
      {formatCount(Math.round(ratePerSecond))}/s{left}
    </span>
  );
}
