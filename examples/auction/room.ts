/** What a page knows of the auction: its log, as it replays, and as whom it bids. */
import { useEffect, useState } from 'react'
import { useClient, useLog } from 'holdfast/react'
import { applyEntry, EMPTY, type Entry, KEPT, ROOM } from './lot.ts'

export type Room = ReturnType<typeof useRoom>

/** @param paddle the secret by which the auctioneer knows this page; the log shows what follows from it, `bidder`. */
export const useRoom = (name: string, paddle: string) => {
  const client = useClient()
  const [bidder, setBidder] = useState<string>()
  useEffect(() => {
    const asked = client.call('auction.join', { paddle }, { idempotent: true, timeoutMs: 600_000 })
    asked.then((answer) => setBidder((answer as { bidder: string }).bidder)).catch(() => undefined)
  }, [client, paddle])
  // Only the auctioneer writes here, so what comes is what was decided.
  const log = useLog<Entry>(ROOM, { from: { last: KEPT } })
  const state = log.publications.reduce((state, { data }) => applyEntry(state, data), EMPTY)
  return { name, paddle, bidder, log, state }
}
