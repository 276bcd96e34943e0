import { Loader, Progress, Text } from "@mantine/core";
import classes from "./loading.module.css";

/** Shown while the first answer is awaited. */
export function Loading({ label = "Loading" }: { readonly label?: string }) {
  return (
    <div className={classes.root} role="status" aria-live="polite">
      <Loader size="xs" aria-hidden />
      <Text size="sm" c="dimmed">
        {label}…
      </Text>
    </div>
  );
}

/** Progress of something that takes a while: `value` of `max`, or moving without end while `max` is unknown. */
export function ProgressBar(props: { readonly label: string; readonly value?: number; readonly max?: number }) {
  const known = props.value !== undefined && props.max !== undefined && props.max > 0;
  const percent = known ? Math.round((100 * (props.value ?? 0)) / (props.max ?? 1)) : 100;
  return (
    <Progress.Root size="sm">
      <Progress.Section value={percent} animated={!known} aria-label={props.label} />
    </Progress.Root>
  );
}
