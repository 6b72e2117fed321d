/**
 * The message of an error, without advice about an address.
 */

/** What is said of an answer that is not what the API promises, without advice for who has a wrong address. */
export const withoutAdvice = (message: string): string =>
  message.replace(/ \[request [^\]]*\]$/, "").replace(/\. Check that baseUrl is the address of an Evals API$/, "")
