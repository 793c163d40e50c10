import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { rcodeName } from '#lib/discovery';
import type { ForwardOutcome } from '../forward/forwarder.js';
import { LATENCY_BUCKETS, type HotStatistics } from './hot-statistics.js';

/** The resolver's metrics; those of the hot path are read when they are asked for. */
export class Metrics {
  readonly #registry = new Registry();
  readonly #slow = new Map<number, number>();
  readonly #forwards = this.#counter('skep_dns_forwards_total', 'Questions for other servers', 'outcome');
  readonly #duration = new Histogram({
    name: 'skep_dns_slow_duration_seconds',
    help: 'Time to answer what the hot path does not: TCP, forwarding, other types than A and AAAA',
    buckets: [...LATENCY_BUCKETS],
    registers: [this.#registry],
  });

  constructor(hot: HotStatistics, sizes: { sandboxes: () => number; cached: () => number }) {
    const answers = this.#counter('skep_dns_answers_total', 'Answers by rcode', 'rcode', (counter) => {
      counter.reset();
      for (const counts of [hot.read().answers, this.#slow]) {
        for (const [rcode, count] of counts) counter.inc({ rcode: rcodeName(rcode) }, count);
      }
    });
    this.#counter(
      'skep_dns_questions_total',
      'Questions, by whether they got an answer',
      'answered',
      async (counter) => {
        const { values } = await answers.get();
        counter.reset();
        counter.inc(
          { answered: 'yes' },
          values.reduce((sum, { value }) => sum + value, 0),
        );
        counter.inc({ answered: 'no' }, hot.read().dropped);
      },
    );
    this.#hotHistogram(hot);
    this.#gauge('skep_dns_sandboxes', 'Containers in whose namespace the resolver listens', sizes.sandboxes);
    this.#gauge('skep_dns_cached_answers', "Other servers' answers that are kept", sizes.cached);
  }

  /** An answer of the slow path. */
  answered(rcode: number, milliseconds: number): void {
    this.#slow.set(rcode, (this.#slow.get(rcode) ?? 0) + 1);
    this.#duration.observe(milliseconds / 1000);
  }

  forwarded(outcome: ForwardOutcome): void {
    this.#forwards.inc({ outcome });
  }

  /** Prometheus' text format. */
  text(): Promise<string> {
    return this.#registry.metrics();
  }

  /** The worker keeps its own buckets; this gives them the shape of a cumulative histogram. */
  #hotHistogram(hot: HotStatistics): void {
    const name = 'skep_dns_hot_duration_seconds';
    const help = 'Time from the receipt of a batch of questions until their answers are sent';
    const get = () => {
      const { buckets, sumSeconds } = hot.read();
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
    // The registry asks a metric for no more than its name and this; prom-client's type wants a whole Histogram.
    this.#registry.registerMetric({ name, get } as unknown as Histogram);
  }

  #counter(name: string, help: string, label: string, collect?: (counter: Counter) => void | Promise<void>): Counter {
    const registers = [this.#registry];
    return new Counter({
      name,
      help,
      labelNames: [label],
      registers,
      async collect() {
        await collect?.(this as Counter);
      },
    });
  }

  #gauge(name: string, help: string, read: () => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      collect() {
        this.set(read());
      },
    });
    this.#registry.registerMetric(gauge);
  }
}
