// The worker thread's entry point.
import { parentPort, receiveMessageOnPort, workerData } from 'node:worker_threads';
import { UdpLoop } from './udp-loop.js';
import type { ToWorker, WorkerStart } from './messages.js';

const port = parentPort!;
new UdpLoop(workerData as WorkerStart, {
  receive: () => receiveMessageOnPort(port)?.message as ToWorker | undefined,
  send: (message) => port.postMessage(message),
}).run();
port.close();
