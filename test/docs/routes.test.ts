/** docs/api.md lists every route of the API with its scope, and no other. */
import { expect, test } from 'vitest';
import { get, open } from '../api/app.support.ts';
import { codes, tableOf } from './markdown.ts';

type Operation = { readonly security: readonly { readonly key: readonly string[] }[] };

test('every route is listed, with the scope that its key needs', async () => {
  await open();
  const { paths } = (await get('/openapi.json')).json<{ paths: Record<string, Record<string, Operation>> }>();
  const routes = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { security }]) => [`${method.toUpperCase()} ${path}`, security[0]?.key[0] ?? '']),
  );
  const documented = tableOf('docs/api.md', 'route').map(([route, scope]) => [codes(route!)[0], codes(scope!)[0] ?? '']);
  expect(documented.toSorted()).toEqual(routes.toSorted());
});
