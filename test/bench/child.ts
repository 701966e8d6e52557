/** Runs one bench in its own process, so that its garbage, compiled code and sockets do not disturb others: `child.ts NAME SCALE`. */
import { benches } from './benches.ts';
import type { Scale } from './result.ts';

const [name, scale] = process.argv.slice(2) as [string, Scale];
const results = await benches.find((bench) => bench.name === name)!.run(scale);
process.send!(results, () => process.exit());
