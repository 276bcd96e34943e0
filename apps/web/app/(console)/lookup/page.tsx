import type { Metadata } from "next";
import { LookupPage } from "#features/lookup/lookup-page.tsx";

export const metadata: Metadata = { title: "Look-up" };

export default function Page() {
  return <LookupPage />;
}
