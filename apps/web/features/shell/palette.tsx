"use client";

import { type MantineColorScheme, useMantineColorScheme } from "@mantine/core";
import { Spotlight, spotlight } from "@mantine/spotlight";
import { IconArrowRight, IconListSearch, IconLogout, IconSearch, IconSunMoon } from "@tabler/icons-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { lookups } from "#lib/lookup.ts";
import { furtherPlaces, navigation } from "#lib/navigation.ts";
import { useSignOut } from "#lib/session.ts";
import { themeChoices } from "#ui/theme-choice.ts";
import classes from "./console.module.css";

interface PaletteAction {
  readonly id: string;
  readonly label: string;
  readonly description?: string;
  readonly icon: ReactNode;
  readonly run: () => void;
}

interface PaletteGroup {
  readonly label: string;
  readonly actions: readonly PaletteAction[];
}

/** Ctrl K: go to a page, look something up, change the theme, sign out. */
export function Palette() {
  const [query, setQuery] = useState("");
  const router = useRouter();
  const signOut = useSignOut();
  const { setColorScheme } = useMantineColorScheme();

  const groups: readonly PaletteGroup[] = [
    {
      label: "Go to",
      actions: [...navigation, ...furtherPlaces]
        .map((entry) => ({
          id: entry.id,
          label: entry.label,
          description: entry.description,
          icon: <IconArrowRight size={16} />,
          run: () => router.push(entry.href),
        }))
        .filter((action) => contains(action.label, query)),
    },
    {
      label: "Look up",
      actions: lookups(query).map((lookup) => ({
        id: lookup.id,
        label: lookup.label,
        description: lookup.description,
        icon: <IconListSearch size={16} />,
        run: () => router.push(lookup.href),
      })),
    },
    {
      label: "Do",
      actions: [
        ...themeChoices.map((choice) => ({
          id: `theme-${choice.value}`,
          label: `Theme: ${choice.label}`,
          icon: <IconSunMoon size={16} />,
          run: () => setColorScheme(choice.value satisfies MantineColorScheme),
        })),
        { id: "sign-out", label: "Sign out", icon: <IconLogout size={16} />, run: () => void signOut() },
      ].filter((action) => contains(action.label, query)),
    },
  ];
  const shown = groups.filter((group) => group.actions.length > 0);

  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut="mod + K"
      scrollable
      maxHeight={460}
      size={620}
      centered={false}
      yOffset="14vh"
      overlayProps={{ backgroundOpacity: 0.4, blur: 0 }}
      attributes={{ content: { "aria-label": "Palette" } }}
      classNames={{ actionDescription: classes.paletteDescription }}
    >
      <Spotlight.Search
        placeholder="A page, an address, a MAC, a client identifier…"
        aria-label="Go to, or look up"
        leftSection={<IconSearch size={16} />}
      />
      <Spotlight.ActionsList>
        {shown.map((group) => (
          <Spotlight.ActionsGroup key={group.label} label={group.label}>
            {group.actions.map((action) => (
              <Spotlight.Action
                key={action.id}
                label={action.label}
                description={action.description}
                leftSection={action.icon}
                onClick={() => {
                  spotlight.close();
                  action.run();
                }}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {shown.length === 0 && <Spotlight.Empty>Nothing is called that.</Spotlight.Empty>}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

function contains(label: string, query: string): boolean {
  return label.toLowerCase().includes(query.trim().toLowerCase());
}
