import { Controller, Get, Header, Param } from '@nestjs/common';
import { ExecBook, type ExecState } from './exec-book.js';

@Controller('exec')
export class ExecController {
  constructor(private readonly book: ExecBook) {}

  @Get(':id/json')
  @Header('Content-Type', 'application/json')
  inspect(@Param('id') id: string): Promise<ExecState> {
    return this.book.inspect(id);
  }
}
