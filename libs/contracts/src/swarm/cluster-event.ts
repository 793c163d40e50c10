/**
 * Something that happened to an object of the cluster, in Docker's vocabulary. The manager answers `GET /skep/v1/events` on
 * its socket with what happens from then on: NDJSON, one of these a line.
 */
export interface ClusterEvent {
  type: 'service' | 'node' | 'secret' | 'config' | 'network';
  action: 'create' | 'update' | 'remove';
  actor: { id: string; attributes: Record<string, string> };
}
