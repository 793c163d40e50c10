import { SkepError } from '#lib/common';

/** What is refused is said with its place in the file. */
export function explained<T>(where: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw SkepError.is(error) ? new SkepError(error.code, `${where}: ${error.message}`, { cause: error }) : error;
  }
}
