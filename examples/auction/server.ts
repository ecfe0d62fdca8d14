/** The server's half of the auction: who may write where, and the two questions that bidders ask. */
import { createHash, randomUUID } from 'node:crypto'
import { CallError, type ChannelRule, type HoldfastServer, type Identity } from 'holdfast/server'
import { CATALOGUE } from './catalogue.ts'
import { House, type HouseClock, type HouseOptions, LOTS } from './house.ts'
import { readBid, readBidName, type Verdict } from './judge.ts'
import { Rivals } from './rivals.ts'

/** What was decided is the auctioneer's word: no client writes it, removes it or lets go of it. */
export const rules: readonly ChannelRule[] = [
  { pattern: LOTS, publish: false, retention: { count: 200, ageMs: Infinity } },
  { pattern: 'auction/*', publish: false, presence: false, retention: { count: 2_000, ageMs: 86_400_000 } },
]

export interface AuctionOptions extends Partial<HouseOptions> {
  readonly rivals?: boolean
}

const clock: HouseClock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms)
    return () => clearTimeout(timer)
  },
}

const TICK_MS = 500

export const start = (server: HoldfastServer, options: AuctionOptions = {}): (() => void) => {
  const { rivals: wanted = true, ...timings } = options
  const onError = (error: unknown): void => console.error('auction:', error)
  const house = new House(server, {
    ...{ clock, catalogue: CATALOGUE, lotMs: 90_000, softCloseMs: 15_000, pauseMs: 8_000, onError },
    ...timings,
  })
  const rivals = new Rivals({
    ...{ house, clock, random: Math.random, newId: randomUUID },
    watched: () => server.isFollowed(LOTS),
  })
  server.handle('auction.join', (params, caller) => ({ bidder: bidderOf(params, caller) }))
  server.handle('auction.bid', (params, caller): Promise<Verdict> | Verdict => {
    const request = readBid(params)
    if (request === undefined) return { kind: 'refused', code: 'malformed', minimumCents: 0 }
    return house.bid(request, { id: bidderOf(params, caller), name: request.name })
  })
  server.handle('auction.outcome', (params, caller) => {
    const bid = readBidName(params)
    if (bid === undefined) throw new CallError('the bid has no name')
    return house.outcome(bid, bidderOf(params, caller))
  })
  const timer = setInterval(() => {
    house.tick()
    if (wanted) rivals.tick()
  }, TICK_MS)
  timer.unref()
  return () => {
    clearInterval(timer)
    rivals.end()
    house.end()
  }
}

/**
 * Who bids: the user, where people sign in. Elsewhere a paddle stands for the bidder: a secret that the browser made,
 * of which only the hash is ever shown, so nobody can hold up another's.
 */
const bidderOf = (params: unknown, { user }: Identity): string => {
  if (user !== undefined) return `user ${user}`
  const { paddle } = (params ?? {}) as { paddle?: unknown }
  if (typeof paddle !== 'string' || !/^[\w-]{22,64}$/.test(paddle))
    throw new CallError('a bidder shows a paddle')
  return createHash('sha256').update(`paddle ${paddle}`).digest('base64url').slice(0, 16)
}
