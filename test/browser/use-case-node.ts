/** A node of this process with the built page and one use case on it, so that a test can hold its clock and its logs. */
import {
  type Broker,
  type ChannelRule,
  createServer,
  type HoldfastServer,
  type ServerOptions,
} from 'holdfast/server'
import { servePage } from '../../src/cli/console-page.ts'

export interface UseCaseNode {
  readonly server: HoldfastServer
  readonly url: string
  readonly port: number
}

export interface UseCaseOptions {
  readonly rules: readonly ChannelRule[]
  readonly broker?: Broker
  readonly limits?: NonNullable<ServerOptions['limits']>
}

export const startUseCaseNode = async (options: UseCaseOptions): Promise<UseCaseNode> => {
  const server = createServer({ ...options, fallback: servePage({ examples: true }) })
  return { server, ...(await server.listen()) }
}
