// The suite against `holdfast echo` as a server, by every way that bytes can travel to it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeCertificate } from '../websocket/servers.ts'
import type { Case, Section } from './case.ts'
import { compression } from './cases/compression.ts'
import { utf8 } from './cases/utf8.ts'
import { playAsClient } from './play.ts'
import { startServer, type Subject } from './subject.ts'
import { COMPRESSION_SECTIONS, faultsOf, only, runCases, SECTIONS } from './suite.ts'
import { type Way, type WayName, wayTo } from './ways.ts'

const certificate = makeCertificate()
after(() => certificate.remove())
const tls = ['--tls-cert', certificate.certPath, '--tls-key', certificate.keyPath]

interface Row {
  readonly way: WayName
  readonly args: readonly string[]
  /** Everything in pieces of so many bytes. */
  readonly chopBytes?: number
  /** The sections that the row is about; all otherwise. */
  readonly sections?: readonly Section[]
}

// Hundreds of texts byte by byte show nothing that the row over TCP has not shown.
const withoutTexts = SECTIONS.filter((section) => section !== utf8)

const ROWS: readonly Row[] = [
  { way: 'tcp', args: [] },
  { way: 'tls', args: tls },
  { way: 'h2c', args: ['--http2'] },
  { way: 'h2', args: ['--http2', ...tls] },
  { way: 'tcp', args: ['--deflate'], sections: COMPRESSION_SECTIONS },
  { way: 'h2c', args: ['--deflate', '--http2'], sections: [compression] },
  { way: 'tcp', args: [], chopBytes: 1 },
  { way: 'tcp', args: ['--deflate'], chopBytes: 1, sections: [compression] },
  { way: 'tls', args: tls, chopBytes: 1, sections: withoutTexts },
  { way: 'h2c', args: ['--http2'], chopBytes: 1, sections: withoutTexts },
  { way: 'h2', args: ['--http2', ...tls], chopBytes: 1, sections: withoutTexts },
]

for (const { way: name, args, chopBytes, sections = SECTIONS } of ROWS) {
  const title = [
    name,
    ...(args.includes('--deflate') ? ['compressed'] : []),
    ...(chopBytes ? ['byte by byte'] : []),
  ]
  describe(`a server over ${title.join(', ')}`, () => {
    let subject: Subject
    let way: Way
    before(async () => {
      const started = await startServer(args)
      subject = started.subject
      way = wayTo(name, started.url, certificate.cert)
    })
    after(async () => {
      way.close()
      assert.equal(await subject.stop(), 0)
    })

    const play = (each: Case): Promise<void> => playAsClient(way, each, { chopBytes })
    for (const section of sections) {
      const cases = only(section, (each) => chopBytes === undefined || each.heavy !== true)
      test(`${section.title}: ${cases.cases.length} cases`, async () => {
        assert.deepEqual(faultsOf(await runCases([cases], play)), [])
      })
    }
  })
}
