/** Docker's labels of a stack, so that its tools see our stacks and ours see theirs. */
export const NAMESPACE = 'com.docker.stack.namespace';
/** the image as the file names it, where the service has it with its digest */
export const IMAGE = 'com.docker.stack.image';

export function stackLabels(stack: string, own: Record<string, string> = {}): Record<string, string> {
  return { ...own, [NAMESPACE]: stack };
}
