/** The game on a node, with clients that play and one that cheats: what comes of forged publications, and what it costs. */
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { type Client, connect, type RefusedError } from 'holdfast'
import { decodeSnapshot, encodeInput, encodeSnapshot, type Snapshot } from 'holdfast/netcode'
import { createServer, type HoldfastServer } from 'holdfast/server'
import type { Entrant } from '../../../examples/game/arena.ts'
import { game } from '../../../examples/game/game-rules.ts'
import { DOTS, FULL, type Ship, type State, TICK_MS, TOP_SPEED } from '../../../examples/game/simulation.ts'
import { rules, start } from '../../server/game/server.ts'

const RIGHT = { dx: FULL, dy: 0 }

const inputOf = (seq: number, steering = RIGHT): Uint8Array =>
  encodeInput({ seq, tick: 0, command: game.commands.encode(steering) })

/** As the server would write it, had it nothing in it but a winner. */
const forgedState = (tick: number, winner: number): Uint8Array => {
  const dots = Array.from({ length: DOTS }, () => ({ x: 1, y: 1 }))
  return encodeSnapshot({ tick, heard: new Map(), state: game.states.encode({ winner, ships: [], dots }) })
}

/** A client that plays, and waits for what it wants to see. */
class Player {
  readonly client: Client
  readonly arena: string
  readonly states: Snapshot<State>[] = []
  #entrants = new Map<string, Entrant | null>()
  #wake: () => void = () => undefined
  #seq = 0

  constructor(url: string, arena: string) {
    this.client = connect(url)
    this.arena = arena
    this.client
      .channel<Entrant | null>(`game/${arena}/roster`)
      .subscribe({ from: 'start', conflate: true }, ({ key = '', data }) => {
        this.#entrants.set(key, data)
        this.#wake()
      })
    this.client.channel<Uint8Array>(`game/${arena}/state`).subscribe(({ data }) => {
      const snapshot = decodeSnapshot(data)
      const state = snapshot && game.states.decode(snapshot.state)
      assert.ok(snapshot && state)
      this.states.push({ ...snapshot, state })
      this.#wake()
    })
  }

  async enter(name: string): Promise<Ship> {
    await this.client.channel(`game/${this.arena}`).presence.enter({ name })
    await this.steer({ dx: 0, dy: 0 })
    return this.sees(() => this.ship(name), `${name} has a ship`)
  }

