import { Module } from '@nestjs/common';
import { CaController } from './ca.controller.js';
import { CertificateAuthority } from './certificate-authority.js';

@Module({ controllers: [CaController], providers: [CertificateAuthority] })
export class CaModule {}
