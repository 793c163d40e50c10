import { describe, expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import { load, refusal } from './testing/memory.js';
import { refuseUnsupported } from './unsupported.js';

const USES: readonly [attribute: string, path: string][] = [
  ['build: .', 'build'],
  ['develop: {watch: [{path: ., action: rebuild}]}', 'develop'],
  ['provider: {type: t}', 'provider'],
  ['models: [m]', 'models'],
  ['gpus: all', 'gpus'],
  ['credential_spec: {file: f}', 'credential_spec'],
  ['isolation: process', 'isolation'],
  ['volumes_from: [b]', 'volumes_from'],
  ['post_start: [{command: c}]', 'post_start'],
  ['pre_stop: [{command: c}]', 'pre_stop'],
  ['pre_start: [{command: c}]', 'pre_start'],
  ['use_api_socket: true', 'use_api_socket'],
  ['pull_policy: daily', 'pull_policy'],
  ['deploy: {resources: {reservations: {devices: [{driver: d}]}}}', 'deploy.resources.reservations.devices'],
  ['volumes: [{type: volume, source: v, target: /v, volume: {subpath: s}}]', 'volumes.0.volume.subpath'],
  ['volumes: ["/a:/a", {type: volume, target: /v, volume: {labels: {a: b}}}]', 'volumes.1.volume.labels'],
  ['volumes: [{type: bind, source: /a, target: /b, bind: {recursive: readonly}}]', 'volumes.0.bind.recursive'],
  ['volumes: ["/a:/a", {type: image, source: i, target: /t}]', 'volumes.1.type'],
];

describe('refuseUnsupported', () => {
  it.each(USES)('names %s', async (attribute, path) => {
    const text = `services:\n  a:\n    image: x\n    ${attribute}\n  b: {image: x}\nmodels: {m: {model: ai/m}}\nvolumes: {v: }\n`;
    const { project } = await load(text);
    const [message] = await refusal(() => refuseUnsupported(project));
    expect(message).toMatch(/^compose\.yaml:4:\d+: /);
    expect(message).toContain(`services.a.${path} is not supported: `);
  });

  it('names all uses at once, as unsupported', async () => {
    const { project } = await load(
      'services: {a: {build: ., isolation: hyperv}}\nconfigs: {c: {external: true, template_driver: t}}',
    );
    expect(await refusal(() => refuseUnsupported(project))).toHaveLength(3);
    expect(() => refuseUnsupported(project)).toThrow(
      expect.objectContaining({ code: 'unsupported' satisfies SkepError['code'] }),
    );
  });

  it('accepts a project of what a node can do', async () => {
    const { project } = await load(
      'services: {a: {image: x, pull_policy: if_not_present, volumes_from: [], devices: [/dev/null], volumes: ["v:/v", "/a:/a:z", ' +
        '{type: bind, source: /b, target: /b, bind: {recursive: enabled}}]}}\nvolumes: {v: }',
    );
    refuseUnsupported(project);
    expect(project.services.a!.pull_policy).toBe('missing');
  });
});
