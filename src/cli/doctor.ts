/** `holdfast doctor`: what gets through to a node from here, and what to do about what does not. */
import { parseArgs, styleText } from 'node:util'
import { TITLES } from '../advice/index.ts'
import { CLIENT_OPTIONS, clientOptions } from './client-options.ts'
import { examine, type Examination } from './doctor/examination.ts'
import type { Path } from './doctor/exchange.ts'
import { type Finding, type Verdict } from './doctor/finding.ts'
import { printable } from './inspect/printable.ts'
import { numberOption, UsageError } from './usage-error.ts'

const DEFAULT_WAIT_SECONDS = 30
const QUICK_WAIT_SECONDS = 3

export const doctorUsage: string = `holdfast doctor: see what gets through to a node from here, and what to do about what does not.

Usage: holdfast doctor <url> [options]

The URL is what clients connect to: http://, https://, ws:// or wss://.

  --wait S      how long to hold a request and to leave connections quiet, in seconds (default ${DEFAULT_WAIT_SECONDS})
  --quick       the same as --wait ${QUICK_WAIT_SECONDS}: what cuts connections later is not found
  --token T     shown to the node's authenticate hook (or HOLDFAST_TOKEN)
  --ca F        a certificate authority to trust for wss:// and https://, PEM
  --json        one JSON object instead: {"findings":[{"subject","verdict","text","remedy"?}],"network"?,"auto"?}

It looks at TCP, TLS, the node, WebSocket over HTTP/1.1 and HTTP/2, whether SSE arrives as it is written, how long
a request may be held, and when quiet connections are cut. It publishes one entry on a channel of its own, doctor/….
HTTPS_PROXY, HTTP_PROXY and NO_PROXY are honoured. Run it where your users are: behind their proxy, on their Wi-Fi.

Ends with 0 when everything gets through, with 1 when something does not, or only within limits.

Examples:
  holdfast doctor https://realtime.example.org
  holdfast doctor http://127.0.0.1:4000 --quick
`

const OPTIONS = {
  wait: { type: 'string' },
  quick: { type: 'boolean' },
  json: { type: 'boolean' },
  token: CLIENT_OPTIONS.token,
  ca: CLIENT_OPTIONS.ca,
} as const

export const doctor = async (args: string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  if (positionals.length > 1) throw new UsageError('one URL at a time')
  const { url, options } = clientOptions({ ...values, url: positionals[0] })
  const { token } = options
  const path: Path = {
    base: baseOf(url),
    options: options.tls === undefined ? {} : { tls: options.tls },
    token: typeof token === 'string' ? token : undefined,
  }
  const seconds = values.quick === true ? QUICK_WAIT_SECONDS : numberOption('wait', values.wait, 1, 600)
  const waitMs = (seconds ?? DEFAULT_WAIT_SECONDS) * 1_000
  const examination = values.json === true ? await asJson(path, waitMs) : await asLines(path, waitMs)
  const { network, findings } = examination
  const fine = network !== undefined && findings.every(({ verdict }) => FINE.includes(verdict))
  return fine ? 0 : 1
}

/** TLS or HTTP/2 that is not there is no fault. */
const FINE: readonly Verdict[] = ['good', 'skipped']

const baseOf = (text: string): URL => {
  let base: URL
  try {
    base = new URL(text.replace(/^ws/, 'http'))
  } catch {
    throw new UsageError(`"${text}" is no URL; it looks like https://realtime.example.org`)
  }
  if (base.protocol !== 'http:' && base.protocol !== 'https:')
    throw new UsageError(`the URL is http://, https://, ws:// or wss://, not ${base.protocol}//`)
  return base
}

const asJson = async (path: Path, waitMs: number): Promise<Examination> => {
  const nothing = (): void => undefined
  const examination = await examine(path, { waitMs, found: nothing, waiting: nothing })
  process.stdout.write(`${JSON.stringify(examination)}\n`)
  return examination
}

const asLines = async (path: Path, waitMs: number): Promise<Examination> => {
  const progress = new Countdown(waitMs)
  process.stdout.write(`${printable(path.base.href)}\n\n`)
  try {
    const examination = await examine(path, {
      waitMs,
      found: (finding) => {
        progress.clear()
        process.stdout.write(linesOf(finding))
      },
      waiting: () => progress.start(),
    })
    process.stdout.write(conclusionOf(examination))
    return examination
  } finally {
    progress.end()
  }
}

const MARKS: Readonly<Record<Verdict, string>> = { good: '✓', limited: '!', bad: '✗', skipped: '–' }
const HUES = { good: 'green', limited: 'yellow', bad: 'red', skipped: 'dim' } as const
const SUBJECT_COLUMN = 22

const linesOf = ({ subject, verdict, text, remedy = [] }: Finding): string => {
  const mark = styleText(HUES[verdict], MARKS[verdict])
  const lines = [`${mark} ${subject.padEnd(SUBJECT_COLUMN)}${printable(text)}`]
  const indent = ' '.repeat(SUBJECT_COLUMN + 2)
  for (const line of remedy) lines.push(styleText('dim', indent + line))
  return `${lines.join('\n')}\n`
}

const conclusionOf = ({ network, auto, findings }: Examination): string => {
  if (network === undefined || auto === undefined) return '\nNothing more can be found out before that.\n'
  const bad = findings.filter(({ verdict }) => verdict === 'bad' || verdict === 'limited').length
  const count =
    bad === 0
      ? 'Everything gets through.'
      : `${bad} of ${findings.length} ${bad === 1 ? 'needs' : 'need'} a look.`
  const kind = [
    network.upgrade ? '' : ' --no-upgrade',
    network.streaming ? '' : ' --buffering',
    network.holdMs < 30_000 ? ` --hold ${Math.floor(network.holdMs / 1_000)}` : '',
  ].join('')
  return `\n${count} transport: 'auto' will use ${TITLES[auto]} here.\nWhich transport suits your traffic on such a network: holdfast advise${kind}\n`
}

/** Counts down on a terminal while nothing can be said. Elsewhere it says once how long that takes. */
class Countdown {
  readonly #waitMs: number
  #timer: NodeJS.Timeout | undefined

  constructor(waitMs: number) {
    this.#waitMs = waitMs
  }

  start(): void {
    const endMs = performance.now() + this.#waitMs
    if (!process.stderr.isTTY) {
      process.stderr.write(
        `holding a request and watching quiet connections for ${this.#waitMs / 1_000} s …\n`,
      )
      return
    }
    const draw = (): void => {
      const left = Math.max(0, Math.ceil((endMs - performance.now()) / 1_000))
      process.stderr.write(`\r  holding a request, watching quiet connections: ${left} s \u001B[K`)
    }
    draw()
    this.#timer = setInterval(draw, 1_000)
  }

  clear(): void {
    if (this.#timer !== undefined) process.stderr.write('\r\u001B[K')
  }

  end(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
  }
}
