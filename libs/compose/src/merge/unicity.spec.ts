import { describe, expect, it } from 'vitest';
import { load } from '../testing/memory.js';

describe('entries of lists in two files', () => {
  it.each([
    ['ports: [{target: 80, published: 80}]', 'ports: ["80:80"]', 'ports', [{ published: '80', protocol: 'tcp' }]],
    ['ports: ["80:80"]', 'ports: ["0.0.0.0:80:80"]', 'ports', [{ host_ip: '0.0.0.0' }]],
    ['ports: ["80:80"]', 'ports: ["80:80/udp"]', 'ports', [{ protocol: 'tcp' }, { protocol: 'udp' }]],
    ['secrets: [s]', 'secrets: [{source: t, target: /run/secrets/s}]', 'secrets', [{ source: 't' }]],
    ['configs: [{source: s, target: /x}]', 'configs: [{source: t, target: /x}]', 'configs', [{ source: 't' }]],
    ['configs: [s]', 'configs: [{source: t, target: s}]', 'configs', [{ source: 't' }]],
    ['secrets: [s]', 'secrets: [{source: t, target: s}]', 'secrets', [{ source: 't' }]],
    ['volumes: ["/a:/x/"]', 'volumes: ["/b:/x"]', 'volumes', [{ source: '/b', target: '/x' }]],
    ['configs: [s]', 'configs: [t]', 'configs', [{ source: 's' }, { source: 't' }]],
  ] as const)('%s, %s: the later takes the place of the same one', async (base, override, key, expected) => {
    const files = (text: string) =>
      `services: {a: {image: x, ${text}}}\nsecrets: {s: {file: f}, t: {file: f}}\nconfigs: {s: {file: f}, t: {file: f}}`;
    const { project } = await load(
      { 'compose.yaml': files(base), 'over.yaml': files(override) },
      { files: ['compose.yaml', 'over.yaml'] },
    );
    expect(project.services.a![key]).toMatchObject(expected);
    expect(project.services.a![key]).toHaveLength(expected.length);
  });
});
