// The page: who is there, which phones are open, and one poll for all of them.

import { call } from "./api.js";
import { element } from "./bubbles.js";
import { Drawer } from "./drawer.js";
import { Pane } from "./pane.js";

const EVERY_MS = 700;
const SOON_MS = 200;
const SOON_TIMES = 15;
const KEPT = "simulator.open";
const FIRST_NAMES = ["Cô Lan", "Bác Tư", "Anh Minh", "Chị Hạnh", "Chú Bảy", "Em Ngọc"];
const at = (id) => document.getElementById(id);

class Page {
  constructor() {
    this.panes = new Map();
    this.people = [];
    this.history = [];
    this.open = null;
    this.active = null;
    this.after = 0;
    this.soon = 0;
    this.timer = 0;
    this.busy = false;
    this.drawer = new Drawer(this);
    this.listen();
  }

  listen() {
    at("add-person").addEventListener("click", () => this.toggleAdd());
    at("add-form").addEventListener("submit", (event) => {
      event.preventDefault();
      this.addPerson(at("add-name").value.trim());
    });
    at("add-form").addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.toggleAdd(false);
    });
    document.addEventListener("visibilitychange", () => this.schedule(0));
  }

  // -- polling ---------------------------------------------------------------------------------

  schedule(wait) {
    clearTimeout(this.timer);
    if (!document.hidden) this.timer = setTimeout(() => this.poll(), wait);
  }

  pollSoon() {
    this.soon = SOON_TIMES;
    if (!this.busy) this.schedule(0);
  }

  async poll() {
    if (this.busy) return;
    this.busy = true;
    try {
      await this.show(await call("GET", `updates?after=${this.after}`));
      if (this.offline) this.notify("Đã nối lại.");
      this.offline = false;
    } catch (error) {
      if (!this.offline) this.notify("Mất kết nối với trình giả lập. Đang thử lại…", true);
      this.offline = true;
    }
    this.busy = false;
    this.schedule(this.soon-- > 0 ? SOON_MS : EVERY_MS);
  }

  async show(update) {
    if (!update.people.length) return this.addPerson(FIRST_NAMES[0], false);
    this.update = update;
    this.setPeople(update.people);
    for (const message of update.messages) {
      this.after = Math.max(this.after, message.seq);
      this.history.push(message);
      this.panes.get(message.user_id)?.add(message);
    }
    for (const person of update.people) this.panes.get(person.id)?.head(update.oa_name, person);
    for (const pane of this.panes.values()) pane.refresh(update.states);
    this.drawer.update(update);
    return undefined;
  }

  // -- people and panes ------------------------------------------------------------------------

  setPeople(people) {
    this.people = people;
    if (this.open === null) this.open = this.remembered();
    const known = new Set(people.map((person) => person.id));
    this.open = this.open.filter((id) => known.has(id));
    if (!this.open.length) this.open = [people[0].id];
    if (!this.open.includes(this.active)) this.active = this.open[0];
    this.arrange();
  }

  remembered() {
    try {
      return JSON.parse(sessionStorage.getItem(KEPT)) || [];
    } catch {
      return [];
    }
  }

  arrange() {
    sessionStorage.setItem(KEPT, JSON.stringify(this.open));
    for (const [id, pane] of this.panes) {
      if (this.open.includes(id)) continue;
      pane.root.remove();
      this.panes.delete(id);
    }
    for (const id of this.open) if (!this.panes.has(id)) this.makePane(id);
    for (const [id, pane] of this.panes) pane.root.classList.toggle("active", id === this.active);
    this.drawTabs();
  }

  makePane(id) {
    const person = this.people.find((one) => one.id === id);
    const pane = new Pane(person, this);
    this.panes.set(id, pane);
    at("panes").append(pane.root);
    pane.head(this.update.oa_name, person);
    for (const message of this.history) if (message.user_id === id) pane.add(message);
    pane.toEnd();
  }

  drawTabs() {
    const key = JSON.stringify([this.people.map(({ id, name }) => [id, name]), this.open, this.active]);
    if (at("tabs").dataset.key === key) return;
    const focused = document.activeElement?.dataset?.tab;
    at("tabs").dataset.key = key;
    at("tabs").replaceChildren(...this.people.map((person) => element("li", {}, this.tab(person))));
    if (focused) at("tabs").querySelector(`[data-tab="${CSS.escape(focused)}"]`)?.focus();
  }

  tab({ id, name }) {
    const made = element("button", { type: "button", text: name, "data-testid": "person-tab", "data-tab": id });
    made.setAttribute("aria-pressed", String(this.open.includes(id)));
    if (id === this.active) made.setAttribute("aria-current", "true");
    made.addEventListener("click", () => this.openPane(id));
    return made;
  }

  openPane(id) {
    if (!this.open.includes(id)) this.open.push(id);
    this.active = id;
    this.arrange();
    this.panes.get(id).focus();
    this.panes.get(id).toEnd();
  }

  closePane(id) {
    if (this.open.length === 1) return this.notify("Cần ít nhất một khung trò chuyện.");
    this.open = this.open.filter((one) => one !== id);
    if (this.active === id) [this.active] = this.open;
    this.arrange();
    return this.panes.get(this.active).focus();
  }

  activate(id) {
    this.drawer.choose(id);
    if (this.active === id) return;
    this.active = id;
    this.arrange();
  }

  toggleAdd(open = at("add-form").hidden) {
    at("add-form").hidden = !open;
    at("add-person").setAttribute("aria-expanded", String(open));
    if (!open) return at("add-person").focus();
    const taken = new Set(this.people.map((person) => person.name));
    at("add-name").value = FIRST_NAMES.find((name) => !taken.has(name)) || `Người dân ${this.people.length + 1}`;
    return at("add-name").select();
  }

  async addPerson(name, focus = true) {
    if (!name) return;
    try {
      const person = await call("POST", "people", { name });
      if (focus) this.toggleAdd(false);
      await this.show(await call("GET", `updates?after=${this.after}`));
      if (focus) this.openPane(person.id);
    } catch (error) {
      this.notify(`Chưa thêm được người (${error.message}).`);
    }
  }

  async reset() {
    await call("POST", "reset");
    sessionStorage.removeItem(KEPT);
    window.location.reload();
  }

  notify(text, stay = false) {
    clearTimeout(this.noticeTimer);
    at("notice").textContent = text;
    at("notice").hidden = false;
    if (!stay) this.noticeTimer = setTimeout(() => (at("notice").hidden = true), 5000);
  }
}

new Page().schedule(0);
