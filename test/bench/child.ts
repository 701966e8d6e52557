/** One bench in a process of its own, so that no bench's garbage, compiled code or sockets disturb another: `child.ts NAME SCALE`. */
import { benches } from './benches.ts';
import type { Scale } from './result.ts';

const [name, scale] = process.argv.slice(2) as [string, Scale];
const results = await benches.find((bench) => bench.name === name)!.run(scale);
process.send!(results, () => process.exit());
