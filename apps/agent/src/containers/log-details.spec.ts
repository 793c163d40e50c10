import { describe, expect, it } from 'vitest';
import { logDetails } from './log-details.js';

describe('logDetails', () => {
  const spec = (Config?: Record<string, string>) => ({
    Image: 'demo',
    Labels: { tier: 'web front', 'com.example': 'a=b', other: '' },
    Env: ['A=1', 'B=x,y=z', 'PATH=/bin', 'EMPTY'],
    HostConfig: { LogConfig: { Type: 'json-file', ...(Config && { Config }) } },
  });

  it.each<[Record<string, string> | undefined, string]>([
    [undefined, ''],
    [{ 'max-size': '1m' }, ''],
    [{ labels: 'tier' }, 'tier=web+front'],
    [{ labels: 'tier,com.example,absent', env: 'B,EMPTY' }, 'B=x%2Cy%3Dz,com.example=a%3Db,tier=web+front'],
    [{ 'labels-regex': '^ti', 'env-regex': '^.$' }, 'A=1,B=x%2Cy%3Dz,tier=web+front'],
    [{ 'labels-regex': '(' }, ''],
    [{ labels: 'other' }, 'other='],
  ])('%j', (config, details) => {
    expect(logDetails(spec(config))).toBe(details);
  });

  it('is empty where nothing is configured at all', () => {
    expect(logDetails({ Image: 'demo' })).toBe('');
  });
});
