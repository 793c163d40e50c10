export {
  contains,
  formatAddress,
  formatCidr,
  holds,
  overlaps,
  parseAddress,
  parseCidr,
  type Cidr,
  type Family,
} from './cidr.js';
export { leaseAddresses, type LeaseOptions } from './leases.js';
export { grantPool, type Base, type PoolOptions, type Taken } from './pools.js';
