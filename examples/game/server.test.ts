/** One arena on a node: who enters has a ship and company, and the server moves it as the hand says. */
import { it } from 'node:test'
import { connect } from 'holdfast'
import { createServer } from 'holdfast/server'
import { rules, start } from './server.ts'
import { FULL } from './simulation.ts'
import { type Sighting, Voyage } from './voyage.ts'

it('gives two people a ship each, and shows each how the other’s moves', async () => {
  const server = createServer({ rules })
  const { url } = await server.listen()
  const end = start(server)
  const enter = (name: string) => {
    const client = connect(url)
    const voyage = new Voyage(client, 'harbour')
    voyage.enter(name)
    return { client, voyage }
  }
  const ada = enter('Ada')
  const wen = enter('Wen')
  const sees = async <T>(what: (ada: Sighting, wen: Sighting) => T | undefined): Promise<T> => {
    for (const deadlineMs = performance.now() + 10_000; performance.now() < deadlineMs;) {
      await new Promise((resolve) => setTimeout(resolve, 16))
      const hers = ada.voyage.see(performance.now(), { dx: 0, dy: FULL })
      const his = wen.voyage.see(performance.now(), { dx: 0, dy: -FULL })
      const seen = hers && his && what(hers, his)
      if (seen !== undefined) return seen
    }
    throw new Error('not seen in ten seconds')
  }
  const drawnBy = ({ places }: Sighting, id: number): number | undefined =>
    [...places].find(([ship]) => ship.id === id)?.[1].y
  try {
    const ids = await sees(({ own: hers, newest }, { own: his }) =>
      hers && his && newest.ships.length === 4 ? ([hers.id, his.id] as const) : undefined,
    )
    // Each holds on to its edge, and the other sees it there.
    await sees((hers, his) => {
      const [adas, wens] = [drawnBy(his, ids[0]), drawnBy(hers, ids[1])]
      return adas === 976 && wens === 24 ? true : undefined
    })
  } finally {
    for (const { client, voyage } of [ada, wen]) {
      voyage.close()
      client.close()
    }
    end()
    await server.close()
  }
})
