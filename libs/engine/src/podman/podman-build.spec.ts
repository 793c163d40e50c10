import { describe, expect, it } from 'vitest';
import { dockerDialect } from '../docker/docker-dialect.js';
import type { BuildQuery } from '../engine.js';
import { podmanDialect } from './podman-dialect.js';

const network = { netnsPath: '/run/netns/n', alone: false, hostGateway: '172.17.0.1' };
/** As docker 28 sends it. */
const asked: BuildQuery = {
  t: ['a', 'b:1'],
  extrahosts: ['db:10.0.0.5', 'six:::1', 'node:host-gateway'],
  ulimits: '[{"Name":"nofile","Hard":2048,"Soft":1024},{"Name":"nproc","Hard":-1,"Soft":5}]',
  cachefrom: '["reg/app:latest"]',
  buildargs: '{"GIVEN":"1","EMPTY":"","ABSENT":null}',
};

describe('a build by Podman', () => {
  it('is asked for in its own words', () => {
    expect(podmanDialect.buildQuery(asked, network)).toEqual({
      t: ['a', 'b:1'],
      extrahosts: '["db:10.0.0.5","six:::1","node:172.17.0.1"]',
      ulimits: '["nofile=1024:2048","nproc=5:-1"]',
      buildargs: '{"GIVEN":"1","EMPTY":""}',
      identitylabel: 'false',
      nsoptions: '[{"Name":"network","Host":false,"Path":"/run/netns/n"}]',
      dnsservers: '["127.0.0.11"]',
    });
  });

  it('has no line for a node that it does not reach, and a single host as well as several', () => {
    const query = { extrahosts: 'node:host-gateway' };
    expect(podmanDialect.buildQuery(query, { mode: 'host' })).toEqual({
      identitylabel: 'false',
      nsoptions: '[{"Name":"network","Host":true}]',
    });
    expect(podmanDialect.buildQuery({ extrahosts: 'db=10.0.0.5' }, { mode: 'host' })).toMatchObject({
      extrahosts: '["db:10.0.0.5"]',
    });
  });

  it.each([
    [{ extrahosts: 'db' }, 'bad format for add-host: "db"'],
    [{ ulimits: 'nofile=1' }, 'ulimits: "nofile=1": JSON is expected'],
    [{ ulimits: '[{"Name":"nofile"}]' }, 'ulimits: {"Name":"nofile"}: {Name, Soft, Hard} is accepted'],
    [{ ulimits: '{}' }, 'ulimits: a list of {Name, Soft, Hard} is accepted'],
    [{ buildargs: '["A=1"]' }, 'buildargs: an object of names and values is accepted'],
    [{ securityopt: 'seccomp=unconfined' }, 'does not support setting security options on build'],
  ])('is refused where it cannot be meant: %j', (query, words) => {
    expect(() => podmanDialect.buildQuery(query, network)).toThrow(words);
  });

  it('is refused of a URL, which Podman would pass over', () => {
    expect(() => podmanDialect.buildQuery({ remote: 'https://x/y.git' }, network)).toThrow(
      'remote="https://x/y.git": a build from a URL is not served: the context is accepted as a tar',
    );
    expect(podmanDialect.buildQuery({ remote: '' }, network)).not.toHaveProperty('remote');
    expect(dockerDialect.buildQuery({ remote: 'https://x/y.git' }, network)).toHaveProperty('remote');
  });

  it('has a /dev/shm of the usual size where none is asked for, which older clients do by 0', () => {
    expect(podmanDialect.buildQuery({ shmsize: '0' }, network)).not.toHaveProperty('shmsize');
    expect(podmanDialect.buildQuery({ shmsize: '1024' }, network)).toMatchObject({ shmsize: '1024' });
  });

  it.each(['', 'null', '[]'])('has no limits where %j is sent for them', (ulimits) => {
    expect(podmanDialect.buildQuery({ ulimits }, network)).not.toHaveProperty('ulimits');
  });
});

it('a build by Docker Engine is asked for as it was', () => {
  expect(dockerDialect.buildQuery(asked, network)).toEqual({ ...asked, networkmode: 'host' });
  expect(dockerDialect.buildQuery(asked, { ...network, alone: true })).toEqual({ ...asked, networkmode: 'none' });
});
