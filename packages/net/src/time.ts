/** `2023-11-14T22:13:20Z` from seconds since 1970, by the civil calendar; the same for every machine and locale. */
export function formatUtcSeconds(secondsSince1970: number): string {
  const days = Math.floor(secondsSince1970 / 86_400);
  const rest = secondsSince1970 - days * 86_400;
  // Years that begin in March put the leap day last, so that month lengths follow one formula. An era is 400 years.
  const shifted = days + 719_468;
  const era = Math.floor(shifted / 146_097);
  const dayOfEra = shifted - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1_460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${pad(year, 4)}-${pad(month, 2)}-${pad(day, 2)}T${pad(Math.floor(rest / 3600), 2)}:${pad(Math.floor(rest / 60) % 60, 2)}:${pad(Math.floor(rest) % 60, 2)}Z`;
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}
