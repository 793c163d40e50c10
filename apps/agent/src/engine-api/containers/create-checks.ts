import { isIP } from 'node:net';
import { invalid } from '#lib/common';
import { signalNumber } from '../../containers/signals.js';
import type { CreateBody, HostConfigBody } from './create-body.js';
import { checkLimits } from './limits.js';

/**
 * Everything that Docker refuses of a create request by itself, in its words. Pure.
 * @param asked what was sent
 * @param body the same with what the image adds
 */
export function checkCreate(asked: CreateBody, body: CreateBody, host: HostConfigBody): void {
  const command = [...(body.Entrypoint ?? []), ...(body.Cmd ?? [])].filter((word) => word !== '');
  if (command.length === 0) throw invalid('no command specified');
  if (body.StopSignal && signalNumber(body.StopSignal) === undefined) {
    throw invalid(`invalid signal: ${body.StopSignal.slice(0, 50)}`);
  }
  if (body.WorkingDir && !body.WorkingDir.startsWith('/')) {
    throw invalid(`the working directory '${body.WorkingDir}' is invalid, it needs to be an absolute path`);
  }
  for (const entry of body.Env ?? []) {
    if (entry.startsWith('=') || entry === '') throw invalid(`invalid environment variable: ${entry}`);
  }
  checkLimits(host);
  checkNames(body, host);
  checkMode(asked, host);
}

/** These are written into files of the container, a word each. */
function checkNames(body: CreateBody, host: HostConfigBody): void {
  const word = (what: string, text: string | undefined, pattern: RegExp) => {
    if (text && !pattern.test(text)) throw invalid(`invalid ${what} format: ${JSON.stringify(text)}`);
  };
  word('hostname', body.Hostname, /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,63}$/);
  word('domainname', body.Domainname, /^[a-zA-Z0-9_][a-zA-Z0-9_.-]{0,252}$/);
  for (const domain of host.DnsSearch ?? []) word('search domain', domain, /^\S+$/);
  for (const option of host.DnsOptions ?? []) word('resolver option', option, /^\S+$/);
  for (const server of host.Dns ?? []) {
    if (!isIP(server)) throw invalid(`invalid nameserver address ${JSON.stringify(server)}: an IP address is expected`);
  }
}

/** Options that mean nothing in a network that is somebody else's. */
function checkMode(body: CreateBody, host: HostConfigBody): void {
  const mode = host.NetworkMode ?? '';
  const shared = mode.startsWith('container:');
  const conflicts = (what: string) => invalid(`conflicting options: ${what}`);
  if (shared && body.Hostname) throw conflicts('hostname and the network mode');
  if (host['UTSMode'] === 'host' && body.Hostname) throw conflicts('hostname and the UTS mode');
  if ((shared || mode === 'host') && host.Links?.length) {
    const kind = shared ? 'container' : 'host';
    throw conflicts(`${kind} type network can't be used with links. This would result in undefined behavior`);
  }
  if ((shared || mode === 'host') && body.MacAddress) throw conflicts('mac-address and the network mode');
  if (!shared) return;
  if (host.Dns?.length) throw conflicts('dns and the network mode');
  if (host.ExtraHosts?.length) throw conflicts('custom host-to-IP mapping and the network mode');
  if (host.PublishAllPorts || Object.keys(host.PortBindings).length > 0) {
    throw conflicts('port publishing and the container type network mode');
  }
  if (Object.keys(body.ExposedPorts).length > 0) {
    throw conflicts('port exposing and the container type network mode');
  }
}

/** What is done differently from what was asked for, and nobody is hurt by. */
export function warningsOf(host: HostConfigBody): string[] {
  const publishes = host.PublishAllPorts || Object.keys(host.PortBindings).length > 0;
  return host.NetworkMode === 'host' && publishes ? ['Published ports are discarded when using host network mode'] : [];
}
