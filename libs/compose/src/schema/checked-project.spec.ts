import { expect, it } from 'vitest';
import { load } from '../testing/memory.js';
import { checkedProject } from './checked-project.js';

it('a project that was loaded comes through JSON as it is', async () => {
  const { project } = await load(`
services:
  web:
    image: x
    build: .
    command: echo a
    environment: [A=1, B]
    ports: ["8080:80", "53:53/udp"]
    volumes: ["data:/data", "./src:/src:ro"]
    depends_on: [db]
    healthcheck: { test: curl localhost, interval: 90s }
    deploy: { replicas: 2, resources: { limits: { cpus: "0.5", memory: 64m } } }
    networks: { front: { aliases: [w], ipv4_address: 10.0.0.7 } }
    secrets: [key]
    ulimits: { nofile: 1024 }
  db: { image: y, mem_limit: 1g, stop_grace_period: 1m }
networks: { front: { ipam: { config: [{ subnet: 10.0.0.0/24 }] } } }
volumes: { data: {} }
secrets: { key: { environment: KEY } }
`);
  const sent = JSON.parse(JSON.stringify(project)) as object;
  expect(checkedProject(structuredClone(sent))).toEqual(sent);
});

it.each([
  [{ web: { image: 7 } }, 'services.web.image must be a string; found the number 7'],
  [{ web: { ports: ['80:80'] } }, 'services.web.ports.0 must be a mapping; found the string "80:80"'],
  [{ web: { prots: [] } }, "services.web: additional properties 'prots' not allowed; did you mean 'ports'?"],
])('what is none is refused by what was found: %j', (services, message) => {
  expect(() => checkedProject({ name: 'shop', services })).toThrow(message);
});
