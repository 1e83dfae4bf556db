// One person's phone.

import { act, upload } from "./api.js";
import { bubble, dayLine, element, setState } from "./bubbles.js";

const SUGGESTIONS = [
  "làm giấy khai sanh cho bé cần gì",
  "xác nhận tình trạng hôn nhân mất bao lâu",
  "sáng thứ bảy phường có làm việc không",
  "đèn đường trước nhà tôi bị hỏng",
];
const WAIT_FOR_REPLY_MS = 8000;

export class Pane {
  constructor(person, page) {
    this.person = person;
    this.page = page;
    this.bubbles = new Map();
    this.texts = new Map();
    this.lastDay = "";
    this.lastMessage = null;
    this.pinned = true;
    this.root = document.getElementById("pane-template").content.cloneNode(true).firstElementChild;
    this.log = this.find(".log");
    this.input = this.find("textarea");
    this.label();
    this.suggest();
    this.listen();
  }

  find(selector) {
    return this.root.querySelector(selector);
  }

  label() {
    const { name } = this.person;
    this.root.dataset.person = this.person.id;
    this.root.setAttribute("aria-label", `Điện thoại của ${name}`);
    this.log.setAttribute("aria-label", `Tin nhắn của ${name}`);
    this.input.setAttribute("aria-label", `${name} nhắn tin`);
    this.input.placeholder = "Nhập tin nhắn…";
    this.find(".close").setAttribute("aria-label", `Đóng khung của ${name}`);
  }

  head(oaName, person) {
    const words = `${person.name} · ${person.following ? "đã quan tâm" : "chưa quan tâm"}`;
    if (this.find(".as-person").textContent !== words) this.find(".as-person").textContent = words;
    if (this.find(".oa-name").textContent !== oaName) this.find(".oa-name").textContent = oaName;
    this.find(".avatar").textContent = oaName.slice(0, 1);
  }

  suggest() {
    this.find(".suggestions").append(
      ...SUGGESTIONS.map((text) => {
        const made = element("button", { type: "button", text });
        made.addEventListener("click", () => this.say(text));
        return made;
      }),
    );
  }

  listen() {
    this.find(".composer").addEventListener("submit", (event) => {
      event.preventDefault();
      this.sendTyped();
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        this.sendTyped();
      }
    });
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.escape(event);
    });
    this.find(".close").addEventListener("click", () => this.page.closePane(this.person.id));
    this.root.addEventListener("focusin", () => this.page.activate(this.person.id));
    this.log.addEventListener("scroll", () => {
      this.pinned = this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    });
    new ResizeObserver(() => this.stayAtEnd()).observe(this.log);
    this.listenToAttachments();
  }

  listenToAttachments() {
    this.find(".more").addEventListener("click", () => this.toggleMore());
    for (const button of this.root.querySelectorAll("[data-attach]")) {
      button.addEventListener("click", () => this.attach(button.dataset.attach));
    }
    for (const kind of ["image", "file"]) {
      const picker = this.find(`.pick-${kind}`);
      picker.addEventListener("change", () => this.sendFile(kind, picker));
    }
    this.find(".place-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const place = Object.fromEntries(new FormData(event.target));
      this.toggleMore(false);
      this.do(() => act(this.person.id, "location", place));
    });
  }

  escape(event) {
    if (this.find(".attach").hidden && this.find(".place-form").hidden) return;
    event.stopPropagation();
    this.toggleMore(false);
    this.find(".more").focus();
  }

  toggleMore(open = this.find(".attach").hidden) {
    this.find(".attach").hidden = !open;
    this.find(".place-form").hidden = true;
    this.find(".more").setAttribute("aria-expanded", String(open));
    this.find(".suggestions").hidden = open || this.bubbles.size > 0;
    if (open) this.find("[data-attach]").focus();
  }

  attach(kind) {
    if (kind === "image" || kind === "file") return this.find(`.pick-${kind}`).click();
    if (kind === "place") {
      this.find(".place-form").hidden = false;
      return this.find(".place-form input").focus();
    }
    this.toggleMore(false);
    return this.do(() => act(this.person.id, kind));
  }

  sendFile(kind, picker) {
    const [file] = picker.files;
    if (!file) return;
    this.toggleMore(false);
    this.do(() => upload(`people/${this.person.id}/${kind}`, file)).finally(() => (picker.value = ""));
  }

  // -- sending ---------------------------------------------------------------------------------

  async do(action) {
    try {
      const message = await action();
      if (message.seq && !message.hidden) this.add(message);
      this.page.pollSoon();
      return true;
    } catch (error) {
      this.page.notify(`Chưa gửi được (${error.message}). Vui lòng thử lại.`);
      return false;
    }
  }

  say(text) {
    return this.do(() => act(this.person.id, "text", { text }));
  }

  async sendTyped() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this.input.focus();
    if (!(await this.say(text)) && !this.input.value) this.input.value = text;
  }

  tap(msgId, index) {
    return this.do(() => act(this.person.id, "tap", { msg_id: msgId, index }));
  }

  shareInfo({ name, phone, user_address: street }) {
    const info = { name, phone };
    if (street) info.full_address = { user_address: street };
    return this.do(() => act(this.person.id, "info", info));
  }

  textOf(msgId) {
    return this.texts.get(msgId);
  }

  // -- showing ---------------------------------------------------------------------------------

  add(message) {
    if (this.bubbles.has(message.seq)) return;
    this.texts.set(message.msg_id, message.text);
    const made = bubble(message, this);
    this.bubbles.set(message.seq, made);
    this.place(message, made);
    this.find(".suggestions").hidden = true;
    if (this.pinned || message.direction === "in") this.toEnd();
    for (const image of made.querySelectorAll("img")) image.addEventListener("load", () => this.stayAtEnd());
  }

  place(message, made) {
    const day = new Date(message.at).toDateString();
    if (this.lastMessage && message.seq < this.lastMessage.seq) {
      const later = [...this.bubbles].filter(([seq]) => seq > message.seq).sort(([a], [b]) => a - b);
      return later[0][1].before(made);
    }
    if (day !== this.lastDay) this.log.append(dayLine(message.at));
    this.lastDay = day;
    this.lastMessage = message;
    return this.log.append(made);
  }

  toEnd() {
    this.log.scrollTop = this.log.scrollHeight;
    this.pinned = true;
  }

  stayAtEnd() {
    if (this.pinned) this.toEnd();
  }

  refresh(states) {
    for (const [seq, state] of Object.entries(states)) {
      const made = this.bubbles.get(Number(seq));
      if (made) setState(made, state);
    }
    const last = this.lastMessage;
    const state = last && states[last.seq];
    const fresh = last && Date.now() - last.at < WAIT_FOR_REPLY_MS;
    const waiting = fresh && last.direction === "in" && (state === "sending" || state === "delivered");
    if (this.find(".typing").hidden === Boolean(waiting)) {
      this.find(".typing").hidden = !waiting;
      this.stayAtEnd();
    }
    this.log.setAttribute("aria-live", "polite");
  }

  focus() {
    this.input.focus();
  }
}
