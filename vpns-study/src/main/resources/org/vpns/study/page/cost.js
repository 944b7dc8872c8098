(function () {
  "use strict";
  var of = document.getElementById("cost-of"), at = document.getElementById("cost-at");
  page.data.cost.costs.forEach(function (cost, i) { of.appendChild(new Option(cost.name, i)); });
  at.value = at.options.length > 2 ? at.options[at.options.length - 1].value : "";
  of.closest("p").hidden = false;

  // One standard deviation to each side.
  var whiskers = {
    id: "whiskers",
    beforeDatasetsDraw: function (chart) {
      var c = chart.ctx, y = chart.scales.y;
      c.save();
      chart.getSortedVisibleDatasetMetas().forEach(function (meta) {
        c.strokeStyle = chart.data.datasets[meta.index].borderColor;
        meta.data.forEach(function (mark, i) {
          var p = chart.data.datasets[meta.index].data[i].point;
          if (p.deviation === null) return;
          c.beginPath();
          c.moveTo(mark.x, y.getPixelForValue(p.mean - p.deviation));
          c.lineTo(mark.x, y.getPixelForValue(p.mean + p.deviation));
          c.stroke();
        });
      });
      c.restore();
    }
  };

  function config() {
    var cost = page.data.cost.costs[Number(of.value)];
    var points = cost.points.filter(function (p) {
      return page.chosen(p.row) && (at.value === "" || p.sparsity === at.value);
    });
    var sets = page.data.cost.methods.map(function (method, i) {
      return Object.assign({
        of: i, label: method,
        data: points.filter(function (p) { return p.method === i; })
          .map(function (p) { return { x: p.cost, y: p.mean, point: p }; })
      }, page.look(i), { pointRadius: 6, borderDash: [] });
    }).filter(function (set) { return set.data.length; });
    var costs = points.map(function (p) { return p.cost; });
    var wide = Math.min.apply(null, costs) > 0 && Math.max.apply(null, costs) > 20 * Math.min.apply(null, costs);
    return {
      type: "scatter",
      data: { datasets: sets },
      plugins: [whiskers],
      options: {
        plugins: {
          legend: page.legend(),
          tooltip: {
            callbacks: {
              label: function (item) {
                var p = item.raw.point;
                return item.dataset.label + " at " + p.sparsity + ": " + p.mean.toFixed(2) + " %, "
                  + p.cost.toLocaleString("en") + " " + cost.name;
              }
            }
          }
        },
        scales: {
          x: page.axis(cost.name + (wide ? ", logarithmic" : ""), wide ? { type: "logarithmic" } : { grace: "8%", beginAtZero: true }),
          y: page.percents([].concat.apply([], points.map(function (p) {
            return [p.mean - (p.deviation || 0), p.mean + (p.deviation || 0)];
          })), "accuracy, %", { grace: "8%" })
        }
      }
    };
  }

  [of, at].forEach(function (select) {
    select.addEventListener("change", function () {
      page.clear("costs");
      page.draw();
    });
  });
  page.add(function () { page.chart("costs", config); });
})();
