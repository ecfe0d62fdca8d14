// One case against a server: the opening by some way, the compression that the case asks for, then the case itself.

import type { Case } from './case.ts'
import { deflateAfter, formatDeflate, readAnswer } from './negotiation.ts'
import { Mismatch, Peer } from './peer.ts'
import type { Way } from './ways.ts'

export interface PlayOptions {
  /** Everything behind the handshake is sent in pieces of so many bytes. */
  readonly chopBytes?: number | undefined
  /** How long a case may take that does not say so itself. */
  readonly deadlineMs?: number | undefined
}

export async function playAsClient(way: Way, each: Case, options: PlayOptions = {}): Promise<void> {
  const offer = each.deflate
  if (offer === undefined) {
    const { stream, head } = await way.open({})
    return new Peer(stream, { role: 'client', head, ...options }).play(each)
  }
  const { stream, head, extensions } = await way.open({ extensions: formatDeflate(offer) })
  if (extensions === undefined) {
    stream.destroy()
    throw new Mismatch('the offer was declined')
  }
  const deflate = deflateAfter(readAnswer(extensions, offer), 'client')
  const peer = new Peer(stream, { role: 'client', head, deflate, ...options })
  await peer.play(each)
}
