import type { Metadata } from "next";
import { ImportPage } from "#features/imports/import-page.tsx";

export const metadata: Metadata = { title: "Import bindings" };

export default function Page() {
  return <ImportPage />;
}
