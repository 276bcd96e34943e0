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
import { requestLeasequery } from "./request-leasequery.ts";
import { showBinding } from "./show-binding.ts";
import { clearStatistics, showStatistics } from "./statistics.ts";

export const handlers: Readonly<Record<CommandId, (context: CommandContext) => Promise<ExitCode>>> = {
  "request-leasequery4": (context) => requestLeasequery(context, 4),
  "request-leasequery6": (context) => requestLeasequery(context, 6),
  "show-binding4": (context) => showBinding(context, 4),
  "show-binding6": (context) => showBinding(context, 6),
  "show-statistics4": (context) => showStatistics(context, 4),
  "show-statistics6": (context) => showStatistics(context, 6),
  "clear-binding4": (context) => clearBinding(context, 4),
  "clear-binding6": (context) => clearBinding(context, 6),
  "clear-statistics4": (context) => clearStatistics(context, 4),
  "clear-statistics6": (context) => clearStatistics(context, 6),
  "configure-load": configureLoad,
  "configure-check": configureCheck,
  "configure-compare": configureCompare,
  "configure-commit": configureCommit,
  "configure-rollback": configureRollback,
  "configure-discard": configureDiscard,
  "configure-show": configureShow,
  "configure-history": configureHistory,
};
