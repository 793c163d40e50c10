import { hostContract, sleeper } from '../host.contract.js';
import { createHost } from './kernel-host.js';
import { enterNewNetns } from './netns.js';

hostContract('kernel', () => {
  const leave = enterNewNetns();
  const host = createHost();
  return {
    host,
    process: sleeper,
    close: () => {
      host.close();
      leave();
    },
  };
});
