/**
 * A channel as the state that it replays to, changed by compare-and-append alone: an entry goes in only behind the
 * entries that it was decided on. Whoever else appends there is noticed, and read.
 */
import { type HistoryPage, type HoldfastServer, ProtocolError } from 'holdfast/server'

export class ReplayedLog<Entry, State> {
  state: State
  readonly #server: HoldfastServer
  readonly #channel: string
  readonly #empty: State
  readonly #apply: (state: State, entry: Entry) => State
  #cursor: string | undefined

  constructor(
    server: HoldfastServer,
    channel: string,
    { empty, apply }: { readonly empty: State; readonly apply: (state: State, entry: Entry) => State },
  ) {
    this.#server = server
    this.#channel = channel
    this.#empty = empty
    this.#apply = apply
    this.state = empty
  }

  /**
   * False when something else was there first, perhaps an entry of one's own whose answer was lost; then the state is
   * that of the log, and is to be looked at anew.
   */
  async append(entry: Entry): Promise<boolean> {
    try {
      const expect = this.#cursor === undefined ? {} : { expect: this.#cursor }
      this.#cursor = await this.#server.publish(this.#channel, entry, expect)
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.code !== 'expect_failed') throw error
      await this.catchUp()
      return false
    }
    this.state = this.#apply(this.state, entry)
    return true
  }

  /** Reads what it does not know of yet. A log that does not exist is empty. */
  async catchUp(): Promise<void> {
    for (let more = true; more;) {
      const page = await this.#read()
      // Another life of the log: what was replayed is of the one before.
      if (page?.gap !== undefined) this.state = this.#empty
      for (const { data } of page?.publications ?? []) this.state = this.#apply(this.state, data as Entry)
      this.#cursor = page?.cursor
      more = page?.more ?? false
    }
  }

  async #read(): Promise<HistoryPage | undefined> {
    try {
      return await this.#server.history(this.#channel, { from: this.#cursor ?? '-1' })
    } catch (error) {
      if (error instanceof ProtocolError && error.code === 'not_found') return undefined
      throw error
    }
  }
}
