// The suite by command, against any WebSocket echo server: `node test/conformance/run.ts --url ws://127.0.0.1:9001`.
// It prints a table by section and every case that went otherwise, and exits with 1 if there is one.

import { parseArgs } from 'node:util'
import { readFileSync } from 'node:fs'
import type { Case } from './case.ts'
import { playAsClient } from './play.ts'
import { COMPRESSION_SECTIONS, only, runCases, SECTIONS } from './suite.ts'
import { table } from './table.ts'
import { type WayName, wayTo } from './ways.ts'

const USAGE = `Usage: node test/conformance/run.ts --url <ws://… or wss://…> [options]

Runs the conformance suite against a WebSocket server that echoes.

  --url <url>         the server
  --http2             extended CONNECT over HTTP/2 instead of an HTTP/1.1 upgrade
  --deflate           the server accepts permessage-deflate: runs the cases on compression too
  --ca <file>         the authority to trust for wss://, PEM
  --byte-by-byte      everything is sent one byte at a time; leaves out the cases that send megabytes
  --deadline <ms>     how long a case may take before it has failed (default 2000)
  --section <number>  only this section
  --limits            the server allows 16 MiB and 65,536 fragments, and no more: runs the cases beyond them too`

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    http2: { type: 'boolean', default: false },
    deflate: { type: 'boolean', default: false },
    ca: { type: 'string' },
    'byte-by-byte': { type: 'boolean', default: false },
    deadline: { type: 'string', default: '2000' },
    section: { type: 'string' },
    limits: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help || values.url === undefined) {
  console.log(USAGE)
  process.exit(values.help ? 0 : 2)
}

const url = new URL(values.url)
const secure = url.protocol === 'wss:'
const name: WayName = values.http2 ? (secure ? 'h2' : 'h2c') : secure ? 'tls' : 'tcp'
const way = wayTo(name, url, values.ca === undefined ? undefined : readFileSync(values.ca))
const chopBytes = values['byte-by-byte'] ? 1 : undefined
const wanted = (each: Case): boolean =>
  (values.limits || each.limit === undefined) && !(each.heavy === true && chopBytes !== undefined)
const sections = [...SECTIONS, ...(values.deflate ? COMPRESSION_SECTIONS : [])]
  .filter(({ number }) => values.section === undefined || String(number) === values.section)
  .map((section) => only(section, wanted))

const started = performance.now()
const results = await runCases(sections, (each) =>
  playAsClient(way, each, { chopBytes, deadlineMs: Number(values.deadline) }),
)
way.close()
console.log(table(results))
console.log(`${((performance.now() - started) / 1000).toFixed(1)} s over ${name}`)
process.exitCode = results.some((result) => result.fault !== undefined) ? 1 : 0
