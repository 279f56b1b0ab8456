// Hand scanners type like a keyboard, and press Enter: wherever the focus is, what they type is a code.
const SHORTEST = 8;
const PAUSE_MS = 120; // no hand types that fast; between two characters of a hand scanner less goes by

export function onTyping(field, dialog, read) {
  let buffer = "";
  let last = 0;

  addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isText(event.target)) return;
      if (!dialog.open) {
        if (event.key.length === 1 && event.key !== " ") field.focus(); // the character lands in the field
        return;
      }
      if (event.timeStamp - last > PAUSE_MS) buffer = "";
      last = event.timeStamp;
      if (event.key.length === 1) buffer += event.key;
      if (event.key !== "Enter" || buffer.length < SHORTEST) return;
      event.preventDefault(); // or the Enter of the next voucher's code would confirm this one
      const text = buffer;
      buffer = "";
      dialog.close();
      read(text);
    },
    { capture: true },
  );
}

function isText(element) {
  return element.matches?.("input:not([type=radio]):not([type=checkbox]), textarea, select");
}
