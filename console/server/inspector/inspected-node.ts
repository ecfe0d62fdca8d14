/**
 * A node to look at: one of its own, with nothing on it, behind a network whose bytes are told to whoever asked for it.
 * Its pings and holds are short, so that they can be seen. What cannot be told fast enough is left out, and the next
 * record says by its offset that something is missing.
 */
import { createServer, type HoldfastServer } from 'holdfast/server'
import { type Conditions, NetworkProxy, type Traffic } from 'holdfast/network'
import {
  type Direction,
  encodeRecord,
  type MovedRecord,
  type TapRecord,
} from '../../src/inspector/tap-records.ts'

/** The channel that the inspected connection follows and publishes to. */
export const SUBJECT = 'inspected'

/** Records are told together when they come within this time. */
const GATHER_MS = 20
/** What is told at once at most, and what may be told in a second. */
const MOST_TOLD_BYTES = 48 * 1024
const MOST_BYTES_PER_SECOND = 2 * 1024 * 1024

export class InspectedNode {
  readonly #server: HoldfastServer
  readonly #network: NetworkProxy
  readonly #tell: (records: Uint8Array) => void
  /** Bytes of each connection that moved so far, up and down. */
  readonly #moved = new Map<number, Record<Direction, number>>()
  #waiting: Uint8Array[] = []
  #waitingBytes = 0
  #timer: NodeJS.Timeout | undefined
  #secondBegan = 0
  #toldBytes = 0

  private constructor(server: HoldfastServer, port: number, tell: (records: Uint8Array) => void) {
    this.#server = server
    this.#network = new NetworkProxy({ target: { port } })
    this.#tell = tell
    this.#network.tap({
      opened: (connection, timeMs) => {
        this.#moved.set(connection, { up: 0, down: 0 })
        this.#record({ type: 'opened', connection, timeMs })
      },
      moved: (connection, type, timeMs, bytes) => this.#bytes({ type, connection, timeMs, bytes, offset: 0 }),
      closed: (connection, timeMs, why) => {
        this.#moved.delete(connection)
        this.#record({ type: 'closed', connection, timeMs, why })
      },
    })
  }

  /** @param origin the origin whose pages may connect to it. */
  static async open(
    origin: string,
    tell: (records: Uint8Array) => void,
  ): Promise<{ readonly node: InspectedNode; readonly url: string }> {
    const server = createServer({
      origins: [origin],
      rules: [{ pattern: SUBJECT, retention: { count: 100 } }],
      limits: {
        connectionsPerAddress: 16,
        pingIntervalMs: 5_000,
        ssePingIntervalMs: 5_000,
        holdMs: 10_000,
        pollMinMs: 1_000,
        pollMaxMs: 2_000,
      },
    })
    const { port } = await server.listen()
    const node = new InspectedNode(server, port, tell)
    const { url } = await node.#network.listen()
    return { node, url }
  }

  /** There were connections, and all of them have gone. */
  get isDeserted(): boolean {
    return this.traffic.connections > 0 && this.#moved.size === 0
  }

  get traffic(): Traffic {
    return this.#network.traffic
  }

  change(conditions: Partial<Conditions>): void {
    this.#network.change(conditions)
  }

  /** Publishes as somebody else would, so that the node has something to push. */
  async publish(text: string): Promise<void> {
    await this.#server.publish(SUBJECT, { text })
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    this.#waiting = []
    await this.#network.close()
    await this.#server.close({ graceMs: 0 })
  }

  #bytes(record: MovedRecord): void {
    const { connection, type, bytes } = record
    const moved = this.#moved.get(connection)
    if (moved === undefined) return
    const before = moved[type]
    moved[type] += bytes.length
    for (let at = 0; at < bytes.length; at += MOST_TOLD_BYTES) {
      const piece = bytes.subarray(at, at + MOST_TOLD_BYTES)
      if (this.#mayTell(piece.length)) this.#record({ ...record, offset: before + at, bytes: piece })
    }
  }

  #mayTell(bytes: number): boolean {
    const now = performance.now()
    if (now - this.#secondBegan >= 1_000) {
      this.#secondBegan = now
      this.#toldBytes = 0
    }
    if (this.#toldBytes + bytes > MOST_BYTES_PER_SECOND) return false
    this.#toldBytes += bytes
    return true
  }

  #record(record: TapRecord): void {
    const encoded = encodeRecord(record)
    if (this.#waitingBytes + encoded.length > MOST_TOLD_BYTES) this.#flush()
    this.#waiting.push(encoded)
    this.#waitingBytes += encoded.length
    this.#timer ??= setTimeout(() => this.#flush(), GATHER_MS)
  }

  #flush(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
    if (this.#waitingBytes > 0) this.#tell(Buffer.concat(this.#waiting))
    this.#waiting = []
    this.#waitingBytes = 0
  }
}
