export { digestOfCertificate, issueCertificate } from './authority.js';
export * from './certificate-request.js';
export * from './join-token.js';
export * from './node-certificate.js';
export * from './root.js';
export { Sealer, SEALING_KEY } from './sealer.js';
