import { describe, expect, it } from 'vitest';
import { parseDown, parseUp } from './requests.js';

describe('the body of an up', () => {
  const model = { name: 'shop', services: { web: { image: 'demo' } } };

  it('has a project, with all sections', () => {
    expect(parseUp('shop', { model }).project).toEqual({
      ...model,
      networks: {},
      volumes: {},
      secrets: {},
      configs: {},
    });
  });

  it.each([
    [undefined, 'model: '],
    [{ model: { ...model, services: { web: { image: ['demo'] } } } }, 'services.web.image must be a string'],
    [{ model: { ...model, services: { web: 'demo' } } }, 'model.services.web: '],
    [{ model: { ...model, volumes: [] } }, 'volumes must be a mapping; found a list'],
    [{ model: { ...model, name: 'other' } }, 'the model is of project other, the path says shop'],
    [{ model, scale: { web: -1 } }, 'scale.web: '],
  ])('is refused by what is wrong with it: %j', (body, message) => {
    expect(() => parseUp('shop', body)).toThrow(message);
    expect(() => parseUp('shop', body)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('may be left out of a down', () => {
    expect(parseDown(undefined)).toEqual({ volumes: false });
  });
});
