import type { Services } from "@leasewire/api";
import { refusal, value } from "./answer.ts";

type Groups = Pick<Services, "recovery" | "streams" | "templates" | "lookups" | "lab">;
type Statistics = Pick<Services["statistics"], "relayBulkConnections" | "relayActive" | "relayBindingStates">;

const idle = async () => refusal("UNAVAILABLE", "Recovery is not running on this node.");

/** What a node answers about recovery while its engine does not run. */
export const recoveryIdle: Groups = {
  recovery: {
    start: idle,
    list: async () => value([]),
    get: idle,
    cancel: idle,
    pause: idle,
    resume: idle,
    retry: idle,
    groups: idle,
    compare: idle,
  },
  streams: { list: async () => value([]), restart: idle, history: idle },
  templates: { list: async () => value([]), save: idle, remove: idle, run: idle },
  lookups: { run: idle, ask: idle },
  lab: { view: async () => value({ relays: [] }), restartRelay: idle },
};

export const recoveryStatisticsIdle: Statistics = {
  relayBulkConnections: idle,
  relayActive: idle,
  relayBindingStates: idle,
};
