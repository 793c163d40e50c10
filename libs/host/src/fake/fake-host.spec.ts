import { hostContract } from '../host.contract.js';
import { FakeHost } from './fake-host.js';

hostContract('fake', () => {
  const host = new FakeHost();
  let pid = 1000;
  return {
    host,
    process: () => {
      const mine = ++pid;
      host.begin(mine);
      return { pid: mine, end: () => host.end(mine) };
    },
    close: () => host.close(),
  };
});
