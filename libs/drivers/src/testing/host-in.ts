import { createHost, inNetns, type Host } from '#lib/host';

/** The host as a process in that namespace has it. Every method enters the namespace before it begins. */
export function hostIn(netns: string): Host {
  return new Proxy(createHost(), {
    get(host, key) {
      const value: unknown = Reflect.get(host, key);
      if (typeof value !== 'function') return value;
      return (...values: unknown[]): unknown => inNetns(netns, () => value.apply(host, values) as unknown);
    },
  });
}
