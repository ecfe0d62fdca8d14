/**
 * What has been written and is not in the log yet. It is kept for this tab, so that a reload loses nothing: what
 * comes back afterwards is offered, not sent, since the person may have said it elsewhere meanwhile.
 */
import { recallJson, remember } from '../page/storage.ts'

export type UnsentState =
  /** Handed to the client, which sends it as soon as it can. */
  | { readonly kind: 'sending' }
  /** In the log; it has not come back yet. */
  | { readonly kind: 'accepted' }
  /** It will not be sent by itself. */
  | { readonly kind: 'failed'; readonly reason: string }

export interface Unsent {
  readonly id: string
  readonly text: string
  /** When it was written, by this browser's clock. */
  readonly time: number
  readonly state: UnsentState
}

const session = (): Storage => sessionStorage
const keyOf = (room: string): string => `holdfast.unsent.${room}`

export const keepUnsent = (room: string, unsent: readonly Unsent[]): void => {
  const kept = unsent.map(({ id, text, time }) => ({ id, text, time }))
  remember(keyOf(room), JSON.stringify(kept), session)
}

export const recallUnsent = (room: string): Unsent[] => {
  const kept = recallJson(keyOf(room), session)
  if (!Array.isArray(kept)) return []
  return kept.flatMap((each: unknown) => {
    const { id, text, time } = (each ?? {}) as Record<string, unknown>
    if (typeof id !== 'string' || typeof text !== 'string' || typeof time !== 'number') return []
    const reason = 'The page was closed before it was sent.'
    return [{ id, text, time, state: { kind: 'failed', reason } }]
  })
}
