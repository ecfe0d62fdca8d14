// One case against a server: the opening by some way, the compression that the case asks for, then the case itself.

import type { Case } from './case.ts'
import { Peer } from './peer.ts'
import type { Way } from './ways.ts'

export interface PlayOptions {
  /** Everything behind the handshake is sent in pieces of so many bytes. */
  readonly chopBytes?: number | undefined
  /** How long a case may take that does not say so itself. */
  readonly deadlineMs?: number | undefined
}

export async function playAsClient(way: Way, each: Case, options: PlayOptions = {}): Promise<void> {
  const { stream, head } = await way.open({})
  await new Peer(stream, { role: 'client', head, ...options }).play(each)
}
