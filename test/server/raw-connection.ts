/**
 * A connection that sends exactly the bytes it is told to, over TCP or TLS, and reads whatever comes back: HTTP
 * answers one after the other, or frames. It repairs nothing.
 */
import { once } from 'node:events'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
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
  #received: Buffer = Buffer.alloc(0)
  #ended = false
  #wake: () => void = () => undefined

  constructor(socket: Socket, tcp: Socket = socket) {
    this.socket = socket
    this.#tcp = tcp
    socket.on('data', (chunk: Buffer) => {
      this.#received = Buffer.concat([this.#received, chunk])
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

  get received(): Buffer {
    return this.#received
  }

  send(bytes: string | Uint8Array): this {
    if (typeof bytes === 'string') this.socket.write(bytes, 'latin1')
    else this.socket.write(bytes)
    return this
  }

  /** The next whole answer. Rejects when the connection ends before there is one. */
  async answer(): Promise<RawAnswer> {
    for (;;) {
      const parsed = parseAnswer(this.#received, this.#ended)
      if (parsed !== undefined) {
        this.#received = this.#received.subarray(parsed.end)
        return parsed.answer
      }
      if (this.#ended)
        throw new Error(`the connection ended after ${JSON.stringify(this.#received.toString('latin1'))}`)
      await this.#more()
    }
  }

  /** Waits until at least `count` bytes are here, and takes them. */
  async bytes(count: number): Promise<Buffer> {
    while (this.#received.length < count) {
      if (this.#ended)
        throw new Error(`the connection ended after ${this.#received.length} of ${count} bytes`)
      await this.#more()
    }
    const taken = this.#received.subarray(0, count)
    this.#received = this.#received.subarray(count)
    return taken
  }

  /** Waits until what came holds `text`. */
  async sees(text: string): Promise<string> {
    for (;;) {
      const all = this.#received.toString('latin1')
      if (all.includes(text)) return all
      if (this.#ended) throw new Error(`the connection ended without ${text}: ${JSON.stringify(all)}`)
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
    this.#tcp.resetAndDestroy()
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
