#!/usr/bin/env node
/** The command line: finds the command and runs it. Each command is a file of its own. */
import { advise, adviseUsage } from './advise.ts'
import { compare, compareUsage } from './compare.ts'
import { doctor, doctorUsage } from './doctor.ts'
import { echo, echoUsage } from './echo.ts'
import { inspect, inspectUsage } from './inspect.ts'
import { publish, publishUsage } from './publish.ts'
import { serve, serveUsage } from './serve.ts'
import { subscribe, subscribeUsage } from './subscribe.ts'
import { UsageError } from './usage-error.ts'

interface CommandEntry {
  readonly run: (args: string[]) => Promise<number>
  readonly usage: string
  readonly summary: string
}

const COMMANDS: Readonly<Record<string, CommandEntry>> = {
  serve: { run: serve, usage: serveUsage, summary: 'run a node' },
  publish: { run: publish, usage: publishUsage, summary: 'publish to a channel' },
  subscribe: { run: subscribe, usage: subscribeUsage, summary: 'follow channels' },
  compare: { run: compare, usage: compareUsage, summary: 'measure the transports beside each other' },
  advise: { run: advise, usage: adviseUsage, summary: 'which transport suits what, and what it costs' },
  echo: { run: echo, usage: echoUsage, summary: 'run a raw WebSocket echo endpoint' },
  inspect: { run: inspect, usage: inspectUsage, summary: 'take a WebSocket apart, frame by frame' },
  doctor: { run: doctor, usage: doctorUsage, summary: 'see what gets through from here' },
}

const usage = (): string =>
  [
    'holdfast: realtime channels that lose nothing.',
    '',
    'Usage: holdfast <command> [options]',
    '',
    ...Object.entries(COMMANDS).map(([name, { summary }]) => `  ${name.padEnd(12)}${summary}`),
    '',
    'Try, in two terminals:',
    '  holdfast serve',
    '  holdfast subscribe chat/lobby',
    'and in a third: holdfast publish chat/lobby \'{"text":"hello"}\'',
    '',
    '`holdfast <command> --help` explains a command.',
    '',
  ].join('\n')

const main = async ([name, ...args]: string[]): Promise<number> => {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    process.stdout.write(usage())
    return name === undefined ? 2 : 0
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (command === undefined) {
    process.stderr.write(`holdfast: there is no command "${name}".\n\n${usage()}`)
    return 2
  }
  if (args.includes('--help') || args.includes('-h')) {
    process.stdout.write(`${command.usage.trimEnd()}\n`)
    return 0
  }
  try {
    return await command.run(args)
  } catch (error) {
    if (!isUsageError(error)) throw error
    process.stderr.write(`holdfast ${name}: ${error.message}\nTry: holdfast ${name} --help\n`)
    return 2
  }
}

/** Ours, and what `parseArgs` throws for options that it does not know. */
const isUsageError = (error: unknown): error is Error =>
  error instanceof UsageError ||
  (error instanceof TypeError && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS'))

process.exitCode = await main(process.argv.slice(2))
