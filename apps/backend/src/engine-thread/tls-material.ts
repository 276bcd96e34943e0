import { readFileSync } from "node:fs";
import type { Finding, TlsFiles } from "@leasewire/config";
import { checkTlsMaterial, type TlsMaterial } from "@leasewire/transport";

/** PEM texts of the files configured at `path` (`… tls`); null, and a finding, when one cannot be read or they do not fit. */
export function readTlsMaterial(
  path: string,
  tls: TlsFiles | undefined,
  findings: Finding[],
): TlsMaterial | undefined | null {
  if (tls === undefined) return undefined;
  const texts: string[] = [];
  for (const [word, file] of [
    ["certificate-file", tls.certificateFile],
    ["private-key-file", tls.privateKeyFile],
    ["ca-file", tls.caFile],
  ] as const) {
    try {
      texts.push(readFileSync(file, "utf8"));
    } catch (error) {
      findings.push({
        severity: "error",
        rule: "tls-file-unreadable",
        path: `${path} ${word}`,
        message: `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
        remedy: `set ${path} ${word} FILE`,
      });
      return null;
    }
  }
  const material = checkTlsMaterial({ certificate: texts[0]!, privateKey: texts[1]!, ca: texts[2]! });
  if (material.ok) return material.value;
  findings.push({
    severity: "error",
    rule: "tls-material",
    path: `${path} certificate-file`,
    message: `Of ${tls.certificateFile}, ${tls.privateKeyFile} and ${tls.caFile}: ${material.error.message}`,
    remedy: `set ${path} certificate-file FILE`,
  });
  return null;
}
