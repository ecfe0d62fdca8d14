/** The client's half on a node, over each transport: two who see each other move, and change the transport meanwhile. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Client, connect, type TransportName } from 'holdfast'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { rules, start } from '../../server/game/server.ts'
import { ARENA, FULL, STILL, type Steering } from '../../../examples/game/simulation.ts'
import { type Standing, type Standings, Sailing } from './sailing.ts'

const FRAME_MS = 16
const TRANSPORTS: readonly TransportName[] = ['websocket', 'sse', 'long-polling', 'polling']

/** Somebody with a hand and no canvas. */
class Sailor {
  readonly client: Client
  readonly voyage: Sailing
  hand: Steering = STILL
  readonly #frames: NodeJS.Timeout

  constructor(url: string, at: { name: string; arena: string; transport: TransportName }) {
    this.client = connect(url, { transport: at.transport })
    this.voyage = new Sailing(this.client, at.arena)
    this.voyage.enter(at.name)
    this.#frames = setInterval(() => this.voyage.player.see(performance.now(), this.hand), FRAME_MS)
  }

  sees<T>(what: (standings: Standings) => T | undefined | false): Promise<T> {
    return new Promise((resolve) => {
      const stop = this.voyage.on(() => {
        const seen = this.voyage.standings && what(this.voyage.standings)
        if (seen === undefined || seen === false) return
        stop()
        resolve(seen)
      })
    })
  }

  ship(name: string): Promise<Standing> {
    return this.sees(({ ships }) => ships.find((ship) => ship.name === name))
  }

  async seesMove(name: string, from: Standing): Promise<void> {
    await this.sees(({ ships }) =>
      ships.some((ship) => ship.name === name && Math.abs(ship.x - from.x) > 150),
    )
  }

  leave(): void {
    clearInterval(this.#frames)
    this.voyage.close()
    this.client.close()
  }
}

describe('a voyage', () => {
  let server: HoldfastServer
  let url: string
  let end: () => void

  before(async () => {
    server = createServer({ rules, limits: { commandsPerSecond: 500, commandBurst: 500 } })
    url = (await server.listen()).url
    end = start(server)
  })
  after(async () => {
    end()
    await server.close()
  })

  for (const [index, transport] of TRANSPORTS.entries()) {
    const next = TRANSPORTS[(index + 1) % TRANSPORTS.length] as TransportName
    it(`is seen by another over ${transport}, and goes on while both change to ${next}`, async () => {
      const at = { arena: `over-${transport}`, transport }
      const ada = new Sailor(url, { name: 'Ada', ...at })
      const wen = new Sailor(url, { name: 'Wen', ...at })
      const move = async (mover: Sailor, name: string, watcher: Sailor): Promise<void> => {
        const from = await watcher.ship(name)
        mover.hand = { dx: from.x > ARENA.width / 2 ? -FULL : FULL, dy: 0 }
        await Promise.all([mover.seesMove(name, from), watcher.seesMove(name, from)])
        mover.hand = STILL
      }
      await move(ada, 'Ada', wen)
      await move(wen, 'Wen', ada)
      await Promise.all([move(ada, 'Ada', wen), ada.client.use(next), wen.client.use(next)])
      await move(wen, 'Wen', ada)
      for (const { client, voyage } of [ada, wen]) {
        const { lost, duplicated, gaps } = client.state.counts
        assert.deepEqual({ lost, duplicated, gaps }, { lost: 0, duplicated: 0, gaps: 0 })
        assert.equal(client.state.transport, next)
        const { inputs, error, latenessMs } = voyage.standings as Standings
        assert.equal(inputs.missed, 0)
        assert.ok(inputs.applied > 5, `${inputs.applied} inputs`)
        assert.ok(error.p50 < 12, `half of the guesses are within ${error.p50}`)
        assert.ok(latenessMs > 50, `${latenessMs}`)
      }
      ada.leave()
      wen.leave()
    })
  }
})
