export { killProcessesOf, processesOf, type FoundProcess } from '#lib/lab';
