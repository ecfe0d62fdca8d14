// Publishing once, against the real ledger: answers get lost, copies come late or twice, publications are refused
// and connections cut, at any time. Whatever happens, each is appended once at most, its promise tells the truth,
// order is kept, and nothing jams.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Ledger, type Producer } from '../channel/index.ts'
import type { ErrorCode, Retry, Welcome, WireError } from '../protocol/index.ts'
import { HoldfastError } from './errors.ts'
import type { Payload } from './lane.ts'
import { settingsOf } from './options.ts'
import { Outbox } from './outbox.ts'
import type { Outgoing } from './transports/transport.ts'

interface Sent {
  readonly type: string
  readonly id: number
  readonly channel: string
  readonly data?: number
  readonly producer: Producer
}
interface Answer {
  readonly id: number
  readonly ok?: unknown
  readonly error?: WireError
}

const error = (code: ErrorCode, retry: Retry): WireError => ({ code, retry, message: code })

/** One channel's log and ledger, answering commands as a node does. */
class Node {
  ledger = new Ledger()
  readonly log: number[] = []

  answer(command: Sent, refusal: WireError | 'fails-after' | undefined): Answer {
    const { id, producer, data } = command
    if (command.type === 'fence') return { id, ok: this.ledger.fence(producer.id, producer.epoch, 0) }
    if (refusal !== undefined && refusal !== 'fails-after') return { id, error: refusal }
    const verdict = this.ledger.check(producer)
    if (verdict.kind === 'fresh') {
      this.log.push(data as number)
      const offset = this.log.length
      this.ledger.accept(producer, { first: offset, last: offset }, 0)
      if (refusal === 'fails-after') return { id, error: error('broker_unavailable', 'backoff') }
      return { id, ok: { cursor: String(offset) } }
    }
    if (verdict.kind === 'duplicate')
      return { id, ok: { duplicate: true, cursor: verdict.result && String(verdict.result.first) } }
    return { id, error: error(`producer_${verdict.kind}` as ErrorCode, 'never') }
  }
}

interface Fixture {
  readonly outbox: Outbox
  readonly sent: Sent[]
  readonly raw: Outgoing[]
  readonly timers: (() => void)[]
  /** Whether there is a connection. */
  online: boolean
}

const fixture = (options: Parameters<typeof settingsOf>[0] = {}, windowBytes = 1_000_000): Fixture => {
  const sent: Sent[] = []
  const raw: Outgoing[] = []
  const timers: (() => void)[] = []
  const sender = {
    windowBytes,
    send: (commands: readonly Outgoing[]): void => {
      raw.push(...commands)
      sent.push(...commands.map(({ json }) => JSON.parse(json) as Sent))
    },
  }
  const made: Fixture = {
    sent,
    raw,
    timers,
    online: true,
    outbox: new Outbox({
      timers: {
        now: () => 0,
        random: () => 0.5,
        after: (_ms, run) => {
          timers.push(run)
          return () => void timers.splice(timers.indexOf(run) >>> 0, 1)
        },
      },
      settings: settingsOf(options),
      connection: {
        get sender() {
          return made.online ? sender : undefined
        },
        answered: () => {},
      },
      observed: { touch: () => {} },
    }),
  }
  made.outbox.welcome = { limits: { publicationBytes: 1_000 } } as Welcome
  return made
}

const payload = (data: number | string, bytes = 10): Payload => ({
  data: String(data),
  bytes,
  key: undefined,
  remove: false,
})
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'ok',
    (reason: unknown) => (reason instanceof HoldfastError ? reason.code : 'other'),
  )
const answer = (made: Fixture, command: Sent, result: Omit<Answer, 'id'>): void =>
  made.outbox.reply({ type: 'reply', id: command.id, ...result })

test('publications are pipelined under growing numbers, and their answers told', async () => {
  const made = fixture()
  const results = [1, 2].map((value) => made.outbox.publish('c', payload(value)))
  await turn()
  assert.deepEqual(
    made.sent.map(({ type, data, producer }) => [type, data, producer.epoch, producer.seq, producer.again]),
    [
      ['publish', 1, 0, 0, undefined],
      ['publish', 2, 0, 1, undefined],
    ],
  )
  assert.equal(made.outbox.size, 2)
  for (const command of made.sent) answer(made, command, { ok: { cursor: `x${command.id}` } })
  assert.deepEqual(
    await Promise.all(results),
    made.sent.map(({ id }) => ({ cursor: `x${id}` })),
  )
  assert.equal(made.outbox.size, 0)
})

