/**
 * One raw socket of the load generator. What arrives lies in memory that all sockets share and is valid until the
 * callback returns. Publications are counted by the one `@` in each, and told their lateness by the time behind it.
 */
import { connect, type Socket } from 'node:net'

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

export interface Counter {
  counted(publications: number, bytes: Buffer, lastAt: number): void
}

const AT = 0x40
const memory = Buffer.allocUnsafeSlow(1_048_576)

export class Wire {
  readonly socket: Socket
  readonly port: number
  /** Which of the channels it follows. */
  readonly channel: number
  text = ''
  step = 0
  cursor = ''
  /** Takes what arrives instead of counting it. */
  exchange: ((bytes: Buffer) => void) | undefined
  readonly client: Client
  readonly #counter: Counter
  #ready: (() => void) | undefined

  constructor(
    to: { readonly port: number; readonly channel: number },
    client: Client,
    counter: Counter,
    ready: () => void,
  ) {
    this.port = to.port
    this.channel = to.channel
    this.client = client
    this.#counter = counter
    this.#ready = ready
    this.socket = connect({
      port: to.port,
      host: '127.0.0.1',
      noDelay: true,
      onread: {
        buffer: memory,
        callback: (length) => {
          this.#receive(length)
          return true
        },
      },
    })
    this.socket.once('connect', () => client.open(this))
  }

  get isReady(): boolean {
    return this.#ready === undefined
  }

  ready(): void {
    const ready = this.#ready
    this.#ready = undefined
    this.text = ''
    ready?.()
  }

  send(text: string): void {
    if (!this.socket.destroyed) this.socket.write(text, 'latin1')
  }

  #receive(length: number): void {
    const bytes = memory.subarray(0, length)
    if (this.#ready !== undefined) {
      this.text += bytes.latin1Slice(0, length)
      this.client.opening(this, this.text)
      return
    }
    if (this.exchange !== undefined) return this.exchange(bytes)
    let count = 0
    let last = -1
    for (let at = bytes.indexOf(AT); at >= 0; at = bytes.indexOf(AT, at + 1)) {
      count++
      last = at
    }
    this.client.received?.(this, bytes)
    if (count > 0) this.#counter.counted(count, bytes, last)
  }
}
