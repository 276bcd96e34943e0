import { readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import path from "node:path";
import type { SystemInfo } from "@leasewire/api";
import { formatFinding, hasErrors } from "@leasewire/config";
import { Alarms } from "./alarms.ts";
import { createAuth } from "./auth/auth.ts";
import { createAuthenticate } from "./auth/caller.ts";
import { SetupLink } from "./auth/setup-link.ts";
import { SignInLimit } from "./auth/sign-in-limit.ts";
import { openDataDirectory } from "./data-directory.ts";
import type { EngineEvent } from "./engine-thread/messages.ts";
import { createApiRoutes } from "./http/api-routes.ts";
import { createAuthRoutes } from "./http/auth-routes.ts";
import { createImportRoutes } from "./http/import-routes.ts";
import { createMetrics } from "./http/metrics.ts";
import { createPages } from "./http/pages.ts";
import { createHttpServer, formatListen, listen } from "./http/server.ts";
import { Imports } from "./import/imports.ts";
import { createLab } from "./lab/lab.ts";
import type { Log } from "./log.ts";
import { Readiness } from "./readiness.ts";
import { createRealtime } from "./realtime/realtime.ts";
import { auditOf, type NewAuditEntry } from "./services/audit.ts";
import { type Clock, systemClock } from "./services/clock.ts";
import { ConfigurationService, labComment } from "./services/configuration.ts";
import { refusingWhileDatabaseIsDown } from "./services/database-faults.ts";
import { createServices } from "./services/index.ts";
import { oneAtATime } from "./services/one-at-a-time.ts";
import { People } from "./services/people.ts";
import { PoolHistoryBook } from "./services/pool-history.ts";
import { PoolSampler } from "./services/pool-sampler.ts";
import { RecoveryBook } from "./services/recovery/book.ts";
import { createLabServices } from "./services/recovery/lab.ts";
import { createLookupServices } from "./services/recovery/look-ups.ts";
import { createRecoveryRuns } from "./services/recovery/runs.ts";
import { createStreamServices } from "./services/recovery/streams.ts";
import { TemplateServices } from "./services/recovery/templates.ts";
import { createServed } from "./services/served.ts";
import { Watched } from "./services/watched.ts";
import { programVersion, type Settings } from "./settings.ts";
import { reasonOf, StartFailure } from "./start-failure.ts";
import { openStores } from "./stores.ts";
import { startThreads, type Threads, type ThreadsParts } from "./threads/workers.ts";

/** /readyz waits this long for the database. */
const databaseAnswerMsMax = 2_000;
/** Open requests get this long to finish when the program stops. */
const drainMsMax = 2_000;

export interface ProgramParts {
  readonly settings: Settings;
  readonly log: Log;
  /** Lines for the person at the terminal. */
  readonly print: (line: string) => void;
  /** The program cannot go on; whoever supervises it starts it again. */
  readonly onFatal: (reason: string) => void;
  readonly clock?: Clock;
  readonly startThreads?: (parts: ThreadsParts) => Threads;
}

export interface Program {
  readonly url: string;
  readonly port: number;
  stop(): Promise<void>;
}

/**
 * Puts the program together, from the data directory to the listening port. Throws StartFailure, and leaves nothing
 * behind, when that is not possible. Restoring bindings and opening the engines' sockets goes on after it resolves:
 * /readyz says when that is done.
 */
export async function startProgram(parts: ProgramParts): Promise<Program> {
  const { settings, log, print } = parts;
  const clock = parts.clock ?? systemClock;
  const now = () => clock.now();
  const startedAtMs = now();
  const undo: (() => Promise<void> | void)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) {
      await Promise.resolve(step()).catch((error: unknown) =>
        log.warn({ reason: reasonOf(error) }, "a part did not stop cleanly"),
      );
    }
  };

  try {
    const dataDirectory = openDataDirectory(settings.dataDirectory);
    undo.push(() => dataDirectory.release());
    const stores = await openStores(settings.databaseUrl, settings.dataDirectory, settings.node);
    const { database, records, configurationStore } = stores;
    undo.push(() => database.close());

    const alarms = new Alarms();
    const readiness = new Readiness({
      restore: "The bindings are being restored from the database.",
      configuration: "The configuration is not in force yet.",
    });
    const auditInOrder = oneAtATime();
    const audit = (entry: NewAuditEntry) =>
      void auditInOrder(() => records.addAudit(entry, now())).catch((error: unknown) =>
        log.error({ part: "audit", entry, reason: reasonOf(error) }, "an audit entry could not be stored"),
      );
    undo.push(() => auditInOrder(async () => {}));

    const { publicUrl } = settings;
    const urlWith = (port: number) =>
      publicUrl?.origin ?? `http://${formatListen(reachableHost(settings.listen.host), port)}`;
    const auth = createAuth({
      database,
      secret: dataDirectory.secret,
      origin: urlWith(settings.listen.port),
      publicUrl,
      log,
    });
    const authenticate = createAuthenticate(database, auth, now);
    const setupLink = new SetupLink();
    const realtime = createRealtime({
      authenticate,
      publicUrl,
      log,
      alarmCount: () => alarms.list().length,
    });
    alarms.onChange((count) => realtime.alarms(count));
    const sessionsChanged = (userId: string) => void realtime.recheckUser(userId);
    const people = new People({ database, auth, setupLink, audit, now, credentialsChanged: sessionsChanged });

    const book = new RecoveryBook({
      node: settings.node,
      store: database.recovery,
      tellRun: (run) => realtime.recovery(run),
      tellStream: (stream) => realtime.stream(stream),
      now,
      onFault: (error) =>
        log.warn({ part: "recovery", reason: reasonOf(error) }, "what is known of bulk runs could not be stored"),
    });
    undo.push(() => book.stop());
    const restored = Promise.withResolvers<void>();
    const threads = (parts.startThreads ?? startThreads)({
      databaseUrl: settings.databaseUrl,
      node: settings.node,
      secret: dataDirectory.secret,
      onEvent: onEngineEvent,
      onGone: (name, reason) => {
        alarms.raise("thread", {
          severity: "critical",
          text: `The ${name.replace("-", " ")} ended.`,
          remedy: "Leasewire stops and is started again by its supervisor; the log says why.",
        });
        parts.onFatal(`the ${name.replace("-", " ")} ended: ${reason}`);
      },
    });
    undo.push(() => threads.stop());

    const lab = createLab({
      facts: {
        read: (key) => database.meta.fact(settings.node, key),
        write: (key, text) => database.meta.setFact(settings.node, key, text),
      },
      log,
      alarms,
    });
    undo.push(() => lab.stop());
    await lab.open();
    const configuration = new ConfigurationService({
      store: configurationStore,
      engine: threads.engine,
      audit,
      alarms,
      clock,
      log,
      devices: () => Object.keys(networkInterfaces()),
      onEvent: (event) => realtime.configuration(event),
      onApplied: (active, refused) => {
        if (refused === null) readiness.met("configuration");
        else readiness.unmet("configuration", `The engines refused the configuration: ${refused}.`);
        lab.follow(active);
      },
    });
    undo.push(() => configuration.stop());
    await configuration.open();
    if (configuration.empty) await firstConfiguration(configuration, settings, () => lab.configuration());
    else if (settings.configurationFile !== null)
      log.info(
        { file: settings.configurationFile },
        "LEASEWIRE_CONFIG is not read: a configuration is committed already",
      );
    await firstAdministrator();

    const systemInfo = (): SystemInfo => {
      const commit = configuration.activeCommit;
      return {
        version: programVersion(),
        node: settings.node,
        database: database.provider,
        lab: commit?.via === "first start" && commit.comment === labComment,
        startedAtMs,
        alarms: alarms.list(),
      };
    };
    const imports = new Imports({
      engine: threads.engine,
      directory: path.join(settings.dataDirectory, "imports"),
      audit,
      now,
      log,
    });
    await imports.open();
    const auditWho = auditOf(audit);
    const templates = new TemplateServices({
      node: settings.node,
      engine: threads.engine,
      store: database.templates,
      audit: auditWho,
      auditRepetition: ({ createdBy, name }, done, detail) =>
        audit({
          actor: createdBy,
          via: "repetition",
          action: "templates.run",
          subject: name,
          outcome: done ? "done" : "refused",
          detail,
        }),
      clock,
      onFault: (error) => log.warn({ part: "templates", reason: reasonOf(error) }, "a repetition did not start"),
    });
    await templates.open();
    undo.push(() => templates.stop());
    const poolHistory = new PoolHistoryBook();
    const partFault = (part: string) => (error: unknown) =>
      log.warn({ part, reason: reasonOf(error) }, "a view of the local servers could not be made");
    const services = refusingWhileDatabaseIsDown(
      createServices({
        engine: threads.engine,
        served: createServed(threads.engine, poolHistory, now),
        poolHistory,
        imports: imports.services,
        records: {
          ...records,
          bindingHistory: async (id, limit) => {
            // The last changes may be durable and not in the tables yet. If they refuse, what is there is told.
            await threads.stored().catch(() => {});
            return records.bindingHistory(id, limit);
          },
        },
        configuration,
        people,
        recovery: {
          recovery: createRecoveryRuns({
            node: settings.node,
            engine: threads.engine,
            records: database.recovery,
            book,
            audit: auditWho,
            now,
          }),
          streams: createStreamServices({
            node: settings.node,
            engine: threads.engine,
            records: database.recovery,
            audit: auditWho,
            now,
          }),
          templates: templates.services,
          lookups: createLookupServices({ engine: threads.engine, audit: auditWho, now }),
          lab: createLabServices({
            engine: threads.engine,
            book,
            relays: () => lab.relays(),
            audit: auditWho,
            now,
          }),
        },
        audit,
        examples: () => lab.examples(),
        systemInfo,
        now,
      }),
    );
    const poolSampler = new PoolSampler({
      engine: threads.engine,
      book: poolHistory,
      store: {
        read: () => database.meta.fact(settings.node, "pool-history"),
        write: (text) => database.meta.setFact(settings.node, "pool-history", text),
      },
      now,
      onFault: partFault("pool-history"),
    });
    undo.push(() => poolSampler.stop());
    const watched = new Watched({
      services,
      watchers: (view) => realtime.watchers(view),
      tell: (view, value) => realtime.view(view, value),
      onFault: partFault("watched"),
    });
    undo.push(() => watched.stop());
    watched.start();
    const metrics = createMetrics(async () => [...(await threads.engine.metrics()), ...book.metrics()]);
    undo.push(() => metrics.close());
    const pages = createPages(settings.web, log);
    undo.push(() => pages.close());
    const server = createHttpServer({
      auth: createAuthRoutes({
        auth,
        authenticate,
        limit: new SignInLimit(),
        publicUrl,
        audit,
        sessionsChanged,
        now,
        log,
      }),
      api: createApiRoutes({ services, authenticate, publicUrl, log }),
      files: createImportRoutes({ imports, engine: threads.engine, authenticate, publicUrl, audit, now }),
      pages,
      metrics,
      readiness: async () => {
        const database = await databaseAnswers(records.ping);
        return database === null ? readiness.reasons() : [database, ...readiness.reasons()];
      },
      https: publicUrl?.protocol === "https:",
      log,
    });
    realtime.attach(server);
    const { port } = await listen(server, settings.listen.host, settings.listen.port);
    undo.push(async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      await realtime.close();
      server.closeIdleConnections();
      const impatience = setTimeout(() => server.closeAllConnections(), drainMsMax);
      await closed;
      clearTimeout(impatience);
    });
    undo.push(() => imports.stop());

    const url = urlWith(port);
    print(`Leasewire ${programVersion()} answers at ${url}`);
    if (await people.setup.needed())
      print(
        `There is no administrator yet. Open this link once to become the first: ${url}/setup?token=${setupLink.issue()}`,
      );
    log.info({ url, database: database.place, data: settings.dataDirectory }, "listening");

    void restored.promise
      .then(() => configuration.apply())
      .then(() => {
        poolSampler.start();
        imports.resume();
        return beginRecovery();
      })
      .catch((error: unknown) => log.error({ part: "recovery", reason: reasonOf(error) }, "recovery did not begin"));
    void pages.load();
    return { url, port, stop };

    function onEngineEvent(event: EngineEvent): void {
      switch (event.kind) {
        case "bindings":
          realtime.bindings(event.batch);
          break;
        case "bindings-overflow":
          realtime.bindingsOverflow({ family: event.family, toSequence: event.toSequence });
          break;
        case "durable":
          realtime.durable({ family: event.family, sequence: event.sequence });
          break;
        case "run":
          realtime.run(event.run);
          break;
        case "bulk-run":
          book.run(event.run);
          break;
        case "bulk-run-finished":
          book.finished(event.finished);
          break;
        case "stream":
          book.stream(event.stream);
          break;
        case "stream-events":
          book.streamEvents(event.events);
          break;
        case "base-times":
          book.baseTimes(event.baseTimes);
          break;
        case "restored":
          log.info({ bindings: event.bindings, tookMs: event.tookMs }, "bindings restored");
          readiness.met("restore");
          restored.resolve();
          break;
        case "storage-refusing":
          if (event.refusing) storageRefuses(event.reason);
          else storageWorks();
      }
    }

    /** Without stored base-times everything is asked for, which only takes longer. */
    async function beginRecovery(): Promise<void> {
      const baseTimes = await database.recovery.baseTimes(settings.node).catch((error: unknown) => {
        log.warn({ part: "recovery", reason: reasonOf(error) }, "the base-times of servers could not be read");
        return [];
      });
      await threads.engine.beginRecovery(baseTimes);
      templates.start();
    }

    function storageRefuses(reason: string): void {
      log.error({ reason }, "the database refuses writes");
      readiness.unmet("storage", `The database refuses writes: ${reason}.`);
      alarms.raise("storage", {
        severity: "critical",
        text: `The database refuses writes: ${reason}. What is learned now is kept in memory and stored later.`,
        remedy: "Make room or repair the database; Leasewire goes on by itself. Do not stop it before.",
      });
    }

    function storageWorks(): void {
      log.info("the database takes writes again");
      readiness.met("storage");
      alarms.clear("storage");
    }

    async function firstAdministrator(): Promise<void> {
      if (settings.administrator === null) return;
      const { email } = settings.administrator;
      const outcome = await people.ensureAdministrator(settings.administrator);
      if (outcome.kind === "password-missing")
        throw new StartFailure(
          `There is no account ${email}, and LEASEWIRE_ADMIN_PASSWORD is not set: set it to make the account.`,
        );
      if (outcome.role !== "administrator" || outcome.disabled)
        log.warn({ email }, "the account of LEASEWIRE_ADMIN_EMAIL is disabled or not an administrator; it is left so");
    }
  } catch (error) {
    await stop();
    throw error;
  }
}

