/**
 * A scene in which something is thrown at a node: over TCP and over TLS, beside a bystander, and with nothing left
 * of it at its end.
 */
import { test } from 'node:test'
import type { ServerOptions } from 'holdfast/server'
import { type NodeUnderTest, SCHEMES, type Scheme, startNode } from './node-under-test.ts'

export interface SceneOptions extends ServerOptions {
  readonly schemes?: readonly Scheme[]
  /** False where the node does not outlive the scene. */
  readonly bystander?: boolean
}

export const hostile = (
  name: string,
  act: (node: NodeUnderTest) => Promise<void>,
  /** Made anew for each scene where it keeps something. */
  given: SceneOptions | (() => SceneOptions) = {},
): void => {
  const make = typeof given === 'function' ? given : (): SceneOptions => given
  for (const scheme of make().schemes ?? SCHEMES) {
    test(`${name} (${scheme})`, { timeout: 20_000 }, async () => {
      const { schemes: _schemes, bystander = true, ...options } = make()
      const node = await startNode(options, scheme)
      try {
        if (bystander) await node.bystander()
        await act(node)
        await node.unharmed()
      } finally {
        await node.stop()
      }
    })
  }
}
