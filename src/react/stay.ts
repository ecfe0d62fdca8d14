/**
 * A client's stay in a channel's presence, for as long as a view wants it. Views that go and come in one turn (strict
 * mode, new data, another view in place of this one) are no reason to leave and enter again, which others would see.
 */
import type { Client, Presence } from '../client/index.ts'

const stays = new WeakMap<Client, Map<string, Stay>>()

/** @param data JSON. @returns what ends it */
export const stayIn = (client: Client, name: string, data: string): (() => void) => {
  let ofClient = stays.get(client)
  if (ofClient === undefined) stays.set(client, (ofClient = new Map<string, Stay>()))
  let stay = ofClient.get(name)
  if (stay === undefined) {
    const forget = (): boolean | undefined => stays.get(client)?.delete(name)
    ofClient.set(name, (stay = new Stay(client.channel(name).presence, forget)))
  }
  return stay.hold(data)
}

class Stay {
  readonly #presence: Presence
  readonly #forget: () => void
  #holders = 0
  #data = 'null'
  #announced: string | undefined
  #leaving: ReturnType<typeof setTimeout> | undefined

  constructor(presence: Presence, forget: () => void) {
    this.#presence = presence
    this.#forget = forget
    // Only browsers have pages; in them, one that closes is gone at once, and not when its lease runs out.
    globalThis.addEventListener?.('pagehide', this.#pageHidden)
    globalThis.addEventListener?.('pageshow', this.#pageShown)
  }

  hold(data: string): () => void {
    this.#holders++
    clearTimeout(this.#leaving)
    this.#data = data
    this.#announce()
    return () => {
      if (--this.#holders === 0) this.#leaving = setTimeout(() => this.#end())
    }
  }

  #announce(): void {
    if (this.#announced === this.#data) return
    const data = (this.#announced = this.#data)
    this.#presence.enter(JSON.parse(data)).catch(() => {
      // A channel without presence can be used as well: who is there is then nobody.
      if (this.#announced === data) this.#announced = undefined
    })
  }

  #leave(): void {
    this.#announced = undefined
    this.#presence.leave().catch(() => undefined)
  }

  #end(): void {
    globalThis.removeEventListener?.('pagehide', this.#pageHidden)
    globalThis.removeEventListener?.('pageshow', this.#pageShown)
    this.#leave()
    this.#forget()
  }

  readonly #pageHidden = (): void => this.#leave()

  /** The browser may bring a hidden page back to life. */
  readonly #pageShown = ({ persisted }: PageTransitionEvent): void => {
    if (persisted) this.#announce()
  }
}
