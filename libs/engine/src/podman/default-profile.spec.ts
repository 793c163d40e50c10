import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { machineProfile, withoutX32 } from './default-profile.js';

describe('withoutX32', () => {
  it('keeps every rule and every other ABI', () => {
    const profile = {
      defaultAction: 'SCMP_ACT_ERRNO',
      defaultErrnoRet: 38,
      archMap: [
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86', 'SCMP_ARCH_X32'] },
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
        { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: null },
        { architecture: 'SCMP_ARCH_S390X' },
      ],
      syscalls: [{ names: ['read'], action: 'SCMP_ACT_ALLOW', includes: { caps: ['CAP_BPF'] } }],
    };
    expect(JSON.parse(withoutX32(JSON.stringify(profile)))).toEqual({
      ...profile,
      archMap: [
        { architecture: 'SCMP_ARCH_X86_64', subArchitectures: ['SCMP_ARCH_X86'] },
        { architecture: 'SCMP_ARCH_AARCH64', subArchitectures: ['SCMP_ARCH_ARM'] },
        { architecture: 'SCMP_ARCH_RISCV64', subArchitectures: [] },
        { architecture: 'SCMP_ARCH_S390X', subArchitectures: [] },
      ],
    });
  });

  it.each(['{"architectures": ["SCMP_ARCH_X32"]}', '{"archMap": null}', '{"archMap": "x"}', '{', 'null', ''])(
    'leaves %j as it is',
    (text) => {
      expect(withoutX32(text)).toBe(text);
    },
  );
});

describe('machineProfile', () => {
  const folder = mkdtempSync(join(tmpdir(), 'skep-profile-'));
  afterAll(() => rmSync(folder, { recursive: true }));

  it("is the administrator's, else the distribution's, else none", () => {
    const [own, distribution] = [join(folder, 'own.json'), join(folder, 'distribution.json')];
    expect(machineProfile([own, distribution])).toBeUndefined();
    writeFileSync(distribution, 'distribution');
    expect(machineProfile([own, distribution])).toBe('distribution');
    writeFileSync(own, 'own');
    expect(machineProfile([own, distribution])).toBe('own');
  });
});
