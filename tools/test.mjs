// Runs every check and every suite, also after one has failed, and ends with one line: `N passed, N failed`.
//   node tools/test.mjs [check|unit|kernel|e2e|e2e-docker …]      default: all of them
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const scratch = mkdtempSync(join(tmpdir(), 'skep-test-'));
const SUITES = ['unit', 'kernel', 'e2e', 'e2e-docker'];

function run(command, args) {
  return spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] }).status === 0;
}

/** Each script `check:…` counts as one test. */
function checks() {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const names = Object.keys(scripts).filter((name) => name.startsWith('check:'));
  const failed = names.filter((name) => {
    console.log(`\n${name}`);
    return !run('npm', ['run', '-s', name]);
  });
  return { passed: names.length - failed.length, failed: failed.length, skipped: 0, failures: failed };
}

function suite(project) {
  console.log(`\n${project}`);
  const file = join(scratch, `${project}.json`);
  const ok = run(join(root, 'node_modules/.bin/vitest'), [
    'run',
    `--project=${project}`,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ]);
  const counts = countsOf(readReport(file));
  // A file that does not load, an error outside a test, no report at all: a failure, though no test failed.
  if (!ok && counts.failed === 0) {
    counts.failed = 1;
    counts.failures.push(`${project}: vitest failed`);
  }
  return counts;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return { testResults: [] };
  }
}

function countsOf({ testResults }) {
  const counts = { passed: 0, failed: 0, skipped: 0, failures: [] };
  for (const { name, status, assertionResults } of testResults) {
    for (const test of assertionResults) {
      const outcome = test.status === 'passed' || test.status === 'failed' ? test.status : 'skipped';
      counts[outcome] += 1;
      if (outcome === 'failed')
        counts.failures.push(`${name.slice(root.length + 1)}: ${test.title}: ${reasonOf(test)}`);
    }
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) {
      counts.failed += 1;
      counts.failures.push(`${name.slice(root.length + 1)}: could not be run`);
    }
  }
  return counts;
}

/** What it says before its stack, short enough that a log's last screen has all of them. */
function reasonOf({ failureMessages }) {
  const lines = (failureMessages[0] ?? 'no reason given').split('\n');
  const stack = lines.findIndex((line) => /^\s+at /.test(line));
  const words = (stack < 0 ? lines : lines.slice(0, stack)).map((line) => line.trim()).filter(Boolean);
  return words.join(' | ').slice(0, 400);
}

const wanted = process.argv.slice(2);
const results = ['check', ...SUITES]
  .filter((name) => wanted.length === 0 || wanted.includes(name))
  .map((name) => (name === 'check' ? checks() : suite(name)));
rmSync(scratch, { recursive: true });

const total = (key) => results.reduce((sum, result) => sum + result[key], 0);
const failures = results.flatMap((result) => result.failures);
if (failures.length > 0) console.log(`\nfailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
const skipped = total('skipped') > 0 ? `, ${total('skipped')} skipped` : '';
console.log(`\n${total('passed')} passed, ${total('failed')} failed${skipped}`);
process.exitCode = failures.length > 0 ? 1 : 0;
