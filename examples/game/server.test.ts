/** One arena on a node: who enters has a ship and company, and the server moves it as the hand says. */
import { it } from 'node:test'
import { connect } from 'holdfast'
import { Player, type Sight } from 'holdfast/netcode'
import { createServer } from 'holdfast/server'
import type { Entrant } from './arena.ts'
import { game } from './game-rules.ts'
import { rules, start } from './server.ts'
import { FULL, type Motion, type State } from './simulation.ts'

type Seen = Sight<State, Motion>

const enter = (url: string, name: string) => {
  const client = connect(url)
  let number: number | undefined
  client
    .channel<Entrant | null>('game/harbour/roster')
    .subscribe({ from: 'start', conflate: true }, ({ key, data }) => {
      if (data?.name === name) number = Number(key)
    })
  const channels = { states: 'game/harbour/state', inputs: 'game/harbour/input' }
  const player = new Player(client, game, { ...channels, player: () => number })
  client
    .channel('game/harbour')
    .presence.enter({ name })
    .catch(() => undefined)
  return { client, player }
}

it('gives two people a ship each, and shows each how the other’s moves', async () => {
  const server = createServer({ rules })
  const { url } = await server.listen()
  const end = start(server)
  const [ada, wen] = [enter(url, 'Ada'), enter(url, 'Wen')]
  const sees = async <T>(what: (ada: Seen, wen: Seen) => T | undefined): Promise<T> => {
    for (const deadlineMs = performance.now() + 10_000; performance.now() < deadlineMs;) {
      await new Promise((resolve) => setTimeout(resolve, 16))
      const hers = ada.player.see(performance.now(), { dx: 0, dy: FULL })
      const his = wen.player.see(performance.now(), { dx: 0, dy: -FULL })
      const seen = hers && his && what(hers, his)
      if (seen !== undefined) return seen
    }
    throw new Error('not seen in ten seconds')
  }
  try {
    const ids = await sees(({ player: hers, newest }, { player: his }) =>
      hers !== undefined && his !== undefined && newest.state.ships.length === 4
        ? ([hers, his] as const)
        : undefined,
    )
    // Each holds on to its edge, and the other sees it there.
    await sees((hers, his) =>
      his.bodyOf(ids[0])?.y === 976 && hers.bodyOf(ids[1])?.y === 24 ? true : undefined,
    )
  } finally {
    for (const { client, player } of [ada, wen]) {
      player.close()
      client.close()
    }
    end()
    await server.close()
  }
})
