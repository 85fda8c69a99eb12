import dns from 'node:dns';
import tls from 'node:tls';

// Loaded before a program of this project. The emulator's APIs have host names below `localhost`, which some resolvers
// do not resolve, and its certificate is for `localhost`.
const isLocal = (name: string): boolean => name.endsWith('.localhost');

const { lookup } = dns;
const lookUp = (name: string, ...rest: never[]): void =>
  Reflect.apply(lookup, dns, [isLocal(name) ? '127.0.0.1' : name, ...rest]);
Object.assign(dns, { lookup: lookUp });

const { checkServerIdentity } = tls;
tls.checkServerIdentity = (name, certificate) =>
  checkServerIdentity(isLocal(name) ? 'localhost' : name, certificate);
