/**
 * Makes the function that gives the sentence for a counter; `malformed CODE` counters share the one of `malformed`. A name
 * that is unknown explains itself.
 */
export function reasonExplainer(
  drops: Readonly<Record<string, string>> & { readonly malformed: string },
  notes: Readonly<Record<string, string>>,
): (name: string) => string {
  return (name) => {
    if (Object.hasOwn(drops, name)) return drops[name] as string;
    if (Object.hasOwn(notes, name)) return notes[name] as string;
    if (name.startsWith("malformed ")) return `${drops.malformed} Code: ${name.slice("malformed ".length)}.`;
    return name;
  };
}
