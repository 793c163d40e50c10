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

  it.each([
    ['node.id=n1', 'expected KEY==VALUE or KEY!=VALUE'],
    ['node.colour==red', 'unknown key node.colour; expected one of node.id'],
    ['node.labels.==x', 'unknown key'],
    ['', 'expected KEY==VALUE'],
  ])('%j is refused', (constraint, message) => {
    expect(() => parseConstraint(constraint)).toThrow(message);
  });
});
