import { Metadata } from "@grpc/grpc-js";
import type { Failure } from "../failure.ts";
import { statusBody } from "../response-body.ts";

/** Where gRPC carries the `google.rpc.Status` whose `RetryInfo` tells a sender that and when to send again. */
const detailsHeader = "grpc-status-details-bin";

/** A failure as the status of a call. */
export function callStatusOf(failure: Failure): { code: number; details: string; metadata: Metadata } {
  const { rpcCode, message, retryAfterMs } = failure;
  const metadata = new Metadata();
  metadata.set(detailsHeader, statusBody("protobuf", { code: rpcCode, message, retryAfterMs }));
  return { code: rpcCode, details: message, metadata };
}
