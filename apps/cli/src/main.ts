import { skepVersion } from '#lib/common';

// Who reads our output may stop reading: end as a program does that SIGPIPE ends.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(128 + 13);
    throw error;
  });
}

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-v')) {
  // Scripts ask this often; it needs none of the rest.
  process.stdout.write(`${skepVersion()}\n`);
} else {
  const [{ run }, { processSystem }] = await Promise.all([import('./program.js'), import('./system.js')]);
  process.exitCode = await run(argv, processSystem());
}
