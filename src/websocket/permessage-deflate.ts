// The negotiation of permessage-deflate (RFC 7692 §7.1): what a client offers, what a server makes of it, and what the
// client makes of the answer. It compresses nothing; it yields the terms that whoever compresses must keep.

import { AnswerError } from './errors.ts'
import type { Extension, ExtensionParameter } from './extension.ts'
import type { Role } from './frame-parser.ts'

/** §6: the reserved bit of a message's first frame that says the message is compressed. */
export const RSV1 = 0x40

/** How long a message of so many bytes may become when deflate finds nothing to save in it. */
export function mostDeflated(length: number): number {
  return length + Math.floor(length / 8) + 64
}

const NAME = 'permessage-deflate'
const MOST_WINDOW_BITS = 15

/** What an endpoint wants, for either role. */
export interface DeflateWishes {
  /** Whether what this side sends may refer to its earlier messages; that takes memory on both sides. */
  readonly contextTakeover: boolean
  /** Whether what the peer sends may. */
  readonly peerContextTakeover: boolean
  /** The base-2 logarithm of the window of this side, 8 to 15. */
  readonly windowBits: number
  /** The same of the peer, as far as the peer lets itself be told. */
  readonly peerWindowBits: number
}

/** What was agreed for one direction. */
export interface DeflateTerms {
  readonly contextTakeover: boolean
  /** 8 to 15. */
  readonly windowBits: number
}

/** What was agreed, as one side sees it. */
export interface DeflateAgreement {
  readonly outgoing: DeflateTerms
  readonly incoming: DeflateTerms
}

/** The parameters of one offer or answer. */
interface Parameters {
  serverNoContextTakeover: boolean
  clientNoContextTakeover: boolean
  serverMaxWindowBits: number | undefined
  /** True when the parameter stands alone, as it may in an offer. */
  clientMaxWindowBits: number | true | undefined
}

/** The server's choice among a client's offers; undefined if none of them is permessage-deflate, or none is valid. */
export function answerDeflate(
  offers: readonly Extension[],
  wishes: DeflateWishes,
): { readonly answer: Extension; readonly agreement: DeflateAgreement } | undefined {
  for (const offer of offers) {
    if (offer.name !== NAME) continue
    const asked = readParameters(offer.parameters)
    // §7.1: an offer that is malformed is declined; the next one may be better.
    if (asked !== undefined) return choose(asked, wishes)
  }
  return undefined
}

function choose(asked: Parameters, wishes: DeflateWishes): ReturnType<typeof answerDeflate> {
  const chosen: Parameters = {
    serverNoContextTakeover: asked.serverNoContextTakeover || !wishes.contextTakeover,
    clientNoContextTakeover: asked.clientNoContextTakeover || !wishes.peerContextTakeover,
    serverMaxWindowBits: Math.min(asked.serverMaxWindowBits ?? MOST_WINDOW_BITS, wishes.windowBits),
    clientMaxWindowBits: undefined,
  }
  // §7.1.2.1: an offer with a window is accepted by naming one.
  if (asked.serverMaxWindowBits === undefined && chosen.serverMaxWindowBits === MOST_WINDOW_BITS) {
    chosen.serverMaxWindowBits = undefined
  }
  // §7.1.2.2: a client that did not name its window cannot be told one.
  if (asked.clientMaxWindowBits !== undefined) {
    const most = asked.clientMaxWindowBits === true ? MOST_WINDOW_BITS : asked.clientMaxWindowBits
    const bits = Math.min(most, wishes.peerWindowBits)
    if (bits < MOST_WINDOW_BITS) chosen.clientMaxWindowBits = bits
  }
  return { answer: writeParameters(chosen), agreement: agree(chosen, 'server') }
}

/** What a client asks for. */
export function offerDeflate(wishes: DeflateWishes): Extension {
  const { windowBits, peerWindowBits } = wishes
  return writeParameters({
    serverNoContextTakeover: !wishes.peerContextTakeover,
    clientNoContextTakeover: !wishes.contextTakeover,
    serverMaxWindowBits: peerWindowBits === MOST_WINDOW_BITS ? undefined : peerWindowBits,
    clientMaxWindowBits: windowBits === MOST_WINDOW_BITS ? true : windowBits,
  })
}

/**
 * Judges what a server chose of the one offer of these wishes (of none, when they are undefined): undefined if it chose
 * nothing. Throws an AnswerError for whatever was not offered or is malformed.
 */
