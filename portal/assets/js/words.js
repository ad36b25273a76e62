// The reader's language: layouts/_script_words.html carries the sentences.
const holder = () => document.getElementById("script-words");

export function word(key, values = {}) {
  const text = holder()?.dataset[key] ?? "";
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// Elements of `root` (itself included) that match and were not handled before under this name.
export function fresh(root, selector, mark) {
  const found = [...root.querySelectorAll(selector)];
  if (root instanceof Element && root.matches(selector)) found.unshift(root);
  return found.filter((node) => {
    if (node.dataset[mark]) return false;
    node.dataset[mark] = "1";
    return true;
  });
}
