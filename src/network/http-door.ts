/**
 * The part of a network that reads HTTP/1.1, as a reverse proxy does: it asks the target in the client's place, holds
 * answers back, and takes upgrades away. It listens on a port of its own, to which only the network leads.
 */
import { createHash } from 'node:crypto'
import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { type Duplex, pipeline } from 'node:stream'
import type { Conditions } from './conditions.ts'
import { HeldBody } from './held-body.ts'

export interface Target {
  /** `127.0.0.1` by default. */
  readonly host?: string
  readonly port: number
}

/** Fields that are about one connection (RFC 9110 §7.6.1). Node writes its own. */
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'proxy-connection', 'te', 'upgrade'])
/** Of the answer to an opening handshake (RFC 6455 §4.2.2). */
const ACCEPT_GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11'

export class HttpDoor {
  readonly #target: Required<Target>
  readonly #conditions: () => Conditions
  readonly #server: Server
  readonly #agent = new Agent({ keepAlive: true })
  readonly #upgraded = new Set<Duplex>()

  constructor(target: Required<Target>, conditions: () => Conditions) {
    this.#target = target
    this.#conditions = conditions
    this.#server = createServer(
      {
        keepAliveTimeout: 75_000,
        maxHeaderSize: 65_536,
        shouldUpgradeCallback: () => this.#conditions().upgrade !== 'stripped',
      },
      (incoming, response) => this.#ask(incoming, response),
    )
    this.#server.requestTimeout = 0
    this.#server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
      this.#upgraded.add(socket)
      socket.on('error', () => undefined).once('close', () => this.#upgraded.delete(socket))
      if (this.#conditions().upgrade === 'swallowed') swallow(incoming, socket)
      else this.#tunnel(incoming, socket, head)
    })
  }

  /** @returns its port. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(0, '127.0.0.1', resolve)
    })
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()))
    for (const socket of this.#upgraded) socket.destroy()
    this.#server.closeAllConnections()
    this.#agent.destroy()
    await closed
  }

  #ask(incoming: IncomingMessage, response: ServerResponse): void {
    const { method, url: path } = incoming
    const asked = request({
      ...this.#target,
      agent: this.#agent,
      method,
      path,
      headers: endToEnd(incoming.rawHeaders),
    })
    asked.on('response', (answer) => this.#answer(answer, response))
    asked.on('error', () => {
      if (response.headersSent) response.destroy()
      else response.writeHead(502, { 'content-type': 'text/plain' }).end('The target did not answer.\n')
    })
    // What the client has given up, the target need not go on with.
    response.on('close', () => asked.destroy())
    pipeline(incoming, asked, () => undefined)
  }

  #answer(answer: IncomingMessage, response: ServerResponse): void {
    const { buffering, bufferBytes } = this.#conditions()
    response.writeHead(answer.statusCode!, answer.statusMessage, endToEnd(answer.rawHeaders))
    // An answer that breaks off takes the client's connection with it: its end would say that it was complete.
    if (buffering === 'responses') {
      pipeline(answer, new HeldBody(bufferBytes), response, () => undefined)
    } else {
      response.flushHeaders()
      pipeline(answer, response, () => undefined)
    }
  }

  /** Says word for word what the client said, and gets out of the way. */
  #tunnel({ method, url, rawHeaders }: IncomingMessage, socket: Duplex, head: Buffer): void {
    const target = connect({ ...this.#target, allowHalfOpen: true })
    const lines = [`${method} ${url} HTTP/1.1`]
    for (let at = 0; at < rawHeaders.length; at += 2) lines.push(`${rawHeaders[at]}: ${rawHeaders[at + 1]}`)
    target.on('error', () => socket.destroy()).on('close', () => socket.destroy())
    socket.on('close', () => target.destroy())
    target.write(`${lines.join('\r\n')}\r\n\r\n`, 'latin1')
    target.write(head)
    target.pipe(socket).pipe(target)
  }
}

/** Accepts what looks like a WebSocket, and says nothing more. */
const swallow = ({ headers }: IncomingMessage, socket: Duplex): void => {
  const key = `${headers['sec-websocket-key']}${ACCEPT_GUID}`
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${createHash('sha1').update(key).digest('base64')}`,
  ]
  const protocol = headers['sec-websocket-protocol']?.split(',')[0]?.trim()
  if (protocol !== undefined) lines.push(`Sec-WebSocket-Protocol: ${protocol}`)
  socket.write(`${lines.join('\r\n')}\r\n\r\n`)
  socket.on('end', () => socket.end()).resume()
}

const endToEnd = (rawHeaders: readonly string[]): string[] =>
  rawHeaders.filter((_, at) => !HOP_BY_HOP.has(rawHeaders[at - (at % 2)]!.toLowerCase()))
