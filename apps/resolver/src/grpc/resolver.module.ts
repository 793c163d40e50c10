import { Module, type DynamicModule } from '@nestjs/common';
import { Resolver } from '../resolver.js';
import { ResolverController } from './resolver.controller.js';

@Module({})
export class ResolverModule {
  /** @param resolver serves already: DNS does not wait for gRPC */
  static of(resolver: Resolver): DynamicModule {
    return {
      module: ResolverModule,
      controllers: [ResolverController],
      providers: [{ provide: Resolver, useValue: resolver }],
    };
  }
}
