// Echoes datagrams, in a worker thread, until the thread is ended.
import { parentPort, workerData } from "node:worker_threads";
import { type DatagramEndpoint, openServerDatagrams } from "../src/index.ts";

const opened = await openServerDatagrams(workerData as DatagramEndpoint, {
  onDatagram(address, port, bytes) {
    if (opened.ok) opened.value.send(address, port, bytes);
  },
  onFault(error) {
    throw error;
  },
});
if (!opened.ok) throw new Error(opened.error.message);
parentPort?.postMessage(opened.value.port);
