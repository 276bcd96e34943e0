import { TRPCClientError } from "@trpc/client";

/** What went wrong, as a sentence, and which input it belongs to. */
export interface ProblemText {
  readonly message: string;
  readonly field?: string;
  /** tRPC code such as `FORBIDDEN`; undefined when there was no answer at all. */
  readonly code?: string;
}

const noAnswer =
  "The Leasewire backend does not answer. Check that it is running and reachable; this page tries again by itself.";

/** The sentence for a person behind any error the API client throws. */
export function describeError(error: unknown): ProblemText {
  if (error instanceof TRPCClientError) {
    const data = error.data as { code?: string; field?: string } | null | undefined;
    if (data?.code === undefined) return { message: noAnswer };
    return {
      message: error.message,
      code: data.code,
      ...(data.field !== undefined && data.field !== "" && { field: data.field }),
    };
  }
  if (error instanceof Error) return { message: error.message };
  return { message: String(error) };
}

/** True when the backend answered and said no: asking again would change nothing. */
export function isRefusal(error: unknown): boolean {
  const code = describeError(error).code;
  return code !== undefined && code !== "SERVICE_UNAVAILABLE" && code !== "INTERNAL_SERVER_ERROR";
}

export function isUnauthorized(error: unknown): boolean {
  return describeError(error).code === "UNAUTHORIZED";
}
