import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { issueCertificate, newCertificateRequest, newRoot, validityOf, type Root } from '#lib/pki';
import { CertificateRenewal } from './certificate-renewal.js';
import type { SwarmMembership } from './membership.js';

const HOUR = 3600_000;
const START = Date.parse('2026-01-01T00:00:00Z');

describe('the renewal of a certificate', () => {
  let first: Root;
  let second: Root;
  /** who signs now */
  let signing: Root;
  let certificate: string;
  let renewed: number[];
  let issued: number;
  let failures: number;
  /** the node's clock is before the manager's by so much */
  let ahead: number;
  let renewal: CertificateRenewal;

  const issue = async () => {
    const { request } = await newCertificateRequest();
    const identity = { nodeId: 'n', role: 'worker', clusterId: 'c' } as const;
    return issueCertificate(signing, request, identity, HOUR, Date.now() - ahead);
  };

  beforeEach(async () => {
    vi.useFakeTimers({ now: START, toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    Logger.overrideLogger(false);
    [first, second] = await Promise.all([newRoot('c'), newRoot('c')]);
    signing = first;
    ahead = 0;
    certificate = await issue();
    renewed = [];
    issued = 0;
    failures = 0;
    const membership = {
      current: { nodeId: 'n' },
      onChange: () => undefined,
      trust: () => undefined,
      credentials: () => ({ certificate, root: '', key: '' }),
      renew: async () => {
        renewed.push(Date.now() - START);
        if (failures-- > 0) throw new Error('nobody there');
        certificate = await issue();
        issued += 1;
      },
    };
    renewal = new CertificateRenewal(membership as unknown as SwarmMembership);
  });
  afterEach(() => {
    renewal.stop();
    vi.useRealTimers();
  });

  /** Keys are made outside of the clock: it is advanced by steps, each of which waits for them. */
  const pass = async (ms: number, step = 1000) => {
    for (let past = 0; past < ms; past += step) {
      await vi.advanceTimersByTimeAsync(Math.min(step, ms - past));
      await new Promise((resolve) => setImmediate(resolve));
    }
  };

  it('comes once, in the second half of its life, and again in that of the next', async () => {
    renewal.start();
    await pass(HOUR / 2 - 1000, 60_000);
    expect(renewed).toEqual([]);
    await pass(0.35 * HOUR, 10_000);
    expect(renewed).toHaveLength(1);
    await vi.waitFor(() => expect(validityOf(certificate).to).toBeGreaterThan(START + HOUR));
    await pass(HOUR, 10_000);
    // Twice, or three times where the moment is an early one: each in the second half of the life before. The clock of
    // this test goes on while keys are made.
    expect(renewed.length).toBeGreaterThan(1);
    for (const [index, at] of renewed.entries()) {
      const age = (at - (renewed[index - 1] ?? 0)) / HOUR;
      expect(age).toBeGreaterThan(0.49);
      expect(age).toBeLessThan(1);
    }
  });

  it('is tried again soon where it fails', async () => {
    failures = 2;
    renewal.start();
    await pass(0.85 * HOUR, 1000);
    expect(renewed).toHaveLength(3);
    expect(renewed[2]! - renewed[0]!).toBe(4000);
  });

  it('rests between one and the next where the clock finds each new one due at once', async () => {
    ahead = 0.95 * HOUR;
    certificate = await issue();
    renewal.start();
    for (let minute = 0; minute < 5; minute++) {
      await pass(61_000, 10_000);
      await vi.waitFor(() => expect(issued).toBe(renewed.length));
    }
    expect(renewed.length).toBeGreaterThan(2);
    for (const [index, at] of renewed.slice(1).entries()) expect(at - renewed[index]!).toBeGreaterThanOrEqual(60_000);
    // Another root is waited for by the cluster.
    signing = second;
    const before = renewed.length;
    renewal.follow([first.certificate, second.certificate], 0);
    await pass(4_000);
    expect(renewed).toHaveLength(before + 1);
  });

  it('comes within that time also where the clock is set back meanwhile', async () => {
    renewal.start();
    signing = second;
    renewal.follow([first.certificate, second.certificate], 10_000);
    vi.setSystemTime(START - HOUR / 2);
    await pass(10_000);
    expect(renewed).toHaveLength(1);
  });

  it('comes within the time that the manager gives when the root is another one, and not for the same root', async () => {
    renewal.start();
    renewal.follow([first.certificate], 10_000);
    await pass(20_000);
    expect(renewed).toEqual([]);
    signing = second;
    renewal.follow([first.certificate, second.certificate], 10_000);
    await pass(5_000);
    // Told again, as at each session: the moment stays.
    renewal.follow([first.certificate, second.certificate], 10_000);
    await pass(5_000);
    expect(renewed).toHaveLength(1);
    await pass(20_000);
    expect(renewed).toHaveLength(1);
  });
});
