import { describe, expect, it } from 'vitest';
import { startFailure } from './start-failure.js';

const DOCKERS = 'failed to create task for container: failed to create shim task: OCI runtime create failed: ';
const START = 'runc create failed: unable to start container process: ';

describe('why a container did not start', () => {
  it.each([
    [
      `preparing container 1f5e for attach: runc: ${START}exec: "x": executable file not found in $PATH: OCI runtime attempted to invoke a command that was not found`,
      'invalid',
      `${START}exec: "x": executable file not found in $PATH`,
    ],
    [
      `runc: ${START}exec: "./x": stat ./x: no such file or directory: OCI runtime attempted to invoke a command that was not found`,
      'invalid',
      `${START}exec: "./x": stat ./x: no such file or directory`,
    ],
    [
      `runc: ${START}exec: "/etc": permission denied: OCI permission denied`,
      'invalid',
      `${START}exec: "/etc": permission denied`,
    ],
    [
      'crun: executable file `x` not found in $PATH: No such file or directory: OCI runtime attempted to invoke a command that was not found',
      'invalid',
      'crun create failed: exec: "x": executable file not found in $PATH',
    ],
    [
      'runc: runc create failed: no cgroup mount found in mountinfo: OCI runtime error',
      'internal',
      'runc create failed: no cgroup mount found in mountinfo',
    ],
    [
      `${DOCKERS}${START}exec: "x": executable file not found in $PATH: unknown`,
      'invalid',
      `${START}exec: "x": executable file not found in $PATH`,
    ],
  ])('%s', (words, code, reason) => {
    expect(startFailure(words)).toMatchObject({ code, message: `${DOCKERS}${reason}: unknown` });
  });

  it('says nothing of what no runtime said', () => {
    expect(startFailure('no space left on device')).toBeUndefined();
    expect(startFailure('container state improper')).toBeUndefined();
  });
});
