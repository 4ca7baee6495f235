const FOCUSABLE = "button, a[href], textarea, summary, pre[tabindex], [tabindex='0']";

/** Keeps Tab inside `panel`, which its page cannot make inert: the page is not ours to touch. */
export function keepFocus(panel: HTMLElement, event: KeyboardEvent): void {
  const all = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter(
    (each) => !each.matches(":disabled") && each.checkVisibility({ visibilityProperty: true }),
  );
  const [first, last] = [all[0], all.at(-1)];
  const inside = (panel.getRootNode() as ShadowRoot).activeElement;
  if (event.shiftKey && (inside === first || inside === panel)) {
    event.preventDefault();
    last?.focus();
  } else if (!event.shiftKey && inside === last) {
    event.preventDefault();
    first?.focus();
  }
}
