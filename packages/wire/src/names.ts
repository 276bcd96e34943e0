/** Looks up the RFC's name of a number in a table of `Name: number`. The tables are constants, so the map is built once. */
export function namesOf(table: Readonly<Record<string, number>>): (value: number) => string | undefined {
  const names = new Map(Object.entries(table).map(([name, value]) => [value, name]));
  return (value) => names.get(value);
}
