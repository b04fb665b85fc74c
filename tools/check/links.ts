import { posix } from "node:path";
import type { TextFile, Violation } from "./violation.ts";

interface Link {
  target: string;
  line: number;
}

const linkPattern = /\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)|^\s*\[[^\]]+\]:\s*(\S+)/g;
const isExternal = (target: string): boolean =>
  /^[a-z][a-z0-9+.-]*:/i.test(target) || target.startsWith("//");

function withoutCode(text: string): string {
  const blanked = (code: string): string => code.replaceAll(/[^\n]/g, " ");
  return text.replaceAll(/^(`{3,}|~{3,})[\s\S]*?^\1/gm, blanked).replaceAll(/`[^`\n]+`/g, blanked);
}

function linksOf(text: string): Link[] {
  return withoutCode(text)
    .split("\n")
    .flatMap((line, index) =>
      [...line.matchAll(linkPattern)].map((match) => ({
        target: match[1] ?? match[2] ?? "",
        line: index + 1,
      })),
    );
}

/** The anchor that code hosts give a heading. */
export function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

function anchorsOf(text: string): Set<string> {
  const headings = [...text.matchAll(/^#{1,6}\s+(.+?)\s*#*$/gm)].map((match) => anchorOf(match[1] ?? ""));
  const ids = [...text.matchAll(/\b(?:id|name)="([^"]+)"/g)].map((match) => match[1] ?? "");
  return new Set([...headings, ...ids]);
}

/**
 * Every relative link of the Markdown files whose file or heading does not exist.
 * @param files all Markdown files, for their headings
 * @param exists whether a path, relative to the root, is a tracked file or a folder with tracked files
 */
export function checkLinks(files: readonly TextFile[], exists: (path: string) => boolean): Violation[] {
  const anchors = new Map(files.map((file) => [file.path, anchorsOf(file.text)]));
  const reasonOf = (from: string, target: string): string | undefined => {
    const [path = "", anchor] = target.split("#");
    const resolved = path === "" ? from : posix.normalize(posix.join(posix.dirname(from), decodeURI(path)));
    const trimmed = resolved.replace(/\/$/, "");
    if (trimmed !== "." && !exists(trimmed)) return `No file at ${target}.`;
    const known = anchors.get(trimmed);
    if (anchor === undefined || anchor === "" || known === undefined || known.has(anchor)) return undefined;
    return `No heading for ${target}.`;
  };
  return files.flatMap((file) =>
    linksOf(file.text)
      .filter((link) => !isExternal(link.target))
      .flatMap((link) => {
        const message = reasonOf(file.path, link.target);
        return message === undefined ? [] : [{ path: file.path, line: link.line, message }];
      }),
  );
}
