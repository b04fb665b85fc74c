/** The embedded database without the store around it, for the stand-in of a server. */
export { Session } from "chdb";
