(function () {
  "use strict";
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
          c.fillStyle = page.colour("soft");
          if (to - from > c.measureText(end.name).width + 6) {
            c.fillText(end.name, (from + to) / 2, area.top + 4);
          }
          if (i < ends.length - 1) {
            c.strokeStyle = page.colour("soft");
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

  function line(sets, ends, xTitle, xMax, y) {
    return {
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
            labels: { color: page.colour("text"), boxWidth: 34, boxHeight: 0 }
          },
          tooltip: { callbacks: { title: function (items) { return items.length ? xTitle + " " + items[0].parsed.x : ""; } } }
        },
        scales: {
          x: page.axis(xTitle, { type: "linear", min: 0, max: xMax }),
          y: y
        }
      }
    };
  }

  function set(label, points, i, more) {
    return Object.assign({
      label: label, data: points, borderColor: page.colour("s" + i % 6), backgroundColor: page.colour("s" + i % 6),
      borderDash: page.dashes[i % page.dashes.length], borderWidth: 1.8, pointRadius: 0, pointHitRadius: 6, spanGaps: false
    }, more || {});
  }

  function losses(arm) {
    var max = 0;
    var sets = arm.losses.map(function (curve, i) {
      max = Math.max(max, curve.steps);
      return set(arm.seeds[i], curve.points.map(function (y, p) {
        return { x: Math.min((p + 1) * curve.bucket, curve.steps), y: y === null ? NaN : y };
      }), i);
    });
    return line(sets, arm.stages.map(function (s) { return { name: s.name, at: s.steps }; }),
      "gradient step", max, page.axis("loss", { grace: "8%" }));
  }

  function epochs(values) {
    return values.map(function (y, e) { return { x: e + 1, y: y === null ? NaN : y }; });
  }

  function accuracies(arm) {
    var sets = [], max = arm.training.length;
    arm.validation.forEach(function (curve, i) {
      if (curve.some(function (y) { return y !== null; })) {
        max = Math.max(max, curve.length);
        sets.push(set(arm.seeds[i], epochs(curve), i));
      }
    });
    sets.push(set("training", epochs(arm.training), 0,
      { borderColor: page.colour("soft"), backgroundColor: page.colour("soft"), borderDash: [1, 3] }));
    return line(sets, arm.stages.map(function (s) { return { name: s.name, at: s.epochs }; }),
      "epoch", max, page.percents(page.heights(sets), "accuracy, %", { grace: "8%" }));
  }

  page.add(function () {
    page.data.methods.forEach(function (arm) {
      if (!document.getElementById(arm.id).open) return;
      [["-loss", losses], ["-accuracy", accuracies]].forEach(function (view) {
        if (document.getElementById(arm.id + view[0])) {
          page.chart(arm.id + view[0], function () { return view[1](arm); });
        }
      });
    });
  });

  var arms = page.list("details.arm");
  arms.forEach(function (arm) { arm.addEventListener("toggle", page.draw); });
  page.list(".buttons button").forEach(function (button) {
    button.parentNode.hidden = false;
    button.addEventListener("click", function () {
      arms.forEach(function (arm) { arm.open = button.dataset.open === "true"; });
    });
  });
})();
