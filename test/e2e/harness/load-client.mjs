// `load-client.mjs NAME:RATE…`: asks http://NAME/name so many times a second, each time by a fresh look-up and a fresh
// connection, in the network namespace that it runs in, until it gets SIGTERM or its standard input ends. Prints JSON:
// { NAME: { requests, failures: [{ at, why, address }], answers: { HOST: count } } }
import { Resolver } from 'node:dns/promises';
import { Agent, get } from 'node:http';

/** Who waits longer than that for a page has gone. Milliseconds. */
const PATIENCE = 3_000;
const resolver = new Resolver({ timeout: PATIENCE, tries: 1 });
resolver.setServers(['127.0.0.11']);
const agent = new Agent({ keepAlive: false, maxSockets: Infinity });
const results = {};
const timers = [];
const underWay = new Set();

function ask(address) {
  return new Promise((resolve, reject) => {
    const request = get({ host: address, path: '/name', agent, timeout: PATIENCE }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => (text += part));
      response.on('end', () => (response.statusCode === 200 ? resolve(text.trim()) : reject(new Error(text))));
      response.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('no answer in time'))).on('error', reject);
  });
}

async function once(name, result) {
  result.requests += 1;
  const call = {};
  underWay.add(call);
  const at = Date.now();
  let address = '';
  try {
    [address] = await resolver.resolve4(name);
    const host = await ask(address);
    result.answers[host] = (result.answers[host] ?? 0) + 1;
  } catch (error) {
    result.failures.push({ at, why: error.code ?? error.message, address });
  } finally {
    underWay.delete(call);
  }
}

for (const word of process.argv.slice(2)) {
  const [name, rate] = word.split(':');
  const result = (results[name] = { requests: 0, failures: [], answers: {} });
  const start = Date.now();
  const owed = () => Math.floor(((Date.now() - start) * Number(rate)) / 1_000);
  timers.push(
    setInterval(() => {
      // A timer that comes late does not lower the rate.
      for (let count = owed() - result.requests; count > 0; count--) void once(name, result);
    }, 5),
  );
}
process.stdout.write('started\n');

async function end() {
  for (const each of timers) clearInterval(each);
  while (underWay.size > 0) await new Promise((resolve) => setTimeout(resolve, 20));
  process.stdout.write(`${JSON.stringify(results)}\n`, () => process.exit());
}
process.once('SIGTERM', end);
process.stdin.on('end', () => process.exit()).resume();
