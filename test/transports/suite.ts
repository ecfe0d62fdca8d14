/**
 * What holds on every transport, over TCP, over TLS, over HTTP/2, and over a broker that lives elsewhere. Each transport's
 * file runs it with its own follower, and adds what only that transport does.
 */
import { describe, test } from 'node:test'
import type { ServerOptions } from 'holdfast/server'
import { commands } from './suite/commands.ts'
import { ends } from './suite/ends.ts'
import { hooks } from './suite/hooks.ts'
import { kindsOfChannel } from './suite/kinds-of-channel.ts'
import { positions } from './suite/positions.ts'
import { troubles } from './suite/troubles.ts'
import { onStage, type Stage, SURROUNDINGS, type TransportUnderTest } from './suite/stage.ts'

export { QUICK } from './suite/stage.ts'

export const transportSuite = (transport: TransportUnderTest): void => {
  for (const surroundings of SURROUNDINGS) {
    describe(`${transport.name}, ${surroundings.label}`, { timeout: 60_000 }, () => {
      const scene = (name: string, act: (stage: Stage) => Promise<void>, options?: ServerOptions): void => {
        test(name, { timeout: 20_000 }, () => onStage(surroundings, transport, act, options))
      }
      positions(scene)
      ends(scene)
      kindsOfChannel(scene)
      commands(scene)
      hooks(scene)
      troubles(scene, surroundings)
    })
  }
}
