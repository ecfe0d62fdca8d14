/**
 * One raw socket of the load generator. What arrives lies in memory that all sockets share and is valid until the
 * callback returns. Publications are counted by the one `@` in each, and told their lateness by the time behind it;
 * compressed ones by their frames, and not told anything.
 */
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { FrameCount } from './frames.ts'

/** How a client of one server opens, follows and asks again; see clients.ts. */
export interface Client {
  /** What is sent first. */
  open(wire: Wire): void
  /** What arrives until it says that it is ready; from then on what arrives is counted. */
  opening(wire: Wire, text: string): void
  /** What arrives afterwards; counting it is the wire's. */
  received?(wire: Wire, bytes: Buffer): void
  /** A message that is answered, for what is asked and answered in turn. */
  readonly ask?: string
}

/** Where a client connects to, and how. */
export interface Target {
  readonly port: number
  readonly tls: boolean
  readonly deflate: boolean
}

export interface Counter {
  /** @param lastAt where the mark of the last of them is; -1 where that cannot be seen */
  counted(publications: number, bytes: Buffer, lastAt: number): void
}

const AT = 0x40
const memory = Buffer.allocUnsafeSlow(1_048_576)
/** The same for every server, whatever it would prefer. */
const TLS = { rejectUnauthorized: false, minVersion: 'TLSv1.3', ciphers: 'TLS_AES_128_GCM_SHA256' } as const

export class Wire {
  readonly socket: Socket
  readonly target: Target
  /** The channels that it follows. */
  readonly channels: readonly number[]
  text = ''
  step = 0
  cursor = ''
  /** Takes what arrives instead of counting it. */
  exchange: ((bytes: Buffer) => void) | undefined
  readonly client: Client
  readonly #counter: Counter
  readonly #frames: FrameCount | undefined
  #ready: (() => void) | undefined

  constructor(
    to: Target & { readonly channels: readonly number[] },
    client: Client,
    counter: Counter,
    ready: () => void,
  ) {
    this.target = to
    this.channels = to.channels
    this.client = client
    this.#counter = counter
    this.#frames = to.deflate ? new FrameCount(true) : undefined
    this.#ready = ready
    const callback = (length: number): boolean => {
      this.#receive(memory.subarray(0, length))
      return true
    }
    const onread = { buffer: memory, callback }
    const options = { port: to.port, host: '127.0.0.1', noDelay: true, onread }
    this.socket = to.tls ? connectTls({ ...options, ...TLS }) : connect(options)
    this.socket.once(to.tls ? 'secureConnect' : 'connect', () => client.open(this))
  }

  /** What has arrived so far was the opening. */
  ready(): void {
    const ready = this.#ready
    this.#ready = undefined
    this.text = ''
    ready?.()
  }

  send(text: string): void {
    if (!this.socket.destroyed) this.socket.write(text, 'latin1')
  }

  #receive(bytes: Buffer): void {
    if (this.#ready !== undefined) {
      this.text += bytes.toString('latin1')
      this.client.opening(this, this.text)
    } else if (this.exchange !== undefined) this.exchange(bytes)
    else this.#count(bytes)
  }

  #count(bytes: Buffer): void {
    let count = 0
    let last = -1
    if (this.#frames !== undefined) count = this.#frames.count(bytes)
    else
      for (let at = bytes.indexOf(AT); at >= 0; at = bytes.indexOf(AT, at + 1)) {
        count++
        last = at
      }
    this.client.received?.(this, bytes)
    if (count > 0) this.#counter.counted(count, bytes, last)
  }
}
