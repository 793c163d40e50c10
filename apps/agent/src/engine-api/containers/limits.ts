import { availableParallelism } from 'node:os';
import { invalid } from '#lib/common';

type Limits = Readonly<Record<string, unknown>>;

const MIN_MEMORY = 6 << 20;

/** Bounds of resources, as Docker Engine checks and words them before it asks anybody. */
export function checkLimits(host: Limits): void {
  const number = (key: string) => (typeof host[key] === 'number' ? host[key] : 0);
  const memory = number('Memory');
  const swap = number('MemorySwap');
  const cpus = availableParallelism();
  if (memory !== 0 && memory < MIN_MEMORY) throw invalid('Minimum memory limit allowed is 6MB');
  if (memory > 0 && swap > 0 && swap < memory) {
    throw invalid('Minimum memoryswap limit should be larger than memory limit, see usage');
  }
  if (memory === 0 && swap > 0)
    throw invalid('You should always set the Memory limit when using Memoryswap limit, see usage');
  const reservation = number('MemoryReservation');
  if (reservation > 0 && reservation < MIN_MEMORY) throw invalid('Minimum memory reservation allowed is 6MB');
  if (memory > 0 && reservation > memory) {
    throw invalid('Minimum memory limit can not be less than memory reservation limit, see usage');
  }
  const nano = number('NanoCpus');
  if (nano < 0 || nano > cpus * 1e9) {
    throw invalid(`range of CPUs is from 0.01 to ${cpus}.00, as there are only ${cpus} CPUs available`);
  }
  if (nano > 0 && (number('CpuQuota') > 0 || number('CpuPeriod') > 0)) {
    throw invalid('Conflicting options: Nano CPUs and CPU Period/Quota cannot both be set');
  }
  const swappiness = number('MemorySwappiness');
  if (swappiness < -1 || swappiness > 100) {
    throw invalid(`Invalid value: ${swappiness}, valid memory swappiness range is 0-100`);
  }
  const score = number('OomScoreAdj');
  if (score < -1000 || score > 1000) {
    throw invalid(`Invalid value ${score}, range for oom score adj is [-1000, 1000]`);
  }
  if (number('ShmSize') < 0) throw invalid('SHM size can not be less than 0');
}
