"use client";

import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import type { ReactNode } from "react";

/** Asks before something that cannot be taken back. The button says what will happen, not “OK”. */
export function confirm(question: {
  readonly title: string;
  readonly body: ReactNode;
  readonly action: string;
  readonly dangerous?: boolean;
  readonly onConfirm: () => void;
}): void {
  modals.openConfirmModal({
    title: question.title,
    children: (
      <Text component="div" size="sm">
        {question.body}
      </Text>
    ),
    labels: { confirm: question.action, cancel: "Cancel" },
    ...(question.dangerous && { confirmProps: { color: "red.9" } }),
    closeButtonProps: { "aria-label": "Close" },
    onConfirm: question.onConfirm,
  });
}
