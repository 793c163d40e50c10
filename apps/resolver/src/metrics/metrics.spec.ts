import { expect, it } from 'vitest';
import { RCODE } from '#lib/discovery';
import { AnswerStatistics } from './answer-statistics.js';
import { metricsText } from './metrics.js';

it('writes what both paths count as Prometheus reads it', async () => {
  const [hot, slow] = [new AnswerStatistics(), new AnswerStatistics()];
  for (let i = 0; i < 3; i++) hot.answered(RCODE.NOERROR);
  hot.took(0.02, 2);
  hot.took(9_000, 1);
  slow.answered(RCODE.NOERROR);
  slow.answered(RCODE.NXDOMAIN);
  slow.dropped();
  const text = await metricsText({ hot, slow, forwards: new Map([['cached', 2]]), sandboxes: 4, cached: 5 });
  for (const line of [
    'skep_dns_questions_total{answered="yes"} 5',
    'skep_dns_questions_total{answered="no"} 1',
    'skep_dns_answers_total{rcode="NOERROR"} 4',
    'skep_dns_answers_total{rcode="NXDOMAIN"} 1',
    'skep_dns_forwards_total{outcome="cached"} 2',
    'skep_dns_hot_duration_seconds_bucket{le="0.00001"} 0',
    'skep_dns_hot_duration_seconds_bucket{le="0.000025"} 2',
    'skep_dns_hot_duration_seconds_bucket{le="5"} 2',
    'skep_dns_hot_duration_seconds_bucket{le="+Inf"} 3',
    'skep_dns_hot_duration_seconds_count 3',
    'skep_dns_sandboxes 4',
    'skep_dns_cached_answers 5',
  ]) {
    expect(text.split('\n')).toContain(line);
  }
});
