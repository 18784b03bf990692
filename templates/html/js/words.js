/* Phrases of the page's language: "{x}" is where a formula or a number goes. */

/* What must not begin a line. */
const MARKS = /^[,.;:!?)、，。；：！？）」』”]+/;

/* A mark stays on the line of the formula before it. */
function glued(nodes) {
  for (const node of Array.from(nodes.childNodes)) {
    const next = node.nextSibling, found = node.nodeName === "math" && next && next.nodeType === Node.TEXT_NODE && MARKS.exec(next.data);
    if (!found) continue;
    const both = element("span", { class: "glued" });
    next.data = next.data.slice(found[0].length);
    node.replaceWith(both);
    both.append(node, found[0]);
  }
  return nodes;
}

function element(tag, attributes, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

class Words {
  constructor(phrases) {
    this.phrases = phrases;
    this.space = document.documentElement.lang.startsWith("zh") ? "" : " ";
  }

  text(key, values = {}) {
    return this.phrases[key].replace(/\{(\w+)\}/g, (_, name) => String(values[name]));
  }

  /* The phrase as nodes, its values put in as they are. */
  say(key, values = {}) {
    const out = document.createDocumentFragment();
    for (const part of this.phrases[key].split(/(\{\w+\})/)) {
      const name = /^\{(\w+)\}$/.exec(part);
      out.append(name ? values[name[1]] : part);
    }
    return glued(out);
  }

  list(items) {
    const out = document.createDocumentFragment();
    items.forEach((item, k) => {
      if (k) out.append(this.phrases[k === items.length - 1 ? "and" : "comma"]);
      out.append(item);
    });
    return out;
  }
}
