/** The hooks on a server, in hydration, and without a client. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createElement, type ReactNode } from 'react'
import type { Client, ClientState } from 'holdfast'
import {
  HoldfastProvider,
  useChannel,
  useClient,
  useConnection,
  useLatest,
  useLog,
  usePresence,
  useSubscription,
} from 'holdfast/react'
import { hydrateRoot, newElement, Stage, viewOf } from './stage.ts'

const { renderToString } = await import('react-dom/server')

const Everything = (): ReactNode => {
  const { status, transport } = useConnection()
  const { publications, ready } = useLog<string>('a')
  const latest = useLatest('prices')
  const people = usePresence('a', { name: 'me' })
  useSubscription('a', {}, () => undefined)
  const { name } = useChannel('a')
  const texts = publications.map(({ data }) => data).join()
  return createElement(
    'p',
    null,
    `${name} ${status} ${transport} ${ready} ${texts} ${latest.size} ${people.size}`,
  )
}
const under = (client: Client | undefined): ReactNode =>
  createElement(HoldfastProvider, { client }, createElement(Everything))

test('on a server there is nothing yet, and nobody is asked, with a client and without', async (context) => {
  const stage = await Stage.open(context, { rules: [{ pattern: 'prices', conflated: true }] })
  await stage.server.publish('a', 'said')
  const client = stage.client('sse')
  assert.equal(renderToString(under(undefined)), '<p>a connecting websocket false  0 0</p>')
  await stage.settled(client)
  assert.equal(renderToString(under(client)), '<p>a connecting websocket false  0 0</p>')
  await stage.settled(client)
  assert.deepEqual([stage.server.isFollowed('a'), stage.server.isFollowed('prices')], [false, false])
})

test('what the server drew is what is hydrated, whatever the client knows by then', async (context) => {
  const stage = await Stage.open(context, { rules: [{ pattern: 'prices', conflated: true }] })
  await stage.server.publish('a', 'said')
  const client = stage.client('sse')
  await client.channel('prices').publish(1, { key: 'x' })
  const element = newElement()
  element.innerHTML = renderToString(under(undefined))
  const faults: unknown[] = []
  const root = hydrateRoot(element, under(client), { onRecoverableError: (error) => faults.push(error) })
  context.after(() => root.unmount())
  while (element.textContent !== 'a connected sse true said 1 1') await stage.settled(client)
  assert.deepEqual(faults, [])
})

test('without a provider, or in the browser without its client, the reason is said', async () => {
  const Use = (): null => void useClient() as unknown as null
  assert.throws(() => renderToString(createElement(Use)), /wrap the view in <HoldfastProvider/)
  let client: Client | undefined
  const Take = (): null => {
    client = useClient()
    return null
  }
  renderToString(createElement(HoldfastProvider, { client: undefined }, createElement(Take)))
  assert.throws(() => client?.channel('a').publish(1), /has no client yet/)
})

test('a view that selects from the state is drawn only when that changes', async (context) => {
  const stage = await Stage.open(context)
  const status = ({ status }: ClientState): string => status
  const [View, drawings] = viewOf(() => useConnection(status))
  const [Whole, all] = viewOf(() => useConnection())
  const client = stage.client()
  stage.show([createElement(View, { key: 1 }), createElement(Whole, { key: 2 })], client)
  await drawings.until((value) => value === 'connected')
  const before = drawings.all.length
  await client.channel('a').subscribe(() => undefined).ready
  await client.channel('a').publish(1)
  await all.until(({ counts }) => counts.delivered === 1)
  assert.equal(drawings.all.length, before)
})
