import { STATUS_CODES, type Server, type ServerOptions, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** Headers carry filters and credentials of registries; Docker takes as much. */
const HEADER_BYTES = 256 * 1024;

/** What a server of ours takes from a client at most. A body that streams (a tar) may take as long as it likes. */
export const SERVER_LIMITS: ServerOptions = {
  maxHeaderSize: HEADER_BYTES,
  headersTimeout: 30_000,
  requestTimeout: 0,
  requireHostHeader: false,
  // Longer than clients keep an idle connection, so that it is they who close it.
  keepAliveTimeout: 120_000,
  connectionsCheckingInterval: 5_000,
};

const UNREADABLE: Readonly<Record<string, readonly [status: number, message: string]>> = {
  HPE_HEADER_OVERFLOW: [431, `the request's headers are larger than ${HEADER_BYTES} bytes`],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [413, "the request's chunk extensions are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "the request's headers did not come in time"],
};

/** What is no HTTP is refused with a reason, as everything else is. */
export function refuseUnreadable(server: Server): void {
  server.on('clientError', (error: NodeJS.ErrnoException, socket: Socket) => {
    const started = (socket as { _httpMessage?: ServerResponse | null })._httpMessage?.headersSent;
    if (!socket.writable || started || error.code === 'ECONNRESET') {
      socket.destroy();
      return;
    }
    const [status, message] = UNREADABLE[error.code ?? ''] ?? [400, `invalid HTTP request: ${error.message}`];
    socket.end(rawAnswer(status, { message, code: 'invalid' }), () => socket.destroy());
  });
}

/** A whole answer as bytes, for connections that no ServerResponse is for. */
export function rawAnswer(status: number, body: { message: string; code: string }): string {
  const text = JSON.stringify(body);
  return (
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
    `Content-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`
  );
}
