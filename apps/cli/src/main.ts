import { run } from './program.js';
import { processSystem } from './system.js';

// Who reads our output may stop reading: end as a program does that SIGPIPE ends.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(128 + 13);
    throw error;
  });
}

process.exitCode = await run(process.argv.slice(2), processSystem());
