/** Flags of a Node process that runs the packages from their sources. */
export const sourceFlags = ["--conditions=@plumbline/source", "--disable-warning=ExperimentalWarning"];
