/** Who calls the stand-ins. They check no signature, but a queue is seen only in the region that a call is signed for. */
export const LOCAL_IDENTITY = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
} as const;
