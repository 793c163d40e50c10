import request from 'supertest';
import { expect, it } from 'vitest';
import { withheld, type Container } from '#lib/domain';
import { Rows, up } from '../projects/testing/up.js';
import { TestAgent } from '../testing/test-agent.js';

const LABEL = 'x-skep.publish-before-healthy';
const test = ['CMD', 'true'];
const REFUSED = `label ${LABEL}: "yes" is neither true nor false`;

/** Why others do not find it while it runs and its health check has not passed. */
const left = (container: Container | undefined) =>
  container && withheld({ ...container, target: 'running' }, undefined, { state: 'running' } as never);

it('a container of `docker run` with the label is found before it is healthy', async () => {
  const agent = await TestAgent.open();
  try {
    const create = (name: string, Labels: object) =>
      request(agent.server)
        .post(`/containers/create?name=${name}`)
        .send({ Image: 'demo', Cmd: ['serve'], Healthcheck: { Test: test }, Labels });
    await create('early', { [LABEL]: 'true' }).expect(201);
    await create('late', { [LABEL]: 'false' }).expect(201);
    const found = (name: string) => agent.store.list('container').find((each) => each.name === name);
    expect([left(found('early')), left(found('late'))]).toEqual(['', 'health: starting']);
    expect((await create('wrong', { [LABEL]: 'yes' }).expect(400)).body.message).toBe(REFUSED);
  } finally {
    await agent.close();
  }
});

it('a container of a Compose service with the label is found before it is healthy', async () => {
  const yaml = (value: string) => `
name: s
services:
  early: { image: demo, healthcheck: { test: [CMD, 'true'] }, labels: { ${LABEL}: "${value}" } }
  late: { image: demo, healthcheck: { test: [CMD, 'true'] } }
`;
  const { containers } = await up(yaml('true'), new Rows());
  const found = (service: string) => left(containers.find((each) => each.service === service) as Container);
  expect([found('early'), found('late')]).toEqual(['', 'health: starting']);
  await expect(up(yaml('yes'), new Rows())).rejects.toThrow(`services.early: ${REFUSED}`);
});
