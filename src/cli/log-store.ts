/** Where `holdfast serve` keeps its logs: in a directory, in memory, or where the config file says. */
import { resolve } from 'node:path'
import { type Broker, MemoryBroker, SqliteBroker } from '../server/index.ts'
import { UsageError } from './usage-error.ts'

const DEFAULT_DIRECTORY = 'holdfast-data'

export interface LogStoreFlags {
  readonly data: string | undefined
  readonly memory: boolean
}

export interface LogStore {
  readonly broker: Broker
  /** One line for the terminal: where logs are kept. */
  readonly note: string
  /** Lets go of it; of one that the config file made, that is the config file's affair. */
  close(): Promise<void>
}

/** @throws UsageError when flags contradict each other, or the directory cannot be used. */
export const openLogStore = async (
  flags: LogStoreFlags,
  configured: Broker | undefined,
): Promise<LogStore> => {
  const { data, memory } = flags
  if (data !== undefined && memory) throw new UsageError('--data and --memory exclude each other')
  if (configured !== undefined) {
    if (data !== undefined || memory)
      throw new UsageError(
        `the config file has a broker of its own: leave out --${memory ? 'memory' : 'data'}`,
      )
    return {
      broker: configured,
      note: 'logs are kept by the broker of the config file',
      close: async () => undefined,
    }
  }
  if (memory) {
    const broker = new MemoryBroker()
    return { broker, note: 'logs are kept in memory: a restart loses them', close: () => broker.dispose() }
  }
  const directory = resolve(data ?? DEFAULT_DIRECTORY)
  const broker = new SqliteBroker({ directory })
  try {
    await broker.opened()
  } catch (error) {
    await broker.dispose()
    throw new UsageError(`${(error as Error).message}\n--data DIR keeps logs elsewhere, --memory nowhere.`)
  }
  return { broker, note: `logs are kept in ${directory}`, close: () => broker.dispose() }
}
