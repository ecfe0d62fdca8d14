/** `GET` without waiting: one page from an offset. */
import type { Exchange } from './exchange.ts'
import { bodyFraming } from './framing.ts'
import { modeOf } from './media-type.ts'
import { answerPage } from './page-answer.ts'
import { type Offset, placeOf } from './place.ts'
import { StreamRefusal } from './refusal.ts'
import { configOf } from './stream-config.ts'

/** @throws (rejects with) ProtocolError */
export const readStream = async (exchange: Exchange, from: Offset): Promise<void> => {
  const { host, channel } = exchange
  const { pagePublications, pageBytes } = host.limits
  const [page] = await host.broker.read([
    { channel, from, limit: { count: pagePublications, bytes: pageBytes } },
  ])
  if (page?.kind !== 'page') throw StreamRefusal.missing()
  if (page.gap !== undefined) throw StreamRefusal.gone(page, page.gap)
  const { contentType } = configOf(page.metadata, page.contentType)
  const body = bodyFraming(modeOf(contentType)).encode({ channel, epoch: page.epoch }, page.entries)
  answerPage(exchange, { contentType, body, place: placeOf(page), from, after: page.after })
}
