/**
 * What an agent may say, once more in other words, and three things that are not the same: the next step on the same
 * subject, the same step for another item, and the opposite outcome. Written by hand for these measurements.
 */
export const sayings: readonly {
  said: string;
  again: string;
  next: string;
  otherItem: string;
  opposite: string;
}[] = [
  {
    said: "Please look up the refund policy for damaged goods.",
    again: "Find out what our rules say about giving money back for broken items.",
    next: "Please write the refund policy for damaged goods into the ticket.",
    otherItem: "Please look up the refund policy for order 5521.",
    opposite: "The refund policy for damaged goods could not be found.",
  },
  {
    said: "Scan through the video and note the times at which several birds can be seen.",
    again: "Go over the whole recording and write down when more than one bird is on screen.",
    next: "Take a screenshot of the video at the time with the most birds.",
    otherItem: "Scan through video 14 and note the times at which several birds can be seen.",
    opposite: "The video could not be scanned, no times were noted.",
  },
  {
    said: "Check whether the server on port 8080 answers.",
    again: "See if there is a reply from the service listening at 8080.",
    next: "Restart the server on port 8080 with more memory.",
    otherItem: "Check whether the server on port 9090 answers.",
    opposite: "The server on port 8080 does not answer.",
  },
  {
    said: "Search for the opening hours of the museum in Philadelphia.",
    again: "Which times is the Philadelphia museum open to visitors?",
    next: "Search for restaurants close to the museum in Philadelphia.",
    otherItem: "Search for the opening hours of museum 12 in Philadelphia.",
    opposite: "The opening hours of the museum in Philadelphia are not available.",
  },
  {
    said: "Install the packages that the build needs.",
    again: "Set up all dependencies required for compiling.",
    next: "Run the build with the packages that were installed.",
    otherItem: "Install version 2.4.1 of the packages that the build needs.",
    opposite: "The packages that the build needs could not be installed.",
  },
  {
    said: "Ask the customer for the number of the reservation.",
    again: "Find out from the client which booking code they have.",
    next: "Cancel the reservation of the customer.",
    otherItem: "Ask the customer for the number of reservation Q69X3R.",
    opposite: "The customer has no number of the reservation.",
  },
  {
    said: "Read the log file and find the first error.",
    again: "Open the log and locate where things begin to fail.",
    next: "Delete the log file after the first error was fixed.",
    otherItem: "Read /var/log/app2.log and find the first error.",
    opposite: "The log file holds no error.",
  },
  {
    said: "Compare the prices of the three flights to Seattle.",
    again: "Work out which of the Seattle flights costs least.",
    next: "Book the cheapest of the three flights to Seattle.",
    otherItem: "Compare the prices of the three flights to Seattle on 2024-05-20.",
    opposite: "The prices of the flights to Seattle cannot be compared.",
  },
  {
    said: "Run all the tests again and report which of them fail.",
    again: "Execute the test suite once more and list the failures.",
    next: "Fix the first of the tests that fail.",
    otherItem: "Run test 17 again and report whether it fails.",
    opposite: "All tests were run and none of them fails.",
  },
  {
    said: "Send the customer an e-mail that confirms the exchange.",
    again: "Mail a confirmation of the swap to the buyer.",
    next: "Charge the customer for the difference of the exchange.",
    otherItem: "Send ada@example.com an e-mail that confirms the exchange.",
    opposite: "The e-mail to the customer was not sent.",
  },
  {
    said: "Find scientific papers about sleep and memory in older people.",
    again: "Look for studies on how the elderly remember depending on how they sleep.",
    next: "Summarise the papers about sleep and memory in older people.",
    otherItem: "Find scientific papers from 2019 about sleep and memory in older people.",
    opposite: "There are no papers about sleep and memory in older people.",
  },
  {
    said: "Open the settings of the phone and turn roaming on.",
    again: "Enable roaming in the device's configuration.",
    next: "Restart the phone after roaming was turned on.",
    otherItem: "Open the settings of the phone and turn data saver 2 on.",
    opposite: "Roaming could not be turned on.",
  },
  {
    said: "Let me try a different approach to reading the archive.",
    again: "I will attempt another way of opening that archive.",
    next: "Now I extract the files of the archive into a folder.",
    otherItem: "Let me try a different approach to reading backup-07.7z.",
    opposite: "The archive can be read without trouble.",
  },
  {
    said: "Translate the summary into French for the board.",
    again: "Put the abstract into the French language so the directors can read it.",
    next: "Print the French summary for the board.",
    otherItem: "Translate page 3 of the summary into French for the board.",
    opposite: "The summary was not translated into French.",
  },
  {
    said: "I apologise for the mistake and will correct the total.",
    again: "Sorry about the error, let me put the sum right.",
    next: "The corrected total goes into the invoice.",
    otherItem: "I apologise for the mistake and will correct invoice 8812.",
    opposite: "The total is right, there was no mistake.",
  },
  {
    said: "Create a backup of the customer database before the migration.",
    again: "Save a copy of the clients' data store prior to migrating.",
    next: "Start the migration of the customer database.",
    otherItem: "Create a backup of database shard-3 before the migration.",
    opposite: "No backup of the customer database was created.",
  },
  {
    said: "Verify that the certificate of the site is valid.",
    again: "Make sure the website's TLS cert checks out.",
    next: "Renew the certificate of the site for a year.",
    otherItem: "Verify that the certificate of shop2.example.com is valid.",
    opposite: "The certificate of the site is not valid.",
  },
  {
    said: "Who wrote the novel that the film is based on?",
    again: "Name the author of the book behind this movie.",
    next: "When was the novel that the film is based on published?",
    otherItem: "Who wrote the novel that the film of 1994 is based on?",
    opposite: "It is unknown who wrote the novel that the film is based on.",
  },
  {
    said: "Transfer the call to a human agent.",
    again: "Hand the caller over to a person.",
    next: "End the call after the human agent has taken over.",
    otherItem: "Transfer call 4471 to a human agent.",
    opposite: "The call was not transferred to a human agent.",
  },
  {
    said: "Download the dataset and count its rows.",
    again: "Fetch the data and tell how many records there are.",
    next: "Train a model on the rows of the dataset.",
    otherItem: "Download dataset part-00002 and count its rows.",
    opposite: "The dataset failed to download.",
  },
];

export interface SamenessPair {
  texts: readonly [string, string];
  isSame: boolean;
}

const sayingAt = (index: number): (typeof sayings)[number] =>
  sayings[index % sayings.length] as (typeof sayings)[number];

/** Each saying with itself, in other words and almost in the same, and with what is not the same. */
export const samenessPairs: readonly SamenessPair[] = sayings.flatMap(
  ({ said, again, next, otherItem, opposite }, index) => [
    ...[again, `Once more: ${said}`, `${said} Please do so now.`].map((other) => ({
      texts: [said, other] as const,
      isSame: true,
    })),
    ...[next, otherItem, opposite, sayingAt(index + 1).said, sayingAt(index + 3).again].map((other) => ({
      texts: [said, other] as const,
      isSame: false,
    })),
  ],
);

/** How many pairs one saying gives; they are left out together when figures are cross-validated. */
export const pairsPerSaying = 8;
