/** Every word that the panel shows; a page replaces any of them by the property `strings`. */
export const ENGLISH = {
  launch: "Ask your mentor",
  heading: "Your mentor",
  greeting: "What are you working on?",
  promise: "I answer from your course material, and show where each sentence stands.",
  beside: "Reading along:",
  suggestions: "To begin with",
  placeholder: "Ask about what you are learning …",
  question: "Your question",
  send: "Ask",
  stop: "Stop",
  retry: "Try again",
  close: "Close",
  clear: "New conversation",
  fullPage: "Open the mentor’s page",
  conversation: "Conversation",
  asked: "You asked:",
  answered: "The mentor:",
  searching: "Looking through the material …",
  reading: "Reading what it says …",
  busy: "The mentor is busy: {n} ahead of you …",
  again: "The connection broke. Asking again …",
  restoring: "Finding your conversation …",
  stopped: "Stopped.",
  refused: "Not in the material",
  source: "Source {n}",
  sources: "Sources",
  roadmap: "The roadmap",
  editorial: "Our editors",
  read: "Read it in the lesson",
  back: "Close the source",
  interview: "Practise an interview",
  interviewAsk: "Start a mock interview",
  interviewAskOn: "Start a mock interview on {topic}",
  letter: "Your letter. Only what stands here is sent.",
  sendLetter: "Send this letter",
  letterSent: "Your letter was sent.",
  letterOpen: "Open it to send it yourself",
  done: "Done.",
  offline: "The mentor cannot be reached.",
  offlineCure: "Look at your connection and try again.",
  signedOut: "Your session has ended.",
  signedOutCure: "Reload the page to go on.",
};

export type Strings = typeof ENGLISH;

/** `text` with each `{name}` filled in. */
export function fill(text: string, values: Readonly<Record<string, string | number>>): string {
  return text.replace(/\{(\w+)\}/g, (all, name: string) => String(values[name] ?? all));
}
