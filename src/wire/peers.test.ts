// What the tests of this room share: a server that accepts, a handler that remembers, a raw client. No test stands here.

import { once } from 'node:events'
import { createServer } from 'node:http'
import { connect, type AddressInfo, type Socket } from 'node:net'
import type { TestContext } from 'node:test'
import { accept, type AcceptOptions } from './accept.ts'
import { refuse } from './refuse.ts'
import type { SocketHandler } from './handler.ts'
import type { WebSocketConnection } from './connection.ts'

export type Note = readonly [what: string, ...details: unknown[]]

/** A handler that keeps what it hears and wakes whoever waits for it. */
export class Recorder implements SocketHandler {
  readonly notes: Note[] = []
  private waiters: (() => void)[] = []

  message(_socket: WebSocketConnection, data: string | Uint8Array): void {
    this.note('message', typeof data === 'string' ? data : Buffer.from(data).toString('hex'))
  }

  drain(socket: WebSocketConnection): void {
    this.note('drain', socket.bufferedBytes < socket.highWaterMarkBytes)
  }

  close(_socket: WebSocketConnection, code: number, reason: string): void {
    this.note('close', code, reason)
  }

  ping(_socket: WebSocketConnection, payload: Uint8Array): void {
    this.note('ping', Buffer.from(payload).toString('hex'))
  }

  pong(_socket: WebSocketConnection, payload: Uint8Array): void {
    this.note('pong', Buffer.from(payload).toString('hex'))
  }

  error(_socket: WebSocketConnection, error: Error & { code?: string }): void {
    this.note('error', error.code)
  }

  note(...note: Note): void {
    this.notes.push(note)
    for (const wake of this.waiters.splice(0)) wake()
  }

  /** Waits for a note of this kind and returns it. */
  async until(what: string, count = 1): Promise<Note> {
    for (;;) {
      const found = this.notes.filter((note) => note[0] === what)
      if (found.length >= count) return found[count - 1]!
      await new Promise<void>((resolve) => this.waiters.push(resolve))
    }
  }
}

export interface Host {
  readonly port: number
  readonly url: string
  /** The next connection that is accepted. */
  next(): Promise<WebSocketConnection>
  /** The server's side of the connections that are there. */
  readonly sockets: ReadonlySet<Socket>
}

/** A server for the test's duration; refused handshakes are refused. */
export async function host(context: TestContext, options: AcceptOptions): Promise<Host> {
  const server = createServer()
  const accepted: WebSocketConnection[] = []
  const waiting: ((connection: WebSocketConnection) => void)[] = []
  server.on('upgrade', (request, socket, head) => {
    try {
      const connection = accept(request, socket, head, options)
      const waiter = waiting.shift()
      if (waiter === undefined) accepted.push(connection)
      else waiter(connection)
    } catch (error) {
      const { status, headers, code } = error as {
        status: number
        headers: Record<string, string>
        code: string
      }
      refuse(socket, status, { headers, code })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.on('close', () => connections.delete(socket))
  })
  context.after(() => {
    server.close()
    for (const socket of connections) socket.destroy()
  })
  const { port } = server.address() as AddressInfo
  const next = (): Promise<WebSocketConnection> => {
    const connection = accepted.shift()
    return connection === undefined
      ? new Promise((resolve) => waiting.push(resolve))
      : Promise.resolve(connection)
  }
  return { port, url: `ws://127.0.0.1:${port}/`, next, sockets: connections }
}

export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const HANDSHAKE: string =
  `GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  `Sec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`

/** A socket that speaks bytes, and what it has received. */
export class RawClient {
  readonly socket: Socket
  private chunks: Buffer[] = []
  private length = 0
  private ended = false
  private wake: () => void = () => {}

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true })
    this.socket.on('data', (chunk) => {
      this.chunks.push(chunk)
      this.length += chunk.length
      this.wake()
    })
    const end = (): void => {
      this.ended = true
      this.wake()
    }
    this.socket.on('end', end).on('close', end)
    this.socket.on('error', () => {})
  }

  write(bytes: string | Uint8Array): this {
    this.socket.write(bytes)
    return this
  }

  /** What follows the head of the answer, once it has this many bytes or the server has ended. */
  async frames(length = Infinity): Promise<string> {
    const head = await this.head()
    while (this.length - head < length && !this.ended) await this.change()
    return this.received().subarray(head).toString('hex')
  }

  /** The whole answer, once the server has ended. */
  async answer(): Promise<string> {
    while (!this.ended) await this.change()
    return this.received().toString('latin1')
  }

  private async head(): Promise<number> {
    while (!this.received().includes('\r\n\r\n')) {
      if (this.ended) return this.length
      await this.change()
    }
    return this.received().indexOf('\r\n\r\n') + 4
  }

  private received(): Buffer {
    const whole = Buffer.concat(this.chunks)
    this.chunks = [whole]
    return whole
  }

  private change(): Promise<void> {
    return new Promise((resolve) => (this.wake = resolve))
  }
}

/** A masked frame with the key 00000000. */
export function frame(first: number, payload: Uint8Array | string): Buffer {
  const bytes = Buffer.from(payload)
  const length =
    bytes.length < 126 ? [bytes.length | 0x80] : [126 | 0x80, bytes.length >> 8, bytes.length & 0xff]
  return Buffer.concat([Buffer.of(first, ...length, 0, 0, 0, 0), bytes])
}
