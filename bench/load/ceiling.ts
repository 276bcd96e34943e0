/**
 * How fast the load client itself is: against a responder that turns each request into its answer and thinks of nothing.
 * What a server reaches must stay well below.
 *
 *   node bench/load/ceiling.ts [--exchanges 200000] [--repeat 3]
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { arrivalWord, arrivalWords, openServerDatagrams, type ServerDatagrams } from "@leasewire/transport";
import { put32 } from "./octets.ts";
import { runLoad } from "./run.ts";

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(`--${name}`);
  return at < 0 ? undefined : process.argv[at + 1];
}

if (process.argv.includes("--responder")) await respond();
else await measure();

/** Answers DISCOVER and REQUEST; the client's number, low in the xid, becomes its address. */
async function respond(): Promise<void> {
  let socket: ServerDatagrams | undefined;
  const opened = await openServerDatagrams(
    { family: 4, address: "127.0.0.1", port: 0 },
    {
      onBatch({ count, bytes, words }) {
        for (let i = 0; i < count; i += 1) {
          const at = i * arrivalWords;
          const offset = words[at + arrivalWord.offset]!;
          const message = bytes.subarray(offset, offset + words[at + arrivalWord.length]!);
          message[0] = 2;
          put32(message, 16, 0x0a00_0000 | (message[5]! << 16) | (message[6]! << 8) | message[7]!);
          message[242] = message[242] === 1 ? 2 : 5;
          // The parameter list, behind the client identifier, makes room for the server identifier of an OFFER.
          if (message[252] === 55) message.set([54, 4, 127, 0, 0, 1, 0, 0], 252);
          socket?.send("127.0.0.1", words[at + arrivalWord.sourcePort]!, message);
        }
      },
      onFault(error) {
        throw error;
      },
    },
  );
  if (!opened.ok) throw new Error(opened.error.message);
  socket = opened.value;
  process.send?.(socket.port);
}

async function measure(): Promise<void> {
  const child = fork(new URL(import.meta.url).pathname, ["--responder"]);
  const [serverPort] = (await once(child, "message")) as [number];
  for (let round = 0; round < Number(argument("repeat") ?? 3); round += 1) {
    const report = await runLoad({
      scenario: "dora",
      localAddress: "127.0.0.1",
      localPort: 0,
      serverAddress: "127.0.0.1",
      serverPort,
      count: Number(argument("exchanges") ?? 200_000),
      warmup: 20_000,
      outstanding: 256,
    });
    console.log(
      `${report.perSecond.toFixed(0)} exchanges/s, ${((report.processorShare * 1e6) / report.perSecond).toFixed(1)} µs of the load client's processor each, failed ${JSON.stringify(report.failed)}`,
    );
  }
  child.kill();
}
