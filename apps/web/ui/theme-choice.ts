import type { MantineColorScheme } from "@mantine/core";

export const themeChoices: readonly { readonly value: MantineColorScheme; readonly label: string }[] = [
  { value: "light", label: "Light" },
  { value: "dark", label: "Dark" },
  { value: "auto", label: "As the system" },
];

/** The choice after this one, for the key that steps through them. */
export function nextTheme(scheme: MantineColorScheme): (typeof themeChoices)[number] {
  const index = themeChoices.findIndex((choice) => choice.value === scheme);
  return themeChoices[(index + 1) % themeChoices.length] as (typeof themeChoices)[number];
}
