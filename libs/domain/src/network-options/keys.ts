/** Options of networks, as `driver_opts` and `docker network create -o` have them: their keys. */
export const SHIM = 'com.docker.network.windowsshim.';
export const MTU = 'com.docker.network.driver.mtu';
export const BRIDGE = 'com.docker.network.bridge.';
export const BRIDGE_NAME = `${BRIDGE}name`;
export const HOST_BINDING = `${BRIDGE}host_binding_ipv4`;
/** Of Docker's macvlan driver, whose options have no prefix. */
export const PARENT = 'parent';
