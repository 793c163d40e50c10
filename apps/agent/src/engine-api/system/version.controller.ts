import os from 'node:os';
import { Controller, Get } from '@nestjs/common';
import { skepVersion } from '#lib/common';
import { API_VERSION, MIN_API_VERSION } from '#lib/http';
import { EngineFacts, type EngineComponent } from './engine-facts.js';
import { ARCHITECTURE } from './machine.js';

@Controller('version')
export class VersionController {
  constructor(private readonly engine: EngineFacts) {}

  /** Docker's clients print the component that is called Engine as the server; the others are what works below it. */
  @Get()
  async version() {
    const below = await this.engine.components();
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
        ...below.map(componentBelow),
      ],
    };
  }
}

function componentBelow({ Name, Version, Details }: EngineComponent): EngineComponent {
  const [firstLine = ''] = Version.split('\n');
  return { Name: Name === 'Engine' ? 'Docker Engine' : Name, Version: firstLine, ...(Details && { Details }) };
}
