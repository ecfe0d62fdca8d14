// Which extensions a connection has: permessage-deflate if both sides want it, and no other. It joins the negotiation
// of the protocol room to what compresses.

import {
  answerDeflate,
  formatExtensions,
  offerDeflate,
  readDeflateChoice,
  type Extension,
} from '../websocket/index.ts'
import { deflateFor, type PerMessageDeflate } from './per-message-deflate.ts'
import type { WireSettings } from './settings.ts'

/** What a server makes of a client's offers: its Sec-WebSocket-Extensions ('' for none), and what compresses. */
export function answerExtensions(
  offers: readonly Extension[],
  { deflate, maxPayloadBytes }: WireSettings,
): { readonly header: string; readonly deflate?: PerMessageDeflate } {
  const choice = deflate === undefined ? undefined : answerDeflate(offers, deflate)
  if (deflate === undefined || choice === undefined) return { header: '' }
  const header = formatExtensions([choice.answer])
  return { header, deflate: deflateFor(deflate, choice.agreement, maxPayloadBytes) }
}

/** The Sec-WebSocket-Extensions of a client's request, '' for none. */
export function offerExtensions({ deflate }: WireSettings): string {
  return deflate === undefined ? '' : formatExtensions([offerDeflate(deflate)])
}

/** What compresses, after what a server chose. Throws an AnswerError for whatever was not offered. */
export function chosenExtensions(
  chosen: readonly Extension[],
  { deflate, maxPayloadBytes }: WireSettings,
): PerMessageDeflate | undefined {
  const agreement = readDeflateChoice(chosen, deflate)
  if (deflate === undefined || agreement === undefined) return undefined
  return deflateFor(deflate, agreement, maxPayloadBytes)
}
