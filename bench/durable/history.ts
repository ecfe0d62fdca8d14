/** Reading back: entries per second by pages. */
import { type Broker } from 'holdfast/server'

const PAGE = { count: 300, bytes: 64 * 1024 }

/** @returns entries per second */
export const readBack = async (broker: Broker, entries: number): Promise<number> => {
  const begun = performance.now()
  let count = 0
  let from: 'start' | { epoch: string; offset: number } = 'start'
  while (count < entries) {
    const [page] = await broker.read([{ channel: 'bench/0', from, limit: PAGE }])
    if (page?.kind !== 'page' || page.entries.length === 0) throw new Error('the log ended early')
    count += page.entries.length
    from = { epoch: page.epoch, offset: page.upTo }
  }
  return (count / (performance.now() - begun)) * 1_000
}
