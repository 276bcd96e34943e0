import type { ImportFormat } from "@leasewire/api";

export interface Upload {
  readonly file: File;
  readonly format: ImportFormat;
  readonly instance: string;
  readonly allOrNothing: boolean;
}

export type UploadAnswer =
  | { readonly ok: true; readonly id: string }
  | { readonly ok: false; readonly message: string; readonly field?: string };

export const uploadPath = "/api/import/bindings";

/** Where a file is sent: what it is goes into the query, the body is the file itself. */
export function uploadUrl({ file, format, instance, allOrNothing }: Upload): string {
  const query = new URLSearchParams({ format, instance, fileName: file.name.slice(0, 200) });
  if (allOrNothing) query.set("allOrNothing", "true");
  return `${uploadPath}?${query}`;
}

/** Sends the file as the browser reads it from the disk; resolves when the import has ended. */
export async function sendFile(upload: Upload): Promise<UploadAnswer> {
  let response: Response;
  try {
    response = await fetch(uploadUrl(upload), {
      method: "POST",
      body: upload.file,
      headers: { "content-type": "application/octet-stream" },
    });
  } catch {
    return { ok: false, message: "The connection to Leasewire ended while the file was being sent: try again." };
  }
  const answer = (await response.json().catch(() => null)) as { id?: string; message?: string; field?: string } | null;
  if (response.ok && typeof answer?.id === "string") return { ok: true, id: answer.id };
  return {
    ok: false,
    message: answer?.message ?? `Leasewire answered ${response.status}; its log says why.`,
    ...(answer?.field !== undefined && { field: answer.field }),
  };
}
