import { isIP } from 'node:net';
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { type DaemonSettings, LOG_LEVELS } from '#lib/contracts';

/** One thing that can be configured: a key of daemon.json, a flag of `skep daemon`, and a field of DaemonConfig. */
export interface Setting {
  key: string;
  /** in commander's notation; repeatable when the value is a list */
  flag: string;
  about: string;
  field: keyof DaemonSettings;
  schema: z.ZodType;
  /** the flag's text → the value that the key would have */
  fromText?: (text: string) => unknown;
}

const path = z.string().refine(isAbsolute, { error: 'must be an absolute path' });
const address = z.string().refine((text) => isIP(text) > 0, { error: 'must be an IPv4 or IPv6 address' });
const cidr4 = z.cidrv4({ error: 'must be an IPv4 prefix such as 172.16.0.0/12' });
const cidr6 = z.cidrv6({ error: 'must be an IPv6 prefix such as fd00:5e::/64' });
const words = z.array(z.string().regex(/^\S+$/, { error: 'must be one word' }));

/** A key has one value, so that a constraint on it has one answer. */
const labels = z
  .array(z.string().regex(/^[^\s=]+=/, { error: 'must be KEY=VALUE' }))
  .refine((all) => new Set(all.map(keyOf)).size === new Set(all).size, { error: 'has two values for one key' });

function keyOf(label: string): string {
  return label.slice(0, label.indexOf('='));
}

const unixSocket = /^unix:\/\/\/./;

const host = z.string().refine((text) => unixSocket.test(text) || isTcp(text), {
  error: 'must be unix:///path/to.sock, or tcp://IP:PORT with certificates',
});

function isTcp(text: string): boolean {
  const [, address = '', port] = /^tcp:\/\/(?:\[([^\]]+)\]|[^:[\]]+):(\d{1,5})$/.exec(text) ?? [];
  const ip = address || text.slice('tcp://'.length, text.lastIndexOf(':'));
  return port !== undefined && isIP(ip) > 0 && Number(port) > 0 && Number(port) < 65536;
}

const pool = z
  .strictObject({ base: z.union([cidr4, cidr6], { error: 'must be an IPv4 or IPv6 prefix' }), size: z.int() })
  .refine(({ base, size }) => size >= prefixLength(base) && size <= (base.includes(':') ? 128 : 32), {
    error: 'size must be a prefix length, and not shorter than that of base',
    path: ['size'],
  });

function prefixLength(cidr: string): number {
  return Number(cidr.split('/')[1]);
}

const number = (text: string) => (/^\d+$/.test(text) ? Number(text) : text);

/** `base=10.99.0.0/16,size=24`, as dockerd writes it */
function poolFromText(text: string): unknown {
  const { size, ...rest } = Object.fromEntries(text.split(',').map((pair) => pair.split('=', 2))) as Record<
    string,
    string
  >;
  return { ...rest, ...(size !== undefined && { size: number(size) }) };
}

const yes = (text: string) => (text === 'true' ? true : text === 'false' ? false : text);

