export { checkListed, formatRange, leaseListed, parseAddressList, rangeHolds, rangesOverlap } from './address-list.js';
export {
  contains,
  formatAddress,
  formatCidr,
  holds,
  overlaps,
  parseAddress,
  parseCidr,
  type AddressRange,
  type Cidr,
  type Family,
} from './cidr.js';
export { leaseAddresses, type LeaseOptions } from './leases.js';
export { grantPool, uniqueLocalPrefix, type Base, type PoolOptions, type Taken } from './pools.js';
