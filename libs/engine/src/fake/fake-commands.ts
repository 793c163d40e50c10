/** What a command does in the fake: nothing runs, so the few that tests need are known by name. */
export interface FakeRun {
  output: string[];
  /** undefined: it runs until it is ended */
  exitCode: number | undefined;
}

/** `true`, `false`, `echo WORDS`, `sleep SECONDS`, and `sh -c 'exit N'`; everything else runs until it is ended. */
export function runFake(argv: readonly string[]): FakeRun {
  const [command, ...rest] = argv;
  switch (command) {
    case 'true':
      return { output: [], exitCode: 0 };
    case 'false':
      return { output: [], exitCode: 1 };
    case 'echo':
      return { output: [rest.join(' ')], exitCode: 0 };
    case 'sh': {
      const exit = /^exit (\d+)$/.exec(rest[1] ?? '');
      return { output: [], exitCode: exit ? Number(exit[1]) : undefined };
    }
    default:
      return { output: [], exitCode: undefined };
  }
}
