export type {
  InsertResult,
  RejectedItem,
  Store,
  StoredLog,
  StoredSpan,
  StoreQuery,
  TableItems,
  TableName,
} from "./store.ts";
