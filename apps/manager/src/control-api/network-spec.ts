import { z } from 'zod';
import { forbidden, invalid } from '#lib/common';
import { checkOverlayOptions, nodeNetworkNamed, type ClusterNetwork } from '#lib/domain';
import { bool, optional, parseBody, text, textMap } from '#lib/http';

const pool = z.looseObject({ Subnet: text, Gateway: text, IPRange: text, AuxiliaryAddresses: textMap });

/** The body of POST /networks/create (Docker Engine API 1.51), as far as an overlay network reads it. */
const body = z.looseObject({
  Name: z.string().regex(/^[A-Za-z0-9][\w.-]{0,62}$/, 'expected 1 to 63 letters, digits, ".", "_" and "-"'),
  Driver: text,
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  EnableIPv6: bool,
  IPAM: optional(z.looseObject({ Config: optional(z.array(pool)) })),
  Options: textMap,
  Labels: textMap,
});

type Asked = Omit<ClusterNetwork, 'id' | 'createdAt' | 'updatedAt' | 'pools' | 'vni'>;

/** What is asked for, without what the cluster adds, and warnings for what of it changes nothing. Pure. */
export function parseNetwork(raw: unknown): { network: Asked; warnings: string[] } {
  const asked = parseBody(body, raw);
  if (nodeNetworkNamed(asked.Name)) throw forbidden(`operation is not permitted on predefined ${asked.Name} network`);
  if (asked.Driver && asked.Driver !== 'overlay') {
    throw invalid(`network ${asked.Name}: driver ${asked.Driver}: a network of the swarm is an overlay network`);
  }
  if (asked.Ingress && asked.Attachable) {
    throw invalid('rpc error: code = InvalidArgument desc = ingress network cannot be attachable');
  }
  if (asked.Ingress && asked.Internal) {
    throw invalid(`network ${asked.Name}: an ingress network leads outside; it cannot be internal`);
  }
  const config = asked.IPAM?.Config ?? [];
  const v6 = config.filter((each) => isV6(each));
  for (const same of [v6, config.filter((each) => !isV6(each))]) {
    if (same.length < 2) continue;
    const subnets = same.map((each) => each.Subnet || 'one without a subnet').join(' and ');
    throw invalid(`network ${asked.Name}: ${subnets}: one subnet of each address family is possible`);
  }
  const network: Asked = {
    name: asked.Name,
    labels: asked.Labels,
    options: asked.Options,
    internal: asked.Internal,
    attachable: asked.Attachable,
    ingress: asked.Ingress,
    enableIPv6: asked.EnableIPv6 || v6.length > 0,
    encrypted: isEncrypted(asked.Name, asked.Options['encrypted']),
    asked: config.map(({ Subnet, Gateway, IPRange, AuxiliaryAddresses }) => ({
      ...(Subnet && { subnet: Subnet }),
      ...(Gateway && { gateway: Gateway }),
      ...(IPRange && { ipRange: IPRange }),
      ...(Object.keys(AuxiliaryAddresses).length > 0 && { auxAddresses: AuxiliaryAddresses }),
    })),
  };
  return { network, warnings: checkOverlayOptions(network) };
}

/** `--opt encrypted`, which docker sends as an empty text, or with a truth value as Go writes them. */
function isEncrypted(name: string, option: string | undefined): boolean {
  if (option === undefined || /^(0|f|F|false|FALSE|False)$/.test(option)) return false;
  if (/^(|1|t|T|true|TRUE|True)$/.test(option)) return true;
  throw invalid(`network ${name}: option encrypted: ${JSON.stringify(option)}: expected nothing, true or false`);
}

const isV6 = ({ Subnet, Gateway, IPRange }: z.infer<typeof pool>): boolean =>
  [Subnet, Gateway, IPRange].some((each) => each?.includes(':'));
