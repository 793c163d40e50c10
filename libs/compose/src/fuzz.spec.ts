import { expect, it } from 'vitest';
import { SkepError } from '#lib/common';
import { checkNetworks } from './networks/check-networks.js';
import { load } from './testing/memory.js';
import { toYaml } from './to-yaml.js';

const TEXT = `name: p
services:
  web: &web
    image: "x:\${TAG:-1}"
    command: ["a", 'b']
    ports: ["80:80", {target: 9, published: "90-95"}]
    volumes: [v:/v, ./s:/s:ro]
    environment: {A: 1, B: }
    networks: {n: {ipv4_address: 10.9.0.5}}
    healthcheck: {test: t, interval: 1m}
    deploy: {replicas: 1, resources: {limits: {memory: 1g}}}
  db:
    <<: *web
    networks: !reset null
    depends_on: [web]
networks: {n: {ipam: {config: [{subnet: 10.9.0.0/24, gateway: 10.9.0.1}]}}}
volumes: {v: }
`;
const ALPHABET = `:-?[]{}&*!|>'"%@#, \n\t$0aZ/\\~\uFEFF\u0000é<`;

/** A small generator with a seed, so that a failure can be repeated. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

it('answers any damage to a file with a project or with an error of its own', async () => {
  const random = randomFrom(7);
  let refused = 0;
  for (let round = 0; round < 500; round++) {
    let text = TEXT;
    for (let edit = random(3); edit >= 0; edit--) {
      const at = random(text.length);
      text = text.slice(0, at) + (random(2) ? ALPHABET[random(ALPHABET.length)]! : '') + text.slice(at + random(4));
    }
    try {
      const { project } = await load(text);
      checkNetworks(project);
      expect(toYaml(project)).toMatch(/^name: /);
    } catch (error) {
      if (!SkepError.is(error, 'invalid') && !SkepError.is(error, 'not_found'))
        throw new Error(`for ${JSON.stringify(text)}`, { cause: error });
      refused++;
    }
  }
  // Most damage is noticed, and some is none.
  expect(refused).toBeGreaterThan(150);
  expect(refused).toBeLessThan(500);
}, 30_000);
