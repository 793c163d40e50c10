import type { ContainerInspectInfo } from 'dockerode';
import { describe, expect, it } from 'vitest';
import { fromInspect } from './observed.js';

const EARLIER = '2026-01-01T00:00:00Z';
const LATER = '2026-01-01T00:00:05.5Z';
const NEVER = '0001-01-01T00:00:00Z';

describe('what an engine says of a container', () => {
  it.each([
    ['was made', 'created', NEVER, NEVER, 0, 'created 0'],
    ['runs', 'running', LATER, EARLIER, 0, 'running 0'],
    ['has ended', 'exited', EARLIER, LATER, 3, 'exited 3'],
    ['could not be started (Podman)', 'exited', NEVER, NEVER, 127, 'exited 127'],
    ['was initialised (Podman)', 'exited', NEVER, NEVER, 0, 'created 0'],
    ['is initialised for its second run (Podman)', 'initialized', EARLIER, LATER, 0, 'created 0'],
    ['ran first when the power went (Podman)', 'created', LATER, NEVER, 0, 'exited 255'],
    ['ran again when the power went (Podman)', 'configured', LATER, EARLIER, 0, 'exited 255'],
  ])('%s', (_what, Status, StartedAt, FinishedAt, ExitCode, expected) => {
    const info = {
      Id: 'e',
      Name: '/n',
      Image: '',
      Config: { Image: 'demo', Labels: {}, Cmd: ['serve'] },
      State: { Status, StartedAt, FinishedAt, ExitCode, Pid: 0 },
    };
    const { state, exitCode } = fromInspect(info as unknown as ContainerInspectInfo);
    expect(`${state} ${exitCode}`).toBe(expected);
  });
});
