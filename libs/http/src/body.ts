import { z } from 'zod';
import { invalid } from '#lib/common';

/** Go clients send null for what is absent. */
export const optional = <T extends z.ZodType>(schema: T) => schema.nullish().transform((value) => value ?? undefined);

export const text = optional(z.string());
export const bool = z
  .boolean()
  .nullish()
  .transform((value) => value ?? false);
export const texts = optional(z.array(z.string()));
export const textMap = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});

/** A request's body as the schema has it. The error names each place, what is there and what is accepted. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const parsed = schema.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.slice(0, 5).map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`);
  throw invalid(`invalid request body: ${issues.join('; ')}`);
}
