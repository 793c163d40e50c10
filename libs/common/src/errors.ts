/** What went wrong, in the vocabulary of HTTP and gRPC; edges translate it, nothing else does. */
export type ErrorCode =
  | 'invalid' // the input is wrong: 400, INVALID_ARGUMENT
  | 'unauthorized' // 401, UNAUTHENTICATED
  | 'forbidden' // refused by a rule: 403, PERMISSION_DENIED
  | 'not_found' // 404, NOT_FOUND
  | 'conflict' // taken, in use, or changed meanwhile: 409, ABORTED
  | 'unsupported' // understood, and this node cannot do it: 501, UNIMPLEMENTED
  | 'unavailable' // a part that is needed is away; trying again may help: 503, UNAVAILABLE
  | 'exhausted' // no address, port, disk or memory left: 500, RESOURCE_EXHAUSTED
  | 'timeout' // 504, DEADLINE_EXCEEDED
  | 'internal'; // a fault of ours: 500, INTERNAL

/** The project's one error class: a code for programs, a message for people, a cause for the log. */
export class SkepError extends Error {
  override readonly name = 'SkepError';

  constructor(
    readonly code: ErrorCode,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
  }

  static is(error: unknown, code?: ErrorCode): error is SkepError {
    return error instanceof SkepError && (code === undefined || error.code === code);
  }
}

export const invalid = (message: string, cause?: unknown) => new SkepError('invalid', message, { cause });
export const notFound = (message: string, cause?: unknown) => new SkepError('not_found', message, { cause });
export const conflict = (message: string, cause?: unknown) => new SkepError('conflict', message, { cause });
export const forbidden = (message: string, cause?: unknown) => new SkepError('forbidden', message, { cause });
export const unsupported = (message: string, cause?: unknown) => new SkepError('unsupported', message, { cause });
export const unavailable = (message: string, cause?: unknown) => new SkepError('unavailable', message, { cause });
export const internal = (message: string, cause?: unknown) => new SkepError('internal', message, { cause });

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
