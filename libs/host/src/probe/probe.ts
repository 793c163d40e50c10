import type { Host } from '../host.js';
import type { Capability } from './capability.js';
import { probeKernel } from './kernel.js';
import { probeNetworking } from './network.js';
import { probeSettings } from './settings.js';
import { probeTools } from './tools.js';

/**
 * What this node has of what skep uses. Tried for real where that leaves no trace; never fails itself.
 * @param engine of Podman the program is looked for; of Docker Engine nothing is
 */
export async function probe(host: Host, engine: 'podman' | 'docker' = 'podman'): Promise<Capability[]> {
  const [kernel, networking, tools] = await Promise.all([probeKernel(), probeNetworking(host), probeTools(engine)]);
  return [...kernel, ...networking, ...probeSettings(host), ...tools];
}
