/** The wire of Server-Sent Events: one answer that never ends; another set of channels is another request. */
import type { WireEvent } from '../server/node-under-test.ts'
import { type Command, Follower, postCommands, type Spec } from './follower.ts'

export class SseFollower extends Follower {
  #abort: AbortController | undefined
  #reading: Promise<void> = Promise.resolve()

  async follow(channels: Readonly<Record<string, Spec>>): Promise<void> {
    this.#abort?.abort()
    await this.#reading
    this.choose(channels)
    const abort = new AbortController()
    this.#abort = abort
    const response = await this.node.fetch('/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...this.credentials,
        subscribe: Object.fromEntries(this.channels),
        live: 'sse',
      }),
      signal: abort.signal,
    })
    if (response.status !== 200) {
      this.bye = ((await response.json()) as { error: WireEvent }).error
      this.changed()
      return
    }
    this.#reading = this.#read(response).catch(() => undefined)
  }

  send(...commands: readonly Command[]): Promise<WireEvent[]> {
    return postCommands(this.node, this.credentials, commands)
  }

  async close(): Promise<void> {
    this.#abort?.abort()
    await this.#reading
  }

  async #read(response: Response): Promise<void> {
    const decoder = new TextDecoder()
    let text = ''
    for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
      text += decoder.decode(chunk, { stream: true })
      const blocks = text.split('\n\n')
      text = blocks.pop() as string
      for (const block of blocks)
        if (block.startsWith('data: ')) this.#event(JSON.parse(block.slice(6)) as WireEvent)
    }
  }

  #event(event: WireEvent): void {
    if (event.type !== 'bye') return this.heard(event)
    this.bye = event
    this.changed()
  }
}
