import type { Metadata } from "next";
import { BindingsPage } from "#features/bindings/bindings-page.tsx";

export const metadata: Metadata = { title: "Bindings" };

export default function Page() {
  return <BindingsPage />;
}
