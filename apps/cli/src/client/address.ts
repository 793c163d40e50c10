import { invalid } from '#lib/common';
import { type TlsFlags, tlsIdentity, type TlsIdentity } from './tls.js';

/** Where a daemon listens. */
export type Address = { text: string } & ({ socketPath: string } | { host: string; port: number; tls?: TlsIdentity });

const DEFAULT = 'unix:///run/skep/docker.sock';

/** The daemon to talk to: the option, else SKEP_HOST, else DOCKER_HOST, else the default socket; with TLS on TCP alone. */
export function daemonAddress(option: string | undefined, env: NodeJS.ProcessEnv, flags: TlsFlags = {}): Address {
  const address = chosenAddress(option, env);
  const tls = 'host' in address ? tlsIdentity(flags, env) : undefined;
  return tls ? { ...address, tls } : address;
}

function chosenAddress(option: string | undefined, env: NodeJS.ProcessEnv): Address {
  if (option) return parseAddress(option, '--host');
  if (env.SKEP_HOST) return parseAddress(env.SKEP_HOST, 'SKEP_HOST');
  if (env.DOCKER_HOST) return parseAddress(env.DOCKER_HOST, 'DOCKER_HOST');
  return parseAddress(DEFAULT, 'the default');
}

/** @param origin where the text stands, for the error */
export function parseAddress(text: string, origin: string): Address {
  if (text.startsWith('/')) return { text: `unix://${text}`, socketPath: text };
  const path = /^unix:\/\/(\/.+)$/.exec(text)?.[1];
  if (path) return { text, socketPath: path };
  const tcp = /^(?:tcp|https?):\/\/(\[[^\]]+\]|[^:/]+):(\d+)\/?$/.exec(text);
  const port = Number(tcp?.[2]);
  if (tcp?.[1] && port > 0 && port < 65536) return { text, host: tcp[1].replace(/^\[|\]$/g, ''), port };
  throw invalid(`${origin}: "${text}" is not an address; write unix:///path/to.sock or tcp://host:port`);
}
