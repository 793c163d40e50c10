// Original file: libs/contracts/src/resolver.proto


export interface GetStateRequestInput {
}

export interface GetStateRequest {
}
