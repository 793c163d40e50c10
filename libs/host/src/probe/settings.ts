import { messageOf } from '#lib/common';
import type { Host } from '../host.js';
import { dropsByDefault, droppingForward } from '../forward-policy.js';
import type { Capability } from './capability.js';

/** Settings of the node that others may have made and that decide whether our networks can work. */
export function probeSettings(host: Host): Capability[] {
  return [forwarding(host), reversePath(host), bridgeFilter(host), foreignForward(host)];
}

function forwarding(host: Host): Capability {
  const on = host.readSysctl('net/ipv4/ip_forward') === '1';
  return { name: 'ip_forward', ok: true, detail: on ? 'on' : 'off; the first network turns it on', needed: false };
}

function reversePath(host: Host): Capability {
  const value = host.readSysctl('net/ipv4/conf/all/rp_filter') ?? 'absent';
  const strict = value === '1';
  const detail = strict ? 'strict (1): containers on several networks may lose answers; 2 is loose' : value;
  return { name: 'rp_filter', ok: !strict, detail, needed: false };
}

function bridgeFilter(host: Host): Capability {
  const value = host.readSysctl('net/bridge/bridge-nf-call-iptables');
  const on = value === '1';
  const detail = on
    ? 'on: bridged frames pass the rules for routed packets; the first network turns it off'
    : (value ?? 'absent');
  return { name: 'bridge-nf-call-iptables', ok: !on, detail, needed: false };
}

/** A policy of drop in another program's forward chain ends what our rules let pass. */
function foreignForward(host: Host): Capability {
  const name = 'forwarding by other firewalls';
  try {
    const dropping = droppingForward(host.nftChains());
    if (dropping.length === 0) return { name, ok: true, detail: 'no chain drops by default', needed: false };
    return { name, ok: false, detail: dropsByDefault(dropping), needed: false };
  } catch (error) {
    return { name, ok: false, detail: messageOf(error), needed: false };
  }
}
