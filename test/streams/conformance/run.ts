/** Runs the public Durable Streams suite against a node of ours, on any broker, and counts what it says. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, createServer } from 'holdfast/server'

export interface Outcome {
  readonly passed: number
  /** Full names. */
  readonly failed: readonly string[]
  /** Of what is not an option. */
  readonly skipped: readonly string[]
}

interface Report {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
    }[]
  }[]
}

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** Forks and subscriptions are options of the protocol that this node does not have. */
const OPTIONS = /^(?:Fork - |Reserved subscription APIs )/
const WITHOUT_OPTIONS = '^(?!Fork - |Reserved subscription APIs )'

/** @param broker where the node's logs live; its own memory by default. */
export const runConformance = async (broker?: Broker): Promise<Outcome> => {
  const server = createServer({
    ...(broker === undefined ? {} : { broker }),
    origins: ['https://example.com'],
    limits: {
      // One client that sends more than a thousand requests in a few seconds, some with 100 KiB in one append.
      commandsPerSecond: 1e6,
      commandBurst: 1e6,
      connectionsPerAddress: 10_000,
      acceptsPerSecond: 1e6,
      publicationBytes: 1024 * 1024,
      messageBytes: 2 * 1024 * 1024,
      holdMs: 1_500,
    },
  })
  const { url } = await server.listen()
  try {
    return await runAgainst(url)
  } finally {
    await server.close({ graceMs: 100 })
  }
}

const runAgainst = async (url: string): Promise<Outcome> => {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-conformance-'))
  const report = join(folder, 'report.json')
  const vitest = spawn(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'vitest', 'vitest.mjs'),
      ...['run', '--config', join(import.meta.dirname, 'vitest.config.ts')],
      ...['--reporter', 'json', '--outputFile', report, '--testNamePattern', WITHOUT_OPTIONS],
    ],
    {
      env: { ...process.env, HOLDFAST_CONFORMANCE_URL: url, NODE_OPTIONS: '' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  let said = ''
  vitest.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  await once(vitest, 'close')
  try {
    return outcomeOf(JSON.parse(await readFile(report, 'utf8')) as Report)
  } catch (cause) {
    throw new Error(`the suite did not run: ${said}`, { cause })
  } finally {
    await rm(folder, { recursive: true })
  }
}

const outcomeOf = ({ testResults }: Report): Outcome => {
  const all = testResults.flatMap(({ assertionResults }) => assertionResults)
  const named = (wanted: (status: string) => boolean): string[] =>
    all.filter(({ status }) => wanted(status)).map(({ fullName }) => fullName)
  return {
    passed: named((status) => status === 'passed').length,
    failed: named((status) => status === 'failed'),
    skipped: named((status) => status !== 'passed' && status !== 'failed').filter(
      (name) => !OPTIONS.test(name),
    ),
  }
}
