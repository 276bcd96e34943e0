import {
  ActionIcon,
  Anchor,
  Badge,
  Button,
  Checkbox,
  type CSSVariablesResolver,
  createTheme,
  Drawer,
  type MantineColorsTuple,
  Menu,
  Modal,
  MultiSelect,
  NumberInput,
  PasswordInput,
  Pill,
  Popover,
  SegmentedControl,
  Select,
  Table,
  Tabs,
  Textarea,
  TextInput,
  Tooltip,
} from "@mantine/core";

const petrol: MantineColorsTuple = [
  "#e6f6f9",
  "#cfeaf0",
  "#a0d5e0",
  "#6fbfd0",
  "#48abc0",
  "#2b94ab",
  "#137c93",
  "#0b667b",
  "#085566",
  "#054250",
];

const dark: MantineColorsTuple = [
  "#dfe6e9",
  "#bcc7cd",
  "#98a6ae",
  "#6c7a83",
  "#3c4850",
  "#2a343b",
  "#1e272d",
  "#151c20",
  "#10161a",
  "#0b1013",
];

const compact = { defaultProps: { size: "xs" } };

/** Dense and calm: small controls, square corners, colour only where it carries meaning. */
export const theme = createTheme({
  primaryColor: "petrol",
  primaryShade: 7,
  colors: { petrol, dark },
  white: "#ffffff",
  black: "#16202a",
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif',
  fontFamilyMonospace:
    'ui-monospace, "SF Mono", "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
  fontSizes: { xs: "0.75rem", sm: "0.8125rem", md: "0.875rem", lg: "1rem", xl: "1.125rem" },
  lineHeights: { xs: "1.4", sm: "1.45", md: "1.5", lg: "1.5", xl: "1.5" },
  spacing: { xs: "0.5rem", sm: "0.75rem", md: "1rem", lg: "1.5rem", xl: "2rem" },
  defaultRadius: "sm",
  radius: { xs: "2px", sm: "3px", md: "4px", lg: "6px", xl: "8px" },
  headings: {
    fontWeight: "600",
    sizes: {
      h1: { fontSize: "1.125rem", lineHeight: "1.4" },
      h2: { fontSize: "0.9375rem", lineHeight: "1.4" },
      h3: { fontSize: "0.8125rem", lineHeight: "1.4" },
    },
  },
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    ActionIcon: ActionIcon.extend({ defaultProps: { variant: "subtle", color: "gray", size: "md" } }),
    Anchor: Anchor.extend({ defaultProps: { underline: "hover" } }),
    Badge: Badge.extend({ defaultProps: { radius: "sm", variant: "default" } }),
    Button: Button.extend(compact),
    Checkbox: Checkbox.extend(compact),
    Drawer: Drawer.extend({ defaultProps: { transitionProps: { duration: 120 } } }),
    Menu: Menu.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 80 } } }),
    Modal: Modal.extend({ defaultProps: { transitionProps: { duration: 100 }, centered: true } }),
    MultiSelect: MultiSelect.extend(compact),
    NumberInput: NumberInput.extend(compact),
    PasswordInput: PasswordInput.extend(compact),
    Pill: Pill.extend({ defaultProps: { size: "sm" } }),
    Popover: Popover.extend({ defaultProps: { shadow: "md", transitionProps: { duration: 80 } } }),
    SegmentedControl: SegmentedControl.extend({ defaultProps: { size: "xs", transitionDuration: 0 } }),
    Select: Select.extend(compact),
    Table: Table.extend({ defaultProps: { verticalSpacing: 6, horizontalSpacing: "sm", fz: "sm" } }),
    Tabs: Tabs.extend({ defaultProps: {} }),
    Textarea: Textarea.extend(compact),
    TextInput: TextInput.extend(compact),
    Tooltip: Tooltip.extend({ defaultProps: { openDelay: 250, multiline: true, maw: 360, withArrow: true } }),
  },
});

/** Mantine's dimmed and error texts are too pale on our surfaces for small print (WCAG AA, 4.5:1). */
export const cssVariablesResolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    "--mantine-color-text": "#16202a",
    "--mantine-color-dimmed": "#52606a",
    "--mantine-color-placeholder": "#66727b",
    "--mantine-color-error": "#b42318",
    "--mantine-color-anchor": "#0b667b",
    "--mantine-color-default-border": "#c9d2d8",
  },
  dark: {
    "--mantine-color-text": "#dfe6e9",
    "--mantine-color-dimmed": "#9cabb3",
    "--mantine-color-placeholder": "#8796a0",
    "--mantine-color-error": "#ff8b7d",
    "--mantine-color-anchor": "#6fc6d8",
    "--mantine-color-default-border": "#33404a",
  },
});
