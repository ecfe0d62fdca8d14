/** A room's messages as they are shown: days, what one person said in one go, and what is missing in between. */
import type { Message } from '../../../examples/chat/message.ts'
import type { Person } from '../../../examples/chat/person.ts'

export type Block =
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | { readonly kind: 'turn'; readonly key: string; readonly author: Person; readonly messages: Message[] }
  /** Here the log could not be had. */
  | { readonly kind: 'gap'; readonly key: string; readonly missing: number | undefined }

/** A pause that begins a new turn, milliseconds. */
const PAUSE_MS = 5 * 60_000

export const blocksOf = (messages: readonly Message[]): Block[] => {
  const blocks: Block[] = []
  let last: Message | undefined
  for (const message of messages) {
    const today = new Date(message.time).toDateString()
    const { cursor: key, author } = message
    const gap = last === undefined ? undefined : gapBetween(last, message)
    const day = last === undefined || today !== new Date(last.time).toDateString()
    if (gap !== undefined) blocks.push({ kind: 'gap', key: `gap ${key}`, missing: gap.missing })
    if (day) blocks.push({ kind: 'day', key: `day ${key}`, time: message.time })
    const turn = blocks.at(-1)
    if (turn?.kind === 'turn' && last !== undefined && continues(last, message)) turn.messages.push(message)
    else blocks.push({ kind: 'turn', key, author, messages: [message] })
    last = message
  }
  return blocks
}

/** Offsets have no holes; one that goes back is of a log that began anew. */
const gapBetween = (a: Message, b: Message): { readonly missing: number | undefined } | undefined => {
  if (b.offset === a.offset + 1) return undefined
  return { missing: b.offset > a.offset ? b.offset - a.offset - 1 : undefined }
}

const continues = (a: Message, b: Message): boolean =>
  a.author.id === b.author.id && a.author.name === b.author.name && b.time - a.time < PAUSE_MS
