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
    // No axis goes on beyond what an accuracy can be.
    function end() {
      var all = [].concat.apply([], view.points.map(function (row) { return row.runs; }));
      var low = Math.min.apply(null, all), high = Math.max.apply(null, all);
      return high + 0.06 * (high - low) > 100 ? { max: 100 } : {};
    }
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
          x: page.axis("accuracy, %", Object.assign({ grace: "6%" }, end())),
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

  page.add(function () {
    page.data.accuracy.forEach(function (view) {
      var points = chosen(view);
      document.getElementById(view.id).closest("figure").hidden = !points.length;
      if (points.length) {
        page.chart(view.id, function () { return overview({ id: view.id, points: points }); });
      }
    });
  });
})();
