// Which finding is shown: the one under the pointer, else the one with the focus, else the pinned one. Sentences and boxes both ask here.

export class Selection extends EventTarget {
  hovered = null;
  focused = null;
  pinned = null;

  get shown() { return this.hovered ?? this.focused ?? this.pinned; }

  hover(index) { this.#set("hovered", index); }
  focus(index) { this.#set("focused", index); }
  // The pinned finding again: no pin.
  togglePin(index) { this.#set("pinned", this.pinned === index ? null : index); }
  clear() {
    this.hovered = this.focused = this.pinned = null;
    this.dispatchEvent(new Event("change"));
  }

  #set(field, value) {
    if (this[field] === value) return;
    this[field] = value;
    this.dispatchEvent(new Event("change"));
  }
}

// How a finding's box is drawn, here and beside its sentence: six colours and four line styles, and always its number.
export const styleOf = (index) => `tone-${index % 6} line-${index % 4}`;
