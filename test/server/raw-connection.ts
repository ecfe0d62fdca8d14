/**
 * A connection that sends exactly the bytes it is told to, over TCP or TLS, and reads whatever comes back: HTTP
 * answers one after the other, or frames. It repairs nothing.
 */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { reset } from '../../src/network/reset.ts'
import { certificate } from './certificate.ts'

export interface RawAnswer {
  readonly status: number
  /** By lower-case name; the last one counts. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Target {
  readonly port: number
  readonly tls: boolean
}

export class RawConnection {
  readonly socket: Socket
  /** What lies below TLS; the same socket without it. */
  readonly #tcp: Socket
  /** What came lies in its first bytes; it grows by doubling, so that megabytes in small pieces cost no more. */
  #memory: Buffer = Buffer.alloc(65_536)
  #length = 0
  #ended = false
  #wake: () => void = () => undefined

  constructor(socket: Socket, tcp: Socket = socket) {
    this.socket = socket
    this.#tcp = tcp
    socket.on('data', (chunk: Buffer) => {
      this.#keep(chunk)
      this.#wake()
    })
    const over = (): void => {
      this.#ended = true
      this.#wake()
    }
    // A reset is an end like any other here: tests look at what came before it.
    socket.on('error', over).on('end', over).on('close', over)
  }

  get ended(): boolean {
    return this.#ended
  }

  /** What came and was not taken, until the next piece comes. */
  get received(): Buffer {
    return this.#memory.subarray(0, this.#length)
  }

  send(bytes: string | Uint8Array): this {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1')
    else this.socket.write(bytes)
    return this
  }

  /** The next whole answer. Rejects when the connection ends before there is one. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const parsed = parseAnswer(this.received, this.#ended)
      if (parsed !== undefined) {
        this.#take(parsed.end)
        return parsed.answer
      }
      if (this.#ended)
        throw new Error(`the connection ended after ${JSON.stringify(this.received.toString('latin1'))}`)
      await this.#more()
    }
  }

  /** Waits until at least `count` bytes are here, and takes them. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#length < count) {
      if (this.#ended) throw new Error(`the connection ended after ${this.#length} of ${count} bytes`)
      await this.#more()
    }
    return this.#take(count)
  }

  /** Waits until what came holds `text`. */
  async sees(text: string): Promise<string> {
    let from = 0
    for (;;) {
      if (this.received.includes(text, from)) return this.received.toString('latin1')
      from = Math.max(0, this.#length - text.length)
      if (this.#ended) throw new Error(`the connection ended without ${text}`)
      await this.#more()
    }
  }

  /** Waits until the peer has ended or reset the connection. */
  async end(): Promise<void> {
    while (!this.#ended) await this.#more()
  }

  destroy(): void {
    this.socket.destroy()
  }

  /** Cuts the connection with a reset. */
  reset(): void {
    reset(this.#tcp)
  }

  #keep(chunk: Buffer): void {
    if (this.#length + chunk.length > this.#memory.length) {
      const grown = Buffer.alloc(2 * (this.#length + chunk.length))
      grown.set(this.received)
      this.#memory = grown
    }
    this.#memory.set(chunk, this.#length)
    this.#length += chunk.length
  }

  #take(count: number): Buffer {
    const taken = Buffer.from(this.#memory.subarray(0, count))
    this.#memory.copyWithin(0, count, this.#length)
    this.#length -= count
    return taken
  }

  #more(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }
}

export const connectRaw = async (target: Target): Promise<RawConnection> => {
  const tcp = connectTcp({ port: target.port, host: '127.0.0.1', noDelay: true })
  await once(tcp, 'connect')
  if (!target.tls) return new RawConnection(tcp)
  const socket = connectTls({ socket: tcp, ca: certificate().cert, host: '127.0.0.1' })
  await once(socket, 'secureConnect')
  return new RawConnection(socket, tcp)
}

const parseAnswer = (bytes: Buffer, ended: boolean): { answer: RawAnswer; end: number } | undefined => {
  const headEnd = bytes.indexOf('\r\n\r\n')
  if (headEnd < 0) return undefined
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, headEnd).split('\r\n')
  const status = Number(statusLine.split(' ')[1])
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  const start = headEnd + 4
  // An interim answer has no body, and neither have these.
  if (status < 200 || status === 204 || status === 304)
    return { answer: { status, headers, body: '' }, end: start }
  const length = headers['content-length']
  if (length === undefined && !ended) return undefined
  const end = length === undefined ? bytes.length : start + Number(length)
  if (bytes.length < end) return undefined
  return { answer: { status, headers, body: bytes.toString('utf8', start, end) }, end }
}
