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
    Healthcheck: { Test: ['CMD', 'a', 'b c'], Interval: 5e9, Timeout: 1e6, StartPeriod: 2e9, Retries: 4 },
    Shell: ['/bin/ash', '-c'],
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
    'HEALTHCHECK --interval=5000000000ns --timeout=1000000ns --start-period=2000000000ns --retries=4 CMD ["a","b c"]',
    'SHELL ["/bin/ash","-c"]',
    'ONBUILD RUN x',
  ]);
  expect(podmanChanges({})).toEqual([]);
});

it('says health checks of a shell, and that there is none', () => {
  expect(podmanChanges({ Healthcheck: { Test: ['CMD-SHELL', 'test -f /x'] } })).toEqual(['HEALTHCHECK CMD test -f /x']);
  expect(podmanChanges({ Healthcheck: { Test: ['NONE'], Interval: 5 } })).toEqual(['HEALTHCHECK NONE']);
});

it('lets no value be a change of its own', () => {
  expect(() => podmanChanges({ Env: ['A=1\nUSER root'] })).toThrow('ENV "A=1\\nUSER root": a value of one line');
  expect(() => podmanChanges({ Healthcheck: { Test: ['CMD-SHELL', 'a\nRUN b'] } })).toThrow('a value of one line');
});
