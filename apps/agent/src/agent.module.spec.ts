import { ModulesContainer } from '@nestjs/core';
import { expect, it } from 'vitest';
import { TestAgent } from './testing/test-agent.js';

it('makes each part once, for all rooms that ask for it', async () => {
  const agent = await TestAgent.open();
  try {
    const rooms = [...agent.application.app.get(ModulesContainer).values()];
    const parts = rooms.flatMap(({ metatype }) => (Reflect.getMetadata('providers', metatype) as unknown[]) ?? []);
    expect(parts).toContainEqual(expect.any(Function));
    expect(parts.filter((part, index) => parts.indexOf(part) !== index)).toEqual([]);
  } finally {
    await agent.close();
  }
});
