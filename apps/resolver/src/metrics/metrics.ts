import { Counter, Gauge, Registry, type Histogram } from 'prom-client';
import { rcodeName } from '#lib/discovery';
import { LATENCY_BUCKETS, type AnswerStatistics } from './answer-statistics.js';

/** Where the numbers come from; they are read when the text is made. */
export interface MetricSources {
  /** the worker's: A and AAAA of owned names over UDP */
  hot: AnswerStatistics;
  /** the main thread's: everything else */
  slow: AnswerStatistics;
  /** questions for other servers, by what became of them */
  forwards: ReadonlyMap<string, number>;
  sandboxes: number;
  cached: number;
}

/** The resolver's metrics in Prometheus' text format. */
export function metricsText({ hot, slow, forwards, sandboxes, cached }: MetricSources): Promise<string> {
  const registry = new Registry();
  const registers = [registry];
  const counter = (name: string, help: string, label: string, values: Iterable<readonly [string, number]>) => {
    const made = new Counter({ name, help, labelNames: [label], registers });
    for (const [value, count] of values) made.inc({ [label]: value }, count);
  };
  const gauge = (name: string, help: string, value: number) => {
    const made = new Gauge({ name, help, registers });
    made.set(value);
  };

  const paths = [hot.read(), slow.read()];
  const answers = paths.flatMap((path) => [...path.answers].map(([rcode, n]) => [rcodeName(rcode), n] as const));
  const answered = answers.reduce((sum, [, count]) => sum + count, 0);
  const dropped = paths.reduce((sum, path) => sum + path.dropped, 0);
  counter('skep_dns_questions_total', 'Questions, by whether they got an answer', 'answered', [
    ['yes', answered],
    ['no', dropped],
  ]);
  counter('skep_dns_answers_total', 'Answers by rcode', 'rcode', answers);
  counter('skep_dns_forwards_total', 'Questions for other servers', 'outcome', forwards);
  gauge('skep_dns_sandboxes', 'Containers in whose namespace the resolver listens', sandboxes);
  gauge('skep_dns_cached_answers', "Other servers' answers that are kept", cached);
  const of = 'Time from the receipt of a question until its answer is sent: ';
  registry.registerMetric(histogram('skep_dns_hot_duration_seconds', `${of}A and AAAA of owned names over UDP`, hot));
  registry.registerMetric(histogram('skep_dns_slow_duration_seconds', `${of}TCP, forwarding, other types`, slow));
  return registry.metrics();
}

/** prom-client keeps buckets of its own and takes no others; a registry asks a metric for its name and `get` alone. */
function histogram(name: string, help: string, statistics: AnswerStatistics): Histogram {
  const get = () => {
    const { buckets, sumSeconds } = statistics.read();
    let count = 0;
    const values = buckets.map((answers, i) => {
      const value = (count += answers);
      return { labels: { le: LATENCY_BUCKETS[i] ?? '+Inf' }, value, metricName: `${name}_bucket` };
    });
    const totals = [
      { labels: {}, value: sumSeconds, metricName: `${name}_sum` },
      { labels: {}, value: count, metricName: `${name}_count` },
    ];
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values: [...values, ...totals] });
  };
  return { name, get } as unknown as Histogram;
}
