import { type ContainerNode, leafValue } from "../tree.ts";

/** Files as written, read by whoever opens the sockets. */
export interface TlsFiles {
  readonly certificateFile: string;
  readonly privateKeyFile: string;
  readonly caFile: string;
}

export function tlsFiles(node: ContainerNode | undefined): TlsFiles | undefined {
  const certificateFile = leafValue(node, "certificate-file");
  const privateKeyFile = leafValue(node, "private-key-file");
  const caFile = leafValue(node, "ca-file");
  if (certificateFile === undefined || privateKeyFile === undefined || caFile === undefined) return undefined;
  return { certificateFile, privateKeyFile, caFile };
}
