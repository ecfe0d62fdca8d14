/**
 * The guarantee as a property: over random transports, switches, cuts, trims and slow readers, what is handed over
 * equals the log from the cursor on, exactly once and in order, or there is an explicit gap that a trim justifies;
 * and nobody sleeps while something is there. mutations.test.ts takes parts of the system out and sees this fail.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type Client, connect, type GapNotice, type Publication } from 'holdfast'
import { NetworkProxy } from 'holdfast/network'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { Milestones } from './milestones.ts'
import { TRANSPORTS, type Transport } from './ten-thousand.ts'

const RUNS = Number(process.env['HOLDFAST_RUNS'] ?? 25)
/** Long before a hold runs out: who is only woken by that has slept. */
const PROMPT_MS = 5_000
const CHANNEL = 'property'
/** So small that a slow iterator drops its buffer, and resumes. */
const ITERATOR_LIMIT = 20

type Operation =
  | { readonly kind: 'publish'; readonly count: number }
  | { readonly kind: 'switch'; readonly transport: Transport }
  | { readonly kind: 'cut'; readonly bytes: number }
  | { readonly kind: 'trim'; readonly keep: number }
  | { readonly kind: 'turns'; readonly count: number }

const operation: fc.Arbitrary<Operation> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('switch' as const), transport: fc.constantFrom(...TRANSPORTS) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('cut' as const), bytes: fc.integer({ min: 1, max: 900 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('trim' as const), keep: fc.integer({ min: 0, max: 40 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('turns' as const), count: fc.integer({ min: 1, max: 30 }) }),
  },
)

const schedule = fc.record({
  first: fc.constantFrom(...TRANSPORTS),
  operations: fc.array(operation, { minLength: 10, maxLength: 40 }),
  /** Turns of the event loop that the iterating reader takes for each publication. */
  slowness: fc.integer({ min: 0, max: 4 }),
})

/** What a reader was given, and the check that the log allows it. */
class Record {
  readonly #log: readonly number[]
  readonly #trimmedTo: () => number
  readonly milestones = new Milestones()
  offset = 0
  gaps = 0

  constructor(log: readonly number[], trimmedTo: () => number) {
    this.#log = log
    this.#trimmedTo = trimmedTo
  }

  take(publication: Publication<number>): void {
    assert.equal(publication.offset, this.offset + 1, 'follows what was handed over before')
    assert.equal(publication.data, this.#log[publication.offset - 1], 'is what the log holds there')
    this.offset = publication.offset
    this.milestones.reach(this.offset)
  }

  gap(gap: GapNotice): void {
    const floor = this.#trimmedTo() + 1
    const after = Number(gap.cursor.split('_')[1])
    assert.equal(gap.why, 'trimmed')
    assert.equal(Number(gap.from.split('_')[1]), this.offset, 'a gap starts where the reader stands')
    assert.ok(after > this.offset && after < floor, `a gap to ${after} is justified by a trim to ${floor}`)
    this.offset = after
    this.gaps++
    this.milestones.reach(this.offset)
  }
}

test(
  'G2 G3: what is handed over is the log from the cursor on, exactly once, or a justified gap',
  { timeout: 300_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async ({ first, operations, slowness }) => {
        const world = await World.open(first)
        try {
          await world.run(operations, slowness)
        } finally {
          await world.close()
        }
      }),
      { numRuns: RUNS, endOnFailure: true },
    )
  },
)

class World {
  readonly #log: number[] = []
  readonly #cursors: string[] = []
  readonly #server: HoldfastServer
  readonly #proxy: NetworkProxy
  readonly #client: Client
  #trimmedTo = 0

  static async open(first: Transport): Promise<World> {
    const server = createServer({
      limits: {
        commandsPerSecond: Infinity,
        connectionsPerAddress: Infinity,
        acceptsPerSecond: Infinity,
        pollMinMs: 5,
        pollMaxMs: 20,
      },
      rules: [{ pattern: CHANNEL, retention: { count: Infinity } }],
    })
    const { port } = await server.listen()
    const proxy = new NetworkProxy({ target: { port } })
    const options = { transport: first, iteratorLimit: ITERATOR_LIMIT, backoff: { minMs: 1, maxMs: 20 } }
    return new World(server, proxy, connect((await proxy.listen()).url, options))
  }

