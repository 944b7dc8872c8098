(function () {
  "use strict";
  var data = JSON.parse(document.getElementById("data").textContent);
  if (typeof Chart === "undefined") return;
  Chart.defaults.animation = false;
  Chart.defaults.maintainAspectRatio = false;
  Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
  var drawn = {};
  var dashes = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 2], [1, 2]];

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

  // Upright lines where a stage ends, with the names of the stages at the top.
  function stageLines(ends) {
    return {
      id: "stages",
      beforeDatasetsDraw: function (chart) {
        if (ends.length < 2) return;
        var c = chart.ctx, area = chart.chartArea, x = chart.scales.x, from = area.left;
        c.save();
        c.font = "11px " + Chart.defaults.font.family;
        c.textAlign = "center";
        c.textBaseline = "top";
        ends.forEach(function (end, i) {
          var to = Math.min(x.getPixelForValue(end.at), area.right);
          c.fillStyle = colour("soft");
          if (to - from > c.measureText(end.name).width + 6) {
            c.fillText(end.name, (from + to) / 2, area.top + 4);
          }
          if (i < ends.length - 1) {
            c.strokeStyle = colour("soft");
            c.setLineDash([4, 3]);
            c.beginPath();
            c.moveTo(to, area.top);
            c.lineTo(to, area.bottom);
            c.stroke();
          }
          from = to;
        });
        c.restore();
      }
    };
  }

  function line(id, sets, ends, xTitle, yTitle, xMax) {
    return new Chart(document.getElementById(id), {
      type: "line",
      data: { datasets: sets },
      plugins: [stageLines(ends)],
      options: {
        interaction: { mode: "nearest", axis: "x", intersect: false },
        parsing: false,
        plugins: {
          legend: {
            display: sets.length > 1,
            position: "bottom",
            // Boxes without height show the dashes of the lines.
            labels: { color: colour("text"), boxWidth: 34, boxHeight: 0 }
          },
          tooltip: { callbacks: { title: function (items) { return items.length ? xTitle + " " + items[0].parsed.x : ""; } } }
        },
        scales: {
          x: axis(xTitle, { type: "linear", min: 0, max: xMax }),
          y: axis(yTitle, { grace: "8%" })
        }
      }
    });
  }

  function set(label, points, i, more) {
    return Object.assign({
      label: label, data: points, borderColor: colour("s" + i % 6), backgroundColor: colour("s" + i % 6),
      borderDash: dashes[i % dashes.length], borderWidth: 1.8, pointRadius: 0, pointHitRadius: 6, spanGaps: false
    }, more || {});
  }

  function drawArm(arm) {
    var list = [], max = 0;
    if (document.getElementById(arm.id + "-loss")) {
      arm.losses.forEach(function (curve, i) {
        max = Math.max(max, curve.steps);
        list.push(set(arm.seeds[i], curve.points.map(function (y, p) {
          return { x: Math.min((p + 1) * curve.bucket, curve.steps), y: y === null ? NaN : y };
        }), i));
      });
      drawn[arm.id + "-loss"] = line(arm.id + "-loss", list,
        arm.stages.map(function (s) { return { name: s.name, at: s.steps }; }), "gradient step", "loss", max);
    }
    if (document.getElementById(arm.id + "-accuracy")) {
      list = [];
      max = arm.training.length;
      arm.validation.forEach(function (curve, i) {
        if (curve.some(function (y) { return y !== null; })) {
          max = Math.max(max, curve.length);
          list.push(set(arm.seeds[i], curve.map(function (y, e) { return { x: e + 1, y: y === null ? NaN : y }; }), i));
        }
      });
      list.push(set("training", arm.training.map(function (y, e) {
        return { x: e + 1, y: y === null ? NaN : y };
      }), 0, { borderColor: colour("soft"), backgroundColor: colour("soft"), borderDash: [1, 3] }));
      drawn[arm.id + "-accuracy"] = line(arm.id + "-accuracy", list,
        arm.stages.map(function (s) { return { name: s.name, at: s.epochs }; }), "epoch", "accuracy, %", max);
    }
  }

  // Mean and deviation of each row, under its runs.
  var means = {
    id: "means",
    beforeDatasetsDraw: function (chart) {
      var c = chart.ctx, x = chart.scales.x, y = chart.scales.y, area = chart.chartArea;
      c.save();
      chart.options.rows.forEach(function (row, i) {
        var at = x.getPixelForValue(row.mean), mid = y.getPixelForValue(i);
        if (row.deviation !== null) {
          var left = x.getPixelForValue(row.mean - row.deviation);
          var right = x.getPixelForValue(row.mean + row.deviation);
          c.fillStyle = colour("line");
          c.fillRect(left, mid - 7, Math.max(right - left, 1), 14);
        }
        c.fillStyle = colour("text");
        c.fillRect(at - 1, mid - 10, 2, 20);
        if (row.baseline) {
          c.strokeStyle = colour("soft");
          c.setLineDash([5, 4]);
          c.beginPath();
          c.moveTo(at, area.top);
          c.lineTo(at, area.bottom);
          c.stroke();
        }
      });
      c.restore();
    }
  };

  function drawOverview(view) {
    var canvas = document.getElementById(view.id);
    var room = canvas.parentNode.clientWidth < 420 ? 15 : 28;
    // The whole name, in as many lines as it takes.
    function label(i) {
      var lines = [];
      (view.points[i] ? view.points[i].method : "").split(" ").forEach(function (word) {
        var last = lines.length - 1;
        if (last >= 0 && (lines[last] + " " + word).length <= room) {
          lines[last] += " " + word;
          return;
        }
        for (; word.length > room; word = word.slice(room)) lines.push(word.slice(0, room));
        lines.push(word);
      });
      return lines;
    }
    var lines = view.points.map(function (_, i) { return label(i).length; });
    var step = Math.max(28, 6 + 15 * Math.max.apply(null, lines));
    canvas.parentNode.style.height = 105 + step * view.points.length + "px";
    function runs(prompted) {
      var list = [];
      view.points.forEach(function (row, i) {
        if (row.prompted === prompted) row.runs.forEach(function (v) { list.push({ x: v, y: i }); });
      });
      return list;
    }
    function marks(name, prompted, style, i) {
      return {
        label: name, data: runs(prompted), pointStyle: style, pointRadius: prompted ? 6 : 5, pointHoverRadius: 7,
        backgroundColor: colour("s" + i) + "99", borderColor: colour("s" + i), borderWidth: 1.5, clip: 8
      };
    }
    // No axis goes on beyond what an accuracy can be.
    function end() {
      var all = [].concat.apply([], view.points.map(function (row) { return row.runs; }));
      var low = Math.min.apply(null, all), high = Math.max.apply(null, all);
      return high + 0.06 * (high - low) > 100 ? { max: 100 } : {};
    }
    drawn[view.id] = new Chart(canvas, {
      type: "scatter",
      data: {
        datasets: [marks("without prompt", false, "circle", 0), marks("with prompt", true, "rectRot", 1)]
          .filter(function (s) { return s.data.length; })
      },
      plugins: [means],
      options: {
        rows: view.points,
        plugins: {
          legend: { position: "bottom", labels: { color: colour("text"), usePointStyle: true } },
          tooltip: {
            callbacks: {
              label: function (item) { return view.points[item.parsed.y].method + ": " + item.parsed.x.toFixed(2) + " %"; }
            }
          }
        },
        scales: {
          x: axis("accuracy, %", Object.assign({ grace: "6%" }, end())),
          y: axis("", {
            title: { display: false }, min: -0.6, max: view.points.length - 0.4, reverse: true,
            afterBuildTicks: function (a) { a.ticks = view.points.map(function (_, i) { return { value: i }; }); },
            ticks: { color: colour("text"), autoSkip: false, callback: function (v) { return label(v); } }
          })
        }
      }
    });
  }

  // What the reader chose: lines of the tables, in their order, and the same in the charts. A line
  // is a row of each table; both begin with method and sparsity.
  function joined(first, second) {
    return Array.prototype.slice.call(first.children).concat(Array.prototype.slice.call(second.children, 2));
  }
  var costs = document.querySelectorAll(".costs tbody tr");
  var lines = Array.prototype.map.call(document.querySelectorAll("tr[data-row]"), function (row, i) {
    return { row: row, cost: costs[i], cells: joined(row, costs[i]) };
  });
  var shown = lines;

  function chosen(view) {
    var points = [];
    shown.forEach(function (line) {
      view.points.forEach(function (p) { if ("row" + p.row === line.row.dataset.row) points.push(p); });
    });
    return points;
  }

  // The number that a cell begins with, text as it is; without either it comes last.
  function value(line, column) {
    var text = line.cells[column].textContent;
    var number = parseFloat(text.replace(/,/g, ""));
    return isNaN(number) ? (text === "-" ? null : text) : number;
  }

  function choose() {
    var words = filter.value.toLowerCase(), by = Number(order.value);
    var sorted = lines.slice();
    if (by >= 0) {
      sorted.sort(function (a, b) {
        var x = value(a, by), y = value(b, by);
        if (x === null || y === null) return (x === null) - (y === null);
        if (typeof x !== typeof y) return typeof x === "number" ? -1 : 1;
        return typeof x === "number" ? y - x : x < y ? -1 : x > y ? 1 : 0;
      });
    }
    shown = sorted.filter(function (line) { return line.cells[0].textContent.toLowerCase().indexOf(words) >= 0; });
    sorted.forEach(function (line) {
      [line.row, line.cost].forEach(function (row) {
        row.hidden = shown.indexOf(line) < 0;
        row.parentNode.appendChild(row);
      });
    });
    data.overviews.forEach(function (view) {
      if (drawn[view.id]) drawn[view.id].destroy();
      delete drawn[view.id];
    });
    draw();
  }

  var filter = document.getElementById("filter"), order = document.getElementById("order");
  if (filter && order) {
    joined(document.querySelector(".compare thead tr"), document.querySelector(".costs thead tr")).forEach(function (title, i) {
      order.appendChild(new Option("by " + title.textContent, i));
    });
    filter.addEventListener("input", choose);
    order.addEventListener("change", choose);
    filter.closest("p").hidden = false;
  }

  function draw() {
    data.overviews.forEach(function (view) {
      if (drawn[view.id]) return;
      var points = chosen(view);
      document.getElementById(view.id).closest("figure").hidden = !points.length;
      if (points.length) drawOverview({ id: view.id, points: points });
    });
    data.arms.forEach(function (arm) {
      if (document.getElementById(arm.id).open && !drawn[arm.id]) {
        drawn[arm.id] = { destroy: function () {} };
        drawArm(arm);
      }
    });
  }

  function redraw() {
    Object.keys(drawn).forEach(function (key) { drawn[key].destroy(); });
    drawn = {};
    draw();
  }

  var arms = Array.prototype.slice.call(document.querySelectorAll("details.arm"));
  arms.forEach(function (arm) { arm.addEventListener("toggle", draw); });
  document.querySelectorAll(".buttons button").forEach(function (button) {
    button.parentNode.hidden = false;
    button.addEventListener("click", function () {
      arms.forEach(function (arm) { arm.open = button.dataset.open === "true"; });
    });
  });
  // Colours, and how long the lines of labels may be.
  ["(prefers-color-scheme: dark)", "(max-width: 480px)"].forEach(function (query) {
    window.matchMedia(query).addEventListener("change", redraw);
  });
  var closed = [];
  window.addEventListener("beforeprint", function () {
    closed = arms.filter(function (arm) { return !arm.open; });
    closed.forEach(function (arm) { arm.open = true; });
    document.documentElement.setAttribute("data-print", "");
    redraw();
  });
  window.addEventListener("afterprint", function () {
    closed.forEach(function (arm) { arm.open = false; });
    document.documentElement.removeAttribute("data-print");
    redraw();
  });
  draw();
})();
