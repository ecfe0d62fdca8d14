/** `holdfast advise`: which transport suits a workload on a network, with the measured costs that say so. */
import { readFileSync } from 'node:fs'
import { parseArgs, styleText } from 'node:util'
import {
  type Advice,
  advise as adviseOn,
  type Candidate,
  formatCores,
  formatMs,
  MEASURED,
  type Measurement,
  type Network,
  OPEN_NETWORK,
  TITLES,
  type Workload,
} from '../advice/index.ts'
import { numberOption, UsageError } from './usage-error.ts'

export const adviseUsage: string = `holdfast advise: which transport suits a workload, and what it will cost.

Usage: holdfast advise [options]

What is wanted:
  --messages N      publications that each client receives per second; may be a fraction (default 1)
  --clients N       clients that are there at once (default 1000)
  --latency MS      how late a publication may be, in milliseconds (default 500)
  --sends N         publications that each client sends per second (default 0: from the server to clients only)

What the network lets through (\`holdfast doctor <url>\` finds out, and prints these):
  --no-upgrade      no WebSocket: upgrades do not get through
  --buffering       answers are held back until they end
  --hold S          seconds after which waiting requests and quiet connections are cut (default 60)
  --rtt MS          there and back again, in milliseconds (default ${OPEN_NETWORK.roundTripMs})

  --from F          a measurement of your own: \`holdfast compare --json\` writes one
  --json            one JSON object instead

The rule: of the transports that get through and are fast enough, the cheapest for the server; what costs nearly as
little counts as equal, and among equals the order of \`transport: 'auto'\` decides.

Examples:
  holdfast advise --messages 20 --clients 5000 --latency 100         a game
  holdfast advise --messages 0.01 --latency 60000                    a status page
  holdfast advise --no-upgrade --buffering                           behind an old corporate proxy
`

const OPTIONS = {
  messages: { type: 'string' },
  clients: { type: 'string' },
  latency: { type: 'string' },
  sends: { type: 'string' },
  'no-upgrade': { type: 'boolean' },
  buffering: { type: 'boolean' },
  hold: { type: 'string' },
  rtt: { type: 'string' },
  from: { type: 'string' },
  json: { type: 'boolean' },
} as const

export const advise = async (args: string[]): Promise<number> => {
  const { values } = parseArgs({ args, options: OPTIONS })
  const workload: Workload = {
    perSecond: rateOption('messages', values.messages) ?? 1,
    clients: numberOption('clients', values.clients, 1, 1_000_000_000) ?? 1_000,
    latencyMs: numberOption('latency', values.latency, 1, 86_400_000) ?? 500,
    sentPerSecond: rateOption('sends', values.sends) ?? 0,
  }
  const holdSeconds = numberOption('hold', values.hold, 0, 3_600)
  const network: Network = {
    upgrade: values['no-upgrade'] !== true,
    streaming: values.buffering !== true,
    holdMs: holdSeconds === undefined ? OPEN_NETWORK.holdMs : holdSeconds * 1_000,
    roundTripMs: numberOption('rtt', values.rtt, 0, 60_000) ?? OPEN_NETWORK.roundTripMs,
  }
  const measurement = values.from === undefined ? MEASURED : readMeasurement(values.from)
  const advice = adviseOn(workload, network, measurement)
  if (values.json === true)
    process.stdout.write(`${JSON.stringify({ ...advice, workload, network, measured: measurement.at })}\n`)
  else process.stdout.write(report(advice, workload, measurement))
  return 0
}

/** A rate per second, which may be a fraction. */
const rateOption = (name: string, text: string | undefined): number | undefined => {
  if (text === undefined) return undefined
  const value = Number(text)
  if (text.trim() === '' || !(value >= 0 && value <= 1_000_000))
    throw new UsageError(`--${name} takes a number per second from 0 to 1000000, not "${text}"`)
  return value
}

const readMeasurement = (file: string): Measurement => {
  try {
    const measurement = JSON.parse(readFileSync(file, 'utf8')) as Partial<Measurement>
    if (Array.isArray(measurement.costs)) return measurement as Measurement
  } catch (error) {
    throw new UsageError(`--from: cannot read ${file}: ${(error as Error).message}`)
  }
  throw new UsageError(`--from: ${file} is no measurement; \`holdfast compare --json\` writes one`)
}

const HUES = { recommended: 'green', possible: 'none', too_slow: 'yellow', blocked: 'red' } as const
const MARKS = { recommended: '→', possible: ' ', too_slow: '!', blocked: '✗' } as const

const report = (advice: Advice, workload: Workload, measurement: Measurement): string => {
  const { transport, why, auto, options, candidates } = advice
  const lines = [
    `${styleText('bold', TITLES[transport])}. ${why}`,
    '',
    `For ${workload.clients.toLocaleString('en')} clients that each receive ${workload.perSecond}/s${workload.sentPerSecond === 0 ? '' : ` and send ${workload.sentPerSecond}/s`}, at most ${formatMs(workload.latencyMs)} late:`,
    '',
    ...candidates.map(row),
    '',
  ]
  const set = Object.entries(options).map(([name, value]) => `${name}: ${value}`)
  if (transport !== auto || set.length > 0)
    lines.push(
      `  connect(url, { ${[...(transport === auto ? [] : [`transport: '${transport}'`]), ...set].join(', ')} })`,
    )
  else lines.push("  connect(url): `transport: 'auto'` ends with the same.")
  const { at, on } = measurement
  lines.push(
    '',
    styleText('dim', `Measured ${at.slice(0, 10)} on ${on}. On your machine: holdfast compare --json`),
  )
  return `${lines.join('\n')}\n`
}

const row = ({ transport, verdict, why, load }: Candidate): string => {
  const figures =
    load === undefined
      ? why
      : [
          why,
          formatCores(load.cores),
          `${formatBytes(load.bytesPerSecond)}/s`,
          `${formatCount(load.requestsPerSecond)} requests/s`,
          `${formatCount(load.heldConnections)} held`,
        ].join('  ·  ')
  const name = `${MARKS[verdict]} ${TITLES[transport].padEnd(16)}`
  return `  ${verdict === 'possible' ? name : styleText(HUES[verdict], name)}${figures}`
}

const formatBytes = (bytes: number): string => {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  for (; value >= 1_000 && unit < units.length - 1; unit++) value /= 1_000
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}

const formatCount = (count: number): string =>
  count >= 10 || Number.isInteger(count)
    ? Math.round(count).toLocaleString('en')
    : String(Number(count.toPrecision(2)))
