// Only an addition: without scripts the report shows everything, and has no filters.
(() => {
  const form = document.getElementById("filters");
  if (form) {
    const field = (name) => form.elements[name];
    const names = [...field("department").options].map((option) => option.text);
    const nodes = [...document.querySelectorAll("[data-of]")];
    const shared = [...document.querySelectorAll("[data-for]")];
    const entries = [...document.querySelectorAll(".entry")];
    const blocks = [...document.querySelectorAll(".block")];
    const parts = [...document.querySelectorAll(".part")];
    const origins = [...document.querySelectorAll(".origin")];
    const nothing = document.getElementById("nothing");

    // Somebody is found by all that the page has about them, in whatever section it is.
    const people = new Map();
    const add = (number, ...texts) => {
      if (!people.has(number)) people.set(number, { words: "", departments: [] });
      people.get(number).words += ` ${texts.join(" ").toLowerCase()}`;
    };
    const common = new Map();
    const about = (entry) => {
      if (!common.has(entry)) {
        const own = [...entry.querySelectorAll(":scope > p, :scope > .lines")];
        const titles = [entry.closest(".block")?.firstElementChild, entry.closest(".part").firstElementChild];
        const all = [...own, ...titles.filter((node) => node && /^H\d$/.test(node.tagName))];
        common.set(entry, all.map((node) => node.textContent).join(" "));
      }
      return common.get(entry);
    };
    for (const node of nodes) {
      const { of, words, departments } = node.dataset;
      add(of, about(node.closest(".entry")), node.textContent, words || "");
      if (departments) {
        const numbers = departments.split(" ");
        people.get(of).departments = numbers;
        add(of, ...numbers.map((number) => names[Number(number) + 1]));
      }
    }
    for (const node of shared) {
      for (const number of node.dataset.for.split(" ")) add(number, node.textContent);
    }

    // A search unfolds the names in which it finds somebody, and folds them again afterwards.
    const unfold = (entry, searching) => {
      const fold = entry.querySelector(":scope > .names");
      if (!fold) return;
      if (searching && !fold.open) {
        fold.open = true;
        fold.dataset.unfolded = "1";
      } else if (!searching && fold.dataset.unfolded) {
        fold.open = false;
        delete fold.dataset.unfolded;
      }
    };

    const filter = () => {
      const words = field("text").value.toLowerCase().split(/\s+/).filter(Boolean);
      const department = field("department").value;
      const searching = words.length > 0 || department !== "";
      const shown = new Set();
      for (const [number, person] of people) {
        const fits =
          (!department || person.departments.includes(department)) &&
          words.every((word) => person.words.includes(word));
        if (fits) shown.add(number);
      }
      for (const node of nodes) node.hidden = !shown.has(node.dataset.of);
      for (const node of shared) node.hidden = !node.dataset.for.split(" ").some((one) => shown.has(one));
      for (const entry of entries) {
        if (!entry.dataset.of) entry.hidden = !entry.querySelector("[data-of]:not([hidden])");
        unfold(entry, searching);
      }
      for (const block of blocks) block.hidden = !block.querySelector(".entry:not([hidden])");
      for (const part of parts) part.hidden = !part.querySelector(".entry:not([hidden])");
      for (const origin of origins) origin.hidden = !origin.querySelector(".part:not([hidden])");
      nothing.hidden = shown.size > 0;
      field("shown").value = `${shown.size} of ${people.size} shown`;
      form.removeAttribute("aria-busy");
    };

    startFilters(form, filter);
  }
  // Older browsers print no closed details.
  window.addEventListener("beforeprint", () => {
    for (const node of document.querySelectorAll("details:not([open])")) node.open = true;
  });
})();
