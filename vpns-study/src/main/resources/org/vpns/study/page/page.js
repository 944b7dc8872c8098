/** What the scripts of all sections share. A section's script adds a function that draws it. */
var page = (function () {
  "use strict";
  var charts = typeof Chart !== "undefined";
  var drawn = {}, parts = [], closed = [];
  if (charts) {
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  }

  function list(selector) {
    return Array.prototype.slice.call(document.querySelectorAll(selector));
  }

  function colour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
  }

  function axis(title, more) {
    return Object.assign({
      title: { display: true, text: title, color: colour("soft") },
      ticks: { color: colour("soft"), maxRotation: 0 },
      grid: { color: colour("line") },
      border: { color: colour("line") }
    }, more || {});
  }

  /** Draws on the canvas of this id, unless it is there already. */
  function chart(id, config) {
    if (charts && !drawn[id]) drawn[id] = new Chart(document.getElementById(id), config());
  }

  /** Takes a chart away, so that it is drawn anew. */
  function clear(id) {
    if (drawn[id]) drawn[id].destroy();
    delete drawn[id];
  }

  function draw() {
    parts.forEach(function (part) { part(); });
  }

  function redraw() {
    Object.keys(drawn).forEach(clear);
    draw();
  }

  // Colours, and how long the lines of labels may be.
  ["(prefers-color-scheme: dark)", "(max-width: 480px)"].forEach(function (query) {
    window.matchMedia(query).addEventListener("change", redraw);
  });
  window.addEventListener("beforeprint", function () {
    closed = list("details.arm").filter(function (d) { return !d.open; });
    closed.forEach(function (d) { d.open = true; });
    document.documentElement.setAttribute("data-print", "");
    redraw();
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (d) { d.open = false; });
    document.documentElement.removeAttribute("data-print");
    redraw();
  });

  return {
    data: JSON.parse(document.getElementById("data").textContent),
    dashes: [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2]],
    /** Rows of the comparison as the reader chose them, in order; null for all. */
    rows: null,
    list: list, colour: colour, axis: axis, chart: chart, clear: clear, draw: draw,
    add: function (part) { parts.push(part); }
  };
})();
