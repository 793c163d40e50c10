import { expect, it } from 'vitest';
import { podmanChanges } from './podman-commit.js';

it('says a configuration as lines of a Dockerfile', () => {
  const config = {
    Cmd: ['echo', 'a\nb'],
    Entrypoint: ['/bin/busybox'],
    Env: ['A=1 2'],
    Labels: { k: 'v w' },
    ExposedPorts: { '80/udp': {} },
    Volumes: { '/v': {} },
    WorkingDir: '/w',
    User: 'nobody',
    StopSignal: 'SIGINT',
    OnBuild: ['RUN x'],
  };
  expect(podmanChanges(config)).toEqual([
    'CMD ["echo","a\\nb"]',
    'ENTRYPOINT ["/bin/busybox"]',
    'ENV A=1 2',
    'LABEL k=v w',
    'EXPOSE 80/udp',
    'VOLUME /v',
    'WORKDIR /w',
    'USER nobody',
    'STOPSIGNAL SIGINT',
    'ONBUILD RUN x',
  ]);
  expect(podmanChanges({})).toEqual([]);
});

it('lets no value be a change of its own, and says what cannot be done', () => {
  expect(() => podmanChanges({ Env: ['A=1\nUSER root'] })).toThrow('ENV "A=1\\nUSER root": a value of one line');
  expect(() => podmanChanges({ Shell: ['/bin/sh'] })).toThrow("Config.Shell: Podman's commit cannot change it");
});
