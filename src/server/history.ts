/** A page of a log, read without following it: for the `history` command, and for the node's own process. */
import type { Broker, Position } from '../channel/index.ts'
import {
  cursorAt,
  encodePublication,
  type HistoryPage,
  ProtocolError,
  type PublicationEvent,
} from '../protocol/index.ts'

export interface HistoryRequest {
  readonly channel: string
  readonly from: Position
  /** Publications of the page, at most. */
  readonly limit: number
}

/** It makes no channel. @throws (rejects with) ProtocolError `not_found` | `deleted` */
export const readHistory = async (
  broker: Broker,
  { channel, from, limit }: HistoryRequest,
  pageBytes: number,
): Promise<HistoryPage> => {
  const [page] = await broker.read([{ channel, from, limit: { count: limit, bytes: pageBytes } }])
  if (page === undefined || page.kind === 'missing') {
    throw new ProtocolError(page?.code ?? 'not_found', `there is no channel ${JSON.stringify(channel)}`)
  }
  const context = { channel, epoch: page.epoch }
  const publications = page.entries.map(
    (covering) => JSON.parse(encodePublication(context, covering)) as PublicationEvent,
  )
  return {
    publications,
    cursor: cursorAt(page.epoch, page.upTo, page.stamp),
    floor: page.floor,
    top: page.top,
    more: page.upTo < page.top,
    ...(page.gap === undefined ? {} : { gap: page.gap }),
  }
}
