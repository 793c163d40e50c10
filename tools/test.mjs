// Runs every check and every suite, also after one has failed, and ends with one line: `N passed, N failed`.
//   node tools/test.mjs [check|unit|kernel|e2e|e2e-docker|e2e-timed …]      default: all of them
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'skep-test-'));
/** Those of one line run side by side. */
const SUITES = [['unit'], ['kernel'], ['e2e', 'e2e-docker'], ['e2e-timed']];

/** Kernel tests run with the OCI runtime that skep takes on this machine. */
const WITH_CRUN = ['e2e', 'e2e-docker', 'e2e-timed'];
/** There, crun refuses to start anything: libs/engine/src/podman/runtime.ts. */
const MIXED = '/sys/fs/cgroup/unified';

function run(command, args, env = {}) {
  const stdio = ['ignore', 'inherit', 'inherit'];
  return spawnSync(command, args, { cwd: root, stdio, env: { ...process.env, ...env } }).status === 0;
}

/** Each script `check:…` counts as one test. */
function checks() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(scripts).filter((name) => name.startsWith('check:'));
  const failures = names.filter((name) => {
    console.log(`\n${name}`);
    return !run('npm', ['run', '-s', name]);
  });
  return { passed: names.length - failures.length, failed: failures.length, skipped: 0, failures };
}

function suites(projects) {
  console.log(`\n${projects.join(', ')}`);
  const file = join(scratch, `${projects.join('-')}.json`);
  const reporters = ['--reporter=default', '--reporter=./tools/test-report.mjs'];
  const vitest = [
    join(root, 'node_modules/.bin/vitest'),
    'run',
    ...projects.map((name) => `--project=${name}`),
    ...reporters,
  ];
  const [command, ...args] = projects.some((name) => WITH_CRUN.includes(name)) ? whereCrunRuns(vitest) : vitest;
  const ok = run(command, args, { SKEP_TEST_REPORT: file });
  const report = readReport(file);
  return ok || report.failed > 0
    ? report
    : { ...report, failed: 1, failures: [`${projects.join(', ')}: vitest failed`] };
}

/** A machine on which controllers of cgroups are of both versions is seen without the second: most machines have only one. */
function whereCrunRuns(command) {
  if (!existsSync(MIXED) || existsSync('/sys/fs/cgroup/cgroup.controllers')) return command;
  const script = `mount --make-rprivate /sys/fs/cgroup && umount ${MIXED} && exec "$@"`;
  return ['unshare', '--mount', '--propagation', 'unchanged', 'sh', '-c', script, 'sh', ...command];
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { passed: 0, failed: 0, skipped: 0, failures: [] };
  }
}

const wanted = process.argv.slice(2);
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);
const results = isWanted('check') ? [checks()] : [];
for (const projects of SUITES.map((names) => names.filter(isWanted))) {
  if (projects.length > 0) results.push(suites(projects));
}
rmSync(scratch, { recursive: true });

const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
const failures = results.flatMap((result) => result.failures);
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
console.log(`\n${total('passed')} passed, ${total('failed')} failed${skipped}`);
process.exitCode = failures.length > 0 ? 1 : 0;
