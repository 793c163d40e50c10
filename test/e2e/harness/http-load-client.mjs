// `http-load-client.mjs RATE URL…`: so many requests a second, each on a connection of its own, to the URLs in turn; at
// most a quarter of what the machine can do, which is tried first: what is lost is not to be for want of a processor.
// Prints a line of JSON with the rate, one for each second, and one for the rest when it is told to end (SIGTERM):
// { "answered": N, "failed": ["ERROR URL", …] }
import { request } from 'node:http';

// Between the kernel's fourth and fifth try to connect: who has no room in a server's short queue comes in by then, and
// who was sent to an address where nobody is does not.
const PATIENCE = 14_000;
const TRIAL = { ms: 2_000, atOnce: 8 };
const [asked, ...urls] = process.argv.slice(2);
let sent = 0;
let answered = 0;
let failed = [];
const open = new Set();

function ask(url) {
  return new Promise((resolve) => {
    const fail = (why) => {
      failed.push(`${why} ${url}`);
      resolve();
    };
    const call = request(url, { agent: false, timeout: PATIENCE }, (response) => {
      response.on('error', (error) => fail(error.code ?? error.message)).resume();
      response.on('end', () => {
        if (response.statusCode === 200) answered += 1;
        else failed.push(`${response.statusCode} ${url}`);
        resolve();
      });
    });
    call.on('timeout', () => call.destroy(new Error('no answer')));
    call.on('error', (error) => fail(error.code ?? error.message)).end();
  });
}

function tell() {
  process.stdout.write(`${JSON.stringify({ answered, failed })}\n`);
  answered = 0;
  failed = [];
}

function send() {
  const one = ask(urls[sent % urls.length]).finally(() => open.delete(one));
  open.add(one);
  sent += 1;
  return one;
}

/** Requests a second that are answered when each of a few askers asks as soon as it has its answer. */
async function capacity() {
  const until = performance.now() + TRIAL.ms;
  const asker = async () => {
    while (performance.now() < until) await send();
  };
  await Promise.all(Array.from({ length: TRIAL.atOnce }, asker));
  return sent / (TRIAL.ms / 1000);
}

const rate = Math.min(Number(asked), (await capacity()) / 4);
process.stdout.write(`${JSON.stringify({ rate })}\n`);
sent = 0;
const began = performance.now();
const turns = setInterval(() => {
  // By the clock, so that a late turn makes up for it; a client that was held up for long does not send a burst.
  const due = Math.min(((performance.now() - began) / 1000) * rate, sent + rate / 10);
  while (sent < due) void send();
}, 5);
const telling = setInterval(tell, 1_000);
process.on('SIGTERM', async () => {
  clearInterval(turns);
  clearInterval(telling);
  await Promise.all(open);
  tell();
});
