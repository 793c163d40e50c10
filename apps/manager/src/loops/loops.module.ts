import { Module } from '@nestjs/common';
import { LoopRunner } from './loop-runner.js';

@Module({ providers: [LoopRunner] })
export class LoopsModule {}
