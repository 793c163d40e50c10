export { checkOptions, refuseSmallMtu, refuseUplinkOptions, withoutEffect, withoutGatewayDns } from './check.js';
export { BRIDGE, HOST_BINDING, MTU, PARENT, SHIM } from './keys.js';
export { checkOverlayOptions } from './overlay.js';
export { linkName, parseMacPool, said, type MacPool } from './values.js';
