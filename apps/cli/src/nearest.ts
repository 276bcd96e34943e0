/** The known word a person most likely meant: at most a third of the letters wrong. `undefined` when none is near. */
export function nearestWord(text: string, words: Iterable<string>): string | undefined {
  let nearest: string | undefined;
  let distanceMin = Number.POSITIVE_INFINITY;
  for (const word of words) {
    const allowed = Math.max(1, Math.floor(word.length / 3));
    const distance = editDistance(text.slice(0, 64), word);
    if (distance <= allowed && distance < distanceMin) {
      nearest = word;
      distanceMin = distance;
    }
  }
  return nearest;
}

/** Insertions, deletions, replacements and swaps of neighbours that lead from one text to the other. */
function editDistance(from: string, to: string): number {
  let twoBack: number[] = [];
  let previous = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const same = from[i - 1] === to[j - 1];
      let best = Math.min(previous[j]! + 1, row[j - 1]! + 1, previous[j - 1]! + (same ? 0 : 1));
      if (i > 1 && j > 1 && from[i - 1] === to[j - 2] && from[i - 2] === to[j - 1]) {
        best = Math.min(best, twoBack[j - 2]! + 1);
      }
      row.push(best);
    }
    twoBack = previous;
    previous = row;
  }
  return previous[to.length]!;
}
