/**
 * A port of loopback that is kept while nothing runs, so that its number can be told beforehand. Who connects meanwhile
 * is turned away.
 */
import { type AddressInfo, createServer, type Server } from 'node:net'

export class HeldPort {
  readonly port: number
  #server: Server | undefined

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
  }

  static async take(): Promise<HeldPort> {
    return new HeldPort(await listen(0))
  }

  /** From here on somebody else may listen there. */
  async free(): Promise<void> {
    const server = this.#server
    this.#server = undefined
    if (server !== undefined) await new Promise((resolve) => server.close(resolve))
  }

  async hold(): Promise<void> {
    this.#server ??= await listen(this.port)
  }
}

const listen = (port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy())
    // It keeps no process alive.
    server.unref()
    server.once('error', reject).listen(port, '127.0.0.1', () => resolve(server))
  })
