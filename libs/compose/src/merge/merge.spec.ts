import { describe, expect, it } from 'vitest';
import { load, refusal } from '../testing/memory.js';

const twoFiles = async (base: string, override: string) => {
  const files = { 'compose.yaml': base, 'override.yaml': override };
  return (await load(files, { files: ['compose.yaml', 'override.yaml'] })).project;
};

describe('several files', () => {
  it('joins mappings, appends lists, replaces commands and keeps what a null would say', async () => {
    const { services } = await twoFiles(
      'services: {a: {image: x, command: a b, dns: [1.1.1.1], environment: [A=1, B=2], labels: {k: v}, ports: ["80:80"]}}',
      'services: {a: {image: , command: [c], dns: [8.8.8.8, 1.1.1.1], environment: {A: , C: 3}, ports: ["80:80", "81:80"]}}',
    );
    expect(services.a).toMatchObject({
      image: 'x',
      command: ['c'],
      dns: ['1.1.1.1', '8.8.8.8'],
      environment: { A: null, B: '2', C: '3' },
      labels: { k: 'v' },
    });
    expect(services.a!.ports!.map((port) => port.published)).toEqual(['80', '81']);
  });

  it('takes away with !reset and replaces with !override', async () => {
    const { services } = await twoFiles(
      'services: {a: {image: x, ports: ["80:80"], dns: [1.1.1.1], environment: {A: 1, B: 2}}}',
      'services: {a: {ports: !reset [], dns: !override [9.9.9.9], environment: {A: !reset null}}}',
    );
    expect(services.a).not.toHaveProperty('ports');
    expect(services.a).toMatchObject({ dns: ['9.9.9.9'], environment: { B: '2' } });
    expect(services.a!.environment).not.toHaveProperty('A');
  });

  it('reads !override values that are written short', async () => {
    const { services } = await twoFiles('services: {a: {image: x}}', 'services: {a: {ports: !override ["81:81"]}}');
    expect(services.a!.ports).toEqual([{ mode: 'ingress', protocol: 'tcp', published: '81', target: 81 }]);
  });

  it('lets a mount take the place of one with the same target', async () => {
    const { services } = await twoFiles(
      'services: {a: {image: x, volumes: ["/one:/t", "/two:/u"]}}',
      'services: {a: {volumes: ["/three:/t"]}}',
    );
    expect(services.a!.volumes!.map((volume) => volume.source)).toEqual(['/three', '/two']);
  });

  it('refuses values that cannot be joined, where they stand', async () => {
    const merge = () => twoFiles('services: {a: {image: x, build: {context: .}}}', 'services:\n  a:\n    image: [y]\n');
    expect(await refusal(merge)).toEqual([
      'override.yaml:3:5: cannot override services.a.image: it is the string "x", and a list would replace it',
    ]);
  });
});
