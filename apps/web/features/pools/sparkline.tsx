import classes from "./pools.module.css";

const width = 120;
const height = 26;

/** The share in use over the last hour, from 0 to 100 percent. */
export function Sparkline({ points, label }: { readonly points: readonly number[]; readonly label: string }) {
  if (points.length < 2) {
    return (
      <span className={classes.noTrend} title="The first points come within a minute.">
        not yet
      </span>
    );
  }
  const path = sparklinePath(points, width, height);
  return (
    <svg className={classes.sparkline} viewBox={`0 0 ${width} ${height}`} role="img" aria-label={label}>
      <path className={classes.sparkArea} d={`${path} L${width} ${height} L0 ${height} Z`} />
      <path className={classes.sparkLine} d={path} />
    </svg>
  );
}

/** A line through values from 0 to 100, evenly apart, in a box of that size; one unit stays free above and below. */
export function sparklinePath(points: readonly number[], boxWidth: number, boxHeight: number): string {
  const step = boxWidth / (points.length - 1);
  return points
    .map((value, index) => {
      const y = 1 + (boxHeight - 2) * (1 - Math.min(100, Math.max(0, value)) / 100);
      return `${index === 0 ? "M" : "L"}${round(index * step)} ${round(y)}`;
    })
    .join(" ");
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
