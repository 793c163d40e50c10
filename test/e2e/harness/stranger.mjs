// Somebody who talks to a manager as a node would, inside the network namespace that it is started in. Prints JSON.
// `stranger.mjs issue MANAGER TOKEN`: gets a certificate with a join token.
// `stranger.mjs session MANAGER`, `stranger.mjs renew MANAGER`: with {root, certificate, key} on standard input (without a
// certificate: as nobody): what came of it, and whether anything was told.
import { text } from 'node:stream/consumers';
import { createSwarmClient, fetchRoot } from '#lib/contracts';
import { newCertificateRequest } from '#lib/pki';

const STRANGER = {
  hostname: 'stranger',
  os: 'linux',
  architecture: 'x86_64',
  nanoCpus: 0,
  memoryBytes: 0,
  engineVersion: '',
  engineLabels: {},
  drivers: [],
  dataAddress: '192.0.2.66',
};

const [what, manager, token] = process.argv.slice(2);
const outcome = what === 'issue' ? await issue() : await knock(JSON.parse(await text(process.stdin)));
process.stdout.write(JSON.stringify(outcome));
process.exit(0);

async function issue() {
  const root = await fetchRoot(manager);
  const { request, key } = await newCertificateRequest();
  const client = createSwarmClient(manager, root);
  const { nodeId, certificate } = await client.issue({ request, token, availability: 'drain' });
  return { nodeId, root, certificate, key };
}

async function knock({ root, certificate, key }) {
  const client = createSwarmClient(manager, root, certificate && { certificate, key });
  if (what === 'renew') {
    const next = await newCertificateRequest();
    return client.renew(next.request).then(
      (issued) => ({ certificate: issued.certificate, key: next.key }),
      (error) => ({ refused: error.message }),
    );
  }
  return new Promise((resolve) => {
    const told = [];
    const stream = client.session();
    // Who is let in is told at once what is assigned.
    stream.on('data', (message) => told.push(message) && message.assignments && resolve({ told }));
    stream.on('error', (error) => resolve({ refused: error.message, told }));
    stream.write({ hello: { description: JSON.stringify(STRANGER) } });
  });
}