/** Docker's names where Docker has the setting. */
export const SETTINGS: readonly Setting[] = [
  {
    key: 'data-root',
    flag: '--data-root <path>',
    about: 'state that outlives a reboot (default: /var/lib/skep)',
    field: 'dataRoot',
    schema: path,
  },
  {
    key: 'exec-root',
    flag: '--exec-root <path>',
    about: 'sockets and state of this boot (default: /run/skep)',
    field: 'execRoot',
    schema: path,
  },
  {
    key: 'hosts',
    flag: '-H, --host <address>',
    about: 'where the API listens (default: docker.sock in the exec root; repeatable)',
    field: 'hosts',
    schema: z.array(host),
  },
  {
    key: 'tlscacert',
    flag: '--tlscacert <path>',
    about: 'for hosts on TCP: certificate of whoever signs those of clients',
    field: 'tlsCa',
    schema: path,
  },
  {
    key: 'tlscert',
    flag: '--tlscert <path>',
    about: "for hosts on TCP: this node's certificate",
    field: 'tlsCert',
    schema: path,
  },
  {
    key: 'tlskey',
    flag: '--tlskey <path>',
    about: 'for hosts on TCP: the key of this certificate',
    field: 'tlsKey',
    schema: path,
  },
  {
    key: 'tlsverify',
    flag: '--tlsverify [true|false]',
    about: 'for hosts on TCP: only clients with a certificate; must be true',
    field: 'tlsVerify',
    schema: z.boolean(),
    fromText: yes,
  },
  {
    key: 'fixed-cidr',
    flag: '--fixed-cidr <prefix>',
    about: 'IPv4 prefix of the default network',
    field: 'fixedCidr',
    schema: cidr4,
  },
  {
    key: 'fixed-cidr-v6',
    flag: '--fixed-cidr-v6 <prefix>',
    about: 'IPv6 prefix of the default network',
    field: 'fixedCidrV6',
    schema: cidr6,
  },
  {
    key: 'bridge',
    flag: '-b, --bridge <none>',
    about: '"none" makes no default network',
    field: 'bridge',
    schema: z.literal('none', { error: 'must be "none", or be left out' }),
  },
  {
    key: 'nat-prefix',
    flag: '--nat-prefix <prefix>',
    about: 'refuse nat networks outside of this IPv4 prefix',
    field: 'natPrefix',
    schema: cidr4,
  },
  {
    key: 'default-address-pools',
    flag: '--default-address-pool <base=PREFIX,size=LENGTH>',
    about: 'where networks without a subnet get theirs (repeatable)',
    field: 'defaultAddressPools',
    schema: z.array(pool),
    fromText: poolFromText,
  },
  {
    key: 'dns',
    flag: '--dns <address>',
    about: 'upstream name server of containers (repeatable)',
    field: 'dns',
    schema: z.array(address),
  },
  {
    key: 'dns-search',
    flag: '--dns-search <domain>',
    about: 'search domain of containers (repeatable)',
    field: 'dnsSearch',
    schema: words,
  },
  {
    key: 'dns-opts',
    flag: '--dns-opt <option>',
    about: 'resolver option of containers (repeatable)',
    field: 'dnsOptions',
    schema: words,
  },
  {
    key: 'insecure-registries',
    flag: '--insecure-registry <host>',
    about: 'registry without TLS (repeatable)',
    field: 'insecureRegistries',
    schema: words,
  },
  {
    key: 'labels',
    flag: '--label <key=value>',
    about: "of this node, for docker info and services' constraints on engine.labels.KEY (repeatable)",
    field: 'labels',
    schema: labels,
  },
  {
    key: 'encrypted-overlay-port',
    flag: '--encrypted-overlay-port <port>',
    about: 'UDP port of WireGuard, for encrypted overlay networks; 0: none here (default: 4799)',
    field: 'encryptedOverlayPort',
    schema: z.int().min(0).max(65535),
    fromText: number,
  },
  {
    key: 'log-level',
    flag: '-l, --log-level <level>',
    about: `${LOG_LEVELS.join(', ')} (default: info)`,
    field: 'logLevel',
    schema: z.enum(LOG_LEVELS, { error: `must be one of ${LOG_LEVELS.join(', ')}` }),
  },
  {
    key: 'debug',
    flag: '-D, --debug [true|false]',
    about: 'the same as log level debug',
    field: 'logLevel',
    schema: z.boolean().transform((debug) => (debug ? 'debug' : undefined)),
    fromText: yes,
  },
  {
    key: 'engine',
    flag: '--engine <name>',
    about: 'the container engine, podman or docker (default: podman)',
    field: 'engine',
    schema: z.enum(['podman', 'docker'], { error: 'must be podman or docker' }),
  },
  {
    key: 'engine-socket',
    flag: '--engine-socket <address>',
    about: 'of Docker Engine (default: unix:///var/run/docker.sock)',
    field: 'engineSocket',
    schema: z.string().regex(unixSocket, { error: 'must be unix:///path/to.sock' }),
  },
];

export const isList = (setting: Setting): boolean => setting.schema instanceof z.ZodArray;
