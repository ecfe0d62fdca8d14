/** `useLatest` and `useSubscription`. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createElement } from 'react'
import { type Latest, useLatest, useSubscription } from 'holdfast/react'
import type { SubscriptionEnd } from 'holdfast'
import { Drawings, Stage, viewOf } from './stage.ts'

const RULES = [{ pattern: 'prices', conflated: true }]
const plain = (latest: Latest<number>): Record<string, number> =>
  Object.fromEntries([...latest].map(([key, { data }]) => [key, data]))

test('the latest of each key is there, and a removed key is not, in few drawings', async (context) => {
  const stage = await Stage.open(context, { rules: RULES })
  await stage.server.publish('prices', 1, { key: 'old' })
  const [View, drawings] = viewOf(() => useLatest<number>('prices'))
  const client = stage.client()
  stage.show(createElement(View), client)
  await drawings.until((latest) => latest.get('old')?.data === 1)
  const before = drawings.all.length
  const started = performance.now()
  for (let price = 1; price <= 4_000; price++) {
    void stage.server.publish('prices', price, { key: `symbol ${price % 4}` })
    if (price % 50 === 0) await stage.server.publish('elsewhere', price)
  }
  await client.channel('prices').remove('old')
  const latest = await drawings.until(
    (latest) => !latest.has('old') && latest.get('symbol 0')?.data === 4_000,
  )
  assert.deepEqual(plain(latest), {
    'symbol 1': 3_997,
    'symbol 2': 3_998,
    'symbol 3': 3_999,
    'symbol 0': 4_000,
  })
  const most = 2 * ((performance.now() - started) / 16 + 3)
  assert.ok(drawings.all.length - before <= most, `${drawings.all.length - before} drawings, ${most} allowed`)
})

test('a table that may not be read says so', async (context) => {
  const stage = await Stage.open(context, { authorize: () => false })
  const ends = new Drawings<SubscriptionEnd>()
  const [View] = viewOf(() => useLatest('prices', { onEnd: (end) => ends.add(end) }))
  stage.show(createElement(View))
  assert.equal((await ends.until(() => true)).why, 'refused')
})

test('a subscription calls the handler of the latest drawing, once for each, and draws nothing', async (context) => {
  const stage = await Stage.open(context)
  const heard = new Drawings<string>()
  const ready = new Drawings<string>()
  const [View, drawings] = viewOf(({ as }: { as: string }) =>
    useSubscription<number>('a', { onReady: () => ready.add(as) }, ({ data }) => heard.add(`${as} ${data}`)),
  )
  const client = stage.client()
  const root = stage.show(createElement(View, { as: 'first' }), client)
  await ready.until(() => true)
  await stage.server.publish('a', 1)
  await heard.until(() => true)
  const before = drawings.all.length
  await stage.server.publish('a', 2)
  await heard.until((text) => text === 'first 2')
  assert.equal(drawings.all.length, before)
  stage.draw(root, createElement(View, { as: 'second' }), client)
  while (drawings.all.length === before) await stage.settled(client)
  await stage.server.publish('a', 3)
  await heard.until((text) => text.endsWith('3'))
  assert.deepEqual(heard.all, ['first 1', 'first 2', 'second 3'])
  assert.deepEqual(ready.all, ['first'])
})
