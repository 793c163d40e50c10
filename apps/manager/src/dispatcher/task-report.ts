import { z } from 'zod';
import { invalid } from '#lib/common';
import { isTaskState, type TaskStatus } from '#lib/domain';

const number = z.number().int().min(1).max(65_535);
const port = z.object({
  Protocol: z.enum(['tcp', 'udp', 'sctp']),
  TargetPort: number,
  PublishedPort: number,
  PublishMode: z.literal('host'),
});

const status = z.object({
  state: z.string(),
  message: z.string(),
  err: z.string().optional(),
  containerId: z.string().max(255).optional(),
  pid: z.number().int().min(0).optional(),
  exitCode: z.number().int().optional(),
  ports: z.array(port).max(1000).optional(),
  unhealthy: z.literal(true).optional(),
});

/**
 * `TaskReport.status` of swarm.proto; undefined: a state that this version does not know. When that was is not taken from the
 * node: what follows from it is decided by the manager's clock alone.
 */
export function parseReport(taskId: string, said: string): Omit<TaskStatus, 'at'> | undefined {
  const parsed = status.safeParse(JSON.parse(said));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`report on task ${taskId}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not understood'}`);
  }
  const { state, ...more } = parsed.data;
  return isTaskState(state) ? { state, ...more } : undefined;
}
