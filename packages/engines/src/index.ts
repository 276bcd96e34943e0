export * from "./leasequery/recovery/index.ts";
export * from "./leasequery/requestor/index.ts";
export * from "./leasequery/responder/index.ts";
export * from "./random.ts";
export * from "./relay-common/index.ts";
export * from "./server-common/index.ts";
export * from "./server4/index.ts";
export * from "./server6/index.ts";
