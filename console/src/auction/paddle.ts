/** What this browser bids with: a secret that it makes once and keeps, so that a reloaded page is still the same bidder. */
import { newId } from '../../../examples/auction/own-bid.ts'
import { recall, remember } from '../page/storage.ts'

const KEY = 'holdfast.auction.paddle'

const make = (): string => {
  const made = newId()
  remember(KEY, made)
  return made
}

let current: string | undefined

export const paddle = (): string => (current ??= recall(KEY) ?? make())
