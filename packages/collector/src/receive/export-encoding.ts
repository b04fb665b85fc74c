/** How a request is written; the answer is written the same way. */
export type ExportEncoding = "protobuf" | "json";

export const mediaTypes: Record<ExportEncoding, string> = {
  protobuf: "application/x-protobuf",
  json: "application/json",
};

/** The encoding behind a `Content-Type` header; undefined when OTLP knows none like it. */
export function encodingOf(contentType: string | undefined): ExportEncoding | undefined {
  const mediaType = (contentType ?? "").split(";", 1)[0]?.trim().toLowerCase();
  if (mediaType === mediaTypes.protobuf || mediaType === "application/protobuf") return "protobuf";
  return mediaType === mediaTypes.json ? "json" : undefined;
}
