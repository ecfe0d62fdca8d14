/** One transport under measurement: a node in a process of its own, and its clients in another. */
import type { TransportName } from '../client/index.ts'
import { Child } from './child.ts'
import type { ClientsOrder, ClientsReading, ClientsSettings } from './measured-clients.ts'
import type { NodeOrder, NodeReading, NodeSettings } from './measured-node.ts'

export type MeasuredNode = Child<NodeOrder, NodeReading>
export type MeasuredClients = Child<ClientsOrder, ClientsReading>

export const startNode = (settings: NodeSettings): MeasuredNode => new Child('measured-node', settings)

export const startClients = (settings: ClientsSettings): MeasuredClients =>
  new Child('measured-clients', settings)

/** Both ends at a moment. */
export interface GroupReading {
  readonly node: NodeReading
  readonly clients: ClientsReading
}

export class MeasuredGroup {
  readonly transport: TransportName
  readonly node: MeasuredNode
  readonly #settings: Omit<ClientsSettings, 'url' | 'transport'>
  #clients: MeasuredClients | undefined

  constructor(transport: TransportName, settings: Omit<ClientsSettings, 'url' | 'transport'>) {
    this.transport = transport
    this.#settings = settings
    this.node = startNode({ origins: [], clients: settings.clients })
  }

  /** Fulfilled when every client follows. */
  async follow(): Promise<void> {
    const { port } = await this.node.ready<{ port: number }>()
    const settings = { ...this.#settings, transport: this.transport, url: `http://127.0.0.1:${port}` }
    this.#clients = startClients(settings)
    await this.#clients.ready()
  }

  begin(): void {
    this.#clients?.tell({ kind: 'begin' })
  }

  async read(): Promise<GroupReading> {
    if (this.#clients === undefined) throw new Error('nobody follows')
    const [node, clients] = await Promise.all([this.node.read(), this.#clients.read()])
    return { node, clients }
  }

  async end(): Promise<void> {
    await Promise.all([this.#clients?.end(), this.node.end()])
  }
}
