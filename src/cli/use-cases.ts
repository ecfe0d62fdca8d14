/** The use cases that the page shows, as far as they live on the node: built beside the page, or from their sources. */
import { existsSync } from 'node:fs'
import type { ChannelRule, HoldfastServer } from '../server/index.ts'

export interface UseCases {
  readonly rules: readonly ChannelRule[]
  start(server: HoldfastServer): () => void
}

const NONE: UseCases = { rules: [], start: () => () => undefined }

/** None where they are not wanted, or not there. */
export const loadUseCases = async (wanted: boolean): Promise<UseCases> => {
  const built = !import.meta.url.endsWith('.ts')
  const file = new URL(
    built ? '../../console/dist/server.js' : '../../console/server/index.ts',
    import.meta.url,
  )
  return wanted && existsSync(file) ? ((await import(file.href)) as UseCases) : NONE
}
