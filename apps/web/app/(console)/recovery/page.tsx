import type { Metadata } from "next";
import { RecoveryPage } from "#features/recovery/recovery-page.tsx";

export const metadata: Metadata = { title: "Recovery" };

export default function Page() {
  return <RecoveryPage />;
}
