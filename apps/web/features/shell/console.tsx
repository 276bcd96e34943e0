"use client";

import { Center, Stack } from "@mantine/core";
import { usePathname, useRouter, useSearchParams } from "next/navigation";
import { type ReactNode, Suspense, useEffect } from "react";
import { LiveProvider } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { PrincipalContext, useSession } from "#lib/session.ts";
import { Loading } from "#ui/loading.tsx";
import { ErrorNotice } from "#ui/notice.tsx";
import classes from "./console.module.css";
import { Header } from "./header.tsx";
import { Keyboard } from "./keyboard.tsx";
import { Palette } from "./palette.tsx";
import { SideNavigation } from "./side-navigation.tsx";

/** The signed-in part of the site: nothing of it is shown before it is known who asks. */
export function Console({ children }: { readonly children: ReactNode }) {
  return (
    <Suspense fallback={<Opening />}>
      <SignedIn>{children}</SignedIn>
    </Suspense>
  );
}

function SignedIn({ children }: { readonly children: ReactNode }) {
  const session = useSession();
  const router = useRouter();
  const pathname = usePathname();
  const search = useSearchParams().toString();
  const nobody = session.data === null;

  useEffect(() => {
    if (nobody) router.replace(paths.signIn(search === "" ? pathname : `${pathname}?${search}`));
  }, [nobody, pathname, search, router]);

  if (session.data == null) {
    if (!session.isError) return <Opening />;
    return (
      <Center h="100dvh" p="md">
        <Stack maw={560}>
          <ErrorNotice error={session.error} onRetry={() => void session.refetch()} />
        </Stack>
      </Center>
    );
  }

  return (
    <PrincipalContext value={session.data}>
      <LiveProvider>
        <div className={classes.root}>
          <a className={classes.skip} href="#main">
            Skip to the page
          </a>
          <Header />
          <SideNavigation />
          <main id="main" tabIndex={-1} className={classes.main}>
            {children}
          </main>
        </div>
        <Palette />
        <Keyboard />
      </LiveProvider>
    </PrincipalContext>
  );
}

function Opening() {
  return (
    <Center h="100dvh">
      <Loading label="Opening Leasewire" />
    </Center>
  );
}
