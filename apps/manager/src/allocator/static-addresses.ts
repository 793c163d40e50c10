import { invalid } from '#lib/common';
import {
  ADDRESS_OPTIONS,
  type AddressFamily,
  type ClusterNetwork,
  type NetworkAttachment,
  type ServiceSpec,
} from '#lib/domain';
import { formatRange, parseAddressList, type AddressRange } from '#lib/ipam';

/** Docker's label of what `stack deploy` makes: networks of a stack are called `STACK_NAME`. */
const STACK = 'com.docker.stack.namespace';

type Listed = Partial<Record<AddressFamily, AddressRange[]>>;
type Spec = Pick<ServiceSpec, 'Labels' | 'Name'>;

/** The addresses that a service wants for its tasks on a network; a family without any gets those that are free. Pure. */
export function listedAddresses(spec: Spec, network: Pick<ClusterNetwork, 'name'>, at: NetworkAttachment): Listed {
  const listed: Listed = {};
  for (const [family, option] of Object.entries(ADDRESS_OPTIONS) as [AddressFamily, string][]) {
    const text = at.DriverOpts?.[option] ?? labelOf(spec, option, network.name);
    if (text === undefined || text === '') continue;
    const ranges = parseAddressList(text, `${option} of service ${spec.Name} on network ${network.name}`);
    const stray = ranges.find((each) => (each.family === 4) !== (family === 'ipv4'));
    if (stray) throw invalid(`${option} of service ${spec.Name}: ${formatRange(stray)} is of the other address family`);
    listed[family] = ranges;
  }
  return listed;
}

/** By the network's name, or in a stack by its name within the stack. */
function labelOf(spec: Spec, option: string, network: string): string | undefined {
  const labels = spec.Labels ?? {};
  const stack = labels[STACK];
  const short = stack !== undefined && network.startsWith(`${stack}_`) ? network.slice(stack.length + 1) : network;
  return labels[`${option}.${network}`] ?? labels[`${option}.${short}`];
}
