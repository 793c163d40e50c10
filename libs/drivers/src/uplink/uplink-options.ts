import { invalid } from '#lib/common';
import { PARENT, SHIM, type NetworkRequest, type ObservedLink } from '#lib/domain';

export const INTERFACE_OPTION = `${SHIM}interface`;
export const VLAN_OPTION = `${SHIM}vlanid`;

/** What a network is to be bound to, as far as its options say so. */
export interface Binding {
  /** a link's name */
  link?: string;
  /** 1 to 4094; absent: untagged */
  vlan?: number;
}

/** By the options of Windows and by that of Docker's macvlan, whose values `checkOptions` has seen. Errors: `invalid`. */
export function bindingOf(
  { name, options }: Pick<NetworkRequest, 'name' | 'options'>,
  links: readonly ObservedLink[],
): Binding {
  const { [INTERFACE_OPTION]: link, [VLAN_OPTION]: id, [PARENT]: parent } = options;
  const own: Binding = { ...(link !== undefined && { link }), ...(id !== undefined && { vlan: Number(id) }) };
  if (parent === undefined) return own;
  const asked = parentOf(parent, links);
  const both = { ...asked, ...own };
  if (both.link !== asked.link || (asked.vlan !== undefined && both.vlan !== asked.vlan)) {
    throw invalid(
      `network ${name}: option ${PARENT}=${parent} is another place than ${INTERFACE_OPTION} and ${VLAN_OPTION} say: give one of them`,
    );
  }
  return both;
}

/** A link of that name is meant where there is one; otherwise what stands behind the last point is a VLAN on the link. */
function parentOf(parent: string, links: readonly ObservedLink[]): Binding {
  const [, link, id] = /^(.+)\.(\d{1,4})$/.exec(parent) ?? [];
  const vlan = Number(id);
  if (link === undefined || vlan < 1 || vlan > 4094 || links.some(({ name }) => name === parent))
    return { link: parent };
  return { link, vlan };
}
