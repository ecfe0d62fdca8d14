/**
 * One inspection: a node to look at, a client of its own that talks to it, and what the tap tells of what they say. The
 * tap comes over the page's other connection, so that it never shows itself. It keeps the latest items, and a bounded
 * part of each.
 */
import { type Client, type ClientState, connect, type TransportName } from 'holdfast'
import { ConnectionReader } from './connection-reader.ts'
import type { Item, Tally } from './items.ts'
import { decodeRecords, type TapRecord } from './tap-records.ts'

const MOST_ITEMS = 400
const MOST_CONNECTIONS = 64
const SUBJECT = 'inspected'

export type Upgrade = 'passed' | 'stripped'

export type Stage =
  | { readonly name: 'opening' }
  | { readonly name: 'open'; readonly url: string }
  | { readonly name: 'failed'; readonly message: string }

/** What the network counted, beside what is shown. */
export interface Counted {
  readonly bytesUp: number
  readonly bytesDown: number
  readonly requests: number
  readonly connections: number
}

export class Inspection {
  stage: Stage = { name: 'opening' }
  /** Of the inspected client. */
  connection: ClientState | undefined
  items: Item[] = []
  /** Items that were let go of. */
  dropped = 0
  readonly tally: { -readonly [Key in keyof Tally]: number } = { up: 0, down: 0, payload: 0 }
  counted: Counted | undefined
  /** What the inspected client received, newest last. */
  received = 0
  readonly #main: Client
  readonly #listeners = new Set<() => void>()
  readonly #readers = new Map<number, ConnectionReader>()
  readonly #ends: (() => void)[] = []
  #client: Client | undefined
  #sockets: WebSocket[] = []
  #id: string | undefined
  #over = false
  #keys = 0
  #version = 0
  #announced = false
  /** Time of the page minus time of the node, as little as was seen of it. */
  #aheadMs = Infinity
  /** When the first connection began, by the node's clock. */
  #beganMs: number | undefined

  constructor(main: Client, transport: TransportName) {
    this.#main = main
    this.#open(transport).catch((error: unknown) => {
      this.#enter({ name: 'failed', message: (error as Error).message })
    })
  }

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  readonly version = (): number => this.#version

  /** Milliseconds since the first connection began. */
  since(timeMs: number): number {
    return timeMs - (this.#beganMs ?? timeMs)
  }

  /** Now, by the node's clock, as far as the page can know. */
  nowMs(): number {
    return this.#aheadMs === Infinity ? 0 : performance.now() - this.#aheadMs
  }

  /** Through the inspected connection. */
  async send(text: string): Promise<void> {
    await this.#client?.channel(SUBJECT).publish({ text })
  }

  /** As somebody else: it is pushed, or waits to be asked for. */
  async publish(text: string): Promise<void> {
    await this.#main.call('inspector/publish', { id: this.#id, text })
  }

  async use(transport: TransportName): Promise<void> {
    await this.#client?.use(transport)
  }

  /** Whether WebSockets may pass. Cuts what stands. */
  async allowUpgrade(upgrade: Upgrade): Promise<void> {
    await this.#main.call('inspector/upgrade', { id: this.#id, upgrade })
  }

  /** Closes the WebSocket as an application may: the client comes back by itself. */
  closeSocket(code: number, reason: string): void {
    for (const socket of this.#sockets) socket.close(code, reason)
  }

  clear(): void {
    this.items = []
    this.dropped = 0
    this.#changed()
  }

  async count(): Promise<void> {
    if (this.stage.name !== 'open') return
    try {
      this.counted = (await this.#main.call('inspector/traffic', { id: this.#id })) as Counted
      this.#changed()
    } catch (error) {
      const { code, message } = error as Error & { code?: string }
      // The node has closed it, or was started anew. What was only not answered is asked again.
      if (code !== 'call_failed' && code !== 'unknown_method') return
      this.end()
      this.#enter({ name: 'failed', message })
    }
  }

  end(): void {
    this.#over = true
    for (const end of this.#ends.splice(0)) end()
    if (this.#id !== undefined) this.#main.call('inspector/close', { id: this.#id }).catch(() => undefined)
  }

  async #open(transport: TransportName): Promise<void> {
    const opened = await this.#main.call('inspector/open', { origin: location.origin })
    const { id, port } = opened as { id: string; port: number }
    this.#id = id
    if (this.#over) return this.end()
    const tap = this.#main.channel<Uint8Array>(`inspector/${id}`).subscribe(({ data }) => this.#take(data))
    this.#ends.push(() => tap.close())
    await tap.ready
    if (this.#over) return
    // By its number: a name of this machine may also mean an address on which nothing listens.
    const url = `http://127.0.0.1:${port}`
    const client = connect(url, { transport, WebSocket: this.#watchedSocket() })
    this.#client = client
    this.#ends.push(() => client.close())
    client.on('state', (state) => {
      this.connection = state
      this.#changed()
    })
    client.channel(SUBJECT).subscribe(() => {
      this.received++
      this.#changed()
    })
    this.#enter({ name: 'open', url })
  }

  /** The browser's own, remembered, so that the page can close it. */
  #watchedSocket(): typeof WebSocket {
    const remember = (socket: WebSocket): void => {
      this.#sockets.push(socket)
      socket.addEventListener(
        'close',
        () => (this.#sockets = this.#sockets.filter((each) => each !== socket)),
      )
    }
    return class extends WebSocket {
      constructor(url: string | URL, protocols?: string | string[]) {
        super(url, protocols)
        remember(this)
      }
    }
  }

  #take(data: unknown): void {
    // Whoever knows the channel could publish to it: what is no record is left.
    if (!(data instanceof Uint8Array)) return
    for (const record of decodeRecords(data)) {
      this.#aheadMs = Math.min(this.#aheadMs, performance.now() - record.timeMs)
      this.#beganMs ??= record.timeMs
      this.#record(record)
    }
    this.#changed()
  }

  #record(record: TapRecord): void {
    const reader = this.#readers.get(record.connection)
    if (record.type === 'opened') {
      if (reader !== undefined || this.#readers.size >= MOST_CONNECTIONS) return
      const host = {
        nextKey: () => this.#keys++,
        add: (item: Item) => this.#add(item),
        carried: (bytes: number) => void (this.tally.payload += bytes),
      }
      this.#readers.set(record.connection, new ConnectionReader(record.connection, record.timeMs, host))
    } else if (record.type === 'closed') {
      reader?.end(record.timeMs, record.why)
      this.#readers.delete(record.connection)
    } else {
      this.tally[record.type] += record.bytes.length
      reader?.read(record)
    }
  }

  #add(item: Item): void {
    this.items.push(item)
    if (this.items.length <= MOST_ITEMS * 1.25) return
    this.dropped += this.items.length - MOST_ITEMS
    this.items = this.items.slice(-MOST_ITEMS)
  }

  #enter(stage: Stage): void {
    this.stage = stage
    this.#changed()
  }

  /** Told once per picture, however much has passed. */
  #changed(): void {
    if (this.#announced) return
    this.#announced = true
    const announce = (): void => {
      this.#announced = false
      this.#version++
      for (const listener of this.#listeners) listener()
    }
    // A page that is not looked at draws no pictures, and has none to keep up with.
    if (document.visibilityState === 'visible') requestAnimationFrame(announce)
    else setTimeout(announce, 250)
  }
}
