/** An API without a listener, made of idle parts and those that a test gives. Closed after each test. */
import { afterEach } from 'vitest';
import type { FastifyInstance, InjectOptions } from 'fastify';
import { buildApp, type ApiParts } from '../../api/app.ts';
import { idleParts } from '../support/api.ts';

let app: FastifyInstance | undefined;
afterEach(() => app?.close());

export async function open(parts: Partial<ApiParts> = {}): Promise<void> {
  app = await buildApp({ ...idleParts(), ...parts }, { version: 'test' });
}

export const inject = async (request: InjectOptions) => app!.inject(request);
export const get = async (url: string) => inject({ method: 'GET', url });
export const post = async (url: string, payload?: object | string, type = 'application/json') =>
  inject({ method: 'POST', url, ...(payload === undefined ? {} : { payload, headers: { 'content-type': type } }) });
