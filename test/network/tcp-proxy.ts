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
}

export class TcpProxy {
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  readonly #options: TcpProxyOptions
  /** Connections that were cut so far. */
  cuts = 0
  /** Bytes of the node's answers that the next connection to receive them may still pass on before it is cut. */
  #cutAfterBytes: { bytes: number; done: () => void } | undefined

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
    client.on('data', (chunk) => upstream.write(chunk))
    upstream.on('data', (chunk) => this.#deliver(pair, chunk))
    const cut = this.#options.cutAfterMs
    const timer = cut === undefined ? undefined : setTimeout(() => this.#reset(pair), cut)
    for (const socket of [client, upstream]) {
      socket.on('error', () => undefined)
      socket.on('close', () => {
        clearTimeout(timer)
        this.#destroy(pair)
      })
    }
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
