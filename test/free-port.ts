import { randomInt } from "node:crypto";
import { once } from "node:events";
import { createServer } from "node:net";

/** Below those that an operating system gives to whoever asks for any, and to outgoing connections: nobody else is given one meanwhile. */
const firstPort = 10_000;
const endPort = 32_000;
const mostTries = 100;

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    server.listen(port, "127.0.0.1");
    await once(server, "listening");
  } catch {
    return false;
  }
  server.close();
  await once(server, "close");
  return true;
}

/** A port of the loopback interface that nobody listens on right now, so that a process which is started again can have it again. */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < mostTries; tries += 1) {
    const port = randomInt(firstPort, endPort);
    if (await isFree(port)) return port;
  }
  throw new Error(`No free port was found in ${String(mostTries)} tries.`);
}