test('what waits while there is no connection goes out in order; what was sent goes again, marked', async () => {
  const made = fixture()
  made.online = false
  void made.outbox.publish('c', payload(1))
  void made.outbox.publish('c', payload(2))
  await turn()
  assert.equal(made.sent.length, 0)
  made.online = true
  made.outbox.pump()
  await turn()
  made.outbox.lost()
  made.outbox.pump()
  await turn()
  assert.deepEqual(
    made.sent.map(({ data, producer }) => [data, producer.seq, producer.again]),
    [
      [1, 0, undefined],
      [2, 1, undefined],
      [1, 0, true],
      [2, 1, true],
    ],
  )
})

test('a refusal is told only after a fence, and what stood behind it goes out under a new epoch', async () => {
  const made = fixture()
  const results = [1, 2, 3].map((value) => codeOf(made.outbox.publish('c', payload(value))))
  await turn()
  const [first, second, third] = made.sent.splice(0) as [Sent, Sent, Sent]
  answer(made, first, { ok: { cursor: 'x' } })
  answer(made, second, { error: error('forbidden', 'never') })
  await turn()
  assert.equal(made.sent.length, 0, 'not before everything under way is answered')
  answer(made, third, { error: error('producer_hole', 'never') })
  await turn()
  const [fence] = made.sent.splice(0) as [Sent]
  assert.deepEqual([fence.type, fence.producer.epoch], ['fence', 0])
  answer(made, fence, { ok: { known: true, last: 0, epoch: 1 } })
  await turn()
  const [again] = made.sent as [Sent]
  assert.deepEqual(
    [again.data, again.producer.epoch, again.producer.seq, again.producer.again],
    [3, 1, 0, undefined],
  )
  answer(made, again, { ok: { cursor: 'y' } })
  assert.deepEqual(await Promise.all(results), ['ok', 'forbidden', 'ok'])
})

test('a rate limit is waited out, and nothing is renumbered', async () => {
  const made = fixture()
  const result = codeOf(made.outbox.publish('c', payload(1)))
  await turn()
  answer(made, made.sent[0] as Sent, { error: error('rate_limited', 'backoff') })
  await turn()
  assert.equal(made.sent.length, 1)
  made.timers.shift()?.()
  await turn()
  assert.deepEqual(made.sent[1]?.producer, made.sent[0]?.producer)
  answer(made, made.sent[1] as Sent, { ok: {} })
  assert.equal(await result, 'ok')
})

test('a producer that the ledger has forgotten: what was sent before is in doubt, the rest goes on', async () => {
  const made = fixture()
  const first = codeOf(made.outbox.publish('c', payload(1)))
  await turn()
  made.outbox.lost()
  const second = codeOf(made.outbox.publish('c', payload(2)))
  await turn()
  const [, again, next] = made.sent.splice(0) as [Sent, Sent, Sent]
  assert.equal(again.producer.again, true)
  answer(made, again, { error: error('producer_unknown', 'never') })
  answer(made, next, { error: error('producer_unknown', 'never') })
  await turn()
  answer(made, made.sent.splice(0)[0] as Sent, { ok: { known: false, last: -1, epoch: 1 } })
  assert.equal(await first, 'in_doubt')
  await turn()
  answer(made, made.sent[0] as Sent, { ok: {} })
  assert.equal(await second, 'ok')
})

test('a fence that is refused for good settles what was sent, and the rest goes on', async () => {
  const made = fixture()
  const first = codeOf(made.outbox.publish('c', payload(1)))
  await turn()
  const second = codeOf(made.outbox.publish('c', payload(2)))
  answer(made, made.sent.splice(0)[0] as Sent, { error: error('forbidden', 'never') })
  await turn()
  answer(made, made.sent.splice(0)[0] as Sent, { error: error('forbidden', 'never') })
  assert.equal(await first, 'forbidden')
  await turn()
  assert.deepEqual(
    made.sent.map(({ data, producer }) => [data, producer.epoch, producer.seq]),
    [[2, 1, 0]],
  )
  answer(made, made.sent[0] as Sent, { ok: {} })
  assert.equal(await second, 'ok')
})

test('the bounds: too many, too large, and too much under way', async () => {
  const made = fixture({ outbox: { count: 3 } }, 25)
  assert.equal(await codeOf(made.outbox.publish('c', payload('"x"', 1_001))), 'too_large')
  const results = [1, 2, 3].map((value) => codeOf(made.outbox.publish('c', payload(value))))
  assert.equal(await codeOf(made.outbox.publish('c', payload(4))), 'outbox_full')
  await turn()
  assert.equal(made.sent.length, 2, 'the window holds 25 bytes')
  answer(made, made.sent[0] as Sent, { ok: {} })
  await turn()
  assert.equal(made.sent.length, 3)
  for (const command of made.sent.slice(1)) answer(made, command, { ok: {} })
  assert.deepEqual(await Promise.all(results), ['ok', 'ok', 'ok'])
})

