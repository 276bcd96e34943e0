/**
 * Whole messages field by field, for people. The work is in `v4/describe.ts` and `v6/describe.ts`.
 *
 * Never fails: what cannot be decoded becomes a field named `undecodable` in hex. Client text passes `formatOpaque`. Nesting is
 * followed `describeDepthMax` levels deep.
 */
export type { DescribedField } from "./format.ts";
export { describeMessage4, describeOptions4 } from "./v4/describe.ts";
export { describeMessage6, describeOptions6 } from "./v6/describe.ts";
