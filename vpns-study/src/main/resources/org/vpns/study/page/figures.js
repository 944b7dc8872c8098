(function () {
  "use strict";
  // What the reader chose: lines of the tables, in their order, and the same in the charts. A line
  // is a row of each table; both begin with method and sparsity.
  function joined(first, second) {
    return Array.prototype.slice.call(first.children).concat(Array.prototype.slice.call(second.children, 2));
  }
  var costs = page.list(".costs tbody tr");
  var lines = page.list("tr[data-row]").map(function (row, i) {
    return { row: row, cost: costs[i], cells: joined(row, costs[i]) };
  });

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
    var shown = sorted.filter(function (line) { return line.cells[0].textContent.toLowerCase().indexOf(words) >= 0; });
    sorted.forEach(function (line) {
      [line.row, line.cost].forEach(function (row) {
        row.hidden = shown.indexOf(line) < 0;
        row.parentNode.appendChild(row);
      });
    });
    page.rows = shown.map(function (line) { return Number(line.row.dataset.row.slice(3)); });
    page.list("details.arm").forEach(function (arm, i) { arm.hidden = !page.chosen(i); });
    page.redraw();
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

})();
