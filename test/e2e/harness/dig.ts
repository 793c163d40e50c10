import type { TestNode } from './node.js';

/** Asks the resolver `count` times, one question after another, as the container; gives the addresses of each answer. */
export async function digTimes(
  node: TestNode,
  containerId: string,
  name: string,
  count: number,
  transport: 'udp' | 'tcp',
): Promise<string[][]> {
  const option = transport === 'tcp' ? '+tcp' : '+notcp';
  const questions = `${name} A\n`.repeat(count);
  const text = await node.inSandbox(
    containerId,
    'dig',
    ['@127.0.0.11', '+noall', '+answer', '+comments', '+tries=1', '+time=5', option, '-f', '-'],
    questions,
  );
  return text
    .split(/^;; Got answer:$/m)
    .slice(1)
    .map((answer) => [...answer.matchAll(/^\S+\s+\d+\s+IN\s+A\s+(\S+)$/gm)].map((match) => match[1]!));
}

/** How often each address came first. */
export function firsts(answers: readonly string[][]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [first = 'none'] of answers) counts.set(first, (counts.get(first) ?? 0) + 1);
  return counts;
}
