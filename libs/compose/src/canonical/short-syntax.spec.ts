import { describe, expect, it } from 'vitest';
import { refusal } from '../testing/memory.js';
import { deviceEntry, extraHosts } from './hosts-and-devices.js';
import { toMapping } from './mappings.js';
import { parsePort } from './ports.js';
import { parseVolume } from './volumes.js';
import { splitWords } from './words.js';

describe('ports', () => {
  it.each([
    ['[::1]:80:8080', [{ host_ip: '::1', published: '80', target: 8080 }]],
    ['0.0.0.0::53/udp', [{ host_ip: '0.0.0.0', target: 53, protocol: 'udp' }]],
    [
      '127.0.0.1:5000-5001:80-81',
      [
        { host_ip: '127.0.0.1', published: '5000', target: 80 },
        { host_ip: '127.0.0.1', published: '5001', target: 81 },
      ],
    ],
    ['3000-3001', [{ target: 3000 }, { target: 3001 }]],
  ])('%s', (text, expected) => {
    expect(parsePort(text)).toEqual(expected.map((port) => ({ mode: 'ingress', protocol: 'tcp', ...port })));
  });

  it.each([
    ['80-82:90-91', 'Invalid ranges specified for container and host Ports'],
    ['90000:80', 'Invalid hostPort: 90000'],
    ['80:9-5', 'Invalid containerPort: 9-5'],
    ['80:80/tcp/udp', 'Invalid proto: tcp/udp'],
  ])('refuses %s', async (text, message) => expect((await refusal(() => parsePort(text)))[0]).toContain(message));
});

describe('volumes', () => {
  it.each([
    ['/data', { type: 'volume', target: '/data', volume: {} }],
    ['data:/x', { type: 'volume', source: 'data', target: '/x', volume: {} }],
    ['data:/x//y/../z/:ro', { type: 'volume', source: 'data', target: '/x/z', read_only: true, volume: {} }],
    ['/data/', { type: 'volume', target: '/data', volume: {} }],
    ['data:/x:ro,nocopy', { type: 'volume', source: 'data', target: '/x', read_only: true, volume: { nocopy: true } }],
    ['./a:/x:rslave,z', { type: 'bind', source: './a', target: '/x', bind: { propagation: 'rslave', selinux: 'z' } }],
    ['~/a:/x', { type: 'bind', source: '~/a', target: '/x', bind: {} }],
    ['c:\\a:/x', { type: 'bind', source: 'c:\\a', target: '/x', bind: {} }],
  ])('%s', (text, expected) => expect(parseVolume(text)).toEqual(expected));

  it.each(['', 'a::b', 'a:b:c:d', ':/x'])('refuses "%s"', async (text) => {
    expect((await refusal(() => parseVolume(text)))[0]).toContain(`invalid volume "${text}"`);
  });
});

describe('command lines', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    [`sh -c "echo \\"x\\" 'y'" ''`, ['sh', '-c', `echo "x" 'y'`, '']],
    ["a\\ b 'c\\'", ['a b', 'c\\']],
    ['x"y"z', ['xyz']],
    ['', []],
  ])('%s', (line, words) => expect(splitWords(line)).toEqual(words));

  it('refuses an open quote', async () => {
    expect((await refusal(() => splitWords('echo "x')))[0]).toContain('has no closing "');
  });
});

describe('mappings, hosts and devices', () => {
  it('reads lists of KEY=value; the last of a key counts', () => {
    expect(toMapping(null)(['A=1=2', 'B=', 'C', 'A=3'])).toEqual({ A: '3', B: '', C: null });
    expect(toMapping('')({ n: 1.5, t: true, x: null })).toEqual({ n: '1.5', t: 'true', x: '' });
  });

  it('writes hosts as name=address', () => {
    expect(extraHosts(['a:1.2.3.4', 'b=::1', 'c:[::2]'])).toEqual(['a=1.2.3.4', 'b=::1', 'c=::2']);
    expect(extraHosts(['a:1.2.3.4, [::1]', 'b=c'])).toEqual(['a=1.2.3.4', 'a=::1', 'b=c']);
    expect(extraHosts({ b: ['1.1.1.1', '::1'], a: 'host-gateway' })).toEqual(['a=host-gateway', 'b=1.1.1.1', 'b=::1']);
  });

  it('fills in devices', () => {
    expect(deviceEntry('/dev/a')).toEqual({ source: '/dev/a', target: '/dev/a', permissions: 'rwm' });
    expect(deviceEntry('/dev/a:/dev/b:r')).toEqual({ source: '/dev/a', target: '/dev/b', permissions: 'r' });
  });
});
