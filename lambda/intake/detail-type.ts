/** The `detail-type` of an event whose `detail` is a request. */
export const REQUEST_DETAIL_TYPE = 'Photo Avatar Requested';
