import { Controller, Get, Res } from '@nestjs/common';
import type { Response } from 'express';
import { BackupService } from './backup.service.js';

@Controller('skep/v1/backup')
export class BackupController {
  constructor(private readonly backups: BackupService) {}

  @Get()
  async backup(@Res() response: Response): Promise<void> {
    await this.backups.write(response, () => response.status(200).setHeader('Content-Type', 'application/x-tar'));
  }
}
