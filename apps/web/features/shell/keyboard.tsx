"use client";

import { Kbd, Modal, useMantineColorScheme } from "@mantine/core";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { navigation } from "#lib/navigation.ts";
import { runPageShortcut, usePageShortcuts } from "#lib/page-shortcuts.ts";
import { generalShortcuts, readKey, type Shortcut } from "#lib/shortcuts.ts";
import { nextTheme } from "#ui/theme-choice.ts";
import { say } from "#ui/toast.tsx";
import classes from "./console.module.css";

/** Keys of the whole console and of the page on show, and the help that lists them (`?`). */
export function Keyboard() {
  const [help, setHelp] = useState(false);
  const router = useRouter();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const pendingSince = useRef<number | undefined>(undefined);

  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || isTyping(event.target) || isDialogOpen()) return;
      const meaning = readKey(event, pendingSince.current, event.timeStamp);
      if (meaning.kind === "none") return;
      pendingSince.current = meaning.kind === "pending" ? event.timeStamp : undefined;
      if (meaning.kind === "pending") return;
      if (meaning.kind === "go") {
        const entry = navigation.find((each) => each.key === meaning.key);
        if (entry) router.push(entry.href);
        return;
      }
      if (meaning.key === "?") setHelp(true);
      else if (meaning.key === "/") focusSearch();
      else if (meaning.key === "t") {
        const next = nextTheme(colorScheme);
        setColorScheme(next.value);
        say(`Theme: ${next.label}`);
      } else if (!runPageShortcut(meaning.key)) return;
      event.preventDefault();
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [router, colorScheme, setColorScheme]);

  return <Help opened={help} onClose={() => setHelp(false)} />;
}

function Help({ opened, onClose }: { readonly opened: boolean; readonly onClose: () => void }) {
  const ofPage = usePageShortcuts();
  const goTo = navigation.map((entry) => ({ keys: ["g", entry.key], does: `Go to ${entry.label}` }));
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      title="Keyboard"
      size="lg"
      closeButtonProps={{ "aria-label": "Close" }}
      data-testid="keyboard-help"
    >
      <table className={classes.help}>
        {ofPage.length > 0 && <Group title="On this page" shortcuts={ofPage} />}
        <Group title="Everywhere" shortcuts={generalShortcuts} />
        <Group title="Go to a page" shortcuts={goTo} />
      </table>
    </Modal>
  );
}

function Group({ title, shortcuts }: { readonly title: string; readonly shortcuts: readonly Shortcut[] }) {
  return (
    <tbody>
      <tr>
        <th colSpan={2} scope="rowgroup">
          {title}
        </th>
      </tr>
      {shortcuts.map((shortcut) => (
        <tr key={shortcut.does}>
          <td>
            {shortcut.keys.map((key, index) => (
              <span key={key}>
                {index > 0 && " "}
                <Kbd size="xs">{key}</Kbd>
              </span>
            ))}
          </td>
          <td>{shortcut.does}</td>
        </tr>
      ))}
    </tbody>
  );
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName);
}

/** Keys belong to an open dialog, drawer or menu alone. */
function isDialogOpen(): boolean {
  return document.querySelector('[role="dialog"][aria-modal="true"], [role="menu"]') !== null;
}

function focusSearch(): void {
  document.querySelector<HTMLElement>("main [data-search-field]")?.focus();
}
