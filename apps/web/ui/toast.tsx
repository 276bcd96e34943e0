"use client";

import { notifications } from "@mantine/notifications";
import { describeError } from "#lib/errors.ts";

/** A short word that something is done. */
export function say(message: string): void {
  notifications.show({ message, withBorder: true, color: "green", closeButtonProps: { "aria-label": "Dismiss" } });
}

/** Something asked for did not happen, and why; stays until it is dismissed. */
export function complain(error: unknown, title = "Refused"): void {
  notifications.show({
    title,
    message: describeError(error).message,
    withBorder: true,
    color: "red",
    autoClose: false,
    role: "alert",
    closeButtonProps: { "aria-label": "Dismiss" },
  });
}
