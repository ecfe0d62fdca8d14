// How a conversation travels to a server: over TCP or TLS after an HTTP/1.1 upgrade that is written and read by hand, or
// as a stream of HTTP/2 (RFC 8441). It opens; what is said then is the peer's business.

import { once } from 'node:events'
import { type ClientHttp2Session, connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2'
import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { createHash } from 'node:crypto'
import { Mismatch } from './peer.ts'

/** `h2c` is HTTP/2 without TLS. */
export type WayName = 'tcp' | 'tls' | 'h2c' | 'h2'

export interface Opening {
  /** The Sec-WebSocket-Extensions to offer. */
  readonly extensions?: string
  /** Bytes to send in the same write as the request, before there is an answer. */
  readonly eager?: Buffer
  /** The request is sent so many bytes at a time. */
  readonly chopBytes?: number | undefined
}

export interface Opened {
  readonly stream: Duplex
  /** What came behind the answer. */
  readonly head: Buffer
  /** The Sec-WebSocket-Extensions of the answer. */
  readonly extensions: string | undefined
}

export interface Way {
  open(opening: Opening): Promise<Opened>
  close(): void
}

/** The way to this URL; `ca` is whom to trust instead of those whom the system trusts. */
export function wayTo(name: WayName, url: URL, ca?: Buffer): Way {
  return name === 'h2' || name === 'h2c' ? overHttp2(name, url, ca) : overHttp1(url, ca)
}

/** A connection that can be written to at once. */
export async function connect(url: URL, ca?: Buffer): Promise<Socket> {
  const secure = url.protocol === 'wss:'
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  const target = { port, host: url.hostname, allowHalfOpen: true }
  const trust = ca === undefined ? {} : { ca }
  const socket = secure ? connectTls({ ...target, ...trust }) : connectTcp({ ...target, noDelay: true })
  await once(socket, secure ? 'secureConnect' : 'connect')
  // What ends it is seen by whoever reads it.
  socket.on('error', () => undefined)
  return socket
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='

/** RFC 6455 §4.2.2. */
export const acceptFor = (key: string): string =>
  createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')

function overHttp1(url: URL, ca: Buffer | undefined): Way {
  return {
    async open({ extensions, eager, chopBytes }) {
      const socket = await connect(url, ca)
      const lines = [
        `GET ${url.pathname}${url.search} HTTP/1.1`,
        `Host: ${url.host}`,
        'Upgrade: websocket',
        'Connection: Upgrade',
        `Sec-WebSocket-Key: ${KEY}`,
        'Sec-WebSocket-Version: 13',
        ...(extensions === undefined ? [] : [`Sec-WebSocket-Extensions: ${extensions}`]),
      ]
      const request = Buffer.concat([
        Buffer.from(lines.join('\r\n') + '\r\n\r\n', 'latin1'),
        eager ?? Buffer.alloc(0),
      ])
      for (let at = 0; at < request.length; at += chopBytes ?? request.length) {
        socket.write(request.subarray(at, at + (chopBytes ?? request.length)))
        if (chopBytes !== undefined) await new Promise(setImmediate)
      }
      const { status, headers, head } = await readHead(socket)
      const accepted = headers.get('sec-websocket-accept') === acceptFor(KEY)
      if (status !== 101 || !accepted) {
        socket.destroy()
        throw new Mismatch(
          `the handshake was answered with ${status}${accepted ? '' : ' and no right accept'}`,
        )
      }
      return { stream: socket, head, extensions: headers.get('sec-websocket-extensions') }
    },
    close: () => undefined,
  }
}

export interface AnswerHead {
  readonly status: number
  /** By lower-case name; of two of a name, both, joined by commas. */
  readonly headers: ReadonlyMap<string, string>
  /** The bytes behind the empty line. */
  readonly head: Buffer
}

/** Reads an HTTP/1.1 head off a stream, which is left paused. Throws a Mismatch when the stream ends before. */
export async function readHead(stream: Duplex): Promise<AnswerHead & { readonly start: string }> {
  let received: Buffer = Buffer.alloc(0)
  for (;;) {
    const end = received.indexOf('\r\n\r\n')
    if (end >= 0) {
      const [start = '', ...lines] = received.toString('latin1', 0, end).split('\r\n')
      return {
        start,
        status: Number(start.split(' ')[1]),
        headers: fields(lines),
        head: received.subarray(end + 4),
      }
    }
    const chunk = (await nextChunk(stream)) ?? Buffer.alloc(0)
    if (chunk.length === 0)
      throw new Mismatch(`the connection ended after ${JSON.stringify(String(received))}`)
    received = Buffer.concat([received, chunk])
  }
}

function fields(lines: readonly string[]): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of lines) {
    const colon = line.indexOf(':')
    const [name, value] = [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
    const before = headers.get(name)
    headers.set(name, before === undefined ? value : `${before}, ${value}`)
  }
  return headers
}

/** The next bytes of a stream that nobody listens to yet, or undefined at its end. */
export function nextChunk(stream: Duplex): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const settle = (chunk: Buffer | undefined): void => {
      stream.off('data', data).off('end', end).off('close', end).off('error', end)
      stream.pause()
      resolve(chunk)
    }
    const data = (chunk: Buffer): void => settle(chunk)
    const end = (): void => settle(undefined)
    if (stream.readableEnded || stream.destroyed) return resolve(undefined)
    stream.on('data', data).on('end', end).on('close', end).on('error', end)
    stream.resume()
  })
}

/** One session for all; every conversation is a stream of it. */
function overHttp2(name: 'h2' | 'h2c', url: URL, ca: Buffer | undefined): Way {
  let session: Promise<ClientHttp2Session> | undefined
  const authority = `${name === 'h2' ? 'https' : 'http'}://${url.host}`
  const start = async (): Promise<ClientHttp2Session> => {
    const started = connectHttp2(authority, ca === undefined ? {} : { ca })
    started.on('error', () => undefined)
    if (!started.remoteSettings?.enableConnectProtocol) {
      const [settings] = (await once(started, 'remoteSettings')) as [{ enableConnectProtocol?: boolean }]
      // RFC 8441 §3: without this setting a client must not try.
      if (settings.enableConnectProtocol !== true)
        throw new Mismatch('the server does not enable extended CONNECT')
    }
    return started
  }
  return {
    async open({ extensions }) {
      const stream = (await (session ??= start())).request(
        {
          ':method': 'CONNECT',
          ':protocol': 'websocket',
          ':scheme': name === 'h2' ? 'https' : 'http',
          ':authority': url.host,
          ':path': url.pathname + url.search,
          'sec-websocket-version': '13',
          ...(extensions === undefined ? {} : { 'sec-websocket-extensions': extensions }),
        },
        { endStream: false },
      )
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders & { ':status'?: number }]
      if (headers[':status'] !== 200) {
        stream.destroy()
        throw new Mismatch(`the handshake was answered with ${headers[':status']}`)
      }
      return { stream, head: Buffer.alloc(0), extensions: headers['sec-websocket-extensions'] }
    },
    close: () => void session?.then((started) => started.destroy()),
  }
}
