"use client";

import { ActionIcon, type MantineColorScheme, Menu, useMantineColorScheme } from "@mantine/core";
import { IconCheck, IconDeviceDesktop, IconMoon, IconSun } from "@tabler/icons-react";
import { themeChoices } from "./theme-choice.ts";

const icons: Readonly<Record<MantineColorScheme, typeof IconSun>> = {
  light: IconSun,
  dark: IconMoon,
  auto: IconDeviceDesktop,
};

/** Light, dark, or as the system has it; kept in this browser. */
export function ThemeMenu() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Menu position="bottom-end" width={180}>
      <Menu.Target>
        <ActionIcon size="lg" aria-label="Theme" data-testid="theme-menu">
          <IconSun size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {themeChoices.map((choice) => {
          const Icon = icons[choice.value];
          return (
            <Menu.Item
              key={choice.value}
              leftSection={<Icon size={14} />}
              rightSection={choice.value === colorScheme && <IconCheck size={14} aria-label="chosen" />}
              onClick={() => setColorScheme(choice.value)}
            >
              {choice.label}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}
