import type { AttributeValue } from "@plumbline/contracts";

function plainValue(_key: string, value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  return value;
}

/** Whether JSON holds the value as it is. Asking first is cheap: writing through a function takes several times as long. */
function isPlain(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return typeof value !== "bigint";
  if (Array.isArray(value)) return value.every(isPlain);
  return !(value instanceof Uint8Array) && Object.values(value).every(isPlain);
}

/** JSON text of anything: 64-bit integers as text, bytes as base64, NaN and infinities by name. */
export function jsonText(value: unknown): string {
  return (isPlain(value) ? JSON.stringify(value) : JSON.stringify(value, plainValue)) ?? "null";
}

/** An attribute value as the text that stands in a `Map(String, String)`: text as it is, arrays and objects as JSON. */
export function attributeText(value: AttributeValue): string {
  if (typeof value === "string") return value;
  if (value === null) return "";
  if (typeof value === "object" && !(value instanceof Uint8Array)) return jsonText(value);
  return value instanceof Uint8Array ? Buffer.from(value).toString("base64") : String(value);
}
