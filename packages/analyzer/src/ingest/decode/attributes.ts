import type { Attributes, AttributeValue } from "@plumbline/contracts";

/** Without a prototype, so that any name is just a name, and made for looking up rather than for one fixed shape. */
export const newAttributes = (): Attributes => Object.create(null) as Attributes;

/** Sets an attribute, also one whose name would otherwise reach the prototype. */
export function setAttribute(attributes: Attributes, key: string, value: AttributeValue): void {
  if (key === "__proto__") {
    Object.defineProperty(attributes, key, { value, enumerable: true, configurable: true, writable: true });
  } else {
    attributes[key] = value;
  }
}
