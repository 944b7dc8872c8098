(function () {
  "use strict";
  var at = document.getElementById("density-at"), data = page.data.density;
  at.value = at.options[at.options.length - 1].value;
  at.closest("p").hidden = at.options.length < 2;
  // A method looks the same at every sparsity.
  var methods = data.lines.map(function (line) { return line.method; })
    .filter(function (method, i, all) { return all.indexOf(method) === i; });

  function config() {
    var sets = data.lines.filter(function (line) {
      return line.sparsity === at.value && page.chosen(line.row);
    }).map(function (line) {
      var i = methods.indexOf(line.method);
      return Object.assign({
        of: i, label: line.method,
        data: line.densities.map(function (d) { return d === null || d === 0 && data.logarithmic ? NaN : d; })
      }, page.look(i));
    });
    return {
      type: "line",
      data: { labels: data.layers, datasets: sets },
      options: {
        interaction: { mode: "index", intersect: false },
        plugins: { legend: page.legend() },
        scales: {
          x: page.axis("", { title: { display: false }, ticks: { color: page.colour("soft"), maxRotation: 80 } }),
          y: page.axis("kept, %" + (data.logarithmic ? ", logarithmic" : ""), data.logarithmic
            ? { type: "logarithmic", max: 100 } : { min: 0, max: 100 })
        }
      }
    };
  }

  at.addEventListener("change", function () {
    page.clear("densities");
    page.draw();
  });
  page.add(function () { page.chart("densities", config); });
})();
