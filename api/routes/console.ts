/**
 * `GET /`: the console, a web page for analysts. Its files need no key; the data it shows comes from the API, with the
 * key that the analyst enters.
 *
 * The content security policy lets the page load its own files and call its own server, nothing else. Text cannot become
 * markup or script (trusted types, without any policy), and no other page may frame it.
 */
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { readConsole, type ServedFile } from './console-files.ts';

const policy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const headers = {
  'content-security-policy': policy,
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

export const consoleRoutes: FastifyPluginAsync = async (app) => {
  const { build, page, files } = await readConsole();
  const give =
    ({ type, body }: ServedFile, tag: string, caching: string) =>
    async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
      void reply.headers({ ...headers, etag: tag, 'cache-control': caching });
      if (names(request.headers['if-none-match'], tag)) return reply.code(304).send();
      return reply.type(type).serializer(String).send(body);
    };

  const schema = { hide: true };
  app.get('/', { schema }, give(page, `"${build}"`, 'no-cache'));
  for (const file of files) {
    const kept = 'public, max-age=31536000, immutable';
    app.get(`/console/${build}/${file.name}`, { schema }, give(file, `"${build}-${file.name}"`, kept));
  }
};

/** Whether If-None-Match contains the tag, which a proxy may have made a weak one. */
const names = (header: string | undefined, tag: string): boolean =>
  header !== undefined && (header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === tag));
