/**
 * One raw socket of the load generator: it makes its opening handshake, and from then on hands over what arrives as a
 * buffer that is reused at once. It parses no frames; whoever counts knows how long they are.
 */
import { connect, type Socket } from 'node:net'

const DEFLATE = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover'
const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
/** RFC 6455 §1.3: the answer to that key. */
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** The headers of a browser, since that is who opens connections. */
const handshake = (port: number, deflate: boolean): string =>
  'GET / HTTP/1.1\r\n' +
  `Host: 127.0.0.1:${port}\r\n` +
  'Connection: Upgrade\r\n' +
  'Pragma: no-cache\r\n' +
  'Cache-Control: no-cache\r\n' +
  'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36\r\n' +
  'Upgrade: websocket\r\n' +
  `Origin: http://127.0.0.1:${port}\r\n` +
  'Sec-WebSocket-Version: 13\r\n' +
  'Accept-Encoding: gzip, deflate, br, zstd\r\n' +
  'Accept-Language: en-GB,en;q=0.9\r\n' +
  `Sec-WebSocket-Key: ${KEY}\r\n` +
  (deflate ? `Sec-WebSocket-Extensions: ${DEFLATE}\r\n` : '') +
  '\r\n'

export interface Target {
  readonly port: number
  readonly deflate: boolean
}

export interface RawConnection {
  readonly socket: Socket
  /** `bytes[0, length)` has arrived; the bytes are valid until it returns. */
  receive: (length: number, bytes: Uint8Array) => void
}

/** All sockets read into the same memory: nothing is kept of it. */
const shared = Buffer.allocUnsafeSlow(262_144)

export function open({ port, deflate }: Target): Promise<RawConnection> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const connection: RawConnection = {
      socket: connect({
        port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer: shared,
          callback: (length, bytes) => {
            connection.receive(length, bytes)
            return true
          },
        },
      }),
      receive: (length, bytes) => {
        answer += Buffer.from(bytes.buffer, bytes.byteOffset, length).toString('latin1')
        if (!answer.endsWith('\r\n\r\n')) return
        if (!answer.startsWith('HTTP/1.1 101 ') || !answer.includes(ACCEPT))
          return reject(new Error(`not a WebSocket: ${answer}`))
        if (deflate !== answer.includes('permessage-deflate'))
          return reject(new Error(`compression was not negotiated as it should be: ${answer}`))
        connection.receive = unexpected
        resolve(connection)
      },
    }
    const { socket } = connection
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed during the handshake')))
    socket.write(handshake(port, deflate), 'latin1')
  })
}

/** Opens `count` connections, `atOnce` under way at any time. */
export async function openAll(count: number, atOnce: number, target: Target): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  let left = count
  const lane = async (): Promise<void> => {
    while (left-- > 0) connections.push(await open(target))
  }
  await Promise.all(Array.from({ length: atOnce }, lane))
  return connections
}

function unexpected(): void {
  throw new Error('something arrived that nobody asked for')
}
