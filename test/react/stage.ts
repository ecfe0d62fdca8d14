/** A DOM, a node, clients of it, and views that tell what they were drawn with: where the hooks are tried as they are. */
import type { TestContext } from 'node:test'
import { Window } from 'happy-dom'
import { type Client, connect, type TransportName } from 'holdfast'
import { HoldfastProvider } from 'holdfast/react'
import { createServer, type HoldfastServer, type ServerOptions } from 'holdfast/server'
import { createElement, type FunctionComponent, type ReactNode, StrictMode } from 'react'
import type { Root } from 'react-dom/client'

const window = new Window({ url: 'http://localhost/' })
Object.assign(globalThis, {
  window,
  document: window.document,
  requestAnimationFrame: window.requestAnimationFrame.bind(window),
  cancelAnimationFrame: window.cancelAnimationFrame.bind(window),
})
// React looks for a DOM when it is loaded.
export const { createRoot, hydrateRoot } = await import('react-dom/client')
export const { flushSync } = await import('react-dom')

export const newElement = (): HTMLElement => window.document.createElement('div') as unknown as HTMLElement

/** What a view was drawn with, each time, and a way to wait for it. */
export class Drawings<T> {
  readonly all: T[] = []
  readonly #waiting = new Set<() => void>()

  add(value: T): void {
    this.all.push(value)
    for (const look of this.#waiting) look()
  }

  get last(): T {
    return this.all.at(-1) as T
  }

  /** Fulfilled with the first drawing, from the last one on, that is as wanted. */
  until(wanted: (value: T) => boolean): Promise<T> {
    return new Promise((resolve) => {
      const look = (): void => {
        if (this.all.length === 0 || !wanted(this.last)) return
        this.#waiting.delete(look)
        resolve(this.last)
      }
      this.#waiting.add(look)
      look()
    })
  }
}

/** A view that uses a hook, and shows nothing but that. */
export const viewOf = <P extends object, T>(use: (props: P) => T): [FunctionComponent<P>, Drawings<T>] => {
  const drawings = new Drawings<T>()
  const View = (props: P): null => {
    drawings.add(use(props))
    return null
  }
  return [View, drawings]
}

export class Stage {
  readonly server: HoldfastServer
  readonly url: string
  readonly #context: TestContext

  private constructor(context: TestContext, server: HoldfastServer, url: string) {
    this.#context = context
    this.server = server
    this.url = url
  }

  static async open(context: TestContext, options: ServerOptions = {}): Promise<Stage> {
    const server = createServer(options)
    const { url } = await server.listen()
    context.after(() => server.close())
    return new Stage(context, server, url)
  }

  client(transport: TransportName = 'websocket'): Client {
    const client = connect(this.url, { transport })
    this.#context.after(() => client.close())
    return client
  }

  /** Draws a view in strict mode under a client of its own, or under the one that is given. */
  show(view: ReactNode, client: Client | undefined = this.client()): Root {
    const root = createRoot(newElement())
    this.#context.after(() => root.unmount())
    this.draw(root, view, client)
    return root
  }

  draw(root: Root, view: ReactNode, client: Client | undefined): void {
    root.render(createElement(StrictMode, null, createElement(HoldfastProvider, { client }, view)))
  }

  /** Whatever was sent before has reached the node, and been answered. */
  async settled(client: Client): Promise<void> {
    await client.channel('settled').publish(0)
  }

  /** Waits until the clients of this node follow so many channels between them. */
  async following(channels: number, client: Client): Promise<void> {
    while (this.server.stats().waiters !== channels) await this.settled(client)
  }
}
