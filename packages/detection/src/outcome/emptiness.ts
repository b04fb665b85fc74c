import type { OutcomeSignal } from "./signal.ts";

const nothing = {
  en: String.raw`null|none|undefined|nil|n\/a|(?:there (?:are|were|is) )?(?:no|0|zero) (?:more |matching |search |relevant |other )?(?:results?|rows?|matches|match|files?|items?|records?|documents?|entries|data|hits?|output|content|orders?|events?|pages?)(?: (?:were |was |are )?(?:found|returned|available|matched|exist|left|remaining))?(?: for\b.{0,120})?|nothing found|empty(?: (?:result|list|set|response))?|\(no output\)|\(empty\)|no output`,
  de: "keine (?:weiteren )?(?:ergebnisse|treffer|einträge|daten|dateien)(?: gefunden| vorhanden)?|nichts gefunden",
  fr: "aucun(?:e)? (?:résultat|donnée|fichier|entrée)s?(?: trouvée?s?)?|rien trouvé",
  es: "(?:no hay|sin|no se (?:encontraron|han encontrado)) (?:resultados|datos|coincidencias|registros)",
  it: "nessun (?:risultato|dato)(?: trovato)?",
  pt: "nenhum (?:resultado|dado)(?: encontrado)?|sem resultados",
  nl: "geen (?:resultaten|gegevens)(?: gevonden)?",
  ja: "(?:該当する)?(?:結果|データ|情報)(?:は|が)?(?:ありません|見つかりません)(?:でした)?|該当なし|結果なし",
  zh: "(?:没有|未)找到(?:任何)?(?:结果|数据)?|无结果|没有结果",
  ko: "(?:검색 )?결과(?:가)? 없(?:음|습니다)",
} as const;

/** A sign that is neither letter nor digit in any script. */
const sign = String.raw`[^\p{L}\p{N}_]`;
const emptyText = new RegExp(`^(?:${sign}*|(?:${Object.values(nothing).join("|")})${sign}*)$`, "iu");

const payloadFields = [
  "results",
  "items",
  "data",
  "rows",
  "matches",
  "hits",
  "records",
  "documents",
  "entries",
  "result",
];

function isEmptyValue(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  if (Array.isArray(value)) return value.every(isEmptyValue);
  return typeof value === "object" && Object.keys(value).length === 0;
}

function emptyField(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const payload = entries.filter(([field]) => payloadFields.includes(field));
  if (payload.length === 0 || !payload.every(([, content]) => isEmptyValue(content))) return null;
  const rest = entries.filter(([field]) => !payloadFields.includes(field));
  // What stands beside the payload may only describe it (total, page, query).
  return rest.every(([, content]) => typeof content !== "object" || isEmptyValue(content))
    ? (payload[0]?.[0] ?? null)
    : null;
}

/** Fields that place a list, or count it: they say nothing where the list is empty. */
const placing =
  /^(?:.*cursor|.*token|next.*|prev(?:ious)?.*|page.*|per_?page|limit|offset|.*size|.*total.*|.*count|has_?more|query|q)$/i;

/**
 * An object of nothing but empty lists, zero counts and what places them, whatever its lists are called:
 * `{"articles":[],"total":0}`, `{"reviews":[],"next":"c8"}`.
 */
function emptyList(value: unknown): string | null {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const entries = Object.entries(value);
  const list = entries.find(([, content]) => Array.isArray(content));
  const isNothing = (field: string, content: unknown): boolean =>
    content === 0 || isEmptyValue(content) || (typeof content !== "object" && placing.test(field));
  return list !== undefined && entries.every(([field, content]) => isNothing(field, content))
    ? list[0]
    : null;
}

/** A result that holds nothing: blank, an empty list, "no results". */
export function emptinessSignal(text: string, value: unknown): OutcomeSignal | null {
  const trimmed = text.trim();
  if (trimmed.length <= 240 && emptyText.test(trimmed))
    return { class: "empty", evidence: "result is empty", message: null };
  if (value !== undefined && isEmptyValue(value))
    return { class: "empty", evidence: "result is empty", message: null };
  const field = emptyField(value) ?? emptyList(value);
  return field === null ? null : { class: "empty", evidence: `result.${field} is empty`, message: null };
}
