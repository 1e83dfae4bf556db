// Comforts for the officials' pages. Every page works without this file.
"use strict";

(() => {
  const body = document.body;
  const DAY = 24 * 60 * 60 * 1000;
  const PREFIX = `nhap:`;

  // -- typed words survive a sign-out; forgotten when the server says they arrived, or after a day ----------

  const draftKey = (form) => `${PREFIX}${body.dataset.user}:${form.dataset.draft}`;
  const read = (key) => {
    try { return JSON.parse(localStorage.getItem(key)); } catch { return null; }
  };

  function forgetOld() {
    for (const key of Object.keys(localStorage).filter((name) => name.startsWith(PREFIX))) {
      const kept = read(key);
      if (!kept || Date.now() - kept.at > DAY) localStorage.removeItem(key);
    }
  }

  function forgetDone() {
    const done = document.getElementById("drafts-done");
    for (const key of (done?.dataset.keys || "").split(" ").filter(Boolean)) {
      localStorage.removeItem(`${PREFIX}${body.dataset.user}:${key}`);
    }
  }

  const typedFields = (form) =>
    [...form.elements].filter((field) => field.name && field.matches("textarea, input:not([type]), input[type=text]"));

  function keep(form, all = false) {
    const changed = typedFields(form).filter((field) => (all ? field.value : field.value !== field.defaultValue));
    if (!changed.length) return localStorage.removeItem(draftKey(form));
    const values = Object.fromEntries(changed.map((field) => [field.name, field.value]));
    localStorage.setItem(draftKey(form), JSON.stringify({ at: Date.now(), values }));
  }

  function restore(form) {
    if (form.dataset.fresh) return keep(form, true); // the server sent back what was typed, perhaps with more
    const kept = read(draftKey(form));
    if (!kept) return;
    let restored = false;
    for (const field of typedFields(form)) {
      const value = kept.values[field.name];
      if (value !== undefined && field.value === field.defaultValue && field.value !== value) {
        field.value = value;
        restored = true;
      }
    }
    if (restored) {
      const note = document.createElement("p");
      note.className = "notice";
      note.setAttribute("role", "status");
      note.textContent = "Đã lấy lại chữ đang soạn dở.";
      form.prepend(note);
    }
  }

  function watchDrafts(root) {
    if (!body.dataset.user) return;
    for (const form of root.querySelectorAll("form[data-draft]:not([data-watched])")) {
      form.dataset.watched = "1";
      restore(form);
      form.addEventListener("input", () => keep(form));
    }
  }

  // -- a machine left alone signs out by itself ---------------------------------------------------------------

  function watchIdle() {
    const limit = Number(body.dataset.idleSeconds) * 1000;
    const warning = document.getElementById("idle-warning");
    if (!limit || !warning) return;
    const before = Math.min(120000, limit / 2);
    let last = Date.now(), told = Date.now();
    const tell = () => { told = Date.now(); fetch(body.dataset.stillHere, { credentials: "same-origin" }); };
    const active = () => {
      last = Date.now();
      warning.hidden = true;
      if (last - told > 5 * 60 * 1000) tell();
    };
    for (const kind of ["keydown", "pointerdown", "scroll"]) addEventListener(kind, active, { passive: true });
    document.getElementById("idle-stay").addEventListener("click", () => { tell(); active(); });
    setInterval(() => {
      const idle = Date.now() - last;
      if (idle >= limit) return location.assign(body.dataset.signIn);
      if (idle >= limit - before && warning.hidden) warning.hidden = false;
    }, 1000);
  }

  // -- small comforts -----------------------------------------------------------------------------------------

  function showPasswords() {
    for (const button of document.querySelectorAll("[data-show-password]")) {
      button.hidden = false;
      button.addEventListener("click", () => {
        const shown = button.getAttribute("aria-pressed") === "true";
        button.setAttribute("aria-pressed", String(!shown));
        button.textContent = shown ? "Hiện mật khẩu" : "Giấu mật khẩu";
        for (const id of button.dataset.showPassword.split(" ")) {
          document.getElementById(id).type = shown ? "password" : "text";
        }
      });
    }
  }

  function copyButtons() {
    if (!navigator.clipboard) return;
    for (const button of document.querySelectorAll("[data-copy]")) {
      button.hidden = false;
      button.addEventListener("click", async () => {
        await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
        button.textContent = "Đã chép";
      });
    }
  }

  forgetOld();
  forgetDone();
  watchDrafts(document);
  watchIdle();
  showPasswords();
  copyButtons();
  body.addEventListener("htmx:load", (event) => watchDrafts(event.detail.elt));
  document.getElementById("form-error")?.focus();
})();
