/** `useLog`: a list without holes, drawn once per frame, bounded, and led back into the past. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Activity, createElement } from 'react'
import { type Log, useLog, type UseLogOptions } from 'holdfast/react'
import { Stage, viewOf } from './stage.ts'

type Props = { readonly name: string } & UseLogOptions

const logView = () => viewOf(({ name, ...options }: Props) => useLog<number>(name, options))
const numbers = ({ publications }: Log<number>): number[] => publications.map(({ data }) => data)
const upTo = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

const publish = async (stage: Stage, name: string, first: number, last: number): Promise<void> => {
  for (const number of upTo(first, last)) await stage.server.publish(name, number)
}

test('what was said and what is said stand in one list, once, also in strict mode', async (context) => {
  const stage = await Stage.open(context)
  await publish(stage, 'a', 1, 3)
  const [View, drawings] = logView()
  const client = stage.client()
  const root = stage.show(createElement(View, { name: 'a' }), client)
  await drawings.until(({ ready, publications }) => ready && publications.length === 3)
  await publish(stage, 'a', 4, 5)
  const log = await drawings.until(({ publications }) => publications.length === 5)
  assert.deepEqual(numbers(log), [1, 2, 3, 4, 5])
  assert.equal(log.earlier, 'beginning')
  assert.equal(client.state.counts.duplicated, 0)
  root.unmount()
  await stage.following(0, client)
})

test('another name is another list, from the first drawing on, and the old one is not followed', async (context) => {
  const stage = await Stage.open(context)
  await publish(stage, 'a', 1, 3)
  await publish(stage, 'b', 7, 8)
  const [View, drawings] = logView()
  const client = stage.client()
  const root = stage.show(createElement(View, { name: 'a' }), client)
  await drawings.until((log) => log.publications.length === 3)
  const before = drawings.all.length
  stage.draw(root, createElement(View, { name: 'b' }), client)
  assert.deepEqual(numbers(await drawings.until((log) => log.publications.length === 2)), [7, 8])
  assert.deepEqual(
    drawings.all.slice(before).filter((log) => numbers(log).includes(1)),
    [],
  )
  await stage.following(1, client)
})

test('five thousand publications are few drawings, each of them a snapshot that stays as it is', async (context) => {
  const stage = await Stage.open(context)
  const [View, drawings] = logView()
  stage.show(createElement(View, { name: 'a', limit: 100 }))
  await drawings.until(({ ready }) => ready)
  const before = drawings.all.length
  const lengths = new Map<Log<number>, number>()
  const started = performance.now()
  for (let number = 1; number <= 5_000; number++) {
    void stage.server.publish('a', number)
    // In many turns, as from many publishers.
    if (number % 50 === 0) await stage.server.publish('b', number)
    lengths.set(drawings.last, drawings.last.publications.length)
  }
  const log = await drawings.until(({ publications }) => publications.at(-1)?.data === 5_000)
  assert.deepEqual(numbers(log), upTo(4_901, 5_000))
  // In strict mode each drawing is two.
  const most = 2 * ((performance.now() - started) / 16 + 3)
  assert.ok(drawings.all.length - before <= most, `${drawings.all.length - before} drawings, ${most} allowed`)
  for (const [log, length] of lengths) assert.equal(log.publications.length, length)
})

test('it is led back to the beginning, whatever comes meanwhile, and keeps what was asked for', async (context) => {
  const stage = await Stage.open(context)
  await publish(stage, 'a', 1, 25)
  const [View, drawings] = logView()
  stage.show(createElement(View, { name: 'a', from: { last: 10 }, limit: 10 }))
  const first = await drawings.until(({ publications }) => publications.length === 10)
  assert.equal(first.earlier, 'some')
  const loading = first.loadEarlier(10)
  await publish(stage, 'a', 26, 28)
  await loading
  const second = await drawings.until(
    ({ earlier, publications }) => earlier === 'some' && publications.at(-1)?.data === 28,
  )
  const [oldest] = numbers(second)
  assert.ok(oldest !== undefined && oldest <= 15, `from ${oldest} on`)
  assert.deepEqual(numbers(second), upTo(oldest, 28))
  await second.loadEarlier(100)
  const whole = await drawings.until(({ earlier }) => earlier === 'beginning')
  assert.deepEqual(numbers(whole), upTo(1, 28))
})

test('what is no longer kept is said to be so', async (context) => {
  const stage = await Stage.open(context, { rules: [{ pattern: 'a', retention: { count: 20 } }] })
  await publish(stage, 'a', 1, 50)
  const [View, drawings] = logView()
  stage.show(createElement(View, { name: 'a', from: { last: 10 } }))
  const log = await drawings.until(({ publications }) => publications.length === 10)
  await log.loadEarlier()
  const all = await drawings.until(({ earlier }) => earlier === 'trimmed')
  assert.equal(numbers(all).at(-1), 50)
  assert.ok(all.publications.length >= 20)
})

test('a channel that may not be read, and one that is closed, say why nothing will come', async (context) => {
  const stage = await Stage.open(context, { authorize: ({ channel }) => channel !== 'secret' })
  const [View, drawings] = logView()
  const client = stage.client()
  const root = stage.show(createElement(View, { name: 'secret' }), client)
  const { ended } = await drawings.until((log) => log.ended !== undefined)
  assert.equal(ended?.why, 'refused')
  stage.draw(root, createElement(View, { name: 'open' }), client)
  await drawings.until((log) => log.ready && log.ended === undefined)
  client.close()
  const after = await drawings.until((log) => log.ended !== undefined)
  assert.equal(after.ended?.why, 'unsubscribed')
})

test('a view that is hidden and shown again goes on where it was', async (context) => {
  const stage = await Stage.open(context)
  await publish(stage, 'a', 1, 3)
  const [View, drawings] = logView()
  const client = stage.client()
  const at = (mode: 'visible' | 'hidden') =>
    createElement(Activity, { mode, children: createElement(View, { name: 'a', from: { last: 2 } }) })
  const root = stage.show(at('visible'), client)
  await drawings.until((log) => numbers(log).join() === '2,3')
  stage.draw(root, at('hidden'), client)
  await stage.following(0, client)
  await publish(stage, 'a', 4, 9)
  stage.draw(root, at('visible'), client)
  assert.deepEqual(numbers(await drawings.until((log) => numbers(log).at(-1) === 9)), upTo(2, 9))
})
