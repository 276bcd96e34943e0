import type { BindingHistoryEntry, LeasequeryRun, LeasequeryRunDetail } from "@leasewire/api";
import { EXPIRES_NEVER, parseBindingId } from "@leasewire/bindings";
import { type Database, DatabaseUnavailable, type HistoryEntry, openDatabase } from "@leasewire/db";
import { formatClientIdentifier, formatDuid, formatMac } from "@leasewire/net";
import { stateName } from "./engine-thread/binding-rows.ts";
import type { ConfigurationStore } from "./services/configuration-store.ts";
import type { Records } from "./services/records.ts";
import { StartFailure } from "./start-failure.ts";

export interface Stores {
  readonly database: Database;
  readonly records: Records;
  readonly configurationStore: ConfigurationStore;
}

/** Opens the database and brings its tables up to date; throws StartFailure where it cannot be used. */
export async function openStores(databaseUrl: string, dataDirectory: string, node: string): Promise<Stores> {
  let database: Database | null = null;
  try {
    database = await openDatabase({ url: databaseUrl, dataDirectory });
    await database.migrate();
    return { database, records: recordsOf(database, node), configurationStore: configurationStoreOf(database, node) };
  } catch (error) {
    await database?.close().catch(() => {});
    if (error instanceof DatabaseUnavailable) throw new StartFailure(`The database: ${error.message}`);
    throw error;
  }
}

function configurationStoreOf({ commits, candidate }: Database, node: string): ConfigurationStore {
  return {
    commits: (max) => commits.list(node, max),
    commit: (id) => commits.find(node, id),
    candidate: () => candidate.read(node),
    saveCandidate: (changed) => candidate.save(node, changed),
    addCommit: (commit, changed) => commits.add(node, commit, changed),
  };
}

function recordsOf(database: Database, node: string): Records {
  const { history, runs, audit } = database;
  return {
    async bindingHistory(bindingId, limit) {
      const key = parseBindingId(bindingId);
      if (!key.ok) return [];
      return (await history.forAddress({ node, ...key.value }, limit)).map(historyEntry);
    },
    run: (id) => runs.find<LeasequeryRunDetail>(node, id),
    runs: (limit, before) => runs.list<LeasequeryRun>(node, limit, before),
    addAudit: (entry, atMs) => audit.add(node, { ...entry, atMs }),
    audit: (limit, before) => audit.list(node, limit, before),
    ping: () => database.ping(),
  };
}

function historyEntry(entry: HistoryEntry): BindingHistoryEntry {
  const { family, expiresAtSeconds, hardwareAddress, clientId } = entry;
  const formatClient = family === 4 ? formatClientIdentifier : formatDuid;
  return {
    atSeconds: entry.atSeconds,
    sequence: entry.sequence,
    state: entry.state === null ? "REMOVED" : stateName(entry.state),
    hardwareAddress: hardwareAddress?.length ? formatMac(hardwareAddress) : null,
    clientId: clientId?.length ? formatClient(clientId) : null,
    expiresAt: expiresAtSeconds === 0 ? null : expiresAtSeconds === EXPIRES_NEVER ? "never" : expiresAtSeconds,
    cause: entry.cause,
  };
}
