import { expect, it } from 'vitest';
import { doctorReport } from './doctor.js';
import { coloured, plain } from './style.js';

const CAPABILITIES = [
  { name: 'bridge', ok: true, detail: 'works', needed: true },
  { name: 'vxlan', ok: false, detail: 'not supported; no overlay networks', needed: false },
  { name: 'podman', ok: false, detail: 'not in PATH', needed: true },
];

it('tells what is missing, what is needed of it, and that the daemon is away', () => {
  const report = doctorReport({ capabilities: CAPABILITIES, daemon: { away: 'no daemon at unix:///x' } }, plain);
  expect(report.split('\n')).toEqual([
    '          WHAT     FOUND',
    'ok        bridge   works',
    'note      vxlan    not supported; no overlay networks',
    'MISSING   podman   not in PATH',
    '',
    'daemon: no daemon at unix:///x',
    '',
    'This machine cannot run skep: podman.',
    '',
  ]);
});

it('shows what the daemon chose', () => {
  const daemon = {
    nodeId: 'abcdef'.padEnd(64, '0'),
    version: '1.0',
    engine: { name: 'podman', version: '4.3.1', runtime: 'runc', storageDriver: 'overlay' },
    resolver: 'up' as const,
    dataRoot: '/d',
    execRoot: '/e',
    networks: 2,
    containers: 3,
    warnings: ['careful'],
  };
  const report = doctorReport({ capabilities: CAPABILITIES.slice(0, 2), daemon }, plain);
  expect(report).toContain(
    'daemon: 1.0, node abcdef000000, 3 containers, 2 networks\n  engine:         podman 4.3.1\n',
  );
  expect(report).toContain('  warning: careful\n');
  expect(report).toContain('This machine can run skep.');
});

it('keeps the columns when it paints', () => {
  const report = doctorReport({ capabilities: CAPABILITIES, daemon: { away: 'x' } }, coloured);
  expect(report).toContain('\x1b[32mok\x1b[0m        bridge   works\n');
  expect(report).toContain('\x1b[31mMISSING\x1b[0m   podman   not in PATH\n');
});
