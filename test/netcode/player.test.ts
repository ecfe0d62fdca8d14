/** A client's half of a game on a node: what it sees, what it sends, and when it does neither. */
import assert from 'node:assert/strict'
import { after, before, describe, it, type TestContext } from 'node:test'
import { type Client, connect } from 'holdfast'
import { decodeInput, everyTick, Player, type Sight } from 'holdfast/netcode'
import { createServer, type HoldfastServer } from 'holdfast/server'
import { FULL, game, type Sled, type Sleds, TICK_MS, Track } from './sled.ts'

const FRAME_MS = 16
const BYTES = { contentType: 'bytes', ephemeral: true } as const

/** A track on a node, whose players are numbered as they come. */
class Race {
  track = new Track()
  readonly inputs: number[] = []
  readonly #server: HoldfastServer
  readonly #name: string
  readonly #stops: (() => void)[] = []

  constructor(server: HoldfastServer, name: string) {
    this.#server = server
    this.#name = name
    this.#stops.push(
      server.receive(`${name}/input`, ({ data }, author) => {
        this.inputs.push(decodeInput(data)?.command[0] ?? Number.NaN)
        this.track.referee.hear(author, data)
      }),
      everyTick(TICK_MS, () => this.publish(this.track.advance())),
    )
  }

  publish(bytes: Uint8Array): void {
    this.#server.publish(`${this.#name}/state`, bytes).catch(() => undefined)
  }

  isFollowed(): boolean {
    return this.#server.isFollowed(`${this.#name}/state`)
  }

  end(): void {
    for (const stop of this.#stops) stop()
  }
}

/** Somebody with a hand, and no screen. */
class Hand {
  readonly client: Client
  readonly player: Player<Sleds, Sled, number>
  push = 0
  number: number | undefined
  seen: Sight<Sleds, Sled> | undefined
  readonly #frames: NodeJS.Timeout
  #framed: () => void = () => undefined

  constructor(url: string, race: string) {
    this.client = connect(url)
    this.player = new Player(this.client, game, {
      states: `${race}/state`,
      inputs: `${race}/input`,
      player: () => this.number,
    })
    this.#frames = setInterval(() => {
      this.seen = this.player.see(performance.now(), this.push)
      this.#framed()
    }, FRAME_MS)
  }

  /** Waits, frame by frame, until something holds. */
  async until(what: () => boolean): Promise<void> {
    while (!what()) await new Promise<void>((resolve) => (this.#framed = resolve))
  }

  leave(): void {
    clearInterval(this.#frames)
    this.player.close()
    this.client.close()
  }
}

describe('a player', { timeout: 60_000 }, () => {
  let server: HoldfastServer
  let url: string
  before(async () => {
    server = createServer({
      rules: [
        { pattern: '*/state', ...BYTES, retention: { count: 40, ageMs: 2_500 }, publish: false },
        { pattern: '*/input', ...BYTES, retention: { count: 1 } },
      ],
      limits: { commandsPerSecond: 500, commandBurst: 500 },
    })
    url = (await server.listen()).url
  })
  after(() => server.close())

  let races = 0
  const begin = async (t: TestContext, hands: number): Promise<[Race, ...Hand[]]> => {
    const name = `race-${++races}`
    const race = new Race(server, name)
    const there = Array.from({ length: hands }, () => new Hand(url, name))
    t.after(() => {
      race.end()
      for (const hand of there) hand.leave()
    })
    for (const [number, hand] of there.entries()) {
      await hand.until(() => hand.client.state.status === 'connected')
      race.track.enter(hand.client.state.member as string, number)
      hand.number = number
    }
    return [race, ...there]
  }

  it('sees its own body at once, the other where it was, and its inputs are all applied', async (t) => {
    const [race, ada, wen] = await begin(t, 2)
    assert.ok(ada && wen)
    ada.push = FULL
    await ada.until(() => (ada.seen?.bodyOf(0)?.x ?? 0) > 300)
    const truth = race.track.sleds[0]?.x ?? 0
    assert.ok((ada.seen?.bodyOf(0)?.x ?? 0) > truth, 'one is drawn ahead of the server’s own')
    assert.ok((wen.seen?.bodyOf(0)?.x ?? Infinity) < truth, 'and seen behind it')
    ada.push = -FULL
    await wen.until(() => (wen.seen?.bodyOf(0)?.x ?? 0) < 0)
    const { errors, heard, sent, leadMs, latenessMs } = ada.player.measures
    assert.ok(errors.length > 20 && sent - heard.seq < 10)
    assert.equal(heard.missed, 0)
    assert.ok(leadMs >= TICK_MS && latenessMs > leadMs)
    assert.equal(ada.seen?.player, 0)
  })

  it('holds its hand out, still, before it has a body', async (t) => {
    const name = `race-${++races}`
    const race = new Race(server, name)
    const eve = new Hand(url, name)
    t.after(() => {
      race.end()
      eve.leave()
    })
    eve.push = FULL
    await eve.until(() => race.inputs.length >= 3)
    assert.deepEqual(race.inputs.slice(0, 3), [0, 0, 0])
    assert.deepEqual(eve.player.measures.heard, { seq: 0, early: 0, missed: 0 })
    assert.equal(eve.seen?.player, undefined)
  })

  it('follows nothing and sends nothing while it is paused, and goes on afterwards', async (t) => {
    const [race, ada] = await begin(t, 1)
    assert.ok(ada)
    await ada.until(() => ada.player.measures.heard.seq > 1 && race.isFollowed())
    ada.player.pause()
    const { sent } = ada.player.measures
    const tick = ada.player.newest?.tick ?? 0
    await ada.until(() => !race.isFollowed() && race.track.referee.tick > tick + 20)
    assert.deepEqual([ada.player.measures.sent, ada.player.newest?.tick], [sent, tick])
    ada.player.resume()
    ada.player.resume()
    await ada.until(() => (ada.player.newest?.tick ?? 0) > tick + 20 && ada.player.measures.sent > sent + 2)
    assert.equal(ada.player.measures.heard.missed, 0)
  })

  it('begins anew with a game that does, and passes over what it cannot read', async (t) => {
    const [race, ada] = await begin(t, 1)
    assert.ok(ada)
    let news = 0
    const ticks: (number | undefined)[] = []
    const stop = ada.player.on(() => {
      news++
      ticks.push(ada.player.newest?.tick)
    })
    const old = new Track()
    old.sleds[0] = { x: 5_000, v: 0 }
    while (old.referee.tick < 5_000) old.referee.advance()
    race.publish(old.advance())
    await ada.until(() => ticks.includes(5_001))
    const told = news
    race.publish(Uint8Array.of(9, 9, 9))
    race.publish(Uint8Array.of(1, 1, 0, 0, 0, 1, 0, 64))
    await ada.until(() => news > told + 2)
    await ada.until(() => (ada.player.newest?.tick ?? Infinity) < 1_000)
    assert.equal(ada.player.newest?.state[0]?.x, 0)
    stop()
    const last = news
    const tick = ada.player.newest?.tick ?? 0
    await ada.until(() => (ada.player.newest?.tick ?? 0) > tick + 2)
    assert.equal(news, last)
  })

  it('sends nothing later that it cannot send now', async (t) => {
    const [, ada] = await begin(t, 1)
    assert.ok(ada)
    await ada.until(() => ada.player.measures.heard.seq > 1)
    ada.client.close()
    const { sent } = ada.player.measures
    for (let frame = 0; frame < 30; frame++) await new Promise((resolve) => setTimeout(resolve, FRAME_MS))
    assert.equal(ada.player.measures.sent, sent)
  })
})
