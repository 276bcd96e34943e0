import { Title } from "@mantine/core";
import type { ReactNode } from "react";
import { BrandMark } from "#ui/brand-mark.tsx";
import { ThemeMenu } from "#ui/theme-menu.tsx";
import classes from "./entrance.module.css";

/** Frame of the pages before one is signed in. */
export function Entrance({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className={classes.root}>
      <div className={classes.theme}>
        <ThemeMenu />
      </div>
      <main className={classes.card}>
        <div className={classes.brand}>
          <BrandMark className={classes.mark} />
          <div>
            <Title order={1}>{title}</Title>
            <div className={classes.product}>Leasewire, DHCP leasequery</div>
          </div>
        </div>
        {children}
      </main>
    </div>
  );
}
