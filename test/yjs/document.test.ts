/** A document on a channel, over each of the four transports: typing, joining late, offline, large, refused, forged. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { applyUpdate, encodeStateAsUpdate, UndoManager } from 'yjs'
import { converge, Desk, Seat, TRANSPORTS, updateOf } from './desk.ts'

for (const transport of TRANSPORTS) {
  describe(`over ${transport}`, { timeout: 60_000 }, () => {
    const desk = new Desk()
    before(() => desk.open())
    after(() => desk.close())
    const seat = (channel: string, options = {}): Seat => desk.seat(channel, options, { transport })

    test('two who type at once have the same text in the end', async () => {
      const [ada, wen] = [seat('docs/two'), seat('docs/two')]
      await Promise.all([ada.binding.synced, wen.binding.synced])
      for (let i = 0; i < 20; i++) {
        ada.text.insert(0, `a${i} `)
        wen.text.insert(wen.text.length, `w${i} `)
        if (i % 5 === 0) await ada.sent()
      }
      await converge([ada, wen])
      for (let i = 0; i < 20; i++) {
        assert.ok(ada.text.toJSON().includes(`a${i} `))
        assert.ok(ada.text.toJSON().includes(`w${i} `))
      }
      assert.deepEqual([ada.errors, wen.errors], [[], []])
    })

    test('what is typed in one turn is one publication, and an echo changes nothing', async () => {
      const ada = seat('docs/turn')
      await ada.binding.synced
      let updates = 0
      ada.doc.on('update', () => updates++)
      for (const letter of 'a whole sentence') ada.text.insert(ada.text.length, letter)
      await ada.sent()
      await ada.until(({ log }) => log.entries === 1)
      assert.equal(updates, 16)
      assert.equal((await desk.broker.describe('docs/turn'))?.top, 1)
    })

    test('who comes late is synced when everything that was there is there', async () => {
      const ada = seat('docs/late')
      ada.text.insert(0, 'written before')
      await ada.sent()
      const wen = seat('docs/late')
      await wen.binding.synced
      assert.equal(wen.text.toJSON(), 'written before')
    })

    test('a document of a megabyte goes in parts, and comes back whole', async () => {
      const ada = seat('docs/large')
      const large = Array.from({ length: 1_000 }, (_, line) => `${line} ${'x'.repeat(1_020)}\n`).join('')
      ada.text.insert(0, large)
      await ada.sent()
      ada.text.insert(0, 'and more: ')
      await ada.sent()
      const wen = seat('docs/large')
      await wen.binding.synced
      assert.equal(wen.text.toJSON(), `and more: ${large}`)
      assert.equal(await ada.binding.compact(), true)
      const late = seat('docs/large')
      await late.binding.synced
      assert.equal(late.text.toJSON(), `and more: ${large}`)
      assert.equal(late.binding.state.incomplete, false)
    })
  })
}

describe('a document', { timeout: 60_000 }, () => {
  const desk = new Desk()
  before(() => desk.open())
  after(() => desk.close())

  test('takes what was in it before it was bound along, and only what the log lacks', async () => {
    const ada = desk.seat('docs/before')
    ada.text.insert(0, 'from the log')
    await ada.sent()
    const kept = encodeStateAsUpdate(ada.doc)
    const again = new Seat(desk.connect(), 'docs/before', {}, (doc) => applyUpdate(doc, kept))
    await again.sent()
    assert.equal((await desk.broker.describe('docs/before'))?.top, 1, 'nothing was published again')
    const more = new Seat(desk.connect(), 'docs/before', {}, (doc) => {
      applyUpdate(doc, kept)
      doc.getText('text').insert(0, 'not ')
    })
    await more.sent()
    await ada.reads('not from the log')
  })

  test('what was deleted before it was bound is deleted for all', async () => {
    const ada = desk.seat('docs/deleted')
    ada.text.insert(0, 'too much text')
    await ada.sent()
    const kept = encodeStateAsUpdate(ada.doc)
    const wen = new Seat(desk.connect(), 'docs/deleted', {}, (doc) => {
      applyUpdate(doc, kept)
      doc.getText('text').delete(0, 4)
    })
    await wen.sent()
    await ada.reads('much text')
  })

  test('undoes only what was done here', async () => {
    const [ada, wen] = [desk.seat('docs/undo'), desk.seat('docs/undo')]
    await Promise.all([ada.binding.synced, wen.binding.synced])
    const undo = new UndoManager(ada.text)
    ada.text.insert(0, 'ada ')
    await converge([ada, wen])
    wen.text.insert(4, 'wen ')
    await converge([ada, wen])
    undo.undo()
    await converge([ada, wen])
    assert.equal(wen.text.toJSON(), 'wen ')
    undo.redo()
    await wen.reads('ada wen ')
  })

  test('is not broken by what others forge', async () => {
    const ada = desk.seat('docs/forged')
    ada.text.insert(0, 'stands')
    await ada.sent()
    const forger = desk.connect().channel('docs/forged')
    const valid = updateOf((text) => text.insert(0, 'forged'))
    const head = (flags: number, ...rest: number[]): number[] => [1, flags, 1, 2, 3, 4, 5, 6, 7, 8, ...rest]
    const forgeries: number[][] = [
      [],
      [1],
      [2, ...head(0).slice(1), ...valid],
      head(0),
      head(0, 255, 255, 255, 255, 255, 255, 255, 127),
      head(0, ...valid.slice(0, -3)),
      head(1, 200, 1, 2),
      head(1, 3, 65, 66, 67, ...valid.slice(0, 7)),
      head(2, 0, 0, 0, 0),
      head(2, 0, 5, 0, 2, 9, 9),
      head(2, 0, 0, 0, 2, 9, 9),
      head(2, 0, 1, 0, 2, 9, 9),
      head(7, 1, 2, 3),
      // Yjs makes room for as many structs as it is told that there are.
      head(0, 1, 255, 255, 255, 14, 1, 0, 0),
    ]
    for (const bytes of forgeries) await forger.publish(Uint8Array.from(bytes))
    const wen = desk.seat('docs/forged')
    await wen.binding.synced
    wen.text.insert(6, ' still')
    await ada.reads('stands still')
    // A part that is missing is no fault, and says nothing.
    assert.equal(ada.binding.state.unreadable, 13)
    assert.equal(wen.binding.state.unreadable, 13)
    assert.equal(ada.errors.length, 13)
  })

  test('does not take what is copied from its own publications for its own', async () => {
    const ada = desk.seat('docs/copied')
    const wen = desk.seat('docs/copied')
    await Promise.all([ada.binding.synced, wen.binding.synced])
    ada.text.insert(0, 'mine')
    await ada.sent()
    const forger = desk.connect().channel<Uint8Array>('docs/copied')
    const [own] = (await forger.history()).publications
    const forged = updateOf((text) => text.insert(0, 'theirs'))
    await forger.publish(Uint8Array.from([...(own?.data as Uint8Array).slice(0, 10), ...forged]))
    await converge([ada, wen])
    await ada.reads((text) => text.includes('theirs') && text.includes('mine'))
    await converge([ada, wen])
  })

  test('says that it may not be changed, and keeps what was typed until it may', async () => {
    let allowed = false
    const strict = new Desk({ authorize: ({ action }) => allowed || !['publish', 'trim'].includes(action) })
    await strict.open()
    const ada = strict.seat('docs/strict')
    ada.text.insert(0, 'not allowed')
    await ada.until(({ refused }) => refused?.code === 'forbidden')
    assert.equal(ada.binding.state.unsent, 1)
    assert.deepEqual(ada.errors, [])
    await assert.rejects(ada.binding.compact(), { code: 'forbidden' })
    allowed = true
    ada.binding.retry()
    await ada.sent()
    assert.equal(ada.binding.state.refused, undefined)
    await strict.close()
  })

  test('goes in smaller parts where the node takes less', async () => {
    const small = new Desk({ limits: { publicationBytes: 1_000 } })
    await small.open()
    const ada = small.seat('docs/small')
    ada.text.insert(0, 'y'.repeat(20_000))
    await ada.sent()
    const wen = small.seat('docs/small')
    await wen.binding.synced
    assert.equal(wen.text.toJSON(), 'y'.repeat(20_000))
    await small.close()
  })

  test('sends what was typed before the binding was closed', async () => {
    const [ada, wen] = [desk.seat('docs/closed'), desk.seat('docs/closed')]
    await ada.binding.synced
    ada.text.insert(0, 'last words')
    ada.binding.close()
    ada.text.insert(0, 'not these: ')
    await wen.reads('last words')
  })

  test('ends with its document', async () => {
    const ada = desk.seat('docs/destroyed')
    await ada.binding.synced
    ada.doc.destroy()
    const channel = desk.connect().channel('docs/destroyed')
    await channel.publish(
      Uint8Array.from([1, 0, 1, 2, 3, 4, 5, 6, 7, 8, ...updateOf((t) => t.insert(0, 'x'))]),
    )
    const wen = desk.seat('docs/destroyed')
    await wen.reads('x')
    assert.equal(ada.text.toJSON(), '')
  })
})
