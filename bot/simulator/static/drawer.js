// "Bảng thử nghiệm": what a tester can do to Zalo.

import { act, call } from "./api.js";
import { element } from "./bubbles.js";

const at = (id) => document.getElementById(id);
const KINDS = {
  error: (fault) => `Lỗi ${fault.code}`,
  delay: (fault) => `Chậm ${fault.seconds} giây`,
  drop_after_accept: () => "Đã nhận tin nhưng mất kết nối",
  drop_before: () => "Mất kết nối, chưa nhận tin",
  http: (fault) => `HTTP ${fault.status}`,
  rate_limit: () => "Quá giới hạn lần gọi",
};

export class Drawer {
  constructor(page) {
    this.page = page;
    this.root = at("drawer");
    this.toggle = at("drawer-toggle");
    this.toggle.addEventListener("click", () => this.show(this.root.hidden));
    at("drawer-close").addEventListener("click", () => this.show(false));
    this.root.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.show(false);
    });
    this.listenForPeople();
    this.listenForZalo();
    this.listenForFaults();
    this.listenForWebhook();
  }

  show(open) {
    this.root.hidden = !open;
    this.toggle.setAttribute("aria-expanded", String(open));
    document.body.classList.toggle("drawer-open", open);
    if (open) {
      at("drawer-title").focus();
      this.listFaults();
    } else this.toggle.focus();
  }

  async do(action, done = "Đã xong.") {
    try {
      const answer = await action();
      this.page.notify(typeof done === "function" ? done(answer) : done);
      this.page.pollSoon();
    } catch (error) {
      this.page.notify(`Không làm được: ${error.message}`);
    }
  }

  get person() {
    return at("who").value;
  }

  listenForPeople() {
    for (const button of this.root.querySelectorAll("[data-act]")) {
      button.addEventListener("click", () => this.do(() => act(this.person, button.dataset.act)));
    }
    at("silence-set").addEventListener("click", () => {
      const hours = Number(at("silence").value);
      this.do(() => call("PATCH", `people/${this.person}`, { hours_silent: hours }));
    });
    at("staff-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const text = at("staff-text").value.trim();
      if (!text) return;
      this.do(() => act(this.person, "staff", { text }), "Cán bộ đã trả lời.");
      at("staff-text").value = "";
    });
  }

  listenForZalo() {
    at("government").addEventListener("change", (event) => {
      this.do(() => call("PATCH", "settings", { government: event.target.checked }));
    });
    at("rate-form").addEventListener("submit", (event) => {
      event.preventDefault();
      const limit = Number(at("rate").value) || null;
      this.do(() => call("PATCH", "settings", { rate_limit_per_minute: limit }));
    });
  }

  listenForFaults() {
    at("fault-form").addEventListener("submit", async (event) => {
      event.preventDefault();
      const fault = {
        kind: at("fault-kind").value,
        code: Number(at("fault-code").value),
        seconds: Number(at("fault-seconds").value),
        times: Number(at("fault-times").value) || null,
      };
      await this.do(() => call("POST", "faults", fault), "Đã thêm sự cố.");
      this.listFaults();
    });
    at("fault-clear").addEventListener("click", async () => {
      await this.do(() => call("DELETE", "faults"), "Đã xóa mọi sự cố.");
      this.listFaults();
    });
  }

  async listFaults() {
    const { faults } = await call("GET", "faults");
    const lines = faults.map((fault) => {
      const often = fault.times === null ? "luôn luôn" : `còn ${fault.times} lần`;
      return element("li", { text: `${KINDS[fault.kind](fault)} – ${often}` });
    });
    at("fault-list").replaceChildren(...lines);
  }

  listenForWebhook() {
    const answered = ({ ok, status }) => (ok ? "Webhook trả lời 200." : `Webhook không trả lời 200 (${status}).`);
    at("hook-check").addEventListener("click", () => this.do(() => call("POST", "webhook/check"), answered));
    at("hook-retry").addEventListener("click", () => this.do(() => call("POST", "webhook/retry")));
    at("hook-repeat").addEventListener("click", () => this.do(() => call("POST", "webhook/repeat", {})));
    at("reset").addEventListener("click", () => {
      if (window.confirm("Xóa hết người và tin nhắn của trình giả lập?")) this.page.reset();
    });
  }

  update({ people, government, rate_limit_per_minute: limit, faults }) {
    this.listPeople(people);
    at("government").checked = government;
    if (document.activeElement !== at("rate")) at("rate").value = limit ?? "";
    if (!this.root.hidden && faults !== at("fault-list").childElementCount) this.listFaults();
  }

  listPeople(people) {
    const select = at("who");
    const key = people.map((person) => person.id).join();
    if (select.dataset.key === key) return;
    const chosen = select.value;
    select.dataset.key = key;
    select.replaceChildren(...people.map(({ id, name }) => element("option", { value: id, text: name })));
    if (chosen && people.some(({ id }) => id === chosen)) select.value = chosen;
  }

  choose(personId) {
    if (this.root.hidden) at("who").value = personId;
  }
}
