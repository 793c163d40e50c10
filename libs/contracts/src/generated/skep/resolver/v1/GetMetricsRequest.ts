// Original file: libs/contracts/src/resolver.proto


export interface GetMetricsRequestInput {
}

export interface GetMetricsRequest {
}
