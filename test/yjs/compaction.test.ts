/** The log is kept short by whoever writes it, and nothing is lost by that, whenever who does it dies. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { Lift } from '../browser/lift.ts'
import { converge, Desk, RULES, Seat, TRANSPORTS } from './desk.ts'

const floorOf = async (desk: Desk, channel: string): Promise<number> => {
  const info = await desk.broker.describe(channel)
  return info?.floor ?? 0
}

describe('compaction', { timeout: 120_000 }, () => {
  const desk = new Desk()
  before(() => desk.open())
  after(() => desk.close())

  test('happens by itself when the log has grown, and who comes late finds the snapshot and the rest', async () => {
    const ada = desk.seat('docs/grown', { compaction: { entries: 20 } })
    await ada.binding.synced
    for (let i = 0; i < 60; i++) {
      ada.text.insert(ada.text.length, `${i} `)
      await ada.sent()
    }
    await ada.until(({ log, compacting }) => !compacting && log.entries < 30)
    assert.ok((await floorOf(desk, 'docs/grown')) > 20)
    const wen = desk.seat('docs/grown')
    await wen.binding.synced
    assert.equal(wen.text.toJSON(), ada.text.toJSON())
    assert.equal(wen.binding.state.incomplete, false)
    assert.ok(wen.binding.state.covered > 20)
  })

  test('is done by one of those who write, and not by all', async () => {
    const seats = Array.from({ length: 5 }, () => desk.seat('docs/one', { compaction: { entries: 40 } }))
    await Promise.all(seats.map(({ binding }) => binding.synced))
    let begun = 0
    for (const { binding } of seats) {
      let compacting = false
      binding.on('state', (state) => {
        if (state.compacting && !compacting) begun++
        compacting = state.compacting
      })
    }
    for (let i = 0; i < 30; i++) {
      for (const { text } of seats) text.insert(0, 'x')
      await Promise.all(seats.map((seat) => seat.sent()))
    }
    await converge(seats)
    assert.ok(begun >= 1 && begun <= 6, `${begun} snapshots of 150 publications`)
  })

  test('is not tried by who may not trim, and is not written for nothing', async () => {
    const strict = new Desk({ authorize: ({ action }) => action !== 'trim' })
    await strict.open()
    const ada = strict.seat('docs/strict', { compaction: { entries: 5 } })
    await ada.binding.synced
    for (let i = 0; i < 20; i++) {
      ada.text.insert(0, 'x')
      await ada.sent()
    }
    await ada.until(({ log }) => log.entries === 20)
    assert.deepEqual(ada.errors, [])
    await strict.close()
  })

  for (const transport of TRANSPORTS) {
    test(`a reader that was away while the log was trimmed goes on from the snapshot, over ${transport}`, async (t) => {
      const channel = `docs/away-${transport}`
      const lift = new Lift(Number(new URL(desk.url).port), t)
      await lift.up()
      const ada = desk.seat(channel)
      const wen = new Seat(desk.connect({ transport }, lift.url), channel)
      ada.text.insert(0, 'before ')
      await converge([ada, wen])
      await lift.down()
      for (let i = 0; i < 10; i++) {
        ada.text.insert(ada.text.length, `${i} `)
        await ada.sent()
      }
      wen.text.insert(0, 'typed offline ')
      assert.equal(await ada.binding.compact(), true)
      ada.text.insert(ada.text.length, 'after')
      await ada.sent()
      await lift.up()
      await converge([ada, wen])
      assert.equal(wen.text.toJSON(), 'typed offline before 0 1 2 3 4 5 6 7 8 9 after')
      assert.equal(wen.client.state.counts.gaps, 1)
      assert.equal(wen.binding.state.incomplete, false)
      assert.deepEqual(wen.errors, [])
      wen.client.close()
    })
  }

  test('what retention has taken without a snapshot is said, and mended by who still has it', async () => {
    const short = new Desk({
      rules: [{ pattern: 'docs/*', contentType: 'bytes', retention: { count: 3 } }, ...(RULES ?? [])],
    })
    await short.open()
    const ada = short.seat('docs/short', { compaction: false })
    await ada.binding.synced
    for (let i = 0; i < 6; i++) {
      ada.text.insert(ada.text.length, `${i} `)
      await ada.sent()
    }
    const wen = short.seat('docs/short', { compaction: false })
    await wen.binding.synced
    assert.equal(wen.binding.state.incomplete, true)
    assert.deepEqual(
      wen.errors.map((error) => (error as { code: string }).code),
      ['incomplete'],
    )
    await ada.binding.compact()
    await converge([ada, wen])
    assert.equal(wen.text.toJSON(), '0 1 2 3 4 5 ')
    await wen.until(({ incomplete }) => !incomplete)
    await short.close()
  })
})

/** Before the trim, or before a part of the snapshot. */
const KILLS: readonly (readonly [action: string, nth: number])[] = [
  ['trim', 2],
  ['publish', 1],
  ['publish', 2],
]