  async steer(steering = RIGHT): Promise<void> {
    await this.publish(inputOf(++this.#seq, steering))
  }

  publish(bytes: Uint8Array, channel = 'input'): Promise<unknown> {
    return this.client.channel(`game/${this.arena}/${channel}`).publish(bytes)
  }

  ship(name: string): Ship | undefined {
    const [id] = [...this.#entrants].find(([, entrant]) => entrant?.name === name) ?? []
    return this.states.at(-1)?.state.ships.find((ship) => ship.id === Number(id))
  }

  names(): string[] {
    return [...this.#entrants.values()].flatMap((entrant) =>
      entrant?.member === undefined ? [] : [entrant.name],
    )
  }

  async sees<T>(what: () => T | undefined | false, message: string): Promise<T> {
    const deadline = AbortSignal.timeout(10_000)
    for (;;) {
      const seen = what()
      if (seen !== undefined && seen !== false) return seen
      await new Promise<void>((resolve, reject) => {
        this.#wake = resolve
        deadline.addEventListener('abort', () => reject(new Error(`not seen: ${message}`)), { once: true })
      })
    }
  }

  async ticks(count: number): Promise<void> {
    const wanted = (this.states.at(-1)?.tick ?? 0) + count
    await this.sees(() => (this.states.at(-1)?.tick ?? 0) >= wanted, `${count} more ticks`)
  }
}

describe('the game on a node', () => {
  let server: HoldfastServer
  let url: string
  let end: () => void
  const players: Player[] = []
  const join = (arena: string): Player => {
    const player = new Player(url, arena)
    players.push(player)
    return player
  }

  before(async () => {
    server = createServer({
      rules,
      limits: { commandsPerSecond: 1_000, commandBurst: 5_000, presenceGraceMs: 100 },
    })
    url = (await server.listen()).url
    end = start(server)
  })
  after(async () => {
    for (const { client } of players) client.close()
    end()
    await server.close()
  })

  it('gives who enters a ship and company, and moves it by its own hand, in its own arena alone', async () => {
    const ada = join('one')
    const wen = join('two')
    const { motion } = await ada.enter('Ada')
    await wen.enter('Wen')
    assert.deepEqual([ada.names(), wen.names()], [['Ada'], ['Wen']])
    assert.equal(ada.states.at(-1)?.state.ships.length, 4)
    await ada.steer(motion.x > 800 ? { dx: -FULL, dy: 0 } : RIGHT)
    await ada.sees(() => Math.abs((ada.ship('Ada')?.motion.x ?? motion.x) - motion.x) > 100, 'that it moves')
    assert.deepEqual(wen.ship('Wen')?.motion.vx, 0)
  })

  it('takes the ship of who leaves, or whose connection is gone', async () => {
    const ada = join('leaving')
    const wen = join('leaving')
    const eve = join('leaving')
    for (const [player, name] of [
      [ada, 'Ada'],
      [wen, 'Wen'],
      [eve, 'Eve'],
    ] as const)
      await player.enter(name)
    await wen.client.channel('game/leaving').presence.leave()
    eve.client.close()
    await ada.sees(() => ada.names().join() === 'Ada', 'that both are gone')
    await ada.sees(() => ada.states.at(-1)?.state.ships.length === 4, 'bots in their place')
  })

  it('lets no client speak for the server: states, rosters and the arena itself are the node’s', async () => {
    const ada = join('forged')
    const { id } = await ada.enter('Ada')
    const forged = forgedState(999_999, id)
    const forbidden = ({ code }: RefusedError): boolean => code === 'forbidden'
    await assert.rejects(ada.publish(forged, 'state'), forbidden)
    const roster = ada.client.channel('game/forged/roster')
    await assert.rejects(roster.publish({ member: 'x', name: 'Not Ada' }, { key: String(id) }), forbidden)
    await assert.rejects(roster.remove(String(id)), forbidden)
    await assert.rejects(ada.client.channel('game/forged').publish('x'), forbidden)
    await ada.ticks(5)
    assert.ok(ada.states.every(({ tick }) => tick < 999_999))
    assert.deepEqual(ada.names(), ['Ada'])
  })

  it('does with forged inputs what a legal one could do, and with a flood too', async () => {
    const ada = join('cheats')
    const eve = join('cheats')
    const { motion } = await ada.enter('Ada')
    await eve.enter('Eve')
    const legal = inputOf(2)
    const bytes = [
      new Uint8Array(0),
      new Uint8Array(60_000).fill(255),
      // Beyond the longest vector that a hand can say.
      legal.with(10, 127).with(11, 127),
      legal.with(0, 9),
      forgedState(1, 1),
    ]
    for (const each of bytes) await eve.publish(each)
    await eve.ticks(3)
    assert.deepEqual(eve.ship('Eve')?.motion.vx, 0, 'nothing of it was an input')
    await Promise.all(Array.from({ length: 1_000 }, (_, index) => eve.publish(inputOf(index + 3))))
    await eve.ticks(20)
    const places = eve.states.map(({ tick, state }) => ({
      tick,
      ship: state.ships.find(({ id }) => id === eve.ship('Eve')?.id),
    }))
    for (const [index, { tick, ship }] of places.entries()) {
      const before = places[index - 1]
      if (before?.ship === undefined || ship === undefined) continue
      const most = ((tick - before.tick) * TICK_MS * TOP_SPEED) / 1_000 + 0.1
      assert.ok(
        Math.hypot(ship.motion.x - before.ship.motion.x, ship.motion.y - before.ship.motion.y) <= most,
      )
    }
    assert.deepEqual(eve.ship('Ada')?.motion, motion, 'and Ada has not moved')
  })

  it('simulates nothing while nobody looks, nor when all have left', async () => {
    const top = async (arena: string): Promise<number> =>
      (await server.describe(`game/${arena}/state`))?.top ?? 0
    const ada = join('left')
    await ada.enter('Ada')
    await ada.ticks(2)
    await ada.client.channel('game/left').presence.leave()
    const blind = connect(url)
    await blind.channel('game/blind').presence.enter({ name: 'Blind' })
    await blind.channel('game/blind/input').publish(inputOf(1))
    const watcher = join('other')
    await watcher.enter('Wen')
    const before = await top('left')
    await watcher.ticks(10)
    assert.deepEqual([await top('left'), await top('blind')], [before, 0])
    blind.close()
  })
})