  constructor(server: HoldfastServer, proxy: NetworkProxy, client: Client) {
    this.#server = server
    this.#proxy = proxy
    this.#client = client
  }

  async run(operations: readonly Operation[], slowness: number): Promise<void> {
    const called = new Record(this.#log, () => this.#trimmedTo)
    const iterated = new Record(this.#log, () => this.#trimmedTo)
    const faults = Promise.withResolvers<never>()
    const guarded =
      <T>(check: (value: T) => void) =>
      (value: T): void => {
        try {
          check(value)
        } catch (error) {
          faults.reject(error as Error)
        }
      }
    const channel = this.#client.channel<number>(CHANNEL)
    const onGap = guarded((gap: GapNotice) => called.gap(gap))
    const subscription = channel.subscribe(
      { from: 'start', onGap },
      guarded((publication) => called.take(publication)),
    )
    const iterator = channel.subscribe({
      from: 'start',
      onGap: guarded((gap: GapNotice) => iterated.gap(gap)),
    })
    const reading = this.#iterate(iterator, iterated, slowness)
    // When the world closes, it ends; nobody listens any more then.
    reading.catch(() => undefined)
    await Promise.race([
      Promise.all([subscription.ready, iterator.ready]),
      this.#tooLate('ready', [called, iterated]),
    ])

    const work = this.#carryOut(operations).then(() => this.#publish(1))
    await Promise.race([work, faults.promise, this.#tooLate('the operations', [called, iterated])])
    const arrived = Promise.all([called, iterated].map((record) => record.milestones.at(this.#log.length)))
    await Promise.race([arrived, reading, faults.promise, this.#tooLate('the end', [called, iterated])])
    const { lost, duplicated } = this.#client.state.counts
    assert.deepEqual({ lost, duplicated }, { lost: 0, duplicated: 0 }, 'the audit agrees')
    assert.equal(this.#client.state.counts.gaps, called.gaps + iterated.gaps)
    faults.promise.catch(() => undefined)
  }

  async close(): Promise<void> {
    this.#client.close()
    await this.#proxy.close()
    await this.#server.close()
  }

  async #iterate(
    iterator: AsyncIterable<Publication<number>>,
    record: Record,
    slowness: number,
  ): Promise<never> {
    for await (const publication of iterator) {
      record.take(publication)
      await turns(slowness)
    }
    throw new Error('the iterator ended')
  }

  async #carryOut(operations: readonly Operation[]): Promise<void> {
    const switches: Promise<void>[] = []
    for (const each of operations) {
      if (each.kind === 'publish') await this.#publish(each.count)
      else if (each.kind === 'turns') await turns(each.count)
      else if (each.kind === 'trim') await this.#trim(each.keep)
      else if (each.kind === 'cut') void this.#proxy.cutInMidAnswer(each.bytes)
      // Not awaited: what follows happens in the middle of the change. One that is overtaken by the next rejects.
      else switches.push(this.#client.use(each.transport).catch(() => undefined))
    }
    await Promise.all(switches)
  }

  async #publish(count: number): Promise<void> {
    for (let i = 0; i < count; i++) {
      this.#log.push(this.#log.length * 7)
      this.#cursors.push(await this.#server.publish(CHANNEL, this.#log.at(-1)))
    }
  }

  async #trim(keep: number): Promise<void> {
    const upTo = Math.max(this.#trimmedTo, this.#log.length - keep)
    if (upTo === 0) return
    this.#trimmedTo = upTo
    await this.#server.trim(CHANNEL, this.#cursors[upTo - 1] as string)
  }

  async #tooLate(what: string, records: readonly Record[]): Promise<never> {
    await new Promise((resolve) => setTimeout(resolve, PROMPT_MS).unref())
    const { transport, status } = this.#client.state
    const at = records.map((record) => record.offset).join(' and ')
    throw new Error(
      `not prompt: ${what}; the log ends at ${this.#log.length}, the readers stand at ${at} (${transport}, ${status})`,
    )
  }
}

const turns = async (count: number): Promise<void> => {
  for (let i = 0; i < count; i++) await new Promise((resolve) => setImmediate(resolve))
}
