import type { Metadata } from "next";
import { LeasequeryPage } from "#features/leasequery/leasequery-page.tsx";

export const metadata: Metadata = { title: "Leasequery" };

export default function Page() {
  return <LeasequeryPage />;
}
