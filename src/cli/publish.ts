/** `holdfast publish`: one publication from the command line, or one per line of the standard input. */
import { createInterface } from 'node:readline'
import { parseArgs, styleText } from 'node:util'
import { type Client, connect, type Published } from '../client/node.ts'
import { CLIENT_OPTIONS, CLIENT_USAGE, clientOptions, connected } from './client-options.ts'
import { UsageError } from './usage-error.ts'

export const publishUsage: string = `holdfast publish: publish to a channel, and wait for the acknowledgement.

Usage: holdfast publish <channel> [data] [options]
       … | holdfast publish <channel> [options]      one publication per line

The data is JSON; what is not JSON is published as a string.

  -k, --key K         the key, on a conflated channel
      --remove        remove the key instead of giving it a value
      --expect C      publish only if this cursor is the tail
${CLIENT_USAGE}

Prints the cursor behind the publication; when piped, a JSON line for each.
`

const OPTIONS = {
  ...CLIENT_OPTIONS,
  key: { type: 'string', short: 'k' },
  remove: { type: 'boolean' },
  expect: { type: 'string' },
} as const

interface Work {
  readonly channel: string
  readonly key: string | undefined
  readonly remove: boolean
  readonly expect: string | undefined
}

export const publish = async (args: string[]): Promise<number> => {
  const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true })
  const [channel, data, ...rest] = positionals
  if (channel === undefined) throw new UsageError('which channel?')
  if (rest.length > 0) throw new UsageError('one publication at a time: quote data that has spaces')
  if (values.remove === true && values.key === undefined) throw new UsageError('--remove needs --key')
  const fromInput = data === undefined && values.remove !== true
  if (fromInput && process.stdin.isTTY)
    throw new UsageError('nothing to publish: give data, or pipe lines in')
  const work = { channel, key: values.key, remove: values.remove === true, expect: values.expect }
  const { url, options } = clientOptions(values)
  const client = connect(url, options)
  try {
    await connected(client)
    return fromInput ? await publishLines(client, work) : await publishOne(client, work, data ?? 'null')
  } catch (error) {
    complain(error)
    return 1
  } finally {
    client.close()
  }
}

const publishOne = async (client: Client, work: Work, text: string): Promise<number> => {
  print(await send(client, work, text))
  return 0
}

/** Publications that may be on their way at the same time: as many as the client's outbox takes without waiting. */
const IN_FLIGHT = 1_000

const publishLines = async (client: Client, work: Work): Promise<number> => {
  let failed = 0
  let inFlight: Promise<void>[] = []
  for await (const line of createInterface({ input: process.stdin })) {
    inFlight.push(
      send(client, work, line).then(print, (error: unknown) => {
        failed++
        complain(error)
      }),
    )
    if (inFlight.length < IN_FLIGHT) continue
    await Promise.all(inFlight)
    inFlight = []
  }
  await Promise.all(inFlight)
  return failed === 0 ? 0 : 1
}

const send = (client: Client, work: Work, text: string): Promise<Published> => {
  const channel = client.channel(work.channel)
  if (work.remove && work.key !== undefined) return channel.remove(work.key)
  return channel.publish(valueOf(text), {
    ...(work.key === undefined ? {} : { key: work.key }),
    ...(work.expect === undefined ? {} : { expect: work.expect }),
  })
}

const valueOf = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const print = (result: Published): void => {
  if (!process.stdout.isTTY) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(`${styleText('green', '✓')} ${result.cursor ?? 'published before'}\n`)
}

const complain = (error: unknown): void => {
  const { message, code, refusal } = error as { message: string; code?: string; refusal?: { code: string } }
  const shown = refusal?.code ?? code
  process.stderr.write(`holdfast publish: ${message}${shown === undefined ? '' : ` (${shown})`}\n`)
}
