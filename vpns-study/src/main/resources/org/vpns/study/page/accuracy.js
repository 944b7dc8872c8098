(function () {
  "use strict";
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
          c.fillStyle = page.colour("line");
          c.fillRect(left, mid - 7, Math.max(right - left, 1), 14);
        }
        c.fillStyle = page.colour("text");
        c.fillRect(at - 1, mid - 10, 2, 20);
        if (row.baseline) {
          c.strokeStyle = page.colour("soft");
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

  function overview(view) {
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
        backgroundColor: page.colour("s" + i) + "99", borderColor: page.colour("s" + i), borderWidth: 1.5, clip: 8
      };
    }
    var all = [].concat.apply([], view.points.map(function (row) {
      return row.runs.concat(row.deviation === null ? [] : [row.mean - row.deviation, row.mean + row.deviation]);
    }));
    return {
      type: "scatter",
      data: {
        datasets: [marks("without prompt", false, "circle", 0), marks("with prompt", true, "rectRot", 1)]
          .filter(function (s) { return s.data.length; })
      },
      plugins: [means],
      options: {
        rows: view.points,
        plugins: {
          legend: { position: "bottom", labels: { color: page.colour("text"), usePointStyle: true } },
          tooltip: {
            callbacks: {
              label: function (item) { return view.points[item.parsed.y].method + ": " + item.parsed.x.toFixed(2) + " %"; }
            }
          }
        },
        scales: {
          x: page.percents(all, "accuracy, %"),
          y: page.axis("", {
            title: { display: false }, min: -0.6, max: view.points.length - 0.4, reverse: true,
            afterBuildTicks: function (a) { a.ticks = view.points.map(function (_, i) { return { value: i }; }); },
            ticks: { color: page.colour("text"), autoSkip: false, callback: function (v) { return label(v); } }
          })
        }
      }
    };
  }

  function chosen(view) {
    if (!page.rows) return view.points;
    var points = [];
    page.rows.forEach(function (row) {
      view.points.forEach(function (p) { if (p.row === row) points.push(p); });
    });
    return points;
  }

  // A line with a band for each method.
  function curves(lines) {
    var sets = [], names = {};
    function at(sparsity) {
      var x = -Math.log10(Math.max(1 - Number(sparsity), 1e-9));
      names[x] = sparsity;
      return x;
    }
    lines.forEach(function (line, i) {
      var marks = line.marks.filter(function (m) { return page.chosen(m.row); });
      if (!marks.length) return;
      [-1, 1].forEach(function (side) {
        sets.push({
          of: i, part: true, borderWidth: 0, pointRadius: 0, pointHitRadius: 0, backgroundColor: page.colour("s" + i % 6) + "2e",
          fill: side > 0 ? "-1" : false,
          data: marks.map(function (m) { return { x: at(m.sparsity), y: m.mean + side * (m.deviation || 0) }; })
        });
      });
      sets.push(Object.assign({
        of: i, label: line.method, fill: false,
        data: marks.map(function (m) { return { x: at(m.sparsity), y: m.mean, mark: m }; })
      }, page.look(i)));
    });
    return {
      type: "line",
      data: { datasets: sets },
      options: {
        parsing: false,
        plugins: {
          legend: page.legend(),
          tooltip: {
            filter: function (item) { return !item.dataset.part; },
            callbacks: {
              title: function (items) { return items.length ? "sparsity " + items[0].raw.mark.sparsity : ""; },
              label: function (item) {
                var m = item.raw.mark;
                return item.dataset.label + ": " + m.mean.toFixed(2) + (m.deviation === null ? "" : " ± " + m.deviation.toFixed(2)) + " %";
              }
            }
          }
        },
        scales: {
          x: page.axis("sparsity", {
            type: "linear",
            afterBuildTicks: function (a) {
              a.ticks = Object.keys(names).map(Number).sort(function (x, y) { return x - y; }).map(function (x) { return { value: x }; });
            },
            ticks: { color: page.colour("soft"), maxRotation: 60, callback: function (x) { return names[x]; } }
          }),
          y: page.percents(page.heights(sets), "accuracy, %")
        }
      }
    };
  }

  page.add(function () {
    var lines = page.data.accuracy.curves && page.data.accuracy.curves.lines;
    if (lines) page.chart("curves", function () { return curves(lines); });
    page.data.accuracy.overviews.forEach(function (view) {
      var points = chosen(view);
      document.getElementById(view.id).closest("figure").hidden = !points.length;
      if (points.length) {
        page.chart(view.id, function () { return overview({ id: view.id, points: points }); });
      }
    });
  });
})();
