import type { Attributes, AttributeValue } from "@plumbline/contracts";

/** Sets an attribute, also one whose name would otherwise reach the prototype. */
export function setAttribute(attributes: Attributes, key: string, value: AttributeValue): void {
  if (key === "__proto__") {
    Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    attributes[key] = value;
  }
}
