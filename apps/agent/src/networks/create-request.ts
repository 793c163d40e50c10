import { closest, forbidden, invalid, notFound, unsupported } from '#lib/common';
import {
  DRIVER_NAMES,
  driverAsked,
  driverNamed,
  type DriverName,
  type IpamRequest,
  type NetworkRequest,
} from '#lib/domain';
import type { CreateBody } from './create-body.js';

/** Names that stand for the default network, for `host` and for `none` in every client. */
const RESERVED = ['bridge', 'default', 'host', 'none'];
const IPAM_DRIVERS = ['default', 'windows'];

/** A network as POST /networks/create asks for it. Pure. Errors in Docker's words where Docker refuses it too. */
export function networkRequestOf(body: CreateBody): NetworkRequest {
  const name = checkedName(body.Name);
  refuseSwarm(body);
  if (body.ConfigOnly || body.ConfigFrom?.Network) {
    throw unsupported(
      `network ${name}: networks that are configuration only (ConfigOnly, ConfigFrom) are not there: give driver, subnets and options on the network itself`,
    );
  }
  return {
    name,
    driver: driverOf(body.Driver ?? ''),
    ...driverAsked(body.Driver ?? ''),
    pools: (body.IPAM?.Config ?? []).map(poolOf).filter((pool) => Object.keys(pool).length > 0),
    internal: body.Internal,
    attachable: body.Attachable,
    enableIPv4: body.EnableIPv4,
    enableIPv6: body.EnableIPv6,
    options: body.Options,
    ...ipamOf(body.IPAM),
    labels: body.Labels,
  };
}

function checkedName(name: string): string {
  if (name.trim() === '') throw invalid('invalid name: name is empty');
  if (RESERVED.includes(name)) throw forbidden(`operation is not permitted on predefined ${name} network `);
  if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) {
    throw invalid(`invalid name: ${JSON.stringify(name.slice(0, 300))}: only [a-zA-Z0-9][a-zA-Z0-9_.-]* is allowed`);
  }
  if (name.length > 255) throw invalid(`invalid name: ${name.length} characters; at most 255 are accepted`);
  return name;
}

/** Is it a network of the whole swarm that is asked for? */
export function isOfSwarm({ Driver, Scope }: CreateBody): boolean {
  return Driver === 'overlay' && Scope !== 'local';
}

function refuseSwarm({ Scope: scope, Ingress, Driver }: CreateBody): void {
  if (scope === 'swarm') throw forbidden('cannot create a swarm scoped network when swarm is not active');
  if (Ingress) throw forbidden('Ingress network can only be global scope network');
  if (scope && scope !== 'local') throw invalid(`invalid scope ${JSON.stringify(scope)}: expected local or swarm`);
  if (Driver === 'overlay') throw invalid('an overlay network has the scope swarm');
}

function driverOf(asked: string): DriverName {
  const driver = driverNamed(asked);
  if (driver === 'host' || driver === 'none') {
    throw forbidden(`only one instance of "${driver === 'none' ? 'null' : driver}" network is allowed`);
  }
  if (driver) return driver;
  const meant = closest(asked, DRIVER_NAMES);
  const hint = meant ? `did you mean ${meant}?` : `drivers: ${DRIVER_NAMES.join(', ')}`;
  throw notFound(`could not find plugin ${asked} in v1 plugin registry: plugin not found; ${hint}`);
}

function poolOf(config: NonNullable<NonNullable<CreateBody['IPAM']>['Config']>[number]): IpamRequest {
  const { Subnet, IPRange, Gateway, AuxiliaryAddresses } = config;
  return {
    ...(Subnet && { subnet: Subnet }),
    ...(IPRange && { ipRange: IPRange }),
    ...(Gateway && { gateway: Gateway }),
    ...(Object.keys(AuxiliaryAddresses).length > 0 && { auxAddresses: AuxiliaryAddresses }),
  };
}

function ipamOf(ipam: CreateBody['IPAM']): Pick<NetworkRequest, 'ipam'> {
  const driver = ipam?.Driver || 'default';
  if (!IPAM_DRIVERS.includes(driver)) {
    throw notFound(`could not find plugin ${driver} in v1 plugin registry: plugin not found; IPAM drivers: default`);
  }
  if (driver === 'default' && !ipam?.Options) return {};
  return { ipam: { driver, options: ipam?.Options ?? {} } };
}
