import { bool, integer, listOf, looseText, mapOf, matching, oneOf, orNull, record, text } from './kinds.js';
import { bytes, fileMode } from './quantities.js';
import { mapping, strings } from './shared.js';

/** A published port, a network attachment, a mount, a dependency: what ties a service to the rest. */
export const macAddress = matching(/^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i, 'a MAC address such as 02:42:ac:11:65:43');
export const names = {
  pattern: /^[a-zA-Z0-9._-]+$/,
  expected: 'names consist of letters, digits, dots, dashes and underscores',
};

export const ports = listOf(
  record(
    {
      app_protocol: text,
      host_ip: text,
      mode: oneOf('ingress', 'host'),
      name: text,
      protocol: oneOf('tcp', 'udp', 'sctp'),
      published: looseText,
      target: integer({ min: 1, max: 65_535 }),
    },
    { required: ['target'] },
  ),
);

export const networks = mapOf(
  orNull(
    record({
      aliases: strings,
      driver_opts: mapping,
      gw_priority: integer(),
      interface_name: text,
      ipv4_address: text,
      ipv6_address: text,
      link_local_ips: strings,
      mac_address: macAddress,
      priority: integer(),
    }),
  ),
  names,
);

export const volumes = listOf(
  record(
    {
      bind: record({
        create_host_path: bool,
        propagation: oneOf('shared', 'slave', 'private', 'rshared', 'rslave', 'rprivate'),
        recursive: oneOf('enabled', 'disabled', 'writable', 'readonly'),
        selinux: oneOf('z', 'Z'),
      }),
      consistency: text,
      image: record({ subpath: text }),
      read_only: bool,
      source: text,
      target: text,
      tmpfs: record({ mode: fileMode, size: bytes }),
      type: oneOf('bind', 'volume', 'tmpfs', 'cluster', 'npipe', 'image'),
      volume: record({ labels: mapping, nocopy: bool, subpath: text }),
    },
    { required: ['type', 'target'] },
  ),
);

export const dependsOn = mapOf(
  record(
    {
      condition: oneOf('service_started', 'service_healthy', 'service_completed_successfully'),
      required: bool,
      restart: bool,
    },
    { required: ['condition'] },
  ),
  names,
);
