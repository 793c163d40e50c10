// Original file: libs/contracts/src/resolver.proto


export interface AttachmentInput {
  'networkId'?: (string);
}

export interface Attachment {
  'networkId': (string);
}
