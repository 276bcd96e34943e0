"use client";

import { Button, Kbd, Menu, Popover, Text, Tooltip, UnstyledButton } from "@mantine/core";
import { spotlight } from "@mantine/spotlight";
import { IconAlertTriangle, IconBell, IconChevronDown, IconLogout, IconSearch, IconUser } from "@tabler/icons-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { formatTimeMs } from "#lib/format.ts";
import { useLiveStatus, useLiveStream } from "#lib/live.tsx";
import { paths } from "#lib/paths.ts";
import { usePrincipal, useSignOut } from "#lib/session.ts";
import { BrandMark } from "#ui/brand-mark.tsx";
import { ThemeMenu } from "#ui/theme-menu.tsx";
import classes from "./console.module.css";
import { useAlarmEvents, useSystemInfo } from "./system-info.ts";

export function Header() {
  return (
    <header className={classes.header}>
      <Link href={paths.overview()} className={classes.brand} aria-label="Leasewire, overview">
        <BrandMark className={classes.brandMark} />
        <span>Leasewire</span>
      </Link>
      <NodeBadge />
      <div className={classes.space} />
      <button type="button" className={classes.search} onClick={() => spotlight.open()}>
        <IconSearch size={14} aria-hidden />
        <span className={classes.searchWords}>Go to, or look up…</span>
        <Kbd size="xs">Ctrl K</Kbd>
      </button>
      <LiveIndicator />
      <Alarms />
      <ThemeMenu />
      <UserMenu />
    </header>
  );
}

/** Which node answers, and whether the built-in lab runs on it. */
function NodeBadge() {
  const info = useSystemInfo().data;
  if (!info) return null;
  return (
    <div className={classes.node}>
      {info.lab && (
        <Tooltip label="The built-in lab is the active configuration: everything runs on this machine's loopback. Commit your own configuration to leave it.">
          <span className={classes.lab} data-testid="lab-badge">
            LAB
          </span>
        </Tooltip>
      )}
      <Tooltip label={`Node ${info.node}, database ${info.database}, up since ${formatTimeMs(info.startedAtMs)} UTC`}>
        <span className={classes.nodeName}>{info.node}</span>
      </Tooltip>
    </div>
  );
}

function LiveIndicator() {
  const stream = useLiveStream();
  const status = useLiveStatus();
  const since = formatTimeMs(status.sinceMs).slice(11);
  const words = {
    live: { text: "Live", detail: "", tip: `Changes arrive as they happen, since ${since} UTC.` },
    connecting: { text: "Connecting", detail: "", tip: "The stream of live changes is being opened." },
    reconnecting: {
      text: "Reconnecting",
      detail: ` · stale since ${since}`,
      tip: `What you see may be out of date since ${since} UTC. It is fetched again as soon as the backend answers.`,
    },
  }[status.phase];
  return (
    <>
      <Tooltip label={words.tip}>
        <span className={classes.live} data-phase={status.phase} data-testid="live-status" role="status">
          <span className={classes.liveDot} aria-hidden />
          <span>
            {words.text}
            <span className={classes.liveDetail}>{words.detail}</span>
          </span>
        </span>
      </Tooltip>
      {status.phase === "reconnecting" && (
        <Button variant="default" size="compact-xs" onClick={() => stream?.reconnect()}>
          Reconnect now
        </Button>
      )}
    </>
  );
}

/** What is wrong, and what to do about it. */
function Alarms() {
  useAlarmEvents();
  const alarms = useSystemInfo().data?.alarms ?? [];
  const severity = alarms.some((alarm) => alarm.severity === "critical")
    ? "critical"
    : alarms.length > 0
      ? "warning"
      : "none";
  const label = alarms.length === 0 ? "No alarms" : `${alarms.length} ${alarms.length === 1 ? "alarm" : "alarms"}`;
  return (
    <Popover width={420} position="bottom-end" trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={classes.alarms}
          data-severity={severity}
          data-testid="alarms"
          aria-label={label}
        >
          {alarms.length === 0 ? <IconBell size={16} aria-hidden /> : <IconAlertTriangle size={16} aria-hidden />}
          {alarms.length > 0 && <span>{label}</span>}
        </button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Alarms" tabIndex={-1} data-autofocus>
        {alarms.length === 0 ? (
          <Text size="sm">No alarms. Everything that reports its state is well.</Text>
        ) : (
          <ul className={classes.alarmList}>
            {alarms.map((alarm) => (
              <li key={alarm.text} className={classes.alarm} data-severity={alarm.severity}>
                <Text size="sm" fw={600}>
                  {alarm.severity === "critical" ? "Critical: " : "Warning: "}
                  {alarm.text}
                </Text>
                <Text size="sm">{alarm.remedy}</Text>
              </li>
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function UserMenu() {
  const principal = usePrincipal();
  const router = useRouter();
  const signOut = useSignOut();
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className={classes.alarms} aria-label={`${principal.name}, account`} data-testid="user-menu">
          <IconUser size={16} aria-hidden />
          <span className={classes.userName}>{principal.name}</span>
          <IconChevronDown size={13} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <span style={{ overflowWrap: "anywhere" }}>{principal.email}</span>
          <br />
          Role: {principal.role}
        </Menu.Label>
        <Menu.Item leftSection={<IconUser size={14} />} onClick={() => router.push(paths.settings())}>
          Settings
        </Menu.Item>
        <Menu.Item leftSection={<IconLogout size={14} />} onClick={() => void signOut()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
