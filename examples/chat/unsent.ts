/**
 * What a person has written and the room's log does not show yet. The client keeps what is published while offline and
 * sends it once; this keeps it over a reload too, for this tab: what comes back then is offered, not sent, since the
 * person may have said it elsewhere meanwhile.
 */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { Channel, Client } from 'holdfast'
import { useClient } from 'holdfast/react'
import type { Message, Said } from './message.ts'
import type { Person } from './person.ts'
import { reasonOf } from './refusal.ts'
import { recallJson, remember, tab } from './storage.ts'

export interface Unsent {
  readonly id: string
  readonly text: string
  /** `accepted`: in the log, and about to come back. A failed one is not sent by itself. */
  readonly state: 'sending' | 'accepted' | 'failed'
  readonly reason?: string
}

export interface UnsentMessages {
  readonly all: readonly Unsent[]
  readonly say: (text: string) => void
  readonly retry: (unsent: Unsent) => void
  readonly discard: (id: string) => void
}

/** 96 random bits. `crypto.randomUUID` is missing on pages without TLS. */
const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  )

const recallUnsent = (key: string): Unsent[] => {
  const kept = recallJson(key, tab)
  if (!Array.isArray(kept)) return []
  return kept.flatMap((each: unknown): Unsent[] => {
    const { id, text } = (each ?? {}) as Record<string, unknown>
    if (typeof id !== 'string' || typeof text !== 'string') return []
    return [{ id, text, state: 'failed', reason: 'The page was closed before it was sent.' }]
  })
}

/** Of one room, for as long as the page lives: it goes on while the person looks at another. */
class UnsentStore {
  readonly #key: string
  readonly #channel: Channel
  readonly #listeners = new Set<() => void>()
  #all: readonly Unsent[]

  constructor(channel: Channel) {
    this.#channel = channel
    this.#key = `holdfast.unsent.${channel.name}`
    this.#all = recallUnsent(this.#key)
  }

  readonly read = (): readonly Unsent[] => this.#all

  readonly listen = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  say(person: Person, text: string): void {
    const unsent: Unsent = { id: newId(), text, state: 'sending' }
    this.#set([...this.#all, unsent])
    this.#send(person, unsent)
  }

  retry(person: Person, unsent: Unsent): void {
    this.#change(unsent.id, { state: 'sending' })
    this.#send(person, unsent)
  }

  readonly discard = (id: string): void => this.#set(this.#all.filter((each) => each.id !== id))

  /** These are in the room's log. */
  arrived(ids: ReadonlySet<string | undefined>): void {
    if (this.#all.some(({ id }) => ids.has(id))) this.#set(this.#all.filter(({ id }) => !ids.has(id)))
  }

  #send(author: Person, { id, text }: Unsent): void {
    const said: Said = { id, author, text }
    this.#channel.publish(said).then(
      () => {
        // Nobody is there to see it come back.
        if (this.#listeners.size === 0) this.discard(id)
        else this.#change(id, { state: 'accepted' })
      },
      (error: unknown) => this.#change(id, { state: 'failed', reason: reasonOf(error) }),
    )
  }

  #change(id: string, change: Partial<Unsent>): void {
    this.#set(this.#all.map((each) => (each.id === id ? { ...each, ...change } : each)))
  }

  #set(all: readonly Unsent[]): void {
    this.#all = all
    remember(this.#key, JSON.stringify(all.map(({ id, text }) => ({ id, text }))), tab)
    for (const listener of this.#listeners) listener()
  }
}

const stores = new WeakMap<Client, Map<string, UnsentStore>>()

const storeOf = (client: Client, name: string): UnsentStore => {
  let ofClient = stores.get(client)
  if (ofClient === undefined) stores.set(client, (ofClient = new Map<string, UnsentStore>()))
  let store = ofClient.get(name)
  if (store === undefined) ofClient.set(name, (store = new UnsentStore(client.channel(name))))
  return store
}

const NOTHING: readonly Unsent[] = []

/** @param messages of the room: who is among them has been sent */
export const useUnsent = (channel: string, person: Person, messages: readonly Message[]): UnsentMessages => {
  const client = useClient()
  const store = storeOf(client, channel)
  const unsent = useSyncExternalStore(store.listen, store.read, () => NOTHING)
  const ids = useMemo(() => new Set(messages.map(({ id }) => id)), [messages])
  useEffect(() => store.arrived(ids), [store, ids, unsent])
  return {
    // Not for one drawing both in the log and beside it.
    all: unsent.filter(({ id }) => !ids.has(id)),
    say: (text) => store.say(person, text),
    retry: (each) => store.retry(person, each),
    discard: store.discard,
  }
}
