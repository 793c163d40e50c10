import { describe, expect, it } from 'vitest';
import { readReport } from './report.js';

const report = (facts: Record<string, string>) =>
  Object.entries({ event: 'bound', ip: '192.0.2.50', mask: '24', serverid: '192.0.2.3', ...facts })
    .map(([key, value]) => `${key}=${value}\n`)
    .join('');

describe("a DHCP client's report", () => {
  it('is a lease with what the server said', () => {
    expect(
      readReport(report({ router: '192.0.2.254 192.0.2.253', dns: '192.0.2.3 192.0.2.4', domain: 'lan.test' })),
    ).toEqual({
      ipv4: '192.0.2.50',
      lease: {
        prefix: 24,
        server: '192.0.2.3',
        gateway: '192.0.2.254',
        dns: ['192.0.2.3', '192.0.2.4'],
        domain: 'lan.test',
      },
    });
    expect(readReport(report({ event: 'renew' }))).toEqual({
      ipv4: '192.0.2.50',
      lease: { prefix: 24, server: '192.0.2.3', dns: [] },
    });
  });

  it.each([
    ['', 'nothing'],
    [report({ event: 'deconfig' }), 'a lease that is lost'],
    [report({ ip: '192.0.2.500' }), 'no address'],
    [report({ mask: '0' }), 'no mask'],
    [report({ mask: '255.255.255.0' }), 'a mask in dots'],
  ])('%j is none: %s', (text) => {
    expect(readReport(text)).toBeUndefined();
  });

  it('is not believed where it is not what it should be', () => {
    const lease = readReport(
      report({ router: 'evil; reboot', dns: '192.0.2.3 $(x) fe80::1', domain: 'a b\nip=203.0.113.1' }),
    );
    expect(lease).toEqual({ ipv4: '192.0.2.50', lease: { prefix: 24, server: '192.0.2.3', dns: ['192.0.2.3'] } });
  });
});
