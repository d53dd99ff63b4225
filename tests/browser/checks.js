// What a browser knows of a page that its source does not say. Each function returns a list of faults in words.
(() => {
  const name = (element) => {
    const id = element.id ? `#${element.id}` : "";
    const classes = [...element.classList].map((one) => `.${one}`).join("");
    const words = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}${id}${classes}>${words ? ` “${words}”` : ""}`;
  };

  const isShown = (element) => {
    if (!element.checkVisibility({ opacityProperty: true, visibilityProperty: true, contentVisibilityAuto: true })) return false;
    const box = element.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  };

  const texts = function* (root) {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const node = walker.currentNode;
      if (node.data.trim() && !/^(script|style|title|desc|noscript)$/.test(node.parentElement.localName)) yield node;
    }
  };

  const words = (node) => node.data.trim().replace(/[\s\u00ad]+/g, " ");

  // Names, and titles in quotation marks, are the same in every language.
  const isNorwegian = (text) =>
    (text.replace(/[“«][^”»]*[”»]/g, "").match(/\p{L}+/gu) ?? []).some((word) => /^\p{Ll}/u.test(word) && /[æøå]/i.test(word));

  // Colours, as the browser paints them.
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  let painted = new Map();
  const rgba = (colour) => {
    if (!painted.has(colour)) painted.set(colour, paint(colour));
    return painted.get(colour);
  };
  const paint = (colour) => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = "#000";
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
    return [r, g, b, a / 255];
  };
  const over = ([r, g, b, a], below) => [r, g, b].map((one, at) => one * a + below[at] * (1 - a));
  const luminance = (colour) => {
    const [r, g, b] = colour.map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (one, other) => {
    const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
  };
  const opacity = (element) => {
    let product = 1;
    for (let one = element; one; one = one.parentElement) product *= Number(getComputedStyle(one).opacity);
    return product;
  };
  let surfaces = new WeakMap();
  const surface = (element) => {
    if (!surfaces.has(element)) surfaces.set(element, paintOf(element));
    return surfaces.get(element);
  };
  const paintOf = (element) => {
    const style = getComputedStyle(element);
    const drawn = element instanceof SVGGeometryElement;
    if (drawn && style.fill.startsWith("url")) return [0, 0, 0, 0];
    const [r, g, b, a] = rgba(drawn ? (style.fill === "none" ? "transparent" : style.fill) : style.backgroundColor);
    return [r, g, b, a * (drawn ? Number(style.fillOpacity) : 1) * opacity(element)];
  };
  let paper = [255, 255, 255];
  const lookAnew = () => {
    painted = new Map();
    surfaces = new WeakMap();
    const probe = document.createElement("div");
    probe.style.backgroundColor = "Canvas";
    document.documentElement.append(probe);
    paper = rgba(getComputedStyle(probe).backgroundColor).slice(0, 3);
    probe.remove();
  };
  const flatten = (layers) => layers.reduceRight((below, layer) => over(layer, below), paper);
  const ancestors = (element) => {
    const found = [];
    for (let one = element; one; one = one.parentElement) found.push(surface(one));
    return found;
  };
  const behind = (element) => {
    const svg = element.closest("svg");
    if (!svg) return flatten(ancestors(element));
    element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
    const box = element.getBoundingClientRect();
    const stack = document.elementsFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const below = stack.filter((one) => svg.contains(one) && one instanceof SVGGeometryElement && !element.contains(one));
    return flatten([...below.map(surface), ...ancestors(svg)]);
  };
  const ink = (element, colour) => {
    const [r, g, b, a] = rgba(colour);
    return [r, g, b, a * opacity(element)];
  };
  const isDisabled = (element) => element.closest(":disabled, [aria-disabled=true]") !== null;

  // How far a length in an SVG is from a CSS pixel.
  const scale = (element) => {
    const matrix = element.getScreenCTM();
    return matrix ? Math.sqrt(Math.abs(matrix.a * matrix.d - matrix.b * matrix.c)) : 1;
  };

  const scrolls = (element) => {
    for (let one = element; one && one !== document.body; one = one.parentElement) {
      if (getComputedStyle(one).overflowX !== "visible") return true;
    }
    return false;
  };

  const FOCUSABLE = "a[href], button, input, select, textarea, summary, iframe, audio[controls], video[controls], [contenteditable=true], [tabindex]";
  const isStop = (element) => {
    if (element.tabIndex < 0 || element.disabled || element.closest("[inert]") || element.type === "hidden") return false;
    if (element.localName === "summary" && element.parentElement.querySelector("summary") !== element) return false;
    if (element.type === "radio" && !element.checked) {
      const group = document.querySelectorAll(`input[type=radio][name="${CSS.escape(element.name)}"]`);
      if (element.name && ([...group].some((one) => one.checked) || group[0] !== element)) return false;
    }
    return element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true });
  };
  const look = (element) => {
    const style = getComputedStyle(element);
    const outline = style.outlineStyle === "none" || style.outlineWidth === "0px" ? "" : style.outline;
    const own = [outline, style.boxShadow, style.borderColor, style.backgroundColor, style.textDecorationLine];
    if (!(element instanceof SVGElement)) return own.join("|");
    const drawn = [...element.querySelectorAll("*")].slice(0, 6).map((one) => {
      const { stroke, strokeWidth, fill, outlineStyle } = getComputedStyle(one);
      return [stroke, strokeWidth, fill, outlineStyle].join("|");
    });
    return [...own, ...drawn].join("|");
  };
  const looks = (element) => [element, element.parentElement].filter(Boolean).map(look);

  let journey = { stops: [], before: new Map(), met: [] };

  return {
    sideways() {
      const root = document.documentElement;
      const faults = [];
      if (root.scrollWidth > root.clientWidth) faults.push(`the page is ${root.scrollWidth} wide where ${root.clientWidth} fit`);
      for (const element of document.body.querySelectorAll("*")) {
        const box = element.getBoundingClientRect();
        if (box.right > root.clientWidth + 1 && isShown(element) && !scrolls(element.parentElement)) {
          faults.push(`${name(element)} ends at ${Math.round(box.right)} of ${root.clientWidth}`);
        }
      }
      return faults.slice(0, 5);
    },

    clipped() {
      const faults = [];
      for (const element of document.body.querySelectorAll("*")) {
        const style = getComputedStyle(element);
        const hides = (way) => way === "hidden" || way === "clip";
        if (!isShown(element) || element instanceof SVGElement) continue;
        if (hides(style.overflowX) && element.scrollWidth > element.clientWidth + 1) faults.push(`${name(element)} is cut at its side`);
        if (hides(style.overflowY) && element.scrollHeight > element.clientHeight + 2) faults.push(`${name(element)} is cut below`);
      }
      for (const text of document.querySelectorAll("svg text")) {
        if (!isShown(text)) continue;
        const [inner, outer] = [text.getBoundingClientRect(), text.closest("svg").getBoundingClientRect()];
        const air = inner.height * 0.15;
        const [aside, above] = [
          Math.max(outer.left - inner.left, inner.right - outer.right),
          Math.max(outer.top - inner.top, inner.bottom - outer.bottom) - air,
        ];
        const out = Math.max(aside, above);
        if (out > 1) faults.push(`${name(text)} sticks ${out.toFixed(1)} px out of its drawing`);
      }
      return faults.slice(0, 5);
    },

    collisions() {
      const faults = [];
      for (const svg of document.querySelectorAll("svg")) {
        const shown = [...svg.querySelectorAll("text")].filter((one) => isShown(one) && one.textContent.trim());
        const boxes = shown.map((one) => one.getBoundingClientRect());
        boxes.forEach((one, at) => boxes.slice(at + 1).forEach((other, beyond) => {
          const wide = Math.min(one.right, other.right) - Math.max(one.left, other.left);
          const high = Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top);
          const slack = Math.min(one.height, other.height) * 0.3;
          if (wide > 1 && high > slack) faults.push(`${name(shown[at])} lies on ${name(shown[at + 1 + beyond])}`);
        }));
      }
      return faults.slice(0, 5);
    },

    smallText() {
      const faults = [];
      for (const node of texts(document.body)) {
        const element = node.parentElement;
        if (!element.closest("svg") || !isShown(element)) continue;
        const size = parseFloat(getComputedStyle(element).fontSize) * scale(element);
        if (size < 11.95) faults.push(`${name(element)} is ${size.toFixed(1)} px`);
      }
      return faults.slice(0, 5);
    },

    contrast() {
      lookAnew();
      const faults = [];
      const judged = new Set();
      const judge = (element, colour, what) => {
        const style = getComputedStyle(element);
        const size = parseFloat(style.fontSize);
        const least = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700) ? 3 : 4.5;
        const ground = behind(element);
        const found = ratio(over(ink(element, colour), ground), ground);
        if (found < least) faults.push(`${what}: ${found.toFixed(2)}, at least ${least} (${colour} on ${ground.map(Math.round)})`);
      };
      for (const node of texts(document.body)) {
        const element = node.parentElement;
        if (judged.has(element) || !isShown(element) || isDisabled(element)) continue;
        judged.add(element);
        const style = getComputedStyle(element);
        judge(element, element.closest("svg") && element.localName !== "a" ? style.fill : style.color, name(element));
      }
      for (const field of document.querySelectorAll("input, textarea, select")) {
        if (!isShown(field) || isDisabled(field) || /^(checkbox|radio|range|color|hidden)$/.test(field.type)) continue;
        judge(field, getComputedStyle(field).color, `text in ${name(field)}`);
        if (field.placeholder) judge(field, getComputedStyle(field, "::placeholder").color, `placeholder of ${name(field)}`);
        const style = getComputedStyle(field);
        const outside = behind(field.parentElement);
        const edge = parseFloat(style.borderTopWidth) || parseFloat(style.borderBottomWidth) ? over(ink(field, style.borderBottomColor), outside) : outside;
        const best = Math.max(ratio(edge, outside), ratio(behind(field), outside));
        if (best < 3) faults.push(`the edge of ${name(field)}: ${best.toFixed(2)}, at least 3`);
      }
      return faults.slice(0, 8);
    },

    faintOnPaper() {
      lookAnew();
      const faults = [];
      for (const node of texts(document.querySelector("main") ?? document.body)) {
        const element = node.parentElement;
        if (!isShown(element) || element.closest("nav, form, button, .ds-button")) continue;
        const style = getComputedStyle(element);
        const colour = element.closest("svg") && element.localName !== "a" ? style.fill : style.color;
        const found = ratio(over(ink(element, colour), [255, 255, 255]), [255, 255, 255]);
        if (found < 4.5) faults.push(`${name(element)}: ${found.toFixed(2)} on white paper`);
      }
      return faults.slice(0, 5);
    },

    marks() {
      lookAnew();
      const faults = [];
      for (const mark of document.querySelectorAll("figure svg :is(.mark, .mark *, [data-value])")) {
        if (!(mark instanceof SVGGeometryElement) || !isShown(mark)) continue;
        const style = getComputedStyle(mark);
        const ground = flatten(ancestors(mark.closest("svg")));
        const painted = [style.fill, style.stroke].filter((one) => one !== "none" && !one.startsWith("url"));
        const best = Math.max(1, ...painted.map((one) => ratio(over(ink(mark, one), ground), ground)));
        if (best < 3) faults.push(`${name(mark)} in ${name(mark.closest("figure"))}: ${best.toFixed(2)}, at least 3`);
      }
      return faults.slice(0, 5);
    },

    structure(language) {
      const faults = [];
      const headings = [...document.querySelectorAll("h1")];
      if (headings.length !== 1) faults.push(`${headings.length} h1`);
      if (document.documentElement.lang !== language) faults.push(`html says lang=${document.documentElement.lang}`);
      let last = 0;
      for (const heading of document.querySelectorAll("h1, h2, h3, h4, h5, h6")) {
        const level = Number(heading.localName[1]);
        if (level > last + 1) faults.push(`${name(heading)} follows a heading of level ${last}`);
        last = level;
      }
      for (const element of document.querySelectorAll("[style], script:not([src]):not([type$=json]), style")) {
        faults.push(`${name(element)} is inline`);
      }
      const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
      ids.filter((one, at) => ids.indexOf(one) !== at).forEach((one) => faults.push(`id “${one}” stands twice`));
      return faults;
    },

    foreign() {
      const faults = [];
      for (const node of texts(document.body)) {
        const tagged = node.parentElement.closest("[lang]");
        if (isNorwegian(node.data) && tagged.lang.startsWith("en") && !node.parentElement.closest("code, pre, textarea, [translate=no]")) {
          faults.push(`“${words(node).slice(0, 80)}”`);
        }
      }
      return [...new Set(faults)].slice(0, 8);
    },

    figures() {
      const faults = [];
      for (const figure of document.querySelectorAll("figure")) {
        const svg = figure.querySelector("svg");
        if (!svg) continue;
        const rows = figure.querySelectorAll("table tbody tr");
        if (!rows.length) faults.push(`${name(figure)} has no table`);
        const numbers = (text) => text.replace(/[\u00a0\u202f\u2009](?=\d)/g, "").match(/[−-]?\d+(?:[.,]\d+)?/g) ?? [];
        const told = new Set(numbers([...rows].map((row) => row.textContent).join(" ; ")));
        for (const mark of figure.querySelectorAll("svg .mark > title, svg .value")) {
          const [number] = numbers(mark.textContent);
          if (number && !told.has(number)) faults.push(`${number} is drawn in ${name(figure)}, but not in its table`);
        }
        if (!svg.querySelector(":scope > title") && !svg.hasAttribute("aria-label")) faults.push(`the drawing of ${name(figure)} has no name`);
      }
      return faults.slice(0, 8);
    },

    shownTexts(beside = "nav, form, button, dialog, summary, [data-measured]") {
      const main = document.querySelector("main") ?? document.body;
      const found = [...texts(main)].filter((node) => !node.parentElement.closest(beside) && isShown(node.parentElement));
      return [...new Set(found.map(words))];
    },

    ways() {
      const links = [...document.querySelectorAll("a[href]")].map((one) => new URL(one.getAttribute("href"), document.baseURI).href);
      const forms = [...document.querySelectorAll("form")].map((form) => {
        const fields = [...form.elements].map((field) => field.name).filter(Boolean);
        return `${form.method} ${new URL(form.action).pathname} ${[...new Set(fields)].sort()}`;
      });
      return [...new Set(links), ...forms];
    },

    setOut() {
      window.getSelection().removeAllRanges();
      document.activeElement?.blur();
      const stops = [...document.querySelectorAll(FOCUSABLE)].filter(isStop);
      journey = { stops, before: new Map(stops.map((stop) => [stop, looks(stop)])), met: [] };
      document.addEventListener("focusin", (event) => journey.met.push([event.target, looks(event.target)]), true);
      return stops.length;
    },

    metSoFar: () => journey.met.length,

    arrive() {
      const faults = [];
      const met = journey.met.map(([element]) => element);
      const wanted = new Set(journey.stops);
      const order = [...new Set(met.filter((one) => wanted.has(one)))];
      journey.stops.filter((stop) => !met.includes(stop)).forEach((stop) => faults.push(`Tab does not reach ${name(stop)}`));
      if (!faults.length) {
        const at = journey.stops.findIndex((stop, index) => stop !== order[index]);
        if (at >= 0) faults.push(`Tab reaches ${name(order[at])} before ${name(journey.stops[at])}`);
      }
      for (const [element, after] of journey.met) {
        const before = journey.before.get(element);
        if (before && before.every((one, at) => one === after[at])) faults.push(`focus does not show on ${name(element)}`);
      }
      return faults.slice(0, 8);
    },
  };
})()