export function readDeflateChoice(
  chosen: readonly Extension[],
  wishes: DeflateWishes | undefined,
): DeflateAgreement | undefined {
  const [choice] = chosen
  if (choice === undefined) return undefined
  if (wishes === undefined || choice.name !== NAME || chosen.length > 1) {
    throw new AnswerError('bad-extension', 'the server chose an extension that was not asked for')
  }
  const parameters = readParameters(choice.parameters)
  if (parameters === undefined || !keepsTo(parameters, wishes)) {
    throw new AnswerError('bad-extension', 'the server chose other parameters than it was offered')
  }
  const { contextTakeover, windowBits } = wishes
  const { outgoing, incoming } = agree(parameters, 'client')
  return {
    incoming,
    outgoing: {
      contextTakeover: outgoing.contextTakeover && contextTakeover,
      windowBits: Math.min(outgoing.windowBits, windowBits),
    },
  }
}

/** §7.1.1.1 and §7.1.2.1: what is asked of the server must be granted by name, and nothing beyond the offer. */
function keepsTo(
  parameters: Parameters,
  { peerContextTakeover, peerWindowBits, windowBits }: DeflateWishes,
): boolean {
  const { serverNoContextTakeover, serverMaxWindowBits, clientMaxWindowBits } = parameters
  if (!peerContextTakeover && !serverNoContextTakeover) return false
  if ((serverMaxWindowBits ?? MOST_WINDOW_BITS) > peerWindowBits) return false
  return clientMaxWindowBits !== true && (clientMaxWindowBits ?? 0) <= windowBits
}

function agree(parameters: Parameters, role: Role): DeflateAgreement {
  const { clientMaxWindowBits: bits } = parameters
  const server = {
    contextTakeover: !parameters.serverNoContextTakeover,
    windowBits: parameters.serverMaxWindowBits ?? MOST_WINDOW_BITS,
  }
  const client = {
    contextTakeover: !parameters.clientNoContextTakeover,
    windowBits: typeof bits === 'number' ? bits : MOST_WINDOW_BITS,
  }
  return role === 'server' ? { outgoing: server, incoming: client } : { outgoing: client, incoming: server }
}

/** §7.1: unknown parameters, doubled ones and wrong values make the whole invalid. */
function readParameters(list: readonly ExtensionParameter[]): Parameters | undefined {
  const parameters: Parameters = {
    serverNoContextTakeover: false,
    clientNoContextTakeover: false,
    serverMaxWindowBits: undefined,
    clientMaxWindowBits: undefined,
  }
  const seen = new Set<string>()
  for (const { name, value } of list) {
    if (seen.has(name)) return undefined
    seen.add(name)
    if (name === 'server_no_context_takeover' && value === undefined) {
      parameters.serverNoContextTakeover = true
    } else if (name === 'client_no_context_takeover' && value === undefined) {
      parameters.clientNoContextTakeover = true
    } else if (name === 'client_max_window_bits' && value === undefined) {
      parameters.clientMaxWindowBits = true
    } else {
      const bits = readWindowBits(value)
      if (bits === undefined) return undefined
      if (name === 'server_max_window_bits') parameters.serverMaxWindowBits = bits
      else if (name === 'client_max_window_bits') parameters.clientMaxWindowBits = bits
      else return undefined
    }
  }
  return parameters
}

/** §7.1.2: 8 to 15, without leading zeros. */
function readWindowBits(value: string | undefined): number | undefined {
  const bits = Number(value)
  return Number.isInteger(bits) && bits >= 8 && bits <= 15 && String(bits) === value ? bits : undefined
}

function writeParameters(chosen: Parameters): Extension {
  const { serverMaxWindowBits, clientMaxWindowBits } = chosen
  const parameters: ExtensionParameter[] = []
  if (chosen.serverNoContextTakeover) parameters.push({ name: 'server_no_context_takeover' })
  if (chosen.clientNoContextTakeover) parameters.push({ name: 'client_no_context_takeover' })
  if (serverMaxWindowBits !== undefined)
    parameters.push({ name: 'server_max_window_bits', value: String(serverMaxWindowBits) })
  if (clientMaxWindowBits === true) parameters.push({ name: 'client_max_window_bits' })
  else if (clientMaxWindowBits !== undefined)
    parameters.push({ name: 'client_max_window_bits', value: String(clientMaxWindowBits) })
  return { name: NAME, parameters }
}
