import type { CommandId } from "../grammar.ts";
import { clearBinding } from "./clear-binding.ts";
import {
  configureCheck,
  configureCommit,
  configureCompare,
  configureDiscard,
  configureHistory,
  configureLoad,
  configureRollback,
  configureShow,
} from "./configure.ts";
import type { CommandContext, ExitCode } from "./context.ts";
import { exportBindings, importBindings } from "./import.ts";
import { requestLeasequery } from "./request-leasequery.ts";
import {
  clearServerActiveStatistics,
  clearServerStatistics,
  requestReconfigure,
  requestRequestor,
  showPools,
  showRequestors,
  showServerActiveLeasequery,
  showServerStatistics,
} from "./server.ts";
import { showBinding } from "./show-binding.ts";
import { clearStatistics, showStatistics } from "./statistics.ts";

export const handlers: Readonly<Record<CommandId, (context: CommandContext) => Promise<ExitCode>>> = {
  "request-leasequery4": (context) => requestLeasequery(context, 4),
  "request-leasequery6": (context) => requestLeasequery(context, 6),
  "show-binding4": (context) => showBinding(context, 4, "relay"),
  "show-binding6": (context) => showBinding(context, 6, "relay"),
  "show-statistics4": (context) => showStatistics(context, 4),
  "show-statistics6": (context) => showStatistics(context, 6),
  "clear-binding4": (context) => clearBinding(context, 4, "relay"),
  "clear-binding6": (context) => clearBinding(context, 6, "relay"),
  "clear-statistics4": (context) => clearStatistics(context, 4),
  "clear-statistics6": (context) => clearStatistics(context, 6),
  "request-requestor4": (context) => requestRequestor(context, 4),
  "request-requestor6": (context) => requestRequestor(context, 6),
  "request-reconfigure": requestReconfigure,
  "show-server-binding4": (context) => showBinding(context, 4, "server"),
  "show-server-binding6": (context) => showBinding(context, 6, "server"),
  "show-server-statistics4": (context) => showServerStatistics(context, 4),
  "show-server-statistics6": (context) => showServerStatistics(context, 6),
  "show-server-active-leasequery4": (context) => showServerActiveLeasequery(context, 4),
  "show-server-active-leasequery6": (context) => showServerActiveLeasequery(context, 6),
  "show-server-pools4": (context) => showPools(context, 4),
  "show-server-pools6": (context) => showPools(context, 6),
  "show-server-requestors4": (context) => showRequestors(context, 4),
  "show-server-requestors6": (context) => showRequestors(context, 6),
  "clear-server-binding4": (context) => clearBinding(context, 4, "server"),
  "clear-server-binding6": (context) => clearBinding(context, 6, "server"),
  "clear-server-statistics4": (context) => clearServerStatistics(context, 4),
  "clear-server-statistics6": (context) => clearServerStatistics(context, 6),
  "clear-server-active-leasequery-statistics4": (context) => clearServerActiveStatistics(context, 4),
  "clear-server-active-leasequery-statistics6": (context) => clearServerActiveStatistics(context, 6),
  "import-bindings": importBindings,
  "export-bindings": exportBindings,
  "configure-load": configureLoad,
  "configure-check": configureCheck,
  "configure-compare": configureCompare,
  "configure-commit": configureCommit,
  "configure-rollback": configureRollback,
  "configure-discard": configureDiscard,
  "configure-show": configureShow,
  "configure-history": configureHistory,
};
