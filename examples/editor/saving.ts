/** What becomes of what is typed, in words. It decides nothing; it reads two states. */
import type { ClientState } from 'holdfast'
import type { DocumentState } from 'holdfast/yjs'

export interface Saving {
  readonly kind: 'saved' | 'sending' | 'waiting' | 'reading' | 'read-only' | 'ended'
  readonly text: string
}

export const savingOf = (document: DocumentState, status: ClientState['status']): Saving => {
  const { synced, unsent, refused, ended } = document
  if (ended !== undefined && ended.why !== 'unsubscribed') return { kind: 'ended', text: ENDED[ended.why] }
  if (refused !== undefined)
    return { kind: 'read-only', text: unsent > 0 ? `Read only. ${changes(unsent)} not taken` : 'Read only' }
  if (!synced)
    return { kind: 'reading', text: status === 'connected' ? 'Reading …' : 'Waiting for the connection' }
  if (unsent === 0)
    return { kind: 'saved', text: status === 'connected' ? 'Saved' : 'Offline. You can go on writing' }
  if (status === 'connected') return { kind: 'sending', text: `Saving … ${changes(unsent)} waiting` }
  return { kind: 'waiting', text: `Offline. ${changes(unsent)} waiting` }
}

/** Whether writing makes sense. Offline it does. */
export const isWritable = ({ synced, refused, ended }: DocumentState): boolean =>
  synced && refused === undefined && ended === undefined

const changes = (count: number): string => (count === 1 ? '1 change' : `${count} changes`)

const ENDED = {
  closed: 'This document was closed. It can be read',
  deleted: 'This document was deleted',
  refused: 'You may not read this document',
} as const
