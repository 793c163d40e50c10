import type { ClusterNode } from '#lib/domain';
import type { Found } from './lookup.js';

/** GET /nodes/:id (Docker Engine API 1.51). */
export function nodeJson({ value: node, version }: Found<'node'>) {
  const { description } = node;
  return {
    ID: node.id,
    Version: { Index: version },
    CreatedAt: node.createdAt,
    UpdatedAt: node.updatedAt,
    Spec: { Labels: {}, ...node.spec },
    Description: description && {
      Hostname: description.hostname,
      Platform: { Architecture: description.architecture, OS: description.os },
      Resources: { NanoCPUs: description.nanoCpus, MemoryBytes: description.memoryBytes },
      Engine: {
        EngineVersion: description.engineVersion,
        Labels: description.engineLabels,
        Plugins: description.drivers.map((Name) => ({ Type: 'Network', Name })),
      },
    },
    Status: statusOf(node),
    ...(node.spec.Role === 'manager' && {
      ManagerStatus: { Leader: true, Reachability: 'reachable', Addr: node.status.addr },
    }),
  };
}

function statusOf({ status }: ClusterNode) {
  return { State: status.state, Addr: status.addr, ...(status.message && { Message: status.message }) };
}