test('a limit that is announced after a publication was taken still holds, and does not jam', async () => {
  const made = fixture()
  made.online = false
  made.outbox.welcome = undefined
  const large = codeOf(made.outbox.publish('c', payload('"large"', 2_000)))
  const small = codeOf(made.outbox.publish('c', payload(1)))
  made.outbox.welcome = { limits: { publicationBytes: 1_000 } } as Welcome
  made.online = true
  made.outbox.pump()
  await turn()
  answer(made, made.sent[0] as Sent, { ok: { known: false, last: -1, epoch: 1 } })
  assert.equal(await large, 'too_large')
  await turn()
  answer(made, made.sent[1] as Sent, { ok: {} })
  assert.equal(await small, 'ok')
})

test('compare and append: not while offline, not twice, and in doubt when its answer is lost', async () => {
  const made = fixture()
  made.online = false
  assert.equal(await codeOf(made.outbox.publish('c', payload(1), 'cursor')), 'offline')
  made.online = true
  const result = codeOf(made.outbox.publish('c', payload(1), 'cursor'))
  await turn()
  assert.equal(made.sent[0]?.producer, undefined)
  made.outbox.lost()
  assert.equal(await result, 'in_doubt')
  made.outbox.pump()
  await turn()
  assert.equal(made.sent.length, 1)
})

test('a call whose answer is lost may have run; one that is idempotent runs again; one that waits too long has not', async () => {
  const made = fixture()
  const once = codeOf(made.outbox.request({ type: 'call', method: 'm' }, { lost: 'outcome_unknown' }))
  const again = codeOf(made.outbox.request({ type: 'call', method: 'm' }))
  await turn()
  made.outbox.lost()
  assert.equal(await once, 'outcome_unknown')
  made.online = false
  const late = codeOf(made.outbox.request({ type: 'call', method: 'm' }, { timeoutMs: 5 }))
  made.timers.shift()?.()
  assert.equal(await late, 'not_sent')
  made.online = true
  made.outbox.pump()
  await turn()
  assert.equal(made.sent.length, 3)
  answer(made, made.sent[2] as Sent, { ok: 1 })
  assert.equal(await again, 'ok')
})

test('a call that is sent and not answered in time may have run', async () => {
  const made = fixture()
  const result = codeOf(
    made.outbox.request({ type: 'call', method: 'm' }, { lost: 'outcome_unknown', timeoutMs: 5 }),
  )
  await turn()
  made.timers.shift()?.()
  assert.equal(await result, 'outcome_unknown')
  answer(made, made.sent[0] as Sent, { ok: 1 })
})

test('a call that was sent and lost, and waits too long to be sent again, may have run', async () => {
  const made = fixture()
  const result = codeOf(made.outbox.request({ type: 'call', method: 'm' }, { timeoutMs: 5 }))
  await turn()
  made.online = false
  made.outbox.lost()
  made.timers.shift()?.()
  assert.equal(await result, 'outcome_unknown')
  made.online = true
  made.outbox.pump()
  await turn()
  assert.equal(made.sent.length, 1)
})

test('closing settles everything', async () => {
  const made = fixture()
  const sent = codeOf(made.outbox.publish('c', payload(1)))
  const call = codeOf(made.outbox.request({ type: 'call', method: 'm' }, { lost: 'outcome_unknown' }))
  await turn()
  made.online = false
  const waiting = codeOf(made.outbox.publish('d', payload(2)))
  const unsent = codeOf(made.outbox.request({ type: 'history', channel: 'c' }))
  made.outbox.close()
  assert.deepEqual(await Promise.all([sent, call, waiting, unsent]), [
    'in_doubt',
    'outcome_unknown',
    'client_closed',
    'client_closed',
  ])
  assert.equal(await codeOf(made.outbox.publish('c', payload(3))), 'client_closed')
  assert.equal(await codeOf(made.outbox.request({ type: 'ping' })), 'client_closed')
})

test('bytes travel beside their header, and a removal has no data', async () => {
  const made = fixture()
  void made.outbox.publish('c', { data: Uint8Array.of(1, 2), bytes: 2, key: 'k', remove: false })
  void made.outbox.publish('c', { data: 'null', bytes: 4, key: 'k', remove: true })
  await turn()
  assert.deepEqual(made.raw[0]?.bytes, Uint8Array.of(1, 2))
  assert.deepEqual(
    made.sent.map(({ type, data, producer: { seq } }) => [type, data, seq]),
    [
      ['publish', undefined, 0],
      ['remove', undefined, 1],
    ],
  )
})

/** One step of a schedule. */
type Step =
  | { readonly do: 'publish'; readonly count: number }
  | { readonly do: 'serve'; readonly refusal: WireError | 'fails-after' | undefined }
  | { readonly do: 'answer' | 'wake' | 'forget' }
  | { readonly do: 'cut'; readonly late: boolean }
  | { readonly do: 'late'; readonly pick: number; readonly keep: boolean }

