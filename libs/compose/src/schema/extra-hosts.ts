import { parseAddress } from '../networks/subnet.js';
import { pathText } from '../values.js';
import { isOpen, isText, listOf, text, type Check } from './kinds.js';

/** `NAME=ADDRESS` each. What is wrong is said in the words of Docker and Docker Compose, which people look for. */
export const extraHosts: Check = listOf((value, at) => {
  if (!isText(value)) return text(value, at);
  const why = isOpen(at, value) ? undefined : objection(value);
  if (why !== undefined) at.problems.add(at.path, `${pathText(at.path)}: ${why}`);
  return value;
});

function objection(entry: string): string | undefined {
  const [, name, address] = /^([^=]*)=(.+)$/s.exec(entry) ?? [];
  if (name === undefined || address === undefined) {
    return `invalid additional host, missing IP: ${JSON.stringify(entry)}; write NAME:ADDRESS`;
  }
  if (name === '' || /[\s:]/.test(name)) {
    return `bad host name ${JSON.stringify(name)}; write NAME:ADDRESS, a name without blanks and colons`;
  }
  if (address === 'host-gateway' || parseAddress(address)) return undefined;
  return `invalid IP address in add-host: ${JSON.stringify(address)}; accepted are an IP address and host-gateway`;
}
