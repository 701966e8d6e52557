/** `PASSED FAILED` of a JSON report of vitest; a test that was skipped, or never came to an end, has not passed. */
import { readFileSync } from 'node:fs';

type Report = {
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly { readonly status: string }[] }[];
};

const report = JSON.parse(readFileSync(process.argv[2]!, 'utf8')) as Report;
const statuses = report.testResults.flatMap(({ status, assertionResults }) =>
  assertionResults.length === 0 ? [status] : assertionResults.map((result) => result.status),
);
const passed = statuses.filter((status) => status === 'passed').length;
process.stdout.write(`${passed} ${statuses.length - passed}\n`);