/** Clients that are killed by the node's own hand, at their nth command of a kind. */
class Doom {
  readonly #kills = new Map<string, { action: string; left: number; kill: () => void }>()

  readonly authenticate = ({ token }: { token: string | undefined }): { user: string } => ({
    user: token ?? 'anyone',
  })

  readonly authorize = ({
    action,
    identity,
  }: {
    action: string
    identity: { user?: string | undefined }
  }): boolean => {
    const doomed = this.#kills.get(identity.user ?? '')
    if (doomed?.action !== action || --doomed.left > 0) return true
    this.#kills.delete(identity.user ?? '')
    doomed.kill()
    return false
  }

  /** Fulfilled when it has happened. */
  await(user: string, action: string, nth: number, kill: () => void): Promise<void> {
    return new Promise((resolve) => {
      this.#kills.set(user, {
        action,
        left: nth,
        kill: () => {
          kill()
          resolve()
        },
      })
    })
  }
}

test(
  'hundreds of compactions while others type, by clients that are killed in the midst of it, lose nothing',
  {
    timeout: 200_000,
  },
  async (t) => {
    const ROUNDS = Number(process.env['HOLDFAST_ROUNDS'] ?? 150)
    const doom = new Doom()
    const desk = new Desk({
      limits: { publicationBytes: 4_000 },
      authenticate: doom.authenticate,
      authorize: doom.authorize,
    })
    t.after(() => desk.close())
    await desk.open()
    const channel = 'docs/rounds'
    const typists = ['sse', 'websocket', 'long-polling'].map((transport) =>
      desk.seat(channel, { compaction: false }, { transport: transport as 'sse' }),
    )
    await Promise.all(typists.map(({ binding }) => binding.synced))
    let edits = 0
    let killed = 0
    const type = (): void => {
      for (const { text } of typists) {
        text.insert(text.length, `<${++edits}>`)
        if (edits % 300 === 0) text.insert(0, `<${++edits}${'-'.repeat(6_000)}>`)
      }
    }
    for (let round = 0; round < ROUNDS; round++) {
      type()
      if (round % 3 === 0) {
        // Killed before a part of its snapshot, or between the snapshot and its trim.
        const user = `doomed-${round}`
        const doomed = desk.seat(channel, { compaction: false }, { token: user })
        await doomed.binding.synced
        const [action, nth] = KILLS[(round / 3) % KILLS.length] ?? ['trim', 2]
        const death = doom.await(user, action, nth, () => doomed.client.close())
        type()
        // It may have less to do, and live.
        const done = doomed.binding.compact().catch(() => death)
        await Promise.race([death.then(() => killed++), done])
        doomed.client.close()
      } else {
        const compactions = [typists[round % 3], typists[(round + 1) % 3]].map((each) =>
          each?.binding.compact(),
        )
        type()
        await Promise.all(compactions)
      }
      // Before anyone else could mend it.
      if (round % 3 === 0) {
        await converge(typists)
        const late = desk.seat(channel, { compaction: false })
        await late.binding.synced
        assert.equal(late.text.toJSON(), typists[0]?.text.toJSON(), `round ${round}`)
        assert.equal(late.binding.state.incomplete, false)
        late.client.close()
      }
    }
    await converge(typists)
    const late = desk.seat(channel)
    await late.binding.synced
    const text = late.text.toJSON()
    for (let edit = 1; edit <= edits; edit++)
      assert.equal(text.match(new RegExp(`<${edit}[->]`, 'g'))?.length, 1, `edit ${edit}`)
    const info = await desk.broker.describe(channel)
    assert.ok(info !== undefined && info.floor > info.top / 2, 'the log was trimmed')
    console.log(`# ${edits} edits, ${killed} clients killed, log of ${info.top} trimmed to ${info.floor}`)
    for (const { errors } of typists) assert.deepEqual(errors, [])
  },
)
