// The suite against `holdfast echo --connect`: one process dials for each case, and what it reports of each connection
// must be what the case has done to it.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { makeCertificate } from '../websocket/servers.ts'
import type { Case, Section, Step } from './case.ts'
import { compression } from './cases/compression.ts'
import { utf8 } from './cases/utf8.ts'
import { Violation } from './frame.ts'
import { deflateAfter, formatDeflate } from './negotiation.ts'
import { Peer } from './peer.ts'
import { RawServer } from './raw-server.ts'
import { Subject } from './subject.ts'
import { COMPRESSION_SECTIONS, faultsOf, only, runCases, SECTIONS } from './suite.ts'
import type { WayName } from './ways.ts'

const certificate = makeCertificate()
after(() => certificate.remove())

interface Row {
  readonly way: WayName
  readonly args?: readonly string[]
  /** Everything in pieces of so many bytes. */
  readonly chopBytes?: number
  /** The sections that the row is about; all otherwise. */
  readonly sections?: readonly Section[]
}

// A TLS handshake for each of hundreds of texts shows nothing that the other rows have not shown.
const withoutTexts = SECTIONS.filter((section) => section !== utf8)

const ROWS: readonly Row[] = [
  { way: 'tcp' },
  { way: 'tls', sections: withoutTexts },
  { way: 'h2c' },
  { way: 'h2', sections: withoutTexts },
  { way: 'tcp', args: ['--deflate'], sections: COMPRESSION_SECTIONS },
  { way: 'h2c', args: ['--deflate'], sections: [compression] },
  { way: 'tcp', chopBytes: 1 },
]

/** §7.1.2.2: in an answer the client's window has a number. */
const mayAnswer = (each: Case): boolean => each.deflate?.client_max_window_bits !== true

for (const { way, args = [], chopBytes, sections = SECTIONS } of ROWS) {
  const wanted = sections.map((section) =>
    only(section, (each) => mayAnswer(each) && (chopBytes === undefined || each.heavy !== true)),
  )
  const title = [way, ...(args.length > 0 ? ['compressed'] : []), ...(chopBytes ? ['byte by byte'] : [])]
  describe(`a client over ${title.join(', ')}`, () => {
    let server: RawServer
    let client: Subject
    before(async () => {
      server = await RawServer.listen(way, certificate)
      const http2 = way === 'h2' || way === 'h2c' ? ['--http2'] : []
      const times = ['--times', String(wanted.reduce((sum, { cases }) => sum + cases.length, 0))]
      client = new Subject([
        '--connect',
        server.url.href,
        '--ca',
        certificate.certPath,
        ...http2,
        ...times,
        ...args,
      ])
    })
    after(async () => {
      assert.equal(await client.ended(), 0)
      await server.close()
    })

    for (const section of wanted) {
      test(`${section.title}: ${section.cases.length} cases`, async () => {
        const play = (each: Case): Promise<void> => playAsServer({ server, client, chopBytes }, each)
        // One after the other: the client makes its connections in turn.
        assert.deepEqual(faultsOf(await runCases([section], play, 1)), [])
      })
    }
  })
}

interface Stage {
  readonly server: RawServer
  readonly client: Subject
  readonly chopBytes: number | undefined
}

async function playAsServer({ server, client, chopBytes }: Stage, each: Case): Promise<void> {
  const asking = await server.next()
  const { stream, head } = asking
  const answer = each.deflate
  if (answer !== undefined && !asking.extensions?.startsWith('permessage-deflate'))
    throw new Violation(`an offer of "${asking.extensions}"`)
  asking.admit(answer && formatDeflate(answer))
  const deflate = answer && deflateAfter(answer, 'server')
  const peer = new Peer(stream, { role: 'server', head, chopBytes, deflate })
  await peer.play(each).catch(async (fault: Error) => {
    fault.message += `; the client reports "${await client.line()}"`
    throw fault
  })
  const line = await client.line()
  const expected = `closed ${reportedCode(each.steps.at(-1))} `
  if (!line.startsWith(expected)) throw new Violation(`the client reports "${line}", not "${expected}…"`)
}

/** What a client must make of the end of a case. */
function reportedCode(last: Step | undefined): number {
  if (last?.type === 'hangsUp') return 1006
  if (last?.type === 'fails') return last.code
  if (last?.type === 'answers') return last.code ?? 1005
  return 1000
}
