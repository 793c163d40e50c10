// Asks a URL again and again, so many times a second, until it is told to end; then says how that went, as JSON.
//   node load.mjs URL RATE
const [url, rate] = process.argv.slice(2);
const result = { sent: 0, good: 0, failures: {} };
const under = new Set();

async function ask() {
  result.sent += 1;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    const text = await response.text();
    if (response.status === 200 && /^host: /m.test(text)) result.good += 1;
    else fail(`HTTP ${response.status}: ${text.trim()}`);
  } catch (error) {
    fail(error.cause?.message ?? error.message);
  }
}

function fail(why) {
  result.failures[why] = (result.failures[why] ?? 0) + 1;
}

const timer = setInterval(
  () => {
    const one = ask().finally(() => under.delete(one));
    under.add(one);
  },
  1000 / Number(rate),
);

process.once('SIGTERM', async () => {
  clearInterval(timer);
  await Promise.all(under);
  console.log(JSON.stringify(result));
});
