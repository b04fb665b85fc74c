import type { ResultText } from "./lines.ts";
import { failureSignal, type OutcomeSignal } from "./signal.ts";

/** Titles that servers and browsers give to pages that are not the page. */
const failedTitle =
  /\b(?:error \d{3}|(?:40[0-9]|41[0-9]|429|50[0-9])[ :-]+(?:not found|forbidden|unauthori[sz]ed|bad request|gone|too many requests|internal server error|bad gateway|service unavailable|gateway time-?out|error)|(?:page|file) (?:was )?not found|access (?:to this page )?(?:has been |is |was )?denied|just a moment\.\.\.|attention required|robot check|are you (?:a )?(?:human|robot)|this site can.t be reached)/i;
const titleLine =
  /^(?:page )?title: (.+)$|^#{1,3} (.+)$|\[([^\]]{3,120})\]\((?:https?|file|chrome-error|about):|<title>\s*([^<]{3,120})/i;
/** Codes of browser network errors and their internal page. */
const browserError = /\b(?:ERR_[A-Z_]{4,}|DNS_PROBE_[A-Z_]+|NS_ERROR_[A-Z_]+)\b|chrome-error:\/\//;
const challenge =
  /\b(?:verify (?:that )?you are (?:a )?human|press & hold to confirm|complete the (?:captcha|security check)|enable javascript and cookies to continue)\b/i;
/** What a SOAP service answers when it could not. */
const soapFault =
  /<(?:\w+:)?Fault(?: [^>]*)?>[^]*?<(?:\w+:)?(?:faultstring|Text|Reason)(?: [^>]*)?>\s*([^<]+)/i;
const headLines = 6;
const longPageChars = 6000;

function titleOf(line: string): string {
  return (titleLine.exec(line) ?? []).slice(1).find((text) => text !== undefined) ?? "";
}

const looksBrowsed = /^(?:.*\b(?:page|screenshot|viewport|url|browser|https?:)|.*chrome-error)/is;

/** A fetched or browsed page that is an error page, a network error or a challenge. */
export function pageSignal(result: ResultText): OutcomeSignal | null {
  const title = result.lines
    .slice(0, headLines)
    .map(titleOf)
    .find((text) => failedTitle.test(text));
  if (title !== undefined) return failureSignal("page title", title);
  const fault = result.firstLine.startsWith("<") ? soapFault.exec(result.text) : null;
  if (fault !== null) return failureSignal("SOAP fault", fault[1]?.trim() ?? "");
  if (result.lengthChars > longPageChars || !looksBrowsed.test(result.text)) return null;
  const network = browserError.exec(result.text);
  if (network !== null) return failureSignal("browser error", network[0]);
  const blocked = challenge.exec(result.text);
  return blocked === null ? null : failureSignal("page challenge", blocked[0]);
}
