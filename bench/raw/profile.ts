/** Where a process spends its time, by its own inspector: self time per function, the largest first. */
import { Session, type Profiler } from 'node:inspector/promises'

export interface Hotspot {
  /** Function, file and line. */
  readonly name: string
  /** Its share of the time that the profile saw, idleness left out. */
  readonly share: number
}

const SHOWN = 30

export class Profile {
  private readonly session = new Session()

  async start(): Promise<void> {
    this.session.connect()
    await this.session.post('Profiler.enable')
    await this.session.post('Profiler.setSamplingInterval', { interval: 200 })
    await this.session.post('Profiler.start')
  }

  async stop(): Promise<readonly Hotspot[]> {
    const { profile } = await this.session.post('Profiler.stop')
    this.session.disconnect()
    return hotspots(profile)
  }
}

function hotspots(profile: Profiler.Profile): readonly Hotspot[] {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const hits = new Map<string, number>()
  let busy = 0
  for (const id of profile.samples ?? []) {
    const name = names.get(id)
    if (name === undefined || name === '(idle)') continue
    busy++
    hits.set(name, (hits.get(name) ?? 0) + 1)
  }
  return [...hits]
    .map(([name, count]) => ({ name, share: count / busy }))
    .sort((a, b) => b.share - a.share)
    .slice(0, SHOWN)
}

function nameOf({ functionName, url, lineNumber }: Profiler.ProfileNode['callFrame']): string {
  if (url === '') return functionName
  const file = url.replace(/^.*\/(node_modules|src|bench)\//, '')
  return `${functionName || '(anonymous)'} ${file}:${lineNumber + 1}`
}
