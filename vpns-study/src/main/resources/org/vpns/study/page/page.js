/** What the scripts of all sections share. A section's script adds a function that draws it. */
var page = (function () {
  "use strict";
  var charts = typeof Chart !== "undefined";
  var drawn = {}, parts = [], closed = [];
  var dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2]];
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

  /** Draws on the canvas of this id, unless it is there already or cannot be seen. */
  function chart(id, config) {
    var canvas = document.getElementById(id);
    if (charts && !drawn[id] && !canvas.closest("details:not([open]), [hidden]")) {
      canvas.parentNode.style.minHeight = "";
      drawn[id] = new Chart(canvas, config());
    }
  }

  /** The look of one of many series, the same in every chart of a method. */
  function look(i) {
    var of = colour("s" + i % 6);
    return {
      borderColor: of, backgroundColor: of, borderWidth: 1.8, borderDash: dashes[Math.floor(i / 6) % dashes.length],
      pointStyle: ["circle", "rect", "triangle", "rectRot", "crossRot", "star", "cross"][i % 7], pointRadius: 4
    };
  }

  /** Whether the reader chose this row of the comparison. */
  function chosen(row) {
    return !api.rows || api.rows.indexOf(row) >= 0;
  }

  /** An axis of accuracies in percent, some of which are these: none goes on beyond 100 or below 0. */
  function percents(all, title, more) {
    var low = Math.min.apply(null, all), high = Math.max.apply(null, all);
    var room = Object.assign({ grace: "6%", suggestedMin: low, suggestedMax: high }, more || {});
    var beside = 0.2 * (high - low);
    return axis(title, Object.assign(room, high + beside > 100 ? { max: 100 } : {}, low - beside < 0 ? { min: 0 } : {}));
  }

  /** Where the points of series are, those without a value left out. */
  function heights(sets) {
    return [].concat.apply([], sets.map(function (set) {
      return set.data.map(function (point) { return point.y; });
    })).filter(function (y) { return !isNaN(y); });
  }

  // Names that take many lines, and long ones of layers, get room below the plot, which keeps its
  // size. The engine of the charts gives names half of the height at most.
  var names = {
    id: "names",
    afterLayout: function (chart) {
      if (!chart.options.plugins.legend.grows) return;
      var lines = chart.legend.lineWidths.length, height = 22 * lines + 14;
      var short = Math.max(260 - (chart.chartArea.bottom - chart.chartArea.top), 0);
      var needed = Math.max(lines > 2 ? Math.max(height + 362, 2 * height) : 0, short ? chart.height + short : 0);
      if (needed > chart.height) chart.canvas.parentNode.style.minHeight = Math.ceil(needed) + "px";
    }
  };

  if (charts) Chart.register(names);

  /** Names of the series below a chart; what belongs to one appears and vanishes with it. */
  function legend() {
    return {
      position: "bottom",
      grows: true,
      labels: {
        color: colour("text"), usePointStyle: true,
        filter: function (item, data) { return !data.datasets[item.datasetIndex].part; }
      },
      onClick: function (event, item, legend) {
        var chart = legend.chart, shown = !chart.isDatasetVisible(item.datasetIndex);
        chart.data.datasets.forEach(function (set, i) {
          if (set.of === chart.data.datasets[item.datasetIndex].of) chart.setDatasetVisibility(i, shown);
        });
        chart.update();
      }
    };
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
    closed = list("details.arm, details.drawn").filter(function (d) { return !d.open; });
    closed.forEach(function (d) { d.open = true; });
    document.documentElement.setAttribute("data-print", "");
    redraw();
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (d) { d.open = false; });
    document.documentElement.removeAttribute("data-print");
    redraw();
  });

  /** A number where the whole cell is one, text else; null where it says nothing. */
  function value(cell) {
    var text = cell.textContent, number = Number(text.replace(/,/g, ""));
    return text === "-" ? null : isNaN(number) ? text : number;
  }

  /**
   * Lets the reader order a table by a click on a title: text from its beginning, numbers from the
   * largest, a second click turns the order round. The rows in their new order are for `show`.
   */
  function sortable(table, show) {
    var by = -1, up = false;
    var lines = Array.prototype.map.call(table.tBodies[0].rows, function (row) {
      return { row: row, cells: Array.prototype.map.call(row.cells, value) };
    });

    function compare(a, b) {
      var x = a.cells[by], y = b.cells[by];
      if (x === null || y === null) return (x === null) - (y === null);
      var order = typeof x !== typeof y ? (typeof x === "number" ? -1 : 1) : x < y ? -1 : x > y ? 1 : 0;
      return up ? order : -order;
    }

    Array.prototype.forEach.call(table.tHead.rows[0].cells, function (title, column) {
      if (!title.textContent) return;
      var button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.textContent = title.textContent;
      title.textContent = "";
      title.appendChild(button);
      button.addEventListener("click", function () {
        up = by === column ? !up : typeof lines[0].cells[column] === "string";
        by = column;
        table.querySelectorAll("thead th").forEach(function (other) { other.removeAttribute("aria-sort"); });
        title.setAttribute("aria-sort", up ? "ascending" : "descending");
        show(lines.slice().sort(compare).map(function (line) { return line.row; }));
      });
    });
  }

  list("table.sortable").forEach(function (table) {
    var body = table.tBodies[0];
    sortable(table, function (rows) { body.replaceChildren.apply(body, rows); });
  });
  list("details.drawn").forEach(function (d) { d.addEventListener("toggle", draw); });

  var api = {
    data: JSON.parse(document.getElementById("data").textContent),
    dashes: dashes,
    /** Rows of the comparison as the reader chose them, in order; null for all. */
    rows: null,
    list: list, colour: colour, axis: axis, chart: chart, clear: clear, draw: draw, redraw: redraw,
    look: look, chosen: chosen, legend: legend, percents: percents, heights: heights, sortable: sortable,
    add: function (part) { parts.push(part); }
  };
  return api;
})();
