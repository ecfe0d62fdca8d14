/**
 * One room: its log as far as it is known here, what is still to be sent, and who is in it. Views read immutable
 * snapshots; nothing here knows how they look.
 */
import { type Channel, type Client, type Publication, RefusedError, type Subscription } from 'holdfast'
import { newId } from '../page/ids.ts'
import { type Person, personOf } from '../person/person.ts'
import { reasonOf } from './refusal.ts'
import {
  type Entry,
  entryOf,
  type Gap,
  gapOf,
  isEntry,
  type Item,
  type Said,
  type Simulated,
} from './timeline.ts'
import { isNew, markRead } from './last-read.ts'
import { keepUnsent, recallUnsent, type Unsent } from './unsent.ts'

export interface RoomState {
  readonly items: readonly Item[]
  readonly unsent: readonly Unsent[]
  /** Everyone in the room, by name; who has several tabs is one. */
  readonly people: readonly Person[]
  /** The log has answered: what is shown is what there is. */
  readonly ready: boolean
  /** Messages of others since the room was last looked at. */
  readonly unread: number
  readonly earlier: Earlier
  /** Why nothing more will come. */
  readonly ended: string | undefined
}

/** What lies before the first entry. */
export type Earlier =
  | { readonly kind: 'some' | 'loading' | 'beginning' | 'trimmed' }
  | { readonly kind: 'failed'; readonly reason: string }

const FIRST_PAGE = 100
const EARLIER_PAGE = 100
/** Older entries are let go of; they can be loaded again. */
const MOST_ITEMS = 2_000

const EMPTY: RoomState = {
  items: [],
  unsent: [],
  people: [],
  ready: false,
  unread: 0,
  earlier: { kind: 'beginning' },
  ended: undefined,
}

export class Room {
  readonly name: string
  readonly #client: Client
  readonly #channel: Channel
  readonly #listeners = new Set<() => void>()
  readonly #watchers = new Set<(entry: Entry) => void>()
  readonly #subscription: Subscription
  #state: RoomState
  #items: Item[] = []
  readonly #openedMs = Date.now()
  #telling = false
  #shown = false
  #unwatchPeople: (() => void) | undefined

