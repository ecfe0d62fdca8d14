/**
 * Known bugs, each as edits of a copy of the sources: what the guarantee rests on, taken out or done in the wrong
 * order. Nothing in the product exists for them. The first seven are those that were promised; each must be found.
 */
export interface Edit {
  readonly file: string
  /** Stands in the file once. */
  readonly from: string
  readonly to: string
}

export interface Mutation {
  readonly name: string
  readonly edits: readonly Edit[]
}

const ATTACHMENT = 'src/transport/attachment.ts'
const GATE = 'src/client/gate.ts'
const LANE = 'src/client/lane.ts'

const one = (name: string, file: string, from: string, to: string): Mutation => ({
  name,
  edits: [{ file, from, to }],
})

const RECEIVED_BEFORE = "if (to.offset <= at.offset) return 'duplicate'"

export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'a late poll answer is accepted after an upgrade',
    edits: [
      {
        file: 'src/client/transports/polling.ts',
        from: 'if (this.#round === round) this.#deliver(round, answer)',
        to: 'this.#deliver(round, answer)',
      },
      { file: 'src/client/link.ts', from: '!this.#retired && ', to: '' },
      { file: GATE, from: RECEIVED_BEFORE, to: '' },
    ],
  },
  one(
    'a publication is sent again without its sequence',
    'src/client/outbox.ts',
    'producer: { id: this.#producerId, epoch, seq, again } }',
    '...(!again && { producer: { id: this.#producerId, epoch, seq } }) }',
  ),
  one(
    'a trim is passed over in silence by a resume',
    'src/channel/resume.ts',
    "{ kind: 'gap', why: 'trimmed', after: start }",
    "{ kind: 'serve', after: start }",
  ),
  one('the gate does not look for holes', GATE, "if (from > at.offset) return 'hole'", ''),
  {
    name: 'the epoch is ignored',
    edits: [
      {
        file: 'src/channel/resume.ts',
        from: "if (position.epoch !== log.epoch) return { kind: 'gap', why: 'epoch', after: start }",
        to: '',
      },
      { file: GATE, from: "if (to.epoch !== at.epoch) return 'hole'", to: '' },
    ],
  },
  {
    name: 'history is read before the channel is watched',
    edits: [
      {
        file: 'src/hub/hub.ts',
        from: 'channel.ready.then(() => this.#enqueueRead({ channel: channel.name, ...request }))',
        to: 'this.#enqueueRead({ channel: channel.name, ...request })',
      },
      {
        file: 'src/hub/active-channel.ts',
        from: 'const watch = await this.#surroundings.watch((move) => this.#moved(move))\n',
        to: `this.#kept = new KeptTail({
      read: (from) => this.#surroundings.read(this, from),
      moved: () => this.#changed(),
      tailBytes: this.#surroundings.tailBytes,
    })
    // Outside the step in which the hub still knows of no channel; and the read is on its way before the watch.
    await Promise.resolve()
    this.#kept.fill()
    await new Promise((resolve) => process.nextTick(resolve))
    const watch = await this.#surroundings.watch((move) => this.#moved(move))
    if (watch.borrow !== undefined) this.#kept = undefined
    else if (!this.#released) {
      this.#watch = watch
      return
    }
`,
      },
    ],
  },
  one(
    'a waiter is registered after it has read',
    ATTACHMENT,
    'follower.active = active\n',
    `follower.active = active
    active.waiters.delete(follower)
    this.#gateway.after(3, () => subscription.state.kind === 'ended' || active.waiters.add(follower))
`,
  ),
  one('the gate lets through what was received before', GATE, RECEIVED_BEFORE, ''),
  {
    name: 'the cursor moves after the handler',
    edits: [
      { file: 'src/client/subscription.ts', from: '      this.#cursor = event\n', to: '' },
      {
        file: 'src/client/subscription.ts',
        from: '      else this.#waiting.shift()?.resolve({ done: false, value: publication })\n',
        to: '      else this.#waiting.shift()?.resolve({ done: false, value: publication })\n      this.#cursor = event\n',
      },
    ],
  },
  one(
    'the ledger takes every sequence for a fresh one',
    'src/channel/producer.ts',
    "if (producer.seq <= last) return { kind: 'duplicate', result: record.results.get(producer.seq), last }",
    "if (producer.seq <= last) return { kind: 'fresh' }",
  ),
  one(
    'a snapshot is taken by who would have to be told what was removed',
    GATE,
    "if (snapshot && at.offset && snapshot !== this.#snapshot) return 'hole'",
    '',
  ),
  one('what is in doubt is sent again', LANE, 'else if (!known && maybe) answer.reject(inDoubt())\n', ''),
  one(
    'numbers are used again without a fence',
    LANE,
    "this.#mode = this.#fenceDue ? 'fence-due' : 'open'",
    "if (this.#fenceDue) for (const entry of this.#queue) entry.seq = undefined\n    this.#mode = 'open'",
  ),
  one(
    'a move during a read of the tail is forgotten',
    'src/hub/kept-tail.ts',
    'this.#take(await this.#source.read(this.#end()))\n',
    'this.#take(await this.#source.read(this.#end()))\n        this.#announced = false\n',
  ),
  one(
    'a poll that is answered leaves its timer behind',
    'src/transport/hold.ts',
    '    if (this.dueTick !== 0) this.#gateway.deadlines.disarm(this)\n',
    '',
  ),
  one(
    'who has gone stays among the waiters',
    ATTACHMENT,
    'if (active !== undefined) this.#gateway.hub.leave(active, follower)\n',
    '',
  ),
  one(
    'a slow reader is written to without a bound',
    'src/transport/websocket.ts',
    'return this.#connection.writable ? this.#page : undefined',
    'return this.#page',
  ),
]
