/** Credentials for the emulators. They do not check signatures, but a queue exists only in the region of the call. */
export const LOCAL_IDENTITY = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;
