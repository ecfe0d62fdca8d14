/** The brokers that streams are tested on; `HOLDFAST_BROKERS` picks some of them by name. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, MemoryBroker, SqliteBroker } from 'holdfast/server'
import { distant } from '../transports/distant-broker.ts'

export interface BrokerUnderTest {
  readonly name: string
  open(): Promise<{ readonly broker: Broker; close(): Promise<void> }>
}

const ALL: readonly BrokerUnderTest[] = [
  {
    name: 'memory',
    open: () => {
      const broker = new MemoryBroker()
      return Promise.resolve({ broker, close: () => broker.dispose() })
    },
  },
  {
    name: 'memory, elsewhere',
    open: () => {
      const broker = distant()
      return Promise.resolve({ broker, close: () => broker.dispose() })
    },
  },
  {
    name: 'sqlite',
    open: async () => {
      const directory = await mkdtemp(join(tmpdir(), 'holdfast-streams-'))
      const broker = new SqliteBroker({ directory })
      const close = async (): Promise<void> => {
        await broker.dispose()
        await rm(directory, { recursive: true })
      }
      return { broker, close }
    },
  },
]

const picked = process.env['HOLDFAST_BROKERS']?.split(',')

export const BROKERS: readonly BrokerUnderTest[] = ALL.filter(({ name }) => picked?.includes(name) ?? true)
