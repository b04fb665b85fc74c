/** Version of this package as it stands in package.json. */
export const packageVersion = "0.1.0";
