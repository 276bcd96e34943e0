import Link from "next/link";
import { EmptyState } from "#ui/empty-state.tsx";

export default function NotFound() {
  return (
    <main>
      <EmptyState
        title="There is no such page"
        action={
          <Link href="/" style={{ color: "var(--lw-accent)" }}>
            Go to the overview
          </Link>
        }
      >
        The address may be mistyped, or come from another version of Leasewire.
      </EmptyState>
    </main>
  );
}
