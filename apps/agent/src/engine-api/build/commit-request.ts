import { invalid } from '#lib/common';
import type { CommitRequest, ImageDefaults } from '#lib/engine';
import { flag, parseBody, texts } from '#lib/http';
import { createBody } from '../containers/create-body.js';
import { parseReference } from '../images/reference.js';

export type CommitQuery = Record<'container' | 'repo' | 'tag' | 'comment' | 'author' | 'pause', string | undefined> & {
  changes?: string | string[];
};

/** What the image has of the container. */
export interface CommitFacts {
  /** `NAME=value` of the container, and of the image that it runs */
  environment: readonly string[];
  healthcheck: ImageDefaults['Healthcheck'];
}

const commitBody = createBody.extend({ OnBuild: texts, Shell: texts });

/** The fields of the body that an image can have. */
const FIELDS = [
  'Cmd',
  'Entrypoint',
  'Env',
  'Labels',
  'ExposedPorts',
  'Volumes',
  'User',
  'WorkingDir',
  'StopSignal',
  'Healthcheck',
  'OnBuild',
  'Shell',
] as const;

/** The instructions that Docker takes as a change. */
const INSTRUCTIONS = [
  'CMD',
  'ENTRYPOINT',
  'ENV',
  'EXPOSE',
  'HEALTHCHECK',
  'LABEL',
  'ONBUILD',
  'STOPSIGNAL',
  'USER',
  'VOLUME',
  'WORKDIR',
];

/** POST /commit as the engine is to do it. Errors in Docker's words. Pure. */
export function commitRequest(query: CommitQuery, raw: unknown, facts: CommitFacts): CommitRequest {
  const config = configOf(raw, facts.healthcheck);
  const changes = [query.changes ?? []].flat().flatMap((change) => change.split('\n').filter((line) => line.trim()));
  changes.forEach(checkChange);
  const { repository, tag } = query.repo ? parseReference(query.repo, query.tag) : {};
  const given = [...facts.environment, ...(config.Env ?? []), ...changes.flatMap(variables)];
  return {
    repository,
    tag,
    comment: query.comment,
    author: query.author,
    pause: query.pause === undefined || flag(query.pause),
    config,
    changes,
    environment: [...new Set(given.map((entry) => entry.split('=')[0]!))],
  };
}

/** What is empty says nothing. */
function configOf(raw: unknown, healthcheck: ImageDefaults['Healthcheck']): ImageDefaults {
  const body = parseBody(commitBody, raw ?? {});
  const all = { ...body, Healthcheck: body.Healthcheck?.Test?.length ? body.Healthcheck : healthcheck };
  const said = FIELDS.filter((field) => all[field] && Object.keys(all[field]).length > 0);
  return Object.fromEntries(said.map((field) => [field, all[field]])) as ImageDefaults;
}

function checkChange(line: string): void {
  const [instruction = ''] = line.trim().split(/\s/);
  if (INSTRUCTIONS.includes(instruction.toUpperCase())) return;
  throw invalid(`${instruction.toLowerCase()} is not a valid change command; known: ${INSTRUCTIONS.join(', ')}`);
}

/** `ENV A=1 B=2` and `ENV A 1` */
function variables(line: string): string[] {
  const [, rest = ''] = /^\s*ENV\s+(.*)$/i.exec(line) ?? [];
  const pairs = [...rest.matchAll(/(?:^|\s)([^\s=]+)=/g)].map(([, key]) => key!);
  return pairs.length > 0 ? pairs : rest.split(/\s/).slice(0, 1).filter(Boolean);
}
