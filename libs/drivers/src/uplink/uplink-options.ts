import type { NetworkRequest } from '#lib/domain';
import { SHIM } from '../options.js';

export const INTERFACE_OPTION = `${SHIM}interface`;
export const VLAN_OPTION = `${SHIM}vlanid`;

/** The link that the network is to be bound to, where one was named. */
export const interfaceOf = ({ options }: Pick<NetworkRequest, 'options'>): string | undefined =>
  options[INTERFACE_OPTION];

/** 1 to 4094, as `checkOptions` has made sure; undefined: untagged. */
export function vlanOf({ options }: Pick<NetworkRequest, 'options'>): number | undefined {
  const text = options[VLAN_OPTION];
  return text === undefined ? undefined : Number(text);
}
