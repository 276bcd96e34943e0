export * from "./leasequery/requestor/index.ts";
export * from "./random.ts";
