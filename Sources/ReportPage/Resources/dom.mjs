// SPDX-License-Identifier: Apache-2.0
//
// Makes elements. Text is only ever set as text: no name of a trace becomes markup.

/**
 * An element with properties, attributes where the name has a dash or is `role`, and children;
 * children that are nothing are left out.
 */
export function el(name, properties = {}, ...children) {
  const [tag, ...classes] = name.split('.');
  const element = document.createElement(tag);
  if (classes.length > 0) element.className = classes.join(' ');
  for (const [key, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (key === 'role' || key === 'for' || key.includes('-')) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** An element of an SVG picture. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

/** Puts an element, or several, in the place of what is in another. */
export function fill(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child));
}

export function byId(id) {
  return document.getElementById(id);
}

/** A group of buttons one of which is pressed. */
export function choice(label, options, current, choose) {
  const buttons = options.map(({ id, name, about }) =>
    el('button', {
      type: 'button', textContent: name, title: about, 'data-id': id,
      'aria-pressed': String(id === current), onclick: () => choose(id),
    }));
  const group = el('div.choice', { role: 'group', 'aria-label': label }, buttons);
  group.select = (id) => {
    for (const button of buttons) {
      button.setAttribute('aria-pressed', String(button.dataset.id === id));
    }
  };
  return group;
}

/** A box to tick. */
export function tickBox(label, isTicked, change) {
  const box = el('input', {
    type: 'checkbox', name: label, checked: isTicked, onchange: () => change(box.checked),
  });
  return el('label.tick', {}, box, label);
}

/** Something to copy, with a button that does. */
export function copyButton(label, text) {
  const button = el('button.quiet', {
    type: 'button', textContent: label,
    onclick: async () => {
      try {
        await navigator.clipboard.writeText(text());
        button.textContent = 'Copied';
      } catch {
        button.textContent = 'The browser does not let it be copied';
      }
    },
  });
  return button;
}
