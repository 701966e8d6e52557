/** Starts listening; if that fails, the error says why and which setting to change. */
import type { AddressInfo } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { WeirError } from '../../engine/errors.ts';

export type ListenAddress = { readonly host: string; readonly port: number };

/** @returns `http://127.0.0.1:8080`, with the actual port.   @throws WeirError */
export async function listen(app: FastifyInstance, place: ListenAddress, setting = 'WEIR_PORT'): Promise<string> {
  const { host } = place;
  await app.listen({ host, port: place.port }).catch((error: NodeJS.ErrnoException) => {
    throw listenError(error, place, setting);
  });
  const { port } = app.server.address() as AddressInfo;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function listenError(error: NodeJS.ErrnoException, { host, port }: ListenAddress, setting: string): WeirError {
  switch (error.code) {
    case 'EADDRINUSE':
      return new WeirError(`port ${port} is already in use`, `Stop the process that uses it, or set ${setting}; 0 picks a free port.`);
    case 'EACCES':
      return new WeirError(`permission denied to listen on port ${port}`, `Set ${setting} to 1024 or more.`);
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new WeirError(`${host} is not an address of this machine`, 'Correct WEIR_HOST.');
    default:
      return new WeirError(`cannot listen on ${host}:${port}: ${error.message}`, `Correct WEIR_HOST and ${setting}.`);
  }
}
