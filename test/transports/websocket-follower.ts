/** The wire of a WebSocket: `hello`, then commands and events in both directions. */
import { once } from 'node:events'
import type { NodeUnderTest, WireEvent } from '../server/node-under-test.ts'
import { type Command, Follower, type FollowerOptions, type Spec } from './follower.ts'

export class WebSocketFollower extends Follower {
  readonly #socket: ReturnType<NodeUnderTest['openWebSocket']>
  readonly #replies: WireEvent[] = []
  readonly #open: Promise<unknown>
  closeCode: number | undefined
  #pings = 0

  constructor(node: NodeUnderTest, options: FollowerOptions = {}) {
    super(node, options)
    this.#socket = node.openWebSocket()
    this.#socket.binaryType = 'arraybuffer'
    this.#socket.addEventListener('message', (event) =>
      this.#message((event as MessageEvent<string | ArrayBuffer>).data),
    )
    this.#socket.addEventListener('close', (event) => {
      this.closeCode = (event as CloseEvent).code
      this.changed()
    })
    this.#socket.addEventListener('error', () => undefined)
    this.#open = once(this.#socket, 'open').then(() =>
      this.#write({ type: 'hello', id: 0, version: 1, ...this.credentials }),
    )
  }

  async follow(channels: Readonly<Record<string, Spec>>): Promise<void> {
    await this.#open
    const before = new Map(this.channels)
    this.choose(channels)
    let left = 0
    for (const channel of before.keys()) {
      if (this.channels.has(channel)) continue
      this.#write({ type: 'unsubscribe', channel })
      left++
    }
    for (const [channel, spec] of this.channels) {
      if (!before.has(channel)) this.#write({ type: 'subscribe', channel, ...spec })
    }
    // An unsubscribe has no answer; what comes behind it has.
    if (left > 0) await this.send({ type: 'ping', id: 1_000_000 + this.#pings++ })
  }

  async send(...commands: readonly Command[]): Promise<WireEvent[]> {
    await this.#open
    const ids = new Set(commands.map((command) => command['id']))
    for (const command of commands) this.#write(command)
    const mine = (): WireEvent[] => this.#replies.filter((reply) => ids.has(reply['id'] as number))
    await this.until(() => mine().length === ids.size || this.closeCode !== undefined, 'the replies')
    return mine()
  }

  /** Sends bytes: the length of a header, the header, the payload. */
  async sendBinary(header: Command, bytes: Uint8Array): Promise<WireEvent[]> {
    await this.#open
    const head = Buffer.from(JSON.stringify(header))
    const length = Buffer.alloc(4)
    length.writeUInt32BE(head.length)
    this.#socket.send(Buffer.concat([length, head, bytes]))
    const mine = (): WireEvent[] => this.#replies.filter((reply) => reply['id'] === header['id'])
    await this.until(() => mine().length > 0, 'the reply')
    return mine()
  }

  async close(): Promise<void> {
    await this.#open.catch(() => undefined)
    this.#socket.close()
    await this.until(() => this.closeCode !== undefined, 'the close')
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== undefined, 'the close')
    return this.closeCode as number
  }

  #write(command: Command): void {
    this.#socket.send(JSON.stringify(command))
  }

  #message(data: string | ArrayBuffer): void {
    let event: WireEvent
    if (typeof data === 'string') {
      event = JSON.parse(data) as WireEvent
    } else {
      const bytes = Buffer.from(data)
      const end = 4 + bytes.readUInt32BE(0)
      event = {
        ...(JSON.parse(bytes.toString('utf8', 4, end)) as WireEvent),
        base64: bytes.subarray(end).toString('base64'),
      }
    }
    if (event.type === 'reply') this.#replies.push(event)
    else if (event.type === 'bye') this.bye = event
    else return this.heard(event)
    this.changed()
  }
}
