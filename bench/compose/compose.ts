import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProject } from '#lib/compose';
import type { Measure } from '../measure.js';
import { takeTurns, timed } from '../turns.js';

const SERVICES = 1000;

/** A file with 1,000 services, from its text to the canonical project; docker-compose also prints it. */
export const measureCompose: Measure = async (stage, { rounds }) => {
  const folder = await mkdtemp(join(tmpdir(), 'skep-bench-compose-'));
  const file = join(folder, 'compose.yaml');
  try {
    await writeFile(file, thousandServices());
    const reader = {
      readFile: (path: string) => readFile(path, 'utf8'),
      exists: async (path: string) => path === file,
    };
    const times = await takeTurns(rounds, {
      skep: () => timed(() => loadProject({ files: [file], cwd: folder, env: {}, reader })),
      docker: () => timed(() => stage.docker.compose('-f', file, 'config')),
    });
    return [
      {
        what: `Compose file with ${SERVICES} services, to a project`,
        unit: 'ms',
        skep: times.skep,
        peer: 'docker-compose config',
        theirs: times.docker,
        bar: { relation: '<=', figure: 400 },
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
};

/** Of the kind that people write: an image, a few variables, a port, a network, a dependency. */
function thousandServices(): string {
  const services = Array.from({ length: SERVICES }, (_, index) => [
    `  service-${index}:`,
    '    image: skep/demo:1',
    '    command: ["serve"]',
    '    environment: { LEVEL: info, NAME: "service-${LEVEL:-none}" }',
    '    ports: ["80"]',
    '    networks: [front]',
    ...(index > 0 ? [`    depends_on: [service-${index - 1}]`] : []),
  ]);
  return ['version: "3.7"', 'services:', ...services.flat(), 'networks: { front: {} }', ''].join('\n');
}
