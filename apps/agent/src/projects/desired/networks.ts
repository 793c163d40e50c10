import type { NetworkDefinition, Project } from '#lib/compose';
import { closest, invalid } from '#lib/common';
import { driverAsked, driverNamed, DRIVER_NAMES, type DriverName, type NetworkRequest, type Volume } from '#lib/domain';
import { networkLabels, volumeLabels } from './labels.js';

/** The networks that the project owns, and the names of those that must be there already. Pure. */
export function networkRequestsOf(project: Project): { owned: NetworkRequest[]; external: string[] } {
  const used = new Set(Object.values(project.services).flatMap((service) => Object.keys(service.networks ?? {})));
  const entries = Object.entries(project.networks).filter(([key]) => used.has(key));
  return {
    owned: entries
      .filter(([, definition]) => !definition.external)
      .map(([key, definition]) => requestOf(definition, networkLabels(project, key))),
    external: entries.filter(([, definition]) => definition.external).map(([, definition]) => definition.name),
  };
}

function requestOf(definition: NetworkDefinition, labels: Record<string, string>): NetworkRequest {
  return {
    name: definition.name,
    driver: driverNameOf(definition.driver ?? '', `network ${definition.name}`),
    ...driverAsked(definition.driver ?? ''),
    pools: (definition.ipam?.config ?? []).map((pool) => ({
      subnet: pool.subnet,
      gateway: pool.gateway,
      ipRange: pool.ip_range,
      auxAddresses: pool.aux_addresses,
    })),
    internal: definition.internal ?? false,
    attachable: definition.attachable ?? false,
    enableIPv4: definition.enable_ipv4 ?? true,
    enableIPv6: definition.enable_ipv6 ?? false,
    options: definition.driver_opts ?? {},
    labels: { ...definition.labels, ...labels },
  };
}

export function driverNameOf(name: string, where: string): DriverName {
  const driver = driverNamed(name);
  if (driver) return driver;
  const meant = closest(name, DRIVER_NAMES);
  throw invalid(
    `${where}: unknown driver ${name}${meant ? ` (did you mean ${meant}?)` : ''}; expected one of ${DRIVER_NAMES.join(', ')}`,
  );
}

export function volumesOf(project: Project, now: string): { owned: Volume[]; external: string[] } {
  const used = new Set(
    Object.values(project.services).flatMap((service) =>
      (service.volumes ?? []).flatMap((mount) => (mount.type === 'volume' && mount.source ? [mount.source] : [])),
    ),
  );
  const entries = Object.entries(project.volumes).filter(([key]) => used.has(key));
  return {
    owned: entries
      .filter(([, definition]) => !definition.external)
      .map(([key, definition]) => ({
        name: definition.name,
        project: project.name,
        driver: definition.driver ?? 'local',
        options: definition.driver_opts ?? {},
        labels: { ...definition.labels, ...volumeLabels(project, key) },
        createdAt: now,
        target: 'present',
      })),
    external: entries.filter(([, definition]) => definition.external).map(([, definition]) => definition.name),
  };
}
