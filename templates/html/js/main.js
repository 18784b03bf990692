/* Start: every layer of the page by itself. */

for (const root of document.querySelectorAll("[data-explore]")) {
  const data = JSON.parse(document.getElementById(root.dataset.source).textContent);
  const explorer = new Explorer(root, data);
  const section = (name) => root.querySelector(`[data-section="${name}"]`);
  new NumberPanel(explorer, section("numbers"));
  new RegionMap(explorer, section("map"));
  new Sweep(explorer, section("sweep"));
  new Quiz(explorer, section("quiz"));
  root.hidden = false;
  if (!explorer.follow()) explorer.refresh();
  window.addEventListener("hashchange", () => explorer.follow());
}
document.documentElement.classList.add("ready");
