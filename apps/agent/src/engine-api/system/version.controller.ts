import os from 'node:os';
import { Controller, Get, Inject } from '@nestjs/common';
import { skepVersion } from '#lib/common';
import { askEngine, type Engine } from '#lib/engine';
import { ENGINE } from '../../node/tokens.js';
import { API_VERSION, MIN_API_VERSION } from '#lib/http';
import { ARCHITECTURE } from './machine.js';

interface Component {
  Name: string;
  Version: string;
  Details?: Record<string, string>;
}

/** Of the engine's own GET /version. */
interface EngineVersion {
  Components?: Component[];
}

@Controller('version')
export class VersionController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  /** Docker's clients print the component that is called Engine as the server; the others are what works below it. */
  @Get()
  async version() {
    const below = await askEngine<EngineVersion>(this.engine.socketPath, { method: 'GET', path: '/version' });
    const own = {
      Version: skepVersion(),
      ApiVersion: API_VERSION,
      MinAPIVersion: MIN_API_VERSION,
      GitCommit: '',
      GoVersion: `none (Node.js ${process.version})`,
      Os: 'linux',
      Arch: ARCHITECTURE,
      KernelVersion: os.release(),
    };
    const { Version, ...details } = own;
    return {
      Platform: { Name: `skep ${Version}` },
      ...own,
      Components: [
        { Name: 'Engine', Version, Details: { ...details, Experimental: 'false' } },
        ...(below.Components ?? []).map(componentBelow),
      ],
    };
  }
}

function componentBelow({ Name, Version, Details }: Component): Component {
  const [firstLine = ''] = Version.split('\n');
  return { Name: Name === 'Engine' ? 'Docker Engine' : Name, Version: firstLine, ...(Details && { Details }) };
}