/** The file of LEASEWIRE_CONFIG, or else the lab. */
async function firstConfiguration(
  configuration: ConfigurationService,
  settings: Settings,
  labConfiguration: () => Promise<string>,
): Promise<void> {
  const file = settings.configurationFile;
  if (file === null) {
    const findings = await configuration.commitFirst(await labConfiguration(), labComment);
    const wrong = findings.find((finding) => finding.severity === "error");
    if (wrong !== undefined) throw new Error(`the lab's own configuration is wrong: ${formatFinding(wrong)}`);
    return;
  }
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new StartFailure(
      `LEASEWIRE_CONFIG: ${file} cannot be read: ${reasonOf(error)}. Correct the path, or unset it to start with the lab.`,
    );
  }
  const findings = await configuration.commitFirst(text, `from ${file}`.slice(0, 512));
  if (!hasErrors(findings)) return;
  const errors = findings.filter((finding) => finding.severity === "error");
  const more = errors.length > 1 ? ` (and ${errors.length - 1} more)` : "";
  throw new StartFailure(`LEASEWIRE_CONFIG: ${file}: ${formatFinding(errors[0]!)}${more}. Nothing was committed.`);
}

/** null when the database answers in time, else why not. */
async function databaseAnswers(ping: () => Promise<void>): Promise<string | null> {
  const { promise: late, resolve } = Promise.withResolvers<string>();
  const timer = setTimeout(() => resolve("The database does not answer."), databaseAnswerMsMax);
  const answered = ping().then(
    () => null,
    (error: unknown) => `The database does not answer: ${reasonOf(error)}.`,
  );
  const result = await Promise.race([answered, late]);
  clearTimeout(timer);
  return result;
}

/** An address people can open: a wildcard is no address. */
function reachableHost(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
}
