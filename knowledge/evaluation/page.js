const form = document.getElementById("filters");
const bare = (text) => text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
function filter() {
  const { fault, kind, words } = Object.fromEntries(new FormData(form));
  let shown = 0;
  for (const article of document.querySelectorAll("article")) {
    const fits = (!fault || article.dataset.faults.split(" ").includes(fault))
      && (!kind || article.dataset.kind === kind)
      && bare(article.textContent).includes(bare(words.trim()));
    article.hidden = !fits;
    shown += fits;
  }
  document.getElementById("shown").value = shown;
}
form.addEventListener("input", filter);
form.addEventListener("submit", (event) => event.preventDefault());
filter();
