import type { ReactNode } from "react";
import classes from "./page.module.css";

/** Frame of a page. `fill`: the page takes the height of the window and scrolls inside itself (large tables, editors). */
export function Page({ fill = false, children }: { readonly fill?: boolean; readonly children: ReactNode }) {
  return <div className={fill ? classes.fill : classes.flow}>{children}</div>;
}

/** A titled surface. */
export function Panel(props: {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Without inner padding: for tables that reach the edges. */
  readonly flush?: boolean;
  readonly labelledBy?: string;
}) {
  return (
    <section className={classes.panel} {...(props.labelledBy && { "aria-labelledby": props.labelledBy })}>
      {props.title !== undefined && (
        <div className={classes.panelHead}>
          <h2 className={classes.panelTitle} {...(props.labelledBy && { id: props.labelledBy })}>
            {props.title}
          </h2>
          {props.actions}
        </div>
      )}
      <div className={props.flush ? classes.panelFlush : classes.panelBody}>{props.children}</div>
    </section>
  );
}
