import { Body, Controller, Get, Headers, HttpCode, Inject, Param, Post } from '@nestjs/common';
import { invalid } from '#lib/common';
import { type Engine, fullName } from '#lib/engine';
import { authConfig, credentialsIn, parseBody } from '#lib/http';
import { ENGINE } from '../../node/tokens.js';
import { parseReference } from '../images/reference.js';

/** What is asked of registries without pulling. */
@Controller()
export class RegistryController {
  constructor(@Inject(ENGINE) private readonly engine: Engine) {}

  /** Whether a registry takes these credentials. Nothing is kept: clients send them again with each pull and push. */
  @Post('auth')
  @HttpCode(200)
  async auth(@Body() raw: unknown) {
    const credentials = parseBody(authConfig, raw);
    if (!credentials.username && !credentials.identitytoken) {
      throw invalid('no username: a registry login needs one');
    }
    const { status, identityToken } = await this.engine.registries.login(credentials);
    return { Status: status, IdentityToken: identityToken };
  }

  @Get('distribution/*name/json')
  async inspect(@Param('name') name: string | string[], @Headers('x-registry-auth') auth: string | undefined) {
    const { repository, tag, digest } = parseReference([name].flat().join('/'));
    const image = await this.engine.registries.inspect(
      { repository: fullName(repository), reference: digest ?? tag! },
      credentialsIn(auth),
    );
    return { Descriptor: image.descriptor, Platforms: image.platforms };
  }
}
