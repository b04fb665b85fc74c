import { connect, isIP } from "node:net";
import { type ConnectionOptions, connect as connectSecurely } from "node:tls";
import type { ISocketFactory } from "kafkajs";

const keepAliveMs = 60_000;

/** As kafkajs makes its sockets, but what is written is sent at once and does not wait for word of what was sent before. */
export const promptSocket: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const tls = ssl as ConnectionOptions | boolean | null;
  const serverName = isIP(host) === 0 ? { servername: host } : {};
  const socket =
    tls === null || tls === false
      ? connect({ host, port }, onConnect)
      : connectSecurely({ host, port, ...serverName, ...(tls === true ? {} : tls) }, onConnect);
  socket.setNoDelay(true);
  socket.setKeepAlive(true, keepAliveMs);
  return socket;
};
