import 'reflect-metadata';
import { describe, expect, it } from 'vitest';
import { CaController } from './ca.controller.js';
import { ROLES } from './roles.js';
import { LogsController } from '../logs/logs.controller.js';
import { DispatcherController } from '../dispatcher/dispatcher.controller.js';

const PATTERN = 'microservices:pattern';

describe('every RPC', () => {
  const methods = [CaController, DispatcherController, LogsController].flatMap((controller) =>
    Object.getOwnPropertyNames(controller.prototype)
      .map((name) => ({ name: `${controller.name}.${name}`, of: (controller.prototype as never)[name] as object }))
      .filter(({ of }) => Reflect.hasMetadata(PATTERN, of)),
  );

  it('is found', () => {
    expect(methods.map(({ name }) => name)).toEqual([
      'CaController.getRoot',
      'CaController.issue',
      'CaController.renew',
      'DispatcherController.session',
      'LogsController.publish',
    ]);
  });

  it.each(methods)('$name declares the roles that may call it', ({ of }) => {
    expect(Reflect.getMetadata(ROLES, of)).toEqual(
      expect.arrayContaining([expect.stringMatching(/^(anyone|worker|manager)$/)]),
    );
  });
});
