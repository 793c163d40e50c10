import { Module } from '@nestjs/common';
import { CertificateRenewal } from './certificate-renewal.js';
import { ManagerClient } from './manager-client.js';
import { SwarmMembership } from './membership.js';

/** What this node is in a cluster: its certificates, and the manager beside it. */
@Module({
  providers: [CertificateRenewal, ManagerClient, SwarmMembership],
  exports: [CertificateRenewal, ManagerClient, SwarmMembership],
})
export class MembershipModule {}