  constructor(client: Client, name: string) {
    this.name = name
    this.#client = client
    this.#channel = client.channel(`chat/${name}`)
    this.#state = { ...EMPTY, unsent: recallUnsent(name) }
    this.#subscription = this.#channel.subscribe(
      { from: { last: FIRST_PAGE }, onGap: (notice) => this.#gap(gapOf(notice, this.#lastOffset())) },
      (publication) => this.#receive(publication),
    )
    this.#subscription.ready.then(
      () => this.#change({ ready: true }),
      // Why it ended is said below.
      () => this.#change({ ready: true }),
    )
    this.#subscription.ended.then(
      ({ why, error }) => {
        if (why === 'unsubscribed') return
        const known = why !== 'refused' || (error instanceof RefusedError && error.code === 'forbidden')
        this.#change({ ended: known ? ENDED[why] : reasonOf(error) })
      },
      () => undefined,
    )
  }

  get state(): RoomState {
    return this.#state
  }

  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls back with each entry as it is delivered. */
  watch(watcher: (entry: Entry) => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** The person looks at it, or no more. */
  show(shown: boolean): void {
    this.#shown = shown
    if (!shown) return
    this.#unwatchPeople ??= this.#channel.presence.on((members) =>
      this.#change({ people: peopleOf(members) }),
    )
    const last = this.#items.findLast(isEntry)
    if (last !== undefined) markRead(this.name, last.cursor)
    this.#change({ unread: 0 })
  }

  /** The person is in it, under this name. */
  enter({ id, name }: Person): void {
    // A room without presence can be used as well.
    this.#channel.presence.enter({ id, name }).catch(() => undefined)
  }

  leave(): void {
    this.#channel.presence.leave().catch(() => undefined)
  }

  say(author: Person, text: string): void {
    const unsent: Unsent = { id: newId(), text, time: Date.now(), state: { kind: 'sending' } }
    this.#setUnsent([...this.#state.unsent, unsent])
    this.#send(author, unsent)
  }

  retry(author: Person, id: string): void {
    const unsent = this.#state.unsent.find((each) => each.id === id)
    if (unsent === undefined) return
    this.#update(id, { kind: 'sending' })
    this.#send(author, unsent)
  }

  /** Forgets what was not sent. */
  discard(id: string): void {
    this.#setUnsent(this.#state.unsent.filter((each) => each.id !== id))
  }

  async publishSimulated(author: Person, simulated: Simulated): Promise<void> {
    const said: Said = { id: newId(), author, text: `Simulated message ${simulated.number}`, simulated }
    await this.#channel.publish(said)
  }

  async loadEarlier(): Promise<void> {
    const first = this.#items.find(isEntry)
    const last = this.#lastOffset()
    if (first === undefined || last === undefined || this.#state.earlier.kind === 'loading') return
    this.#change({ earlier: { kind: 'loading' } })
    try {
      const from = { last: last - first.offset + 1 + EARLIER_PAGE }
      const page = await this.#channel.history({ from, limit: EARLIER_PAGE })
      const epoch = epochOf(first.cursor)
      const older = page.publications.filter(
        (each) => each.offset < first.offset && epochOf(each.cursor) === epoch,
      )
      this.#items = [...older.map((each) => entryOf(each, undefined)), ...this.#items]
      const start = older[0]?.offset ?? first.offset
      const atFloor = older.length === 0 || start <= page.floor
      this.#change({
        items: this.#items,
        earlier: { kind: start <= 1 ? 'beginning' : atFloor ? 'trimmed' : 'some' },
      })
    } catch (error) {
      this.#change({ earlier: { kind: 'failed', reason: reasonOf(error) } })
    }
  }

  close(): void {
    this.leave()
    this.#unwatchPeople?.()
    this.#channel.presence.close()
    this.#subscription.close()
  }

  #send(author: Person, { id, text }: Unsent): void {
    const said: Said = { id, author, text }
    this.#channel.publish(said).then(
      () => this.#update(id, { kind: 'accepted' }),
      (error: unknown) => this.#update(id, { kind: 'failed', reason: reasonOf(error) }),
    )
  }

  #receive(publication: Publication): void {
    const entry = entryOf(publication, this.#client.state.transport)
    this.#append(entry)
    if (this.#shown) markRead(this.name, publication.cursor)
    else if (entry.simulated === undefined && isNew(this.name, publication, this.#openedMs)) {
      this.#change({ unread: this.#state.unread + 1 })
    }
    if (entry.id !== undefined && this.#state.unsent.some(({ id }) => id === entry.id)) this.discard(entry.id)
    for (const watcher of this.#watchers) watcher(entry)
  }

  #gap(gap: Gap): void {
    this.#append(gap)
  }

  #append(item: Item): void {
    const first = this.#items.length === 0
    this.#items = [...this.#items, item].slice(-MOST_ITEMS)
    const dropped = this.#items.length === MOST_ITEMS && this.#state.earlier.kind !== 'loading'
    const before = dropped || (first && isEntry(item) && item.offset > 1)
    this.#change({ items: this.#items, ...(before ? { earlier: { kind: 'some' } } : {}) })
  }

  #lastOffset(): number | undefined {
    return this.#items.findLast(isEntry)?.offset
  }

  #update(id: string, state: Unsent['state']): void {
    this.#setUnsent(this.#state.unsent.map((each) => (each.id === id ? { ...each, state } : each)))
  }

  #setUnsent(unsent: readonly Unsent[]): void {
    keepUnsent(this.name, unsent)
    this.#change({ unsent })
  }

  /** Many publications come in one turn: views are told once. */
  #change(change: Partial<RoomState>): void {
    this.#state = { ...this.#state, ...change }
    if (this.#telling) return
    this.#telling = true
    queueMicrotask(() => {
      this.#telling = false
      for (const listener of this.#listeners) listener()
    })
  }
}

const ENDED = {
  closed: 'This room was closed: it can be read, and nothing more can be said in it.',
  deleted: 'This room was deleted.',
  refused: 'You may not read this room. Ask whoever runs it.',
} as const

/** A cursor names one life of the log in its first part. */
const epochOf = (cursor: string): string => cursor.split('_', 1)[0] ?? ''

const peopleOf = (members: ReadonlyMap<string, unknown>): Person[] => {
  const people = new Map<string, Person>()
  for (const [member, data] of members) {
    const person = personOf(data) ?? { id: member, name: 'Someone' }
    people.set(person.id, person)
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name))
}
