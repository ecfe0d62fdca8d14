/**
 * Random edits by several people, with random disturbances: networks that go and come back, changes of transport,
 * compactions, clients that are killed. In the end all documents are equal and hold every edit once.
 */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { TransportName } from 'holdfast'
import { Lift } from '../browser/lift.ts'
import { converge, Desk, Seat, TRANSPORTS } from './desk.ts'

type Action =
  | { readonly kind: 'type' | 'erase' | 'down' | 'up' | 'compact' | 'kill' | 'wait'; readonly who: number }
  | { readonly kind: 'use'; readonly who: number; readonly transport: TransportName }

const PEOPLE = 3
const who = fc.nat({ max: PEOPLE - 1 })
const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('type' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('erase' as const), who }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('down' as const, 'up' as const), who }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constantFrom('compact' as const, 'wait' as const), who }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('kill' as const), who }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('use' as const),
      who,
      transport: fc.constantFrom(...TRANSPORTS),
    }),
  },
)

/** Somebody at the end of a network of their own; a new client takes over when theirs is killed. */
class Person {
  readonly lift: Lift
  readonly #channel: string
  readonly #desk: Desk
  #up = true
  /** Kept across a kill, as a page's storage is. */
  #unsent: Uint8Array | undefined
  seat!: Seat

  constructor(desk: Desk, channel: string) {
    this.lift = new Lift(Number(new URL(desk.url).port))
    this.#channel = channel
    this.#desk = desk
  }

  async arrive(transport: TransportName): Promise<void> {
    await this.lift.up()
    this.seat = this.#sit(transport)
  }

  #sit(transport: TransportName): Seat {
    const client = this.#desk.connect({ transport }, this.lift.url)
    return new Seat(client, this.#channel, {
      compaction: { entries: 8, bytes: 4_000 },
      unsent: {
        load: () => this.#unsent,
        save: (update) => {
          this.#unsent = update
        },
      },
    })
  }

  async set(up: boolean): Promise<void> {
    if (up !== this.#up) await (up ? this.lift.up() : this.lift.down())
    this.#up = up
  }

  /** The page is gone in the midst of whatever it did. */
  kill(): void {
    const { transport } = this.seat.client.state
    this.seat.client.close()
    this.seat = this.#sit(transport)
  }
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

/** A place in the middle that is not within an edit. */
const between = (text: string): number => {
  const at = text.indexOf('<', text.length >> 1)
  return at < 0 ? text.length : at
}

const play = async (actions: readonly Action[], transports: readonly TransportName[]): Promise<void> => {
  const desk = new Desk({ limits: { publicationBytes: 700 } })
  await desk.open()
  const people = transports.map(() => new Person(desk, 'docs/disturbed'))
  try {
    await Promise.all(people.map((person, index) => person.arrive(transports[index] as TransportName)))
    let edits = 0
    for (const each of actions) {
      const person = people[each.who] as Person
      const { text, doc, client, binding } = person.seat
      if (each.kind === 'type') text.insert(between(text.toJSON()), `<${++edits}>`)
      else if (each.kind === 'erase') {
        const scratch = doc.getText('scratch')
        scratch.insert(0, `scratch${edits}`)
        scratch.delete(scratch.length >> 1, 3)
      } else if (each.kind === 'use') client.use(each.transport).catch(() => undefined)
      else if (each.kind === 'compact') binding.compact().catch(() => undefined)
      else if (each.kind === 'wait') await new Promise((resolve) => setTimeout(resolve, 5))
      else if (each.kind === 'kill') {
        await turn() // what was typed reaches the storage at the end of the turn
        person.kill()
        await turn() // what the storage has is read before anything else happens
      } else await person.set(each.kind === 'up')
    }
    await Promise.all(people.map((person) => person.set(true)))
    await converge(people.map(({ seat }) => seat))
    const late = desk.seat('docs/disturbed')
    await late.binding.synced
    const text = late.text.toJSON()
    assert.equal(text, people[0]?.seat.text.toJSON())
    for (let edit = 1; edit <= edits; edit++)
      assert.equal(text.split(`<${edit}>`).length, 2, `edit ${edit} is there once in ${text}`)
    assert.equal(late.doc.getText('scratch').toJSON(), people[0]?.seat.doc.getText('scratch').toJSON())
    assert.equal(late.binding.state.incomplete, false)
    for (const { seat } of people) assert.deepEqual(seat.errors, [])
  } finally {
    await desk.close()
    for (const { lift } of people) await lift.down()
  }
}

test(
  'whatever disturbs them, all documents are equal in the end and hold every edit once',
  { timeout: 200_000 },
  async () => {
    const transports = fc.array(fc.constantFrom(...TRANSPORTS), { minLength: PEOPLE, maxLength: PEOPLE })
    const actions = fc.array(action, { minLength: 20, maxLength: 80, size: 'max' })
    await fc.assert(
      fc.asyncProperty(actions, transports, async (actions, transports) => play(actions, transports)),
      { numRuns: Number(process.env['HOLDFAST_RUNS'] ?? 40), endOnFailure: true },
    )
  },
)
