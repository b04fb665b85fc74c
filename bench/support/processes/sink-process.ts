import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

/** An OTLP receiver that takes everything, knows no control channel, and counts. */

const counts = { requests: 0, bytes: 0 };
const server = createServer((request, response) => {
  request.on("data", (chunk: Buffer) => (counts.bytes += chunk.length));
  request.on("end", () => {
    counts.requests += 1;
    const isExport = request.url?.startsWith("/v1/") === true;
    response.writeHead(isExport ? 200 : 404, { "content-type": "application/json" }).end("{}");
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as AddressInfo;
  process.send?.({ url: `http://127.0.0.1:${String(port)}` });
});
process.on("message", () => void process.send?.(counts));
process.once("disconnect", () => server.close());
