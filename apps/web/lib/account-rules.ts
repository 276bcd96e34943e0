/** What the API demands of names, addresses and passwords, said while one types. The API checks the same again. */
export const passwordLengthMin = 10;
const passwordLengthMax = 128;

export const passwordHint = `At least ${passwordLengthMin} characters.`;

export function passwordProblem(password: string): string | null {
  if (password.length < passwordLengthMin) return `A password has at least ${passwordLengthMin} characters.`;
  return password.length > passwordLengthMax ? `A password has at most ${passwordLengthMax} characters.` : null;
}

export function emailProblem(email: string): string | null {
  return /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email.trim()) && email.length <= 254
    ? null
    : "This is not an e-mail address: write it like noc@example.net.";
}

export function nameProblem(name: string): string | null {
  if (name.trim() === "") return "Give a name, so that others know who did something.";
  return name.length > 100 ? "A name has at most 100 characters." : null;
}
