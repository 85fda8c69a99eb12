/** Where copies of pictures lie in their bucket, as code and permissions both need it. */
export const IMAGE_PREFIX = 'images/';
