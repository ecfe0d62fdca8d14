/**
 * A store whose every publication is known, copies of it that are damaged, and what must hold of each: whatever is
 * read is what was written, in its place; whatever cannot be read is an error that names the file, or a gap. Never
 * is something left out in silence.
 */
import assert from 'node:assert/strict'
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Broker, Page } from 'holdfast/server'
import { FILE, KEYED, PLAIN } from './on-disk.ts'

interface Written {
  readonly channel: string
  readonly texts: readonly string[]
  /** As they were read from the file when it was whole. */
  readonly publications: readonly unknown[]
  readonly cursor: { readonly epoch: string; readonly offset: number; readonly stamp: string | undefined }
}

const KEYS = 40

/** Fills a broker: logs short and long, of small and of large publications, and one with keys. */
export const fill = async (broker: Broker): Promise<Written[]> => {
  const written: Written[] = []
  for (const [channel, count, bytes] of [
    ['small', 400, 20],
    ['large', 30, 6_000],
    ['keyed', 200, 50],
  ] as const) {
    const texts = Array.from({ length: count }, (_, i) =>
      JSON.stringify(`${channel} ${i} ${'x'.repeat((bytes * i) / count)}`),
    )
    const create = channel === 'keyed' ? KEYED : PLAIN
    const entries = texts.map((data, i) =>
      channel === 'keyed' ? { data, key: `key ${i % KEYS}` } : { data },
    )
    let at: Written['cursor'] | undefined
    for (let i = 0; i < count; i += 20) {
      const producer = { id: `producer of ${channel}`, epoch: 0, seq: i / 20 }
      const result = await broker.append({ channel, entries: entries.slice(i, i + 20), create, producer })
      assert.equal(result.kind, 'appended')
      if (result.kind === 'appended') at = { epoch: result.epoch, offset: result.last, stamp: result.stamp }
    }
    assert.ok(at)
    const limit = { count, bytes: Infinity }
    const [page] = await broker.read([{ channel, from: 'start', limit }])
    assert.ok(page?.kind === 'page' && page.entries.length === count)
    const publications = page.entries.map(({ publication }) => publication)
    assert.deepEqual(
      publications.map(({ data }) => data),
      texts,
    )
    written.push({ channel, texts, publications, cursor: at })
  }
  return written
}

/** A copy of the file in a directory of its own, with something done to its bytes. */
export const damagedCopy = (from: string, to: string, damage: (bytes: Buffer) => Buffer): string => {
  mkdirSync(to, { recursive: true })
  copyFileSync(join(from, FILE), join(to, FILE))
  writeFileSync(join(to, FILE), damage(readFileSync(join(to, FILE))))
  return to
}

export type Verdict = 'refused at open' | 'whole' | 'error' | 'gap'

/** What became of one channel. @throws AssertionError when something was left out, or is not what was written */
export const examine = async (broker: Broker, written: Written): Promise<Verdict> => {
  const verdict = await readPlain(broker, written)
  if (written.channel === 'keyed' && verdict === 'whole') await readLatest(broker, written)
  return verdict
}

const LIMIT = { count: 100, bytes: 64 * 1024 }

const attempt = async (
  broker: Broker,
  request: Parameters<Broker['read']>[0][number],
): Promise<Page | 'error'> => {
  try {
    const [page] = await broker.read([request])
    assert.ok(page)
    return page
  } catch (error) {
    assert.match(String(error), /holdfast\.db/, 'the error names the file')
    assert.equal((error as { code?: unknown }).code, 'broker_unavailable')
    if (/channel/.test(String(error)))
      assert.match(String(error), /channel ".*", offset \d+: .*(Restore|trim)/)
    return 'error'
  }
}

const readPlain = async (broker: Broker, { channel, publications, cursor }: Written): Promise<Verdict> => {
  let read = 0
  let from: { epoch: string; offset: number; stamp?: string | undefined } | 'start' = 'start'
  for (;;) {
    const page = await attempt(broker, { channel, from, limit: LIMIT })
    if (page === 'error') return 'error'
    // A row that names another channel, or none: whoever has a cursor hears of it.
    if (page.kind === 'missing') return expectGap(broker, channel, cursor)
    assert.equal(page.floor, 1)
    assert.equal(page.gap, undefined, 'a reader in step meets no gap')
    for (const { from: before, publication } of page.entries) {
      assert.equal(publication.offset, ++read)
      assert.equal(before, read - 1)
      assert.deepEqual(publication, publications[read - 1])
    }
    if (page.upTo === page.top) break
    const last = page.entries.at(-1)?.publication
    assert.ok(last, 'a page goes on')
    from = { epoch: page.epoch, offset: last.offset, stamp: last.stamp }
  }
  return read === publications.length ? 'whole' : expectGap(broker, channel, cursor)
}

const expectGap = async (broker: Broker, channel: string, cursor: Written['cursor']): Promise<Verdict> => {
  const page = await attempt(broker, { channel, from: cursor, limit: LIMIT, create: PLAIN })
  if (page === 'error') return 'error'
  assert.ok(page.kind === 'page' && page.gap !== undefined, 'who was further is told of the gap')
  return 'gap'
}

const readLatest = async (broker: Broker, { channel, texts }: Written): Promise<void> => {
  const limit = { count: 1_000, bytes: 1_000_000 }
  const page = await attempt(broker, { channel, from: 'start', limit, conflate: true })
  if (page === 'error') return
  assert.ok(page.kind === 'page')
  assert.deepEqual(
    page.entries.map(({ publication }) => publication.data),
    texts.slice(-KEYS),
  )
}
