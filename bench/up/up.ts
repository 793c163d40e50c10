import type { Measure } from '../measure.js';
import { COMMAND, IMAGE, SERVICES, Sleepers } from '../stage/sleepers.js';
import { takeTurns, timed } from '../turns.js';

/** `up -d` of 10 services that sleep, from the command line to its end, images present, no network there yet. */
export const measureUp: Measure = async (stage, { rounds }) => {
  const sleepers = new Sleepers(stage);
  let ids: string[] = [];
  const runBare = async () => void (ids = await stage.bare.run(SERVICES.length, IMAGE, COMMAND));
  const times = await takeTurns(rounds, {
    skep: () => timed(sleepers.upOnSkep).finally(sleepers.downOnSkep),
    docker: () => timed(sleepers.upOnDocker).finally(sleepers.downOnDocker),
    bare: () => timed(runBare).finally(() => stage.bare.remove(ids)),
  });
  const what = `up of ${SERVICES.length} services`;
  return [
    {
      what,
      unit: 'ms',
      skep: times.skep,
      peer: 'docker-compose on Docker Engine',
      theirs: times.docker,
      bar: { relation: '<=', ratio: 0.35 },
    },
    {
      what: `${what}, overhead`,
      unit: 'ms',
      skep: times.skep,
      peer: 'the bare engine',
      theirs: times.bare,
      bar: { relation: '<=', ratio: 1.2 },
    },
  ];
};
