import { describe, expect, it } from 'vitest';
import { TestCluster } from '../testing/test-cluster.js';
import { meets, parseConstraint } from './constraints.js';

const node = new TestCluster().node('n1', {}, { zone: 'east' });

describe('constraints', () => {
  it.each([
    ['node.id==n1', true],
    ['node.id!=n1', false],
    ['node.role == worker', true],
    ['node.role==manager', false],
    ['node.labels.zone==EAST', true],
    ['node.labels.zone!=west', true],
    ['node.labels.rack==1', false],
    ['node.platform.os==linux', true],
    ['node.hostname==n1', true],
  ])('%s', (constraint, met) => {
    expect(meets(node, [constraint])).toBe(met);
  });

  // 10.9.0.1 and 2001:db8::1
  it.each([
    ['node.ip==10.9.0.1', true, false],
    ['node.ip!=10.9.0.1', false, true],
    ['node.ip==10.0.0.0/8', true, false],
    ['node.ip!=10.0.0.0/8', false, true],
    ['node.ip == 10.9.0.77/24', true, false],
    ['Node.IP==10.9.1.0/24', false, false],
    ['node.ip==0.0.0.0/0', true, false],
    ['node.ip==2001:0DB8:0:0::1', false, true],
    ['node.ip!=2001:db8::/32', true, false],
    ['node.ip==10.9.0.1/33', false, false],
    ['node.ip!=10.9.0.1/33', false, false],
    ['node.ip==east', false, false],
    ['node.ip!=east', false, false],
  ])('%s is of addresses, not of texts', (constraint, four, six) => {
    const at = (addr: string) => new TestCluster().node('n2', { status: { state: 'ready', addr } });
    expect(meets(at('10.9.0.1'), [constraint])).toBe(four);
    expect(meets(at('2001:db8::1'), [constraint])).toBe(six);
  });

  it('a node without an address is in no subnet', () => {
    const unknown = new TestCluster().node('n2', { status: { state: 'unknown', addr: '' } });
    expect(meets(unknown, ['node.ip==10.0.0.0/8'])).toBe(false);
    expect(meets(unknown, ['node.ip!=10.0.0.0/8'])).toBe(true);
  });

  it.each([
    ['node.id=n1', 'expected KEY==VALUE or KEY!=VALUE'],
    ['node.colour==red', 'unknown key node.colour; expected one of node.id'],
    ['node.labels.==x', 'unknown key'],
    ['', 'expected KEY==VALUE'],
  ])('%j is refused', (constraint, message) => {
    expect(() => parseConstraint(constraint)).toThrow(message);
  });
});
