// A reporter of Vitest: writes what `tools/test.mjs` counts into the file that SKEP_TEST_REPORT names.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';

export default class {
  /** Modules are files of tests, each of one project. */
  onTestRunEnd(modules, unhandledErrors) {
    const report = { passed: 0, failed: 0, skipped: 0, failures: [] };
    const fail = (what, errors) => {
      report.failed += 1;
      report.failures.push(`${what}: ${reasonOf(errors)}`);
    };
    for (const module of modules) {
      const name = `${relative(process.cwd(), module.moduleId)} (${module.project.name})`;
      const failedBefore = report.failed;
      for (const test of module.children.allTests()) {
        const { state, errors } = test.result();
        if (state === 'failed') fail(`${name}: ${test.fullName}`, errors);
        else report[state === 'passed' ? 'passed' : 'skipped'] += 1;
      }
      // A file that does not load, or a hook after its tests: a failure, though no test failed.
      if (module.state() === 'failed' && report.failed === failedBefore) fail(name, allErrors(module));
    }
    if (unhandledErrors.length > 0) fail('outside of any test', unhandledErrors);
    writeFileSync(process.env.SKEP_TEST_REPORT, JSON.stringify(report));
  }
}

function allErrors(module) {
  return [...module.errors(), ...[...module.children.allSuites()].flatMap((suite) => suite.errors())];
}

/** What it says and what differs, short enough that a log's last screen has all of them. */
function reasonOf(errors) {
  const { message = 'no reason given', diff = '' } = errors?.[0] ?? {};
  return stripVTControlCharacters(`${message}\n${diff}`)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
    .join(' | ')
    .slice(0, 600);
}
