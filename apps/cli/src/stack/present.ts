/** Without what is undefined, as JSON has it, so that equal requests are equal texts. */
export function present<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as T;
}
