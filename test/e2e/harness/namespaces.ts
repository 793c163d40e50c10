export { Namespace, Segment } from '#lib/lab';
