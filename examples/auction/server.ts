/** The server's half of the auction: who may write, and the two questions that bidders ask. */
import { createHash } from 'node:crypto'
import { CallError, type ChannelRule, type HoldfastServer, type Identity } from 'holdfast/server'
import { House } from './house.ts'
import { readBid, type Verdict } from './judge.ts'
import { KEPT, ROOM } from './lot.ts'

/** What was decided is the auctioneer's word: no client writes it, removes it or lets go of it. */
export const rules: readonly ChannelRule[] = [
  { pattern: ROOM, publish: false, retention: { count: KEPT, ageMs: Infinity } },
]

const MALFORMED: Verdict = { kind: 'refused', code: 'malformed', minimumCents: 0 }

export const start = (server: HoldfastServer, house: House = new House(server)): (() => void) => {
  server.handle('auction.join', (params, caller) => ({ bidder: bidderOf(params, caller) }))
  server.handle('auction.bid', (params, caller) => {
    const id = bidderOf(params, caller)
    const bid = readBid(params)
    return bid === undefined ? MALFORMED : house.bid(bid, { id, name: bid.name })
  })
  let ended = false
  const tick = async (): Promise<void> => {
    await house.tick().catch((error: unknown) => console.error('auction:', error))
    if (!ended) setTimeout(() => void tick(), 250).unref()
  }
  void tick()
  return () => {
    ended = true
  }
}

/** Who bids: the user, or, where nobody signs in, what follows from a secret paddle, which nobody else can hold up. */
const bidderOf = (params: unknown, { user }: Identity): string => {
  if (user !== undefined) return `user ${user}`
  const { paddle } = (params ?? {}) as { paddle?: unknown }
  if (typeof paddle !== 'string' || !/^[\w-]{22,64}$/.test(paddle))
    throw new CallError('a bidder shows a paddle')
  return createHash('sha256').update(`paddle ${paddle}`).digest('base64url').slice(0, 16)
}
