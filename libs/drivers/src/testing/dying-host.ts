import type { Host, IpLine } from '#lib/host';

/** What is thrown where the process would have been killed. */
export class Killed extends Error {}

/** A host whose process dies after that many effects, each line of a batch being one. What was done stays done. */
export function dyingHost(host: Host, effects: number): Host {
  let left = effects;
  const spend = () => {
    if (left-- <= 0) throw new Killed();
  };
  const batch = (run: (lines: readonly IpLine[], netns?: string) => Promise<void>) => {
    return async (lines: readonly IpLine[], netns?: string): Promise<void> => {
      const done = lines.slice(0, Math.max(0, left));
      await run(done, netns);
      left -= done.length;
      if (done.length < lines.length) throw new Killed();
    };
  };
  const overrides: Partial<Host> = {
    ip: batch((lines, netns) => host.ip(lines, netns)),
    tc: batch((lines, netns) => host.tc(lines, netns)),
    sysctl: (...all) => (spend(), host.sysctl(...all)),
    nft: (text, netns) => (spend(), host.nft(text, netns)),
  };
  return new Proxy(host, {
    get(target, key) {
      const value: unknown = Reflect.get(overrides, key) ?? Reflect.get(target, key);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
