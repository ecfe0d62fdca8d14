/** `holdfast subscribe`: follows channels over any transport; readable on a terminal, JSON lines when piped. */
import { parseArgs, styleText } from 'node:util'
import { isCursor, parsePosition } from '../channel/index.ts'
import {
  type Client,
  type ClientState,
  connect,
  type From,
  type GapNotice,
  type Publication,
  type Subscription,
} from '../client/node.ts'
import { CLIENT_OPTIONS, CLIENT_USAGE, clientOptions } from './client-options.ts'
import { numberOption, UsageError } from './usage-error.ts'

export const subscribeUsage: string = `holdfast subscribe: follow channels.

Usage: holdfast subscribe <channel> [<channel> …] [options]

  -f, --from P        now (default), start, last:N, or a cursor
  -n, --count N       stop after N publications
      --conflate      only the latest publication of each key
      --quiet         say nothing about the connection
${CLIENT_USAGE}

On a terminal a line per publication; when piped, a JSON line for each:
  {"channel":"chat/lobby","cursor":"…","offset":1,"time":1763800000000,"data":…}
What is said about the connection, and gaps, goes to the standard error.
`

const OPTIONS = {
  ...CLIENT_OPTIONS,
  from: { type: 'string', short: 'f' },
  count: { type: 'string', short: 'n' },
  conflate: { type: 'boolean' },
  quiet: { type: 'boolean' },
} as const

export const subscribe = async (args: string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  if (positionals.length === 0) throw new UsageError('which channel?')
  const from = fromOption(values.from ?? 'now')
  if (from === undefined)
    throw new UsageError(`--from is now, start, last:N or a cursor, not "${values.from}"`)
  const most = numberOption('count', values.count, 1, Number.MAX_SAFE_INTEGER) ?? Infinity
  const { url, options } = clientOptions(values)
  const client = connect(url, options)
  if (values.quiet !== true) reportState(client)
  let left = most
  const done = Promise.withResolvers<void>()
  const show = (publication: Publication): void => {
    if (left <= 0) return
    print(publication)
    if (--left === 0) done.resolve()
  }
  process.once('SIGINT', () => done.resolve())
  process.once('SIGTERM', () => done.resolve())
  process.stdout.once('error', () => done.resolve())
  const subscriptions = positionals.map((name) =>
    client.channel(name).subscribe({ from, conflate: values.conflate === true, onGap: complainOfGap }, show),
  )
  const ends = subscriptions.map((subscription) => endOf(subscription))
  const failed = await Promise.race([
    done.promise.then(() => 0),
    Promise.all(ends).then((codes) => Math.max(...codes)),
  ])
  client.close()
  return failed
}

const fromOption = (text: string): From | undefined => {
  if (text === 'start') return text
  const position = parsePosition(text)
  return position !== undefined && typeof position === 'object' && isCursor(position) ? text : position
}

/** The exit status that the end of a subscription calls for. */
const endOf = async (subscription: Subscription): Promise<number> => {
  const end = await subscription.ended
  if (end.why === 'unsubscribed') return 0
  const reason = end.error === undefined ? `the channel is ${end.why}` : end.error.message
  process.stderr.write(`holdfast subscribe: ${subscription.channel}: ${reason}\n`)
  return end.why === 'closed' ? 0 : 1
}

const print = (publication: Publication): void => {
  const { channel, cursor, offset, time, data, key, removed } = publication
  const shown = data instanceof Uint8Array ? Buffer.from(data).toString('base64') : data
  if (!process.stdout.isTTY) {
    const line = { channel, cursor, offset, time, key, ...(removed ? { removed } : {}), data: shown }
    process.stdout.write(`${JSON.stringify(line)}\n`)
    return
  }
  const clock = new Date(time).toISOString().slice(11, 23)
  const about = key === undefined ? '' : ` ${styleText('yellow', key)}`
  const text = removed
    ? styleText('dim', '(removed)')
    : typeof shown === 'string'
      ? shown
      : JSON.stringify(shown)
  process.stdout.write(
    `${styleText('dim', clock)} ${styleText('cyan', channel)} ${styleText('dim', `#${offset}`)}${about} ${printable(text)}\n`,
  )
}

/** What somebody published must not drive the terminal. */
const printable = (text: string): string =>
  // oxlint-disable-next-line no-control-regex
  text.replace(/[\u0000-\u001f\u007f-\u009f]/g, (char) => (char === '\n' ? '↵' : '�'))

const complainOfGap = (gap: GapNotice): void => {
  process.stderr.write(
    `gap in ${gap.channel}: what followed ${gap.from} is gone (${gap.why}); going on after ${gap.cursor}\n`,
  )
}

const reportState = (client: Client): void => {
  let last = ''
  const say = (): void => {
    const line = describe(client.state)
    if (line === last) return
    last = line
    process.stderr.write(`${process.stderr.isTTY ? styleText('dim', line) : line}\n`)
  }
  client.on('state', say)
  say()
}

const describe = ({ status, transport, why, error }: ClientState): string => {
  if (status === 'connected') return `connected by ${transport}: ${why.text}`
  return error === undefined ? status : `${status}: ${error.message}`
}
