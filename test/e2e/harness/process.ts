export { must, run, type Outcome, type RunOptions } from '#lib/lab';
