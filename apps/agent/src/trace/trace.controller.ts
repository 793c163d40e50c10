import { Controller, Get, Query } from '@nestjs/common';
import { invalid } from '#lib/common';
import type { TraceView } from '#lib/contracts';
import { TraceService } from './trace.service.js';

/** Why a container reaches something, or does not. */
@Controller('skep/v1/trace')
export class TraceController {
  constructor(private readonly service: TraceService) {}

  @Get()
  trace(
    @Query('from') from = '',
    @Query('to') to = '',
    @Query('port') port = '',
    @Query('protocol') protocol = 'tcp',
  ): Promise<TraceView> {
    if (from === '') throw invalid('from: which container asks?');
    if (to === '') throw invalid('to: a container, a name or an address');
    if (protocol !== 'tcp' && protocol !== 'udp') throw invalid(`protocol ${protocol}: expected tcp or udp`);
    return this.service.run({ from, to, protocol, ...(port !== '' && { port: portOf(port) }) });
  }
}

function portOf(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1 || port > 65_535) throw invalid(`port ${text}: expected 1 to 65535`);
  return port;
}
