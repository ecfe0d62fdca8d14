/** How a room's items are put together on the page: days, what one person said in one go, simulated runs, gaps. */
import type { Person } from '../person/person.ts'
import type { Entry, Gap, Item } from './timeline.ts'

export type Block =
  | { readonly kind: 'day'; readonly key: string; readonly time: number }
  | {
      readonly kind: 'turn'
      readonly key: string
      readonly author: Person
      readonly entries: readonly Entry[]
    }
  | {
      readonly kind: 'run'
      readonly key: string
      readonly author: Person
      readonly entries: readonly Entry[]
    }
  | { readonly kind: 'gap'; readonly key: string; readonly gap: Gap }

/** A pause that begins a new turn, milliseconds. */
const PAUSE_MS = 5 * 60_000

type Open = { kind: 'turn' | 'run'; key: string; author: Person; entries: Entry[] }

export const blocksOf = (items: readonly Item[]): Block[] => {
  const blocks: Block[] = []
  let open: Open | undefined
  let day: string | undefined
  for (const item of items) {
    if (item.kind === 'gap') {
      open = undefined
      blocks.push({ kind: 'gap', key: item.key, gap: item })
      continue
    }
    const today = new Date(item.time).toDateString()
    if (today !== day) {
      open = undefined
      day = today
      blocks.push({ kind: 'day', key: `day ${today} ${item.cursor}`, time: item.time })
    }
    if (open !== undefined && continues(open, item)) {
      open.entries.push(item)
      continue
    }
    const kind = item.simulated === undefined ? 'turn' : 'run'
    open = { kind, key: item.cursor, author: item.author, entries: [item] }
    blocks.push(open)
  }
  return blocks
}

const continues = ({ kind, author, entries }: Open, entry: Entry): boolean => {
  if (author.id !== entry.author.id) return false
  const last = entries[entries.length - 1] as Entry
  if (kind === 'run') return entry.simulated !== undefined && entry.simulated.run === last.simulated?.run
  return (
    entry.simulated === undefined && author.name === entry.author.name && entry.time - last.time < PAUSE_MS
  )
}
