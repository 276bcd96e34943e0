/** What decides between two records of one address (RFC 6926 §7.6). Times in unix seconds. */
export interface ConflictRecord {
  /** 0 = unknown. */
  clientLastTransactionTimeSeconds: number;
  startTimeOfStateSeconds: number;
  /** Bit 0 = REMOTE: the latest change happened on another server. */
  dataSource: number;
}

/**
 * Whether `incoming` should replace `existing` (RFC 6926 §7.6).
 *
 * Both know when the client was last heard: the later wins. Only one does: its time is held against the other's start
 * of state. Neither does: the later start of state wins. A tie goes to the one whose data source is local; where that
 * ties as well, which the RFC leaves open, to `incoming`: it was learnt later.
 */
export function incomingWins(existing: ConflictRecord, incoming: ConflictRecord): boolean {
  const difference = instantOf(incoming) - instantOf(existing);
  if (difference !== 0) return difference > 0;
  return (incoming.dataSource & 1) <= (existing.dataSource & 1);
}

/** All three cases are one: a record competes with its transaction time, or for want of it with its start of state. */
function instantOf(record: ConflictRecord): number {
  return record.clientLastTransactionTimeSeconds === 0
    ? record.startTimeOfStateSeconds
    : record.clientLastTransactionTimeSeconds;
}
