// Original file: libs/contracts/src/swarm.proto


export interface GetRootRequestInput {
}

export interface GetRootRequest {
}
