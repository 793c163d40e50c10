import { z } from 'zod';
import { checkedProject, type Project } from '#lib/compose';
import { invalid } from '#lib/common';
import { authConfig, parseBody } from '#lib/http';
import type { DownRequest, StopRequest, UpRequest } from '#lib/contracts';

const seconds = z.number().int().min(0).optional();

const up = z.object({
  model: z.object({ name: z.string(), services: z.record(z.string(), z.looseObject({})) }).loose(),
  disabledServices: z.array(z.string()).default([]),
  workingDir: z.string().default(''),
  configFiles: z.array(z.string()).default([]),
  services: z.array(z.string()).default([]),
  noDeps: z.boolean().default(false),
  scale: z.record(z.string(), z.number().int().min(0)).default({}),
  environment: z.record(z.string(), z.string()).default({}),
  registryAuth: z.record(z.string(), authConfig).default({}),
  dryRun: z.boolean().default(false),
  wait: z.boolean().default(false),
  waitTimeoutMs: z.number().positive().optional(),
  forceRecreate: z.boolean().default(false),
  noRecreate: z.boolean().default(false),
  renewAnonVolumes: z.boolean().default(false),
  removeOrphans: z.boolean().default(false),
  timeoutSeconds: seconds,
});

const down = z.object({
  volumes: z.boolean().default(false),
  services: z.array(z.string()).optional(),
  timeoutSeconds: seconds,
});
const stop = z.object({ services: z.array(z.string()).default([]), timeoutSeconds: seconds });

export function parseUp(name: string, body: unknown): { project: Project; request: UpRequest } {
  const request = parseBody(up, body);
  const parts = { networks: {}, volumes: {}, secrets: {}, configs: {} };
  const project = checkedProject({ ...parts, ...request.model });
  if (project.name !== name) throw invalid(`the model is of project ${project.name}, the path says ${name}`);
  if (!/^[a-z0-9][a-z0-9_-]*$/.test(name)) {
    throw invalid(
      `project name "${name}": expected lower-case letters, digits, "-" and "_", beginning with a letter or digit`,
    );
  }
  return { project, request };
}

export const parseDown = (body: unknown): DownRequest => parseBody(down, body);
export const parseStop = (body: unknown): StopRequest => parseBody(stop, body);
