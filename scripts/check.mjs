/** `npm run check`: types, lint, format, and drawings. Nothing is changed; `npm run format` writes the format. */
import { bin, ensureInstalled, NODE, run, say } from './bootstrap.mjs'

ensureInstalled()
say('Types …')
run(NODE, [bin('tsc'), '-b'])
run(NODE, [bin('tsc'), '-p', 'tsconfig.test.json'])
run(NODE, [bin('tsc'), '-p', 'console/tsconfig.json'])
run(NODE, [bin('tsc'), '-p', 'bench/tsconfig.json'])
say('Lint …')
run(NODE, [bin('oxlint'), '--type-aware', '--deny-warnings'])
say('Format …')
run(NODE, [bin('prettier'), '--check', '--log-level', 'warn', '.'])
say('Diagrams …')
run(NODE, ['scripts/diagrams.mjs', '--check'])
