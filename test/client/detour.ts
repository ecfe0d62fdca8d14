/** A TCP relay whose target can be changed: connections that are made from then on lead elsewhere. */
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export class Detour {
  target: number
  readonly #sockets = new Set<Socket>()
  readonly #server = createServer((client) => {
    const upstream = connect(this.target, '127.0.0.1')
    client.pipe(upstream).pipe(client)
    for (const socket of [client, upstream]) {
      this.#sockets.add(socket)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        this.#sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
  })

  /** What stands goes nowhere any more, and nobody is told; what is opened from now on works. */
  freeze(): void {
    for (const socket of this.#sockets) {
      socket.unpipe()
      socket.pause()
    }
  }

  /** @param target a port of this machine. */
  constructor(target: number) {
    this.target = target
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise<void>((resolve) => this.#server.close(() => resolve()))
  }
}
