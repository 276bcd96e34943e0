/** Which instances a command means; absent parts match all. */
export interface InstanceChoice {
  readonly logicalSystem?: string | undefined;
  readonly routingInstance?: string | undefined;
}

/** Whether an instance is meant by a command's tail; a part that is not given matches all. */
export function instanceMatches(instance: string, selector: InstanceChoice): boolean {
  const colon = instance.indexOf(":");
  return (
    (selector.logicalSystem === undefined || selector.logicalSystem === instance.slice(0, colon)) &&
    (selector.routingInstance === undefined || selector.routingInstance === instance.slice(colon + 1))
  );
}
