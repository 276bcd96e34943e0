import { Anchor } from "@mantine/core";
import Link from "next/link";
import { EmptyState } from "#ui/empty-state.tsx";

export default function NotFound() {
  return (
    <main>
      <EmptyState
        title="There is no such page"
        action={
          <Anchor component={Link} href="/">
            Go to the overview
          </Anchor>
        }
      >
        The address may be mistyped, or come from another version of Leasewire.
      </EmptyState>
    </main>
  );
}