const steps = fc.array(
  fc.oneof<fc.Arbitrary<Step>[]>(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant('publish'), count: fc.integer({ min: 1, max: 4 }) }),
    } as never,
    {
      weight: 8,
      arbitrary: fc.record({
        do: fc.constant('serve'),
        refusal: fc.oneof(
          { weight: 8, arbitrary: fc.constant(undefined) },
          { weight: 1, arbitrary: fc.constant(error('forbidden', 'never')) },
          { weight: 1, arbitrary: fc.constant(error('rate_limited', 'backoff')) },
          { weight: 1, arbitrary: fc.constant('fails-after') },
        ),
      }),
    } as never,
    { weight: 8, arbitrary: fc.constant({ do: 'answer' }) } as never,
    { weight: 2, arbitrary: fc.constant({ do: 'wake' }) } as never,
    { weight: 2, arbitrary: fc.record({ do: fc.constant('cut'), late: fc.boolean() }) } as never,
    {
      weight: 3,
      arbitrary: fc.record({ do: fc.constant('late'), pick: fc.nat(), keep: fc.boolean() }),
    } as never,
    { weight: 1, arbitrary: fc.constant({ do: 'forget' }) } as never,
  ),
  { minLength: 40, maxLength: 150, size: 'max' },
)

/** A client, a node, and a network that carries, loses, delays and repeats. */
class World {
  readonly made: Fixture = fixture()
  readonly node = new Node()
  readonly outcomes = new Map<number, string>()
  readonly #answers: Answer[] = []
  /** Copies of commands that were cut off on their way and may still arrive. */
  #late: Sent[] = []
  #next = 0

  async step(step: Step): Promise<void> {
    const { made, node } = this
    if (step.do === 'publish') for (let i = 0; i < step.count; i++) this.#publish(this.#next++)
    else if (step.do === 'serve') this.serve(step.refusal)
    else if (step.do === 'answer') this.answer()
    else if (step.do === 'wake') for (const run of made.timers.splice(0)) run()
    else if (step.do === 'cut') this.#cut(step.late)
    else if (step.do === 'late') this.#arriveLate(step)
    else {
      // A ledger outlives every copy that is still on its way.
      this.#late = []
      node.ledger = new Ledger()
    }
    await turn()
  }

  serve(refusal?: WireError | 'fails-after'): boolean {
    const command = this.made.sent.shift()
    if (command === undefined) return false
    this.#answers.push(this.node.answer(command, refusal))
    return true
  }

  answer(): boolean {
    const answered = this.#answers.shift()
    if (answered === undefined) return false
    this.made.outbox.reply({ type: 'reply', ...answered })
    return true
  }

  #publish(value: number): void {
    codeOf(this.made.outbox.publish('c', payload(value))).then(
      (code) => this.outcomes.set(value, code),
      () => {},
    )
  }

  #cut(late: boolean): void {
    const { made } = this
    if (late) this.#late.push(...made.sent)
    made.sent.length = 0
    this.#answers.length = 0
    made.outbox.lost()
    made.outbox.pump()
  }

  #arriveLate({ pick, keep }: { pick: number; keep: boolean }): void {
    if (this.#late.length === 0) return
    const at = pick % this.#late.length
    const command = this.#late[at] as Sent
    if (!keep) this.#late.splice(at, 1)
    this.node.answer(command, undefined)
  }
}

test('any schedule: appended once at most, told truly, in order, and nothing jams', async () => {
  const total: Record<string, number> = {}
  await fc.assert(
    fc.asyncProperty(steps, async (schedule) => {
      const world = new World()
      for (const step of schedule) await world.step(step)
      // The faults are over: everything is answered in bounded time.
      for (let i = 0; i < 2_000 && world.made.outbox.size > 0; i++) {
        if (!world.serve() && !world.answer()) await world.step({ do: 'wake' })
        else await turn()
      }
      await turn()
      const { log } = world.node
      assert.equal(world.made.outbox.size, 0, 'nothing jams')
      assert.equal(new Set(log).size, log.length, 'each is appended once at most')
      assert.deepEqual(
        log,
        [...log].sort((a, b) => a - b),
        'in the order in which they were published',
      )
      for (const [value, code] of world.outcomes) {
        total[code] = (total[code] ?? 0) + 1
        if (code === 'ok') assert.ok(log.includes(value), `${value} was acknowledged`)
        else if (code === 'forbidden') assert.ok(!log.includes(value), `${value} was refused`)
        else assert.equal(code, 'in_doubt')
      }
    }),
    { numRuns: 300 },
  )
  // A property that never saw a refusal or a doubt would prove nothing about them.
  for (const code of ['ok', 'forbidden', 'in_doubt'])
    assert.ok((total[code] ?? 0) > 20, `${code}: ${total[code]}`)
})
