/**
 * A TCP proxy between a client and a node: passes bytes on, and cuts connections as a bad network does, with a
 * reset in the middle of whatever is under way. It knows nothing of what the bytes mean.
 */
import { createServer, connect, type Server, type Socket, type AddressInfo } from 'node:net'

interface Pair {
  readonly client: Socket
  readonly upstream: Socket
}

export interface TcpProxyOptions {
  readonly port: number
  /** Cuts every connection when it is this old, milliseconds. */
  readonly cutAfterMs?: number
  /** How long bytes take on their way, in each direction, milliseconds. */
  readonly delayMs?: number
  /** Looks at every connection so often, and cuts one look in so many, evenly but at moments that chance chooses. */
  readonly cuts?: { readonly everyMs: number; readonly oneIn: number; readonly random: () => number }
}

export class TcpProxy {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #options: TcpProxyOptions
  /** Connections that were cut so far. */
  cuts = 0
  /** Bytes of the node's answers that the next connection to receive them may still pass on before it is cut. */
  #cutAfterBytes: { bytes: number; done: () => void } | undefined
  /** Looks at connections so far, and which of the current run of looks cuts. */
  #looks = 0
  #cuttingLook = -1

  constructor(options: TcpProxyOptions) {
    this.#options = options
    this.#server = createServer((client) => this.#accept(client))
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  /**
   * Cuts the connection that receives the next bytes from the node, after `bytes` of them: in the middle of a
   * frame or an answer. Fulfilled when it has happened.
   */
  cutInMidAnswer(bytes: number): Promise<void> {
    return new Promise((done) => {
      this.#cutAfterBytes = { bytes, done }
    })
  }

  async close(): Promise<void> {
    for (const pair of this.#pairs) this.#destroy(pair)
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }

  #accept(client: Socket): void {
    const upstream = connect(this.#options.port, '127.0.0.1')
    const pair = { client, upstream }
    this.#pairs.add(pair)
    client.setNoDelay(true)
    upstream.setNoDelay(true)
    client.on('data', (chunk) => this.#later(() => upstream.write(chunk)))
    upstream.on('data', (chunk) => this.#later(() => this.#deliver(pair, chunk)))
    const { cutAfterMs, cuts } = this.#options
    const timer = cutAfterMs === undefined ? undefined : setTimeout(() => this.#reset(pair), cutAfterMs)
    const looking = cuts === undefined ? undefined : setInterval(() => this.#look(pair, cuts), cuts.everyMs)
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearTimeout(timer)
        clearInterval(looking)
        // What is on its way arrives first.
        this.#later(() => this.#destroy(pair))
      })
    }
  }

  #later(act: () => void): void {
    const { delayMs = 0 } = this.#options
    if (delayMs === 0) act()
    else setTimeout(act, delayMs)
  }

  #look(pair: Pair, { oneIn, random }: NonNullable<TcpProxyOptions['cuts']>): void {
    const look = this.#looks++ % oneIn
    if (look === 0) this.#cuttingLook = Math.floor(random() * oneIn)
    if (look === this.#cuttingLook) this.#reset(pair)
  }

  #deliver(pair: Pair, chunk: Buffer): void {
    const cut = this.#cutAfterBytes
    if (cut === undefined) {
      pair.client.write(chunk)
      return
    }
    this.#cutAfterBytes = undefined
    pair.client.write(chunk.subarray(0, Math.min(cut.bytes, chunk.length - 1)), () => {
      this.#reset(pair)
      cut.done()
    })
  }

  #reset(pair: Pair): void {
    if (!this.#pairs.has(pair)) return
    this.cuts++
    pair.client.resetAndDestroy()
    pair.upstream.resetAndDestroy()
  }

  #destroy(pair: Pair): void {
    this.#pairs.delete(pair)
    pair.client.destroy()
    pair.upstream.destroy()
  }
}
