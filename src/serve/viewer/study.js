// The study on the screen: up to three pictures. Event "change" with detail.roles: the slots that hold another picture now.

export const kRoles = ["frontal", "prior", "lateral"];
export const kRoleNames = { frontal: "Frontal", prior: "Prior", lateral: "Lateral" };

let nextId = 1;

// What a slot holds: the file as chosen (sent again with each request), and its decoded picture.
export const makeItem = (file, picture) => ({ id: nextId++, file, name: file.name, picture, info: picture.info });

export class Study extends EventTarget {
  slots = { frontal: null, prior: null, lateral: null };

  // `fresh`: slots that are not named are emptied.
  put(slots, fresh = false) {
    const roles = kRoles.filter((role) => role in slots || (fresh && this.slots[role]));
    for (const role of roles) this.slots[role] = slots[role] ?? null;
    this.#changed(roles);
  }
  remove(role) { this.put({ [role]: null }); }
  swap(a, b) { this.put({ [a]: this.slots[b], [b]: this.slots[a] }); }
  clear() { this.put({ frontal: null, prior: null, lateral: null }); }

  get isEmpty() { return kRoles.every((role) => !this.slots[role]); }
  // Which pictures sit where: a report belongs to one such arrangement.
  get key() { return kRoles.map((role) => this.slots[role]?.id ?? "-").join("/"); }
  get files() { return Object.fromEntries(kRoles.map((role) => [role, this.slots[role]?.file ?? null])); }

  #changed(roles) { this.dispatchEvent(new CustomEvent("change", { detail: { roles } })); }
}

// "20200301" -> "2020-03-01"
export const dateText = (date) => (/^\d{8}$/.test(date ?? "") ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date ?? "");
