/** The public suite, against the node whose URL the environment names. See run.ts. */
import { runConformanceTests } from '@durable-streams/server-conformance-tests'

const baseUrl = process.env['HOLDFAST_CONFORMANCE_URL']
if (baseUrl === undefined) throw new Error('HOLDFAST_CONFORMANCE_URL names the node under test')

// Subscriptions are an option of the protocol that this node does not have.
runConformanceTests({ baseUrl, subscriptions: false })
