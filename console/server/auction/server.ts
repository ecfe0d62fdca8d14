/** The console's auction: the example's, with more to sell, and simulated rivals. */
import type { HoldfastServer } from 'holdfast/server'
import { House } from '../../../examples/auction/house.ts'
import { ROOM } from '../../../examples/auction/lot.ts'
import * as auction from '../../../examples/auction/server.ts'
import { CATALOGUE } from '../../src/auction/catalogue.ts'
import { Rivals } from './rivals.ts'

export { rules } from '../../../examples/auction/server.ts'

const TICK_MS = 500

export const start = (server: HoldfastServer): (() => void) => {
  const house = new House(server, { catalogue: CATALOGUE })
  const end = auction.start(server, house)
  const rivals = new Rivals(house, () => server.isFollowed(ROOM))
  const timer = setInterval(() => rivals.tick(), TICK_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    rivals.end()
    end()
  }
}
