// `heap.mjs PID`: what a Node process of this network namespace holds when its garbage has been collected, as JSON:
// { heap: bytes on V8's heap, outside: bytes of buffers, resources: { kind: number of open handles and requests } }.
// Asks by the inspector, which SIGUSR1 turns on.
import { once } from 'node:events';
import { WebSocket } from 'undici';

const INSPECTOR = 'http://127.0.0.1:9229/json/list';
const EXPRESSION = `JSON.stringify({
  heap: process.memoryUsage().heapUsed,
  outside: process.memoryUsage().external,
  resources: process.getActiveResourcesInfo().reduce((all, kind) => ({ ...all, [kind]: (all[kind] ?? 0) + 1 }), {}),
})`;

process.kill(Number(process.argv[2]), 'SIGUSR1');
const [{ webSocketDebuggerUrl }] = await targets();
const socket = new WebSocket(webSocketDebuggerUrl);
await once(socket, 'open');
for (let round = 0; round < 3; round++) await ask('HeapProfiler.collectGarbage', {});
const { result } = await ask('Runtime.evaluate', { expression: EXPRESSION });
process.stdout.write(result.value);
socket.close();

/** As soon as the inspector listens. */
async function targets() {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return await (await fetch(INSPECTOR)).json();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

async function ask(method, params) {
  socket.send(JSON.stringify({ id: 1, method, params }));
  for (;;) {
    const [{ data }] = await once(socket, 'message');
    const answer = JSON.parse(data);
    if (answer.id === 1) return answer.result;
  }
}
