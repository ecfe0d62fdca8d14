// The suite's own negotiation of permessage-deflate (RFC 7692 §7.1), for either role: how parameters are written and
// read, and whether a server's answer is one that its client's offer allows.

import type { DeflateParameters } from './case.ts'
import { Deflate, type Direction } from './deflate.ts'
import { type Role, Violation } from './frame.ts'

const FLAGS = ['server_no_context_takeover', 'client_no_context_takeover'] as const
const WINDOWS = ['server_max_window_bits', 'client_max_window_bits'] as const

export function formatDeflate(parameters: DeflateParameters): string {
  const written = Object.entries(parameters).map(([name, value]) =>
    value === true ? name : `${name}=${value}`,
  )
  return ['permessage-deflate', ...written].join('; ')
}

/** The parameters of the answer of a server. Throws a Violation for one that is malformed or that no offer allows. */
export function readAnswer(header: string, offer: DeflateParameters): DeflateParameters {
  const [name, ...rest] = header.split(';').map((part) => part.trim())
  if (name !== 'permessage-deflate') throw new Violation(`the extension "${header}"`)
  const answer: Record<string, number | true> = {}
  for (const part of rest) {
    const [parameter = '', value] = part.split('=')
    if (parameter in answer) throw new Violation(`"${parameter}" twice`)
    if (FLAGS.some((flag) => flag === parameter) && value === undefined) answer[parameter] = true
    else if (WINDOWS.some((window) => window === parameter) && /^([89]|1[0-5])$/.test(value ?? ''))
      answer[parameter] = Number(value)
    else throw new Violation(`the parameter "${part}"`)
  }
  const read = answer as DeflateParameters
  const { server_max_window_bits: asked, client_max_window_bits: hint } = offer
  // §7.1.1.1 and §7.1.2.1: what the client asks of the server is granted by name, or the offer is declined.
  if (offer.server_no_context_takeover && !read.server_no_context_takeover)
    throw new Violation('server_no_context_takeover is not granted')
  if (asked !== undefined && (read.server_max_window_bits ?? 15) > asked)
    throw new Violation('server_max_window_bits is not granted')
  // §7.1.2.2: a client that did not offer it cannot be told.
  if (read.client_max_window_bits !== undefined && hint === undefined)
    throw new Violation('client_max_window_bits was not offered')
  if (typeof hint === 'number' && Number(read.client_max_window_bits ?? 0) > hint)
    throw new Violation('client_max_window_bits is larger than the client has')
  return read
}

/** What compresses and inflates at our end once a server has answered with these parameters. */
export function deflateAfter(answer: DeflateParameters, role: Role): Deflate {
  const server: Direction = {
    takeover: !answer.server_no_context_takeover,
    windowBits: answer.server_max_window_bits ?? 15,
  }
  const client: Direction = {
    takeover: !answer.client_no_context_takeover,
    windowBits: Number(answer.client_max_window_bits ?? 15),
  }
  return role === 'client' ? new Deflate(client, server) : new Deflate(server, client)
}
