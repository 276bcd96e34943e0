"use client";

import { Button, type ButtonProps, Tooltip, VisuallyHidden } from "@mantine/core";
import { type ReactNode, useId } from "react";
import type { Permission } from "#lib/permissions.ts";

type ActionButtonProps = Omit<ButtonProps, "disabled"> & {
  readonly permission: Permission;
  readonly onClick?: () => void;
  readonly type?: "button" | "submit";
  readonly children: ReactNode;
  readonly "data-testid"?: string;
};

/**
 * A button that knows whether it may be pressed. A refused one stays reachable by keyboard and says why, on hover, on
 * focus and to screen readers; a truly disabled button could not be asked.
 */
export function ActionButton({ permission, onClick, type = "button", children, ...rest }: ActionButtonProps) {
  const reasonId = useId();
  if (permission.allowed) {
    return (
      <Button {...rest} type={type} onClick={onClick}>
        {children}
      </Button>
    );
  }
  return (
    <>
      <Tooltip label={permission.reason} events={{ hover: true, focus: true, touch: true }}>
        <Button
          {...rest}
          type="button"
          data-disabled
          aria-disabled="true"
          aria-describedby={reasonId}
          onClick={(event) => event.preventDefault()}
        >
          {children}
        </Button>
      </Tooltip>
      <VisuallyHidden id={reasonId}>{permission.reason}</VisuallyHidden>
    </>
  );
}
