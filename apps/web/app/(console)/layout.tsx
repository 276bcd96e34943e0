import type { ReactNode } from "react";
import { Console } from "#features/shell/console.tsx";

export default function ConsoleLayout({ children }: { readonly children: ReactNode }) {
  return <Console>{children}</Console>;
}
