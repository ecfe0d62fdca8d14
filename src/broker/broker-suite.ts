/**
 * The suite that every broker passes, whatever it keeps its logs in. It knows the contract `Broker` and nothing
 * else: a clock and a source of randomness are handed in, and what a broker tells its watchers later is waited for
 * with `told`.
 */
import { describe } from 'node:test'
import { appendSuite } from './suite/append.ts'
import { conflationSuite } from './suite/conflation.ts'
import { expirySuite } from './suite/expiry.ts'
import { ledgerSuite } from './suite/ledger.ts'
import { lifecycleSuite } from './suite/lifecycle.ts'
import { modelSuite } from './suite/model.ts'
import { presenceSuite } from './suite/presence.ts'
import { readSuite } from './suite/read.ts'
import { retentionSuite } from './suite/retention.ts'
import type { MakeBroker } from './suite/stage.ts'
import { watchSuite } from './suite/watch.ts'

export type { BrokerOnStage, BrokerSurroundings, MakeBroker } from './suite/stage.ts'

/** @param modelRuns scripts that the model is compared by; fewer where making a broker takes long */
export const brokerSuite = (name: string, make: MakeBroker, modelRuns: number = 300): void => {
  describe(`the broker contract: ${name}`, () => {
    appendSuite(make)
    ledgerSuite(make)
    readSuite(make)
    lifecycleSuite(make)
    retentionSuite(make)
    expirySuite(make)
    conflationSuite(make)
    presenceSuite(make)
    watchSuite(make)
    modelSuite(make, modelRuns)
  })
}
