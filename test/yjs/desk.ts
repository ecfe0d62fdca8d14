/** A node, and people at it: each with a client, a document and a binding of its own, and ways to disturb them. */
import assert from 'node:assert/strict'
import { type Client, connect, type ConnectOptions, type TransportName } from 'holdfast'
import { createServer, type HoldfastServer, MemoryBroker, type ServerOptions } from 'holdfast/server'
import { bindDocument, type BindOptions, type DocumentBinding, type DocumentState } from 'holdfast/yjs'
import { Doc, encodeStateAsUpdate, encodeStateVector, type Text } from 'yjs'

export const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']

const EVERYTHING = { count: 1_000_000, ageMs: Infinity, bytes: 1024 * 1024 * 1024 }

export const RULES: ServerOptions['rules'] = [
  {
    pattern: '*/awareness',
    contentType: 'bytes',
    ephemeral: true,
    retention: { count: 4_000, ageMs: 30_000, bytes: 4 * 1024 * 1024 },
  },
  { pattern: 'docs/*', contentType: 'bytes', retention: EVERYTHING },
]

export class Desk {
  readonly broker: MemoryBroker = new MemoryBroker()
  readonly server: HoldfastServer
  readonly #ends: (() => void)[] = []
  url = ''

  constructor(options: ServerOptions = {}) {
    const { limits, ...rest } = options
    this.server = createServer({
      broker: this.broker,
      rules: RULES ?? [],
      limits: { commandsPerSecond: 100_000, commandBurst: 100_000, pollMinMs: 10, pollMaxMs: 20, ...limits },
      ...rest,
    })
  }

  async open(): Promise<void> {
    this.url = (await this.server.listen()).url
  }

  /** @param url where it is not the node itself. */
  connect(options: ConnectOptions = {}, url = this.url): Client {
    const client = connect(url, {
      pollIntervalMs: 10,
      backoff: { minMs: 5, maxMs: 20 },
      ...options,
    })
    this.#ends.push(() => client.close())
    return client
  }

  seat(channel: string, options: BindOptions = {}, connection: ConnectOptions = {}): Seat {
    return new Seat(this.connect(connection), channel, options)
  }

  async close(): Promise<void> {
    for (const end of this.#ends) end()
    await this.server.close()
    await this.broker.dispose()
  }
}

/** Somebody with the document open. */
export class Seat {
  readonly doc: Doc = new Doc()
  readonly text: Text = this.doc.getText('text')
  readonly client: Client
  readonly binding: DocumentBinding
  readonly errors: unknown[] = []

  constructor(client: Client, channel: string, options: BindOptions = {}, before?: (doc: Doc) => void) {
    this.client = client
    before?.(this.doc)
    this.binding = bindDocument(client, channel, this.doc, {
      awareness: false,
      onError: (error) => this.errors.push(error),
      ...options,
    })
  }

  /** Fulfilled when `reached` holds of the binding. */
  until(reached: (state: DocumentState) => boolean, what = 'the state'): Promise<void> {
    return new Promise((resolve, reject) => {
      const stop = this.binding.on('state', check.bind(this))
      const late = setTimeout(() => {
        stop()
        reject(new Error(`${what} was not reached: ${JSON.stringify(this.binding.state)}`))
      }, 30_000)
      function check(this: Seat): void {
        if (!reached(this.binding.state)) return
        stop()
        clearTimeout(late)
        resolve()
      }
      check.call(this)
    })
  }

  async sent(): Promise<void> {
    await this.until(({ unsent, synced }) => synced && unsent === 0, 'nothing unsent')
  }

  /** Fulfilled when the text holds. */
  reads(holds: string | ((text: string) => boolean)): Promise<void> {
    const read = (): boolean => {
      const text = this.text.toJSON()
      return typeof holds === 'string' ? text === holds : holds(text)
    }
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (!read()) return
        this.text.unobserve(check)
        clearTimeout(late)
        resolve()
      }
      const late = setTimeout(() => {
        this.text.unobserve(check)
        reject(new Error(`the text is ${JSON.stringify(this.text.toJSON().slice(0, 200))}`))
      }, 30_000)
      this.text.observe(check)
      check()
    })
  }
}

/** Waits until everyone has sent what they have and has received what the others have, and holds them equal. */
export const converge = async (seats: readonly Seat[]): Promise<void> => {
  await Promise.all(seats.map((seat) => seat.sent()))
  const vectors = (): string[] => seats.map(({ doc }) => JSON.stringify(stateOf(doc)))
  const equal = (): boolean => new Set(vectors()).size === 1
  await Promise.all(
    seats.map(
      (seat) =>
        new Promise<void>((resolve, reject) => {
          const check = (): void => {
            if (!equal()) return
            for (const { doc } of seats) doc.off('update', check)
            clearTimeout(late)
            resolve()
          }
          const late = setTimeout(() => {
            seat.doc.off('update', check)
            reject(new Error(`they differ: ${vectors().join(' | ').slice(0, 500)}`))
          }, 30_000)
          for (const { doc } of seats) doc.on('update', check)
          check()
        }),
    ),
  )
  const [first, ...others] = seats.map(({ text }) => text.toJSON())
  for (const other of others) assert.equal(other, first)
}

const stateOf = (doc: Doc): unknown => [
  [...encodeStateVector(doc)].length,
  [...doc.store.clients]
    .map(([client, structs]) => {
      const last = structs.at(-1)
      return [client, (last?.id.clock ?? 0) + (last?.length ?? 0)]
    })
    .toSorted((a, b) => (a[0] as number) - (b[0] as number)),
  doc.getText('text').toJSON(),
]

export const updateOf = (write: (text: Text) => void): Uint8Array => {
  const doc = new Doc()
  write(doc.getText('text'))
  return encodeStateAsUpdate(doc)
}
