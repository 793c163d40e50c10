export * from './membership.js';
export * from './swarm-client.js';
export type { FromNode, FromNodeInput } from '../generated/skep/swarm/v1/FromNode.js';
export type { Issued, IssuedInput } from '../generated/skep/swarm/v1/Issued.js';
export type { IssueRequest } from '../generated/skep/swarm/v1/IssueRequest.js';
export type { RenewRequest } from '../generated/skep/swarm/v1/RenewRequest.js';
export type { Root } from '../generated/skep/swarm/v1/Root.js';
export type { ToNode, ToNodeInput } from '../generated/skep/swarm/v1/ToNode.js';
