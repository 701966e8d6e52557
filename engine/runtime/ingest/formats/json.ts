/** JSON: one object, or an array of them. Lines are recognised too, since many clients send them under this media type. */
import { itemsOfBody } from '../cut/body.ts';
import type { Format } from './format.ts';
import { nativeReplies } from './native-replies.ts';

export const json: Format = {
  name: 'json',
  mediaTypes: ['application/json', 'application/*+json', 'text/plain'],
  takes: /^(?:application\/json|text\/plain|application\/[\w.!#$&^-]+\+json)$/,
  items: (body, { requestEventsMax }) => itemsOfBody(body, requestEventsMax, () => true),
  replies: nativeReplies,
};
